import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { localStorage } from '../storage/local.ts'
import { type TestLake, testLake } from './lake.suite.ts'
import { planScan, scanSql } from './plan.ts'
import { stage } from './stage.ts'
import { chooseSnapshot, currentSnapshot, evolveTable } from './table.ts'
import { loadManifestList } from './table-files.ts'
import { writeData } from './write.ts'

let lake: TestLake
beforeEach(async () => {
  lake = await testLake()
})
afterEach(() => lake[Symbol.asyncDispose]())

const simple = { id: 'string', n: 'int' } as const
const ids = async (lake: TestLake, options?: Parameters<TestLake['rows']>[0]) => (await lake.rows(options)).map(({ id }) => id)

test('append, upsert and delete by position; every earlier state by tag, id and time, with its own schema', async () => {
  await lake.append("select 'a' as id, 1::int as n union all select 'b', 2", simple, { tag: 'e1', now: 1_000 })
  const first = await lake.table()
  const upsertTime = { tag: 'e2', now: 2_000 }
  await lake.remove("id = 'b'", { now: 1_500 })
  await lake.append(
    "select 'b' as id, 3::bigint as n, [{'family': 'x'}] as name",
    { id: 'string', n: 'long', name: { list: { struct: { family: 'string' } } } },
    upsertTime,
  )
  await lake.append(
    "select 'c' as id, 4 as n, [{'family': 'y', 'suffix': ['jr']}] as name",
    { id: 'string', n: 'long', name: { list: { struct: { family: 'string', suffix: { list: 'string' } } } } },
    { now: 3_000 },
  )
  expect(await lake.rows()).toEqual([
    { id: 'a', n: 1, name: null },
    { id: 'b', n: 3, name: [{ family: 'x', suffix: null }] },
    { id: 'c', n: 4, name: [{ family: 'y', suffix: ['jr'] }] },
  ])
  const asOfFirst = [
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
  ]
  expect(await lake.rows({ tag: 'e1' })).toEqual(asOfFirst)
  expect(await lake.rows({ snapshotId: currentSnapshot(first)?.['snapshot-id'] ?? '' })).toEqual(asOfFirst)
  expect(await lake.rows({ at: 1_499 })).toEqual(asOfFirst)
  expect(await ids(lake, { at: 1_500 })).toEqual(['a'])
  expect(await ids(lake, { tag: 'e2' })).toEqual(['a', 'b'])
  expect(await ids(lake, { at: 999 })).toEqual([])
  const table = await lake.table()
  for (const choice of [{ tag: 'none' }, { snapshotId: '1' }]) {
    expect(() => chooseSnapshot(table, choice)).toThrow(expect.objectContaining({ code: 'unknown-snapshot', exitCode: 2 }))
  }
})

test('of many files with deletes, read together, the rows are those of the files read one by one', async () => {
  for (let file = 0; file < 34; file++)
    await lake.append(`select '${file}-' || range as id, range::int as n from range(4)`, simple)
  await lake.remove('n = 1')
  await lake.remove("n = 2 and id like '1%'")
  const plan = await planScan(await lake.table())
  const read = async (files: typeof plan.files) =>
    await lake.engine.all(`select id, _pos from (${scanSql({ ...plan, files }, { positions: true })}) order by id`)
  const together = await read(plan.files)
  expect(together).toHaveLength(34 * 3 - 11)
  const apart = [...(await read(plan.files.slice(0, 17))), ...(await read(plan.files.slice(17)))]
  expect(apart.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))).toEqual(together)
})

test('rows keep their order of arrival, which is their position', async () => {
  await lake.append('select (7919 * range % 300000)::varchar as id, range::int as n from range(300000)', simple)
  const scan = scanSql(await planScan(await lake.table()), { columns: ['n'], positions: true })
  expect(await lake.engine.all(`select count(*) as rows, count(*) filter (n <> _pos) as moved from (${scan})`)).toEqual([
    { rows: 300000, moved: 0 },
  ])
})

test('replace all: what was there is gone, in one snapshot', async () => {
  await lake.append("select 'a' as id, 1 as n union all select 'b', 2", simple)
  await lake.remove("id = 'a'")
  await lake.append("select 'z' as id, 9 as n", simple, { replaceAll: true, tag: 'new' })
  expect(await ids(lake)).toEqual(['z'])
  const summary = currentSnapshot(await lake.table())?.summary
  expect(summary).toMatchObject({
    operation: 'overwrite',
    'deleted-data-files': '1',
    'removed-delete-files': '1',
    'total-records': '1',
    'total-data-files': '1',
    'total-delete-files': '0',
    'total-position-deletes': '0',
  })
  await lake.catalog.commit([await stage({ table: await lake.table(), replaceAll: true })])
  expect(await ids(lake)).toEqual([])
  // Manifests of deleted entries belong to the snapshot that deleted them, and to no later one.
  await lake.append("select 'y' as id, 9 as n", simple)
  const manifests = await loadManifestList(currentSnapshot(await lake.table()) ?? expect.fail())
  expect(manifests.map(({ addedFiles, deletedFiles }) => [addedFiles, deletedFiles])).toEqual([[1, 0]])
  expect((await lake.table()).metadata.snapshots.map(({ summary }) => summary.operation)).toEqual([
    'append',
    'delete',
    'overwrite',
    'delete',
    'append',
  ])
})

describe('what changes nothing makes no snapshot', () => {
  test('no rows make no file', async () => {
    await lake.append("select 'a' as id, 1 as n where false", simple)
    expect(await lake.table()).toMatchObject({ metadata: { snapshots: [], 'current-schema-id': 0 } })
    expect(await lake.rows()).toEqual([])
  })

  test('an empty change stages the table as it is', async () => {
    await lake.append("select 'a' as id, 1 as n", simple)
    const table = await lake.table()
    const change = await stage({ table, schema: evolveTable(table, { struct: simple }), append: [], deletes: [] })
    expect(change).toMatchObject({ table, base: table.metadataLocation, written: [] })
    await lake.catalog.commit([change])
    expect(await lake.table()).toEqual(table)
  })

  test('a schema alone makes metadata, but no snapshot', async () => {
    await lake.append("select 'a' as id, 1 as n", simple)
    const table = await lake.table()
    const schema = evolveTable(table, { struct: { active: 'boolean' } })
    await lake.catalog.commit([await stage({ table, schema })])
    const after = await lake.table()
    expect(after.metadata.snapshots).toHaveLength(1)
    expect(after.metadata).toMatchObject({ 'current-schema-id': 1, 'last-column-id': 3 })
  })
})

test('a tag without a change of data goes to the current snapshot; tags are dropped by name', async () => {
  await lake.append("select 'a' as id, 1 as n", simple)
  await lake.catalog.commit([await stage({ table: await lake.table(), tag: 'e1' })])
  const tagged = await lake.table()
  expect(tagged.metadata.refs.e1).toEqual({ 'snapshot-id': tagged.metadata['current-snapshot-id'], type: 'tag' })
  expect(tagged.metadata.snapshots).toHaveLength(1)
  await lake.catalog.commit([await stage({ table: tagged, dropTags: ['e1', 'main'] })])
  expect(Object.keys((await lake.table()).metadata.refs)).toEqual(['main'])
})

test('the id of a dropped column is never given again', async () => {
  await lake.append("select 'a' as id, 1 as n", simple)
  const table = await lake.table()
  const [id] = table.metadata.schemas[0]?.fields ?? []
  const dropped = { type: 'struct', 'schema-id': 1, fields: id === undefined ? [] : [id] } as const
  await lake.catalog.commit([await stage({ table, schema: dropped })])
  const after = await lake.table()
  expect(evolveTable(after, { struct: { n: 'string' } }).fields.at(-1)).toMatchObject({ id: 3, name: 'n' })
  const reused = { ...dropped, fields: [...dropped.fields, { id: 2, name: 'other', required: false, type: 'string' }] }
  const forgetful = { ...after, metadata: { ...after.metadata, schemas: [dropped], 'current-schema-id': 1 } }
  await expect(stage({ table: forgetful, schema: reused })).rejects.toThrow(/evolveTable/)
})

test('columns are written by name and cast, structs filled up by field name', async () => {
  await lake.append("select 1 as n, 'a' as id, {'b': 'x'} as s", {
    id: 'string',
    n: 'long',
    s: { struct: { a: 'int', b: 'string' } },
  })
  expect(await lake.rows()).toEqual([{ id: 'a', n: 1, s: { a: null, b: 'x' } }])
})

test('a scan of some columns reads them in the order asked for', async () => {
  await lake.append("select 'a' as id, 1 as n", simple)
  const plan = await planScan(await lake.table())
  expect(await lake.engine.columns(scanSql(plan, { columns: ['n', 'id'] }))).toMatchObject([
    { name: 'n', type: 'INTEGER' },
    { name: 'id' },
  ])
  expect(() => scanSql(plan, { columns: ['none'] })).toThrow(/none/)
  expect(await lake.engine.all(`select count(*) as rows from (${scanSql(plan, { columns: [] })})`)).toEqual([{ rows: 1 }])
})

test('files that cannot hold the wanted keys are left out of the plan', async () => {
  for (const from of [0, 100, 200])
    await lake.append(`select printf('%03d', range) as id, range::int as n from range(${from}, ${from + 100})`, simple)
  const table = await lake.table()
  const files = async (within: NonNullable<Parameters<typeof planScan>[1]>['within']) =>
    (await planScan(table, { within: within ?? [] })).files.length
  expect(await files([{ column: 'id', min: '150', max: '160' }])).toBe(1)
  expect(await files([{ column: 'n', min: 250 }])).toBe(1)
  expect(await files([{ column: 'n', max: 99 }])).toBe(1)
  expect(await files([{ column: 'n', max: 100 }])).toBe(2)
  expect(await files([{ column: 'n', min: 300 }])).toBe(0)
  expect(await files([{ column: 'unknown', min: 300 }])).toBe(3)
})

test('folders are 0700 and files 0600', async () => {
  await lake.append("select 'a' as id, 1 as n", simple)
  const warehouse = join(lake.dir, 'warehouse')
  const entries = await readdir(warehouse, { recursive: true, withFileTypes: true })
  const modes = await Promise.all(
    entries.map(async (each) => [each.isDirectory(), (await stat(join(each.parentPath, each.name))).mode & 0o777]),
  )
  expect(new Set(modes.map(String))).toEqual(new Set([`true,${0o700}`, `false,${0o600}`]))
  expect((await stat(join(lake.dir, 'catalog.db'))).mode & 0o777).toBe(0o600)
})

test('a staging that fails leaves nothing behind', async () => {
  await lake.append("select 'a' as id, 1 as n", simple)
  const table = await lake.table()
  const before = await readdir(join(lake.dir, 'warehouse/silver/t/metadata'))
  const [file] = await writeData(lake.engine, {
    sql: "select 'b' as id, 2 as n",
    schema: evolveTable(table, { struct: simple }),
    dir: `${lake.location}/data`,
  })
  const full = {
    ...localStorage,
    putIfAbsent: async (location: string, bytes: Uint8Array) => {
      if (location.endsWith('.metadata.json')) throw new Error('disk full')
      await localStorage.putIfAbsent(location, bytes)
    },
  }
  await expect(stage({ table, append: file === undefined ? [] : [file], storage: full })).rejects.toThrow('disk full')
  expect(await readdir(join(lake.dir, 'warehouse/silver/t/metadata'))).toEqual(before)
})
