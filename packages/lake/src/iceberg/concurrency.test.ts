import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { testLake } from './lake.suite.ts'

const run = promisify(execFile)

/** Twenty-five commits each with `FLOE_VOLUME=full`. */
const commits = process.env.FLOE_VOLUME === 'full' ? 25 : 3

test('four processes append to one table at once: no commit is lost, none counts twice', async () => {
  await using lake = await testLake()
  await lake.append("select 'first' as id", { id: 'string' })
  const processes = 4
  const script = join(import.meta.dirname, 'writer.suite.ts')
  await Promise.all(
    Array.from({ length: processes }, (_, n) =>
      run(process.execPath, ['--conditions=floe-source', '--no-warnings', script, lake.dir, `w${n}`, String(commits)]),
    ),
  )
  const ids = (await lake.rows()).map(({ id }) => id)
  const wanted = Array.from({ length: processes }, (_, n) => Array.from({ length: commits }, (_, c) => `w${n}-${c}`)).flat()
  expect(ids).toEqual(['first', ...wanted].sort())
  const { metadata } = await lake.table()
  expect(metadata.snapshots).toHaveLength(processes * commits + 1)
  expect(metadata['last-sequence-number']).toBe(processes * commits + 1)
})
