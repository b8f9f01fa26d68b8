import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { testLake } from './lake.suite.ts'
import { removeOrphans } from './orphans.ts'

test('a writer that is killed leaves whole commits only, the next one goes on, and orphans can be told', async () => {
  await using lake = await testLake()
  await lake.append("select 'first' as id", { id: 'string' })
  const script = join(import.meta.dirname, 'writer.suite.ts')
  for (const round of [0, 1]) {
    const writer = spawn(process.execPath, ['--conditions=floe-source', '--no-warnings', script, lake.dir, `w${round}`, '1000'], {
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => writer.once('exit', resolve))
    const before = (await lake.table()).metadata['last-sequence-number']
    while ((await lake.table()).metadata['last-sequence-number'] < before + 3) await wait(5)
    await wait(7 * round)
    writer.kill('SIGKILL')
    await ended
  }
  const rows = await lake.rows()
  const ids = rows.map(({ id }) => String(id))
  const { metadata } = await lake.table()
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toHaveLength(metadata['last-sequence-number'])
  for (const round of [0, 1]) {
    const numbers = ids.filter((id) => id.startsWith(`w${round}-`)).map((id) => Number(id.split('-')[1]))
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: numbers.length }, (_, n) => n))
  }
  await lake.append("select 'last' as id", { id: 'string' })
  await removeOrphans(lake.catalog, { warehouse: `file://${lake.dir}/warehouse`, olderThan: Date.now() + 1_000 })
  expect(await lake.rows()).toHaveLength(ids.length + 1)
})
