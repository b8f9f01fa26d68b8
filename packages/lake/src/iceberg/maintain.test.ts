import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { localPath } from '../storage/local.ts'
import { compact } from './compact.ts'
import { expireSnapshots } from './expire.ts'
import { type TestLake, testLake } from './lake.suite.ts'
import { removeOrphans } from './orphans.ts'
import { planScan } from './plan.ts'
import { stage } from './stage.ts'
import { chooseSnapshot, currentSnapshot } from './table.ts'
import { loadManifestList } from './table-files.ts'
import { writeData } from './write.ts'

let lake: TestLake
beforeEach(async () => {
  lake = await testLake()
})
afterEach(() => lake[Symbol.asyncDispose]())

const columns = { id: 'string', n: 'int' } as const
const row = (n: number) => `select printf('%03d', ${n}) as id, ${n}::int as n`
const name = { namespace: 'silver', name: 't' }
const files = async (folder: string) => (await readdir(join(lake.dir, 'warehouse/silver/t', folder))).sort()
const fill = async (count: number, more = {}) => {
  for (let n = 0; n < count; n++) await lake.append(row(n), columns, { now: 1_000 * (n + 1), tag: `e${n}`, ...more })
}

describe('compaction', () => {
  test('makes one file of small ones, drops their delete files, and changes no row', async () => {
    await fill(6)
    await lake.remove("id = '002'")
    const before = await lake.rows()
    expect(await compact(lake.catalog, lake.engine, name)).toEqual({
      rewrittenFiles: 6,
      addedFiles: 1,
      removedDeleteFiles: 1,
      rows: 5,
    })
    expect(await lake.rows()).toEqual(before)
    const plan = await planScan(await lake.table())
    expect([plan.files.length, plan.idleDeletes.length, plan.files[0]?.written?.['schema-id']]).toEqual([1, 0, 0])
    expect(plan.snapshot?.summary).toMatchObject({
      operation: 'replace',
      'total-records': '5',
      'total-delete-files': '0',
      'total-position-deletes': '0',
    })
    expect(await lake.rows({ tag: 'e2' })).toHaveLength(3)
    expect(await compact(lake.catalog, lake.engine, name)).toMatchObject({ rewrittenFiles: 0, addedFiles: 0 })
  })

  test('rewrites files with many deleted rows only, and sorts when asked', async () => {
    await lake.append("select printf('%03d', 99 - range) as id, range::int as n from range(100)", columns)
    await lake.append("select printf('%03d', range) as id, range::int as n from range(100, 200)", columns)
    await lake.remove("id < '015' or id = '150'")
    expect(await compact(lake.catalog, lake.engine, name, { sortBy: ['id'] })).toMatchObject({
      rewrittenFiles: 1,
      rows: 85,
      removedDeleteFiles: 0,
    })
    const { files: planned } = await planScan(await lake.table())
    expect(planned.map(({ file, deletes }) => [file.records, deletes.length])).toEqual([
      [100, 1],
      [85, 0],
    ])
    const rewritten = localPath(planned[1]?.file.path ?? '')
    expect(await lake.engine.all(`select first(id) as a, last(id) as z from read_parquet('${rewritten}')`)).toEqual([
      { a: '015', z: '099' },
    ])
    expect(await lake.rows()).toHaveLength(184)
  })

  test('makes one delete file of many', async () => {
    await lake.append("select printf('%03d', range) as id, range::int as n from range(1000)", columns)
    for (const id of ['001', '002', '003']) await lake.remove(`id = '${id}'`)
    expect(await compact(lake.catalog, lake.engine, name, { maxDeleteFiles: 3 })).toMatchObject({
      rewrittenFiles: 0,
      removedDeleteFiles: 3,
    })
    const [planned] = (await planScan(await lake.table())).files
    expect(planned?.deletes.map(({ file }) => file.records)).toEqual([3])
    expect(await lake.rows()).toHaveLength(997)
  })

  test('files of older schemas are rewritten with the current one', async () => {
    await fill(3)
    await lake.append(`select *, true as active from (${row(3)})`, { ...columns, active: 'boolean' })
    await compact(lake.catalog, lake.engine, name, { minSmallFiles: 2 })
    expect((await planScan(await lake.table())).files.map(({ written }) => written?.['schema-id'])).toEqual([1])
    expect(await lake.rows()).toHaveLength(4)
  })

  test('makes few manifests of many', async () => {
    await fill(4)
    await lake.remove("id in ('001', '002')")
    await lake.remove("id = '003'")
    const before = await lake.rows()
    expect(await compact(lake.catalog, lake.engine, name, { minSmallFiles: 9, maxDeleted: 2, maxManifests: 3 })).toMatchObject({
      addedFiles: 0,
    })
    const { snapshot, files: planned } = await planScan(await lake.table())
    const manifests = await loadManifestList(snapshot ?? fail())
    expect(manifests.map(({ content, existingFiles, minSequenceNumber }) => [content, existingFiles, minSequenceNumber])).toEqual(
      [
        ['data', 4, 1],
        ['deletes', 2, 5],
      ],
    )
    expect(planned.map(({ sequenceNumber, written }) => [sequenceNumber, written?.['schema-id']])).toEqual(
      [1, 2, 3, 4].map((n) => [n, 0]),
    )
    expect(await lake.rows()).toEqual(before)
  })

  const raced = async (meanwhile: () => Promise<unknown>) => {
    await fill(5)
    let first = true
    const catalog = Object.assign(Object.create(lake.catalog) as typeof lake.catalog, {
      load: lake.catalog.load.bind(lake.catalog),
      commit: async (changes: Parameters<typeof lake.catalog.commit>[0]) => {
        if (first) await meanwhile()
        first = false
        await lake.catalog.commit(changes)
      },
    })
    return compact(catalog, lake.engine, name)
  }

  test('beside an append that came first: both count', async () => {
    expect(await raced(() => lake.append(row(9), columns))).toMatchObject({ rewrittenFiles: 5 })
    expect((await lake.rows()).map(({ id }) => id)).toEqual(['000', '001', '002', '003', '004', '009'])
    expect((await planScan(await lake.table())).files).toHaveLength(2)
  })

  test('beside a delete of one of its rows that came first: it fails, and the delete stays', async () => {
    await expect(raced(() => lake.remove("id = '001'"))).rejects.toMatchObject({ code: 'lake-conflict' })
    expect((await lake.rows()).map(({ id }) => id)).toEqual(['000', '002', '003', '004'])
    expect(await files('data')).toHaveLength(6)
  })
})

describe('expiry', () => {
  test('forgets old snapshots, removes what only they needed, keeps tagged ones and the newest', async () => {
    await fill(4, { tag: undefined })
    await lake.catalog.commit([await stage({ table: await lake.table(), tag: 'kept', now: 4_500 })])
    await lake.append(row(9), columns, { replaceAll: true, now: 5_000 })
    await lake.append(row(10), columns, { now: 6_000 })
    const expired = await expireSnapshots(lake.catalog, name, { olderThan: 10_000, keep: 2 })
    // Three lists of the first three snapshots; their data and manifests are still the tagged snapshot's.
    expect(expired).toEqual({ snapshots: 3, tags: 0, files: 3 })
    expect(await lake.rows({ tag: 'kept' })).toHaveLength(4)
    const table = await lake.table()
    expect(table.metadata['snapshot-log'].map((entry) => entry['timestamp-ms'])).toEqual([4_000, 5_000, 6_000])
    expect(() => chooseSnapshot(table, { at: 2_000 })).toThrow(expect.objectContaining({ code: 'unknown-snapshot' }))
    const dropped = await expireSnapshots(lake.catalog, name, { olderThan: 10_000, keep: 1, dropTagsOlderThan: 10_000 })
    expect(dropped).toMatchObject({ snapshots: 2, tags: 1 })
    expect(await files('data')).toHaveLength(2)
    expect((await lake.rows()).map(({ id }) => id)).toEqual(['009', '010'])
    expect(await expireSnapshots(lake.catalog, name, { olderThan: 10_000, keep: 1 })).toEqual({ snapshots: 0, tags: 0, files: 0 })
  })

  test('young snapshots stay however many there are', async () => {
    await fill(4)
    expect(await expireSnapshots(lake.catalog, name, { olderThan: 2_000, keep: 1, dropTagsOlderThan: 9_000 })).toMatchObject({
      snapshots: 1,
      tags: 4,
    })
  })
})

describe('orphans', () => {
  const old = new Date(Date.now() - 10_000)
  const put = async (path: string) => {
    const file = join(lake.dir, 'warehouse', path)
    await writeFile(file, 'x')
    await utimes(file, old, old)
  }
  const all = async () => (await readdir(join(lake.dir, 'warehouse'), { recursive: true })).sort()
  const remove = (olderThan: number) => removeOrphans(lake.catalog, { warehouse: `file://${lake.dir}/warehouse`, olderThan })

  test('what no snapshot needs goes, once it is old; everything else stays, checksums of Spark included', async () => {
    await fill(3)
    await lake.remove("id = '001'")
    const table = await lake.table()
    const data = (await files('data'))[0]
    const needed = await all()
    await put(`silver/t/data/.${data}.crc`)
    const kept = await all()
    for (const stray of [
      'silver/t/data/stray.parquet',
      'silver/t/data/.stray.parquet.crc',
      'silver/t/metadata/x-m0.avro',
      'silver/t/00.metadata.json',
    ])
      await put(stray)
    const young = await writeData(lake.engine, {
      sql: row(7),
      schema: table.metadata.schemas[0] ?? fail(),
      dir: `${lake.location}/data`,
    })
    expect(await remove(Date.now() - 5_000)).toEqual({ files: 4, bytes: 4 })
    expect(await all()).toEqual([...kept, `silver/t/data/${young[0]?.path.split('/').at(-1)}`].sort())
    expect(await remove(Date.now() + 5_000)).toMatchObject({ files: 1 })
    expect(await all()).toEqual(kept)
    expect(needed.length + 1).toBe(kept.length)
    expect(await lake.rows({ tag: 'e2' })).toHaveLength(3)
    expect(currentSnapshot(await lake.table())).toEqual(currentSnapshot(table))
  })

  test('a dropped table leaves orphans', async () => {
    await fill(1)
    lake.catalog.drop('silver', 't')
    expect((await remove(Date.now() + 5_000)).files).toBe(4)
  })
})

function fail(): never {
  throw new Error('no schema')
}
