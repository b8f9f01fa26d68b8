/** CONTRACT §4, rule 21: maintenance beside loads and queries. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLake } from '@floe/lake'
import { expect, test } from 'vitest'
import { rowsOf, writeFolder } from '../../packages/lake/src/replay/folders.suite.ts'

test('loads, queries and maintenance at once: every load lands, every query sees a whole state, as-of stays', async () => {
  const root = await mkdtemp(join(tmpdir(), 'floe-beside-'))
  const [dir, loads, size] = [join(root, 'lake'), 6, 50]
  try {
    const patients = (load: number): object[] =>
      Array.from({ length: size }, (_, n) => ({
        id: `p${n}`,
        meta: { versionId: String(load) },
        gender: load % 2 === 0 ? 'female' : 'male',
      }))
    for (let load = 0; load < loads; load++) {
      const time = `2026-01-0${load + 1}T00:00:00.000Z`
      await writeFolder(root, { name: `e${load}`, time, types: { Patient: patients(load), Condition: [{ id: `c${load}` }] } })
    }
    await using writer = await openLake({ dir, create: true, threads: 1 })
    await writer.load({ folders: [join(root, 'e0')] })
    await using keeper = await openLake({ dir, threads: 1 })
    await using reader = await openLake({ dir, threads: 1 })
    let done = false
    const loading = async (): Promise<void> => {
      for (let load = 1; load < loads; load++) await writer.load({ folders: [join(root, `e${load}`)] })
      done = true
    }
    const maintaining = async (): Promise<number> => {
      let rewritten = 0
      while (!done) {
        const { tables } = await keeper.maintain({ keepSnapshots: 5, expireOlderThan: 0, orphansOlderThan: 0 })
        rewritten += tables.reduce((sum, table) => sum + table.rewrittenFiles, 0)
      }
      return rewritten
    }
    const reading = async (): Promise<unknown[]> => {
      const seen: unknown[] = []
      while (!done) {
        const sql = 'select count(*) as n, count(distinct id) as ids, count(distinct _version_id) as versions from silver.patient'
        seen.push(...(await rowsOf(reader, sql)))
      }
      return seen
    }
    const [, rewritten, seen] = await Promise.all([loading(), maintaining(), reading()])
    expect(rewritten).toBeGreaterThan(0)
    expect(seen.filter((row) => JSON.stringify(row) !== JSON.stringify({ n: size, ids: size, versions: 1 }))).toEqual([])
    expect(await rowsOf(writer, 'select count(*) as n from silver.condition')).toEqual([{ n: loads }])
    for (let load = 0; load < loads; load++) {
      const sql = 'select distinct _version_id as v from silver.patient'
      expect(await rowsOf(writer, sql, `e${load}`)).toEqual([{ v: String(load) }])
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
