import { cp, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LakeConflictError, openCatalog } from './catalog.ts'
import { commitWithRetry } from './commit.ts'
import { type TestLake, testLake } from './lake.suite.ts'
import { stage } from './stage.ts'
import { evolveTable, type Table } from './table.ts'

let lake: TestLake
beforeEach(async () => {
  lake = await testLake()
})
afterEach(() => lake[Symbol.asyncDispose]())

const columns = { id: 'string' } as const
const schema = evolveTable(undefined, { struct: columns })
const create = (namespace: string, name: string) => ({
  namespace,
  name,
  location: `file://${lake.dir}/warehouse/${namespace}/${name}`,
  schema,
})
const file = () => join(lake.dir, 'catalog.db')
const raw = (sql: string) => {
  const database = new DatabaseSync(file())
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

test('the layout is the JDBC catalog, V1, under the name floe', async () => {
  const table = await lake.append("select 'a' as id", columns)
  const next = await lake.append("select 'b' as id", columns)
  expect(raw('select * from iceberg_tables')).toEqual([
    {
      catalog_name: 'floe',
      table_namespace: 'silver',
      table_name: 't',
      metadata_location: next.metadataLocation,
      previous_metadata_location: table.metadataLocation,
      iceberg_type: 'TABLE',
    },
  ])
  expect(
    raw("select namespace, property_key, property_value from iceberg_namespace_properties where property_key = 'exists'"),
  ).toEqual([{ namespace: 'silver', property_key: 'exists', property_value: 'true' }])
  expect(raw('pragma journal_mode')).toEqual([{ journal_mode: 'delete' }])
})

test('lists tables and namespaces; views and tables of other catalogs are none of ours', async () => {
  await lake.append("select 'a' as id", columns)
  lake.catalog.createNamespace('gold')
  lake.catalog.createNamespace('gold')
  const database = new DatabaseSync(file())
  database.exec(`insert into iceberg_tables values ('floe', 'silver', 'v', 'file:/v', null, 'VIEW'), ('other', 'silver', 'o', 'file:/o', null, 'TABLE'),
    ('floe', 'silver', 'old', 'file:/old', null, null)`)
  database.close()
  expect(lake.catalog.listNamespaces()).toEqual(['gold', 'silver'])
  expect(lake.catalog.listTables('silver').map(({ name }) => name)).toEqual(['old', 't'])
  expect(lake.catalog.listTables('gold')).toEqual([])
  expect(await lake.catalog.load('silver', 'v')).toBeUndefined()
  expect(await lake.catalog.load('silver', 'none')).toBeUndefined()
})

describe('a commit', () => {
  test('publishes several tables together', async () => {
    await lake.catalog.commit([await stage({ create: create('silver', 'a') }), await stage({ create: create('gold', 'b') })])
    expect(lake.catalog.listTables().map(({ namespace, name }) => `${namespace}.${name}`)).toEqual(['gold.b', 'silver.a'])
  })

  test('publishes none when one table moved, and takes its metadata files away', async () => {
    const table = await lake.append("select 'a' as id", columns)
    const stale = await stage({ table, properties: { by: 'us' } })
    await lake.catalog.commit([await stage({ table, properties: { by: 'them' } })])
    const other = await stage({ create: create('silver', 'other') })
    const commit = lake.catalog.commit([other, stale])
    await expect(commit).rejects.toThrow(LakeConflictError)
    await expect(commit).rejects.toMatchObject({ code: 'lake-conflict', retryable: true })
    expect(lake.catalog.listTables().map(({ name }) => name)).toEqual(['t'])
    expect((await lake.table()).metadata.properties.by).toBe('them')
    expect(await readdir(join(lake.dir, 'warehouse/silver/other/metadata'))).toEqual([])
  })

  test('that changes nothing still checks that the table did not move', async () => {
    const table = await lake.append("select 'a' as id", columns)
    const nothing = await stage({ table })
    await lake.catalog.commit([nothing])
    await lake.append("select 'b' as id", columns)
    await expect(lake.catalog.commit([nothing])).rejects.toThrow(LakeConflictError)
  })

  test('makes a table once', async () => {
    const [one, two] = [await stage({ create: create('silver', 'new') }), await stage({ create: create('silver', 'new') })]
    await lake.catalog.commit([one])
    await expect(lake.catalog.commit([two])).rejects.toThrow(LakeConflictError)
    expect((await lake.catalog.load('silver', 'new'))?.metadataLocation).toBe(one.table.metadataLocation)
  })

  test('that finds the catalog locked says so, is retryable, and loses nothing', async () => {
    const table = await lake.append("select 'a' as id", columns)
    const holder = new DatabaseSync(file())
    holder.exec('begin immediate')
    using impatient = openCatalog({ file: file(), timeout: 20 })
    const change = await stage({ table, properties: { a: 'b' } })
    await expect(impatient.commit([change])).rejects.toMatchObject({ code: 'lake-busy', retryable: true })
    expect((await impatient.load('silver', 't'))?.metadataLocation).toBe(table.metadataLocation)
    holder.exec('rollback')
    holder.close()
    await impatient.commit([change])
    expect((await lake.table()).metadata.properties.a).toBe('b')
  })
})

test('a commit can forget tables in the same transaction, unless they moved on', async () => {
  const old = await lake.append("select 'a' as id", columns)
  const fresh = await stage({ create: create('silver', 'fresh') })
  await lake.append("select 'b' as id", columns)
  await expect(lake.catalog.commit([fresh], { drop: [old] })).rejects.toThrow(LakeConflictError)
  expect(lake.catalog.listTables().map(({ name }) => name)).toEqual(['t'])
  await lake.catalog.commit([await stage({ create: create('silver', 'fresh') })], { drop: [await lake.table()] })
  expect(lake.catalog.listTables().map(({ name }) => name)).toEqual(['fresh'])
})

test('a retried commit plans again on the table as it is then, and gives up after its last attempt', async () => {
  await lake.append("select 'a' as id", columns)
  let stale: Table | undefined = await lake.table()
  await lake.append("select 'b' as id", columns)
  const attempts: number[] = []
  const plan = async (attempt: number) => {
    attempts.push(attempt)
    const table = stale ?? (await lake.table())
    stale = undefined
    return [await stage({ table, properties: { attempt: String(attempt) } })]
  }
  await commitWithRetry(lake.catalog, plan, { minWait: 1 })
  expect(attempts).toEqual([0, 1])
  const old = await lake.table()
  await lake.append("select 'c' as id", columns)
  const hopeless = commitWithRetry(lake.catalog, async () => [await stage({ table: old, properties: { x: 'y' } })], {
    retries: 2,
    minWait: 1,
  })
  await expect(hopeless).rejects.toThrow(LakeConflictError)
})

test('a dropped table is forgotten', async () => {
  await lake.append("select 'a' as id", columns)
  lake.catalog.drop('silver', 't')
  expect(lake.catalog.listTables()).toEqual([])
})

describe('opening', () => {
  test('a folder without a lake', () => {
    expect(() => openCatalog({ file: join(lake.dir, 'none/catalog.db') })).toThrow(
      expect.objectContaining({ code: 'no-lake', exitCode: 2 }),
    )
  })

  test('a lake that was moved or copied is refused until it is relocated', async () => {
    await lake.append("select 'a' as id", columns)
    const copy = await realpath(await mkdtemp(join(tmpdir(), 'floe-copy-')))
    try {
      await cp(lake.dir, copy, { recursive: true })
      const moved = { code: 'lake-moved', exitCode: 2, hint: expect.stringContaining('floe maintain --relocate') }
      expect(() => openCatalog({ file: join(copy, 'catalog.db') })).toThrow(expect.objectContaining(moved))
      openCatalog({ file: join(copy, 'catalog.db'), moved: true }).close()
      await symlink(lake.dir, join(copy, 'link'))
      openCatalog({ file: join(copy, 'link/catalog.db') }).close()
    } finally {
      await rm(copy, { recursive: true })
    }
  })

  test('a catalog that is no database', async () => {
    const odd = join(lake.dir, 'odd.db')
    await rm(odd, { force: true })
    await cp(join(import.meta.dirname, 'catalog.test.ts'), odd)
    expect(() => openCatalog({ file: odd })).toThrow(expect.objectContaining({ code: 'catalog', exitCode: 1 }))
  })
})
