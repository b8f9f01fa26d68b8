import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLake } from './lake.ts'
import { stateOf, writeFolder } from './replay/folders.suite.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-retention-'))
})
afterAll(() => rm(root, { recursive: true }))

test('bronze older than the policy goes; rebuild says what it needs, and the folders bring it back', async () => {
  const bundle = [{ url: 'Patient/p2', at: '2026-01-20T00:00:00Z' }]
  const folders = [
    await writeFolder(root, {
      name: 'one',
      time: '2026-01-01T00:00:00Z',
      types: { Patient: [{ id: 'p1' }, { id: 'p2' }, 'no json'] },
    }),
    await writeFolder(root, { name: 'two', time: '2026-02-01T00:00:00Z', types: { Patient: [{ id: 'p3' }] }, deleted: bundle }),
  ]
  await using lake = await openLake({ dir: join(root, 'lake'), create: true })
  for (const folder of folders) await lake.load({ folders: [folder] })
  const state = await stateOf(lake, true)
  const files = async (): Promise<string[]> =>
    (await readdir(join(root, 'lake/bronze/default'), { recursive: true })).filter((name) => /ndjson\.zst$/.test(name)).toSorted()
  const before = await files()
  expect(before).toHaveLength(3)

  expect(await lake.maintain({ dropBronzeOlderThan: 3_600_000 })).toMatchObject({ bronze: { exports: 0, files: 0, bytes: 0 } })
  expect(await lake.maintain({ dropBronzeOlderThan: -1000 })).toMatchObject({ bronze: { exports: 2, files: 3 } })
  expect(await lake.maintain({ dropBronzeOlderThan: -1000 })).toMatchObject({ bronze: { exports: 0, files: 0, bytes: 0 } })
  expect(await files()).toEqual([])
  expect(existsSync(join(root, 'lake/bronze/default/one/log.ndjson'))).toBe(true)
  expect(await stateOf(lake, true)).toEqual(state)
  const missing = { code: 'bronze-missing', exitCode: 1, hint: expect.stringContaining('floe load') }
  await expect(lake.rebuild()).rejects.toMatchObject(missing)
  await expect(lake.rollback('one')).rejects.toMatchObject(missing)
  expect(await lake.replayQuarantine()).toMatchObject([{ export: 'one', waiting: 1, replayed: 0 }])
  await expect(lake.load({ folders: [join(root, 'lake/bronze/default/one')] })).rejects.toMatchObject({ code: 'bronze-missing' })

  expect(await lake.load({ folders })).toMatchObject([{ unchanged: true }, { unchanged: true }])
  expect(await files()).toEqual(before)
  await lake.rebuild()
  expect(await stateOf(lake, true)).toEqual(state)
})
