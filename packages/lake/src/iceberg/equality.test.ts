/** Rows that other programs deleted by equality (Flink's upserts): read, resolved by compaction, kept out of the wrong files. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compact } from './compact.ts'
import type { DeleteFile } from './content-file.ts'
import { type TestLake, testLake } from './lake.suite.ts'
import type { PartitionSpec } from './metadata.ts'
import { planScan, scanSql } from './plan.ts'
import type { IcebergSchema } from './schema.ts'
import { fieldIds, type StructShape } from './shape.ts'
import { stage } from './stage.ts'
import { currentSchema, evolveTable } from './table.ts'
import { writeData } from './write.ts'

let lake: TestLake
beforeEach(async () => {
  lake = await testLake()
})
afterEach(() => lake[Symbol.asyncDispose]())

const columns = { id: 'string', n: 'int' } as const
const one = <T>(files: readonly T[]): T => {
  if (files[0] === undefined) throw new Error('no file')
  return files[0]
}

/** A delete file as Flink writes it: the rows of a SELECT, with the field ids of `schema`. */
async function equality(
  sql: string,
  schema: Pick<IcebergSchema, 'type' | 'fields'>,
  more: Partial<DeleteFile> = {},
): Promise<DeleteFile> {
  const path = `${lake.dir}/warehouse/silver/t/data/${randomUUID()}.parquet`
  const [written] = await lake.engine.all<{ count: number; file_size_bytes: number }>(
    `copy (${sql}) to '${path}' (format parquet, field_ids ${fieldIds(schema)}, return_stats)`,
  )
  const { count = 0, file_size_bytes: bytes = 0 } = written ?? {}
  return {
    ...{ content: 'equality-deletes', path: `file:${path}`, format: 'PARQUET', specId: 0, partition: [], records: count, bytes },
    equalityIds: schema.fields.map(({ id }) => id),
    ...more,
  } as DeleteFile
}

const fieldsOf = (schema: IcebergSchema, ...names: string[]): Pick<IcebergSchema, 'type' | 'fields'> => ({
  type: 'struct',
  fields: names.map((name) => one(schema.fields.filter((field) => field.name === name))),
})

async function remove(sql: string, ...names: string[]): Promise<void> {
  const table = await lake.table()
  const deletes = [await equality(sql, fieldsOf(currentSchema(table), ...names))]
  await lake.catalog.commit([await stage({ table, deletes })])
}

const ids = async (): Promise<unknown[]> => (await lake.rows()).map(({ id }) => id)
const contents = async (): Promise<string[]> => {
  const plan = await planScan(await lake.table())
  return plan.files.flatMap(({ deletes }) => deletes.map(({ file }) => file.content))
}

test('only data older than the delete goes, not that of the same commit: an upsert of Flink', async () => {
  await lake.append("select 'a' as id, 1 as n union all select 'b', 1", columns)
  const table = await lake.table()
  const schema = currentSchema(table)
  const append = await writeData(lake.engine, { sql: "select 'b' as id, 2 as n", schema, dir: `${lake.location}/data` })
  const deletes = [await equality("select 'b' as id", fieldsOf(schema, 'id'))]
  await lake.catalog.commit([await stage({ table, append, deletes })])
  await lake.append("select 'c' as id, 3 as n", columns)
  expect(await lake.rows()).toEqual([
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
    { id: 'c', n: 3 },
  ])
  await remove("select 'b' as id union all select 'c'", 'id')
  expect(await ids()).toEqual(['a'])
  const before = (await lake.table()).metadata.snapshots[0]?.['snapshot-id'] ?? ''
  expect((await lake.rows({ snapshotId: before })).length).toBe(2)
})

test('null equals null, and all columns of a delete have to be equal', async () => {
  await lake.append("select unnest(['a', 'b', 'c', 'd']) as id, unnest([1, null, null, 4]) as n", columns)
  await remove("select 'b' as id, null::int as n union all select 'a', null union all select 'd', 5", 'id', 'n')
  expect(await ids()).toEqual(['a', 'c', 'd'])
  await remove('select null::int as n', 'n')
  expect(await ids()).toEqual(['a', 'd'])
})

test('several sets of columns, beside deletes by position, in files of several schemas and writers', async () => {
  await lake.append("select unnest(['a', 'b', 'c', 'd', 'e']) as id, unnest([1, 2, 3, 4, 5]) as n", columns)
  await lake.remove("id = 'a'")
  await remove("select 'b' as id", 'id')
  await lake.append("select unnest(['b', 'f', 'g']) as id, unnest([2, 6, null]) as n, true as x", { ...columns, x: 'boolean' })
  const table = await lake.table()
  const schema = currentSchema(table)
  const sql = "select unnest(['h', 'i']) as id, unnest([8, 9]) as n, false as x"
  const { schema: _told, ...foreign } = one(await writeData(lake.engine, { sql, schema, dir: `${lake.location}/data` }))
  await lake.catalog.commit([await stage({ table, append: [foreign] })])
  await remove('select 3 as n union all select 8 union all select null', 'n')
  await remove("select 'd' as id, null::boolean as x union all select 'f', null union all select 'i', false", 'id', 'x')
  expect(await ids()).toEqual(['b', 'e', 'f'])
  const positions = scanSql(await planScan(await lake.table()), { columns: [], positions: true })
  expect(await lake.engine.all(`select _pos from (${positions}) order by _pos`)).toEqual([{ _pos: 0 }, { _pos: 1 }, { _pos: 4 }])
})

test('a delete column that was widened, renamed, or dropped since still counts', async () => {
  await lake.append("select unnest(['a', 'b', 'c']) as id, unnest([1, 2, 3]) as n, unnest(['x', 'y', 'z']) as gone", {
    ...columns,
    gone: 'string',
  })
  await remove('select 1::int as n', 'n')
  await remove("select 'z' as gone", 'gone')
  const table = await lake.table()
  const wide = evolveTable(table, { struct: { n: 'long' } })
  const fields = wide.fields
    .filter(({ name }) => name !== 'gone')
    .map((field) => (field.name === 'n' ? { ...field, name: 'number' } : field))
  await lake.catalog.commit([await stage({ table, schema: { ...wide, fields } })])
  expect(await lake.rows()).toEqual([{ id: 'b', number: 2 }])
})

test('a column inside a struct, null where the struct is', async () => {
  const shape: StructShape = { struct: { id: 'string', s: { struct: { code: 'string' } } } }
  await lake.append("select unnest(['a', 'b', 'c']) as id, unnest([{'code': 'x'}, null, {'code': 'y'}]) as s", shape.struct)
  const table = await lake.table()
  const schema = currentSchema(table)
  const inner = schema.fields.find(({ name }) => name === 's')?.type
  const equalityIds = typeof inner === 'object' && inner.type === 'struct' ? inner.fields.map(({ id }) => id) : []
  const deletes = [
    await equality("select {'code': 'x'} as s union all select {'code': null}", fieldsOf(schema, 's'), { equalityIds }),
  ]
  await lake.catalog.commit([await stage({ table, deletes })])
  expect(await ids()).toEqual(['c'])
})

describe('partitions', () => {
  const spec: PartitionSpec = { 'spec-id': 0, fields: [{ 'field-id': 1000, 'source-id': 2, name: 'n', transform: 'identity' }] }
  const partitioned = async (bare?: PartitionSpec): Promise<IcebergSchema> => {
    const schema = evolveTable(undefined, { struct: columns })
    const append = await writeData(lake.engine, {
      ...{ sql: "select unnest(['a', 'b', 'a']) as id, unnest([1, 1, 2]) as n", schema, dir: `${lake.location}/data`, spec },
    })
    const create = { namespace: 'silver', name: 't', location: lake.location, schema, partition: spec.fields }
    await lake.catalog.commit([await stage({ create, append })])
    if (bare === undefined) return schema
    const table = await lake.table()
    const metadata = { ...table.metadata, 'partition-specs': [spec, bare] }
    await lake.catalog.commit([await stage({ table: { ...table, metadata }, properties: { specs: 'two' } })])
    return schema
  }
  const rows = async (): Promise<unknown> => (await lake.rows()).map(({ id, n }) => `${id}${n}`).sort()

  test('a delete counts in its own', async () => {
    const schema = await partitioned()
    const deletes = [await equality("select 'a' as id", fieldsOf(schema, 'id'), { partition: [1] })]
    await lake.catalog.commit([await stage({ table: await lake.table(), deletes })])
    expect(await rows()).toEqual(['a2', 'b1'])
    await compact(lake.catalog, lake.engine, { namespace: 'silver', name: 't' })
    expect([await rows(), await contents()]).toEqual([['a2', 'b1'], []])
  })

  test.each([
    ['without fields', []],
    ['with void fields only', [{ 'field-id': 1000, 'source-id': 2, name: 'n', transform: 'void' }]],
  ])('a delete of an unpartitioned spec %s counts in all', async (_name, fields) => {
    const schema = await partitioned({ 'spec-id': 1, fields })
    const partition = fields.map(() => null)
    const deletes = [await equality("select 'a' as id", fieldsOf(schema, 'id'), { specId: 1, partition })]
    await lake.catalog.commit([await stage({ table: await lake.table(), deletes })])
    expect(await rows()).toEqual(['b1'])
    await compact(lake.catalog, lake.engine, { namespace: 'silver', name: 't' }, { maxDeleted: 2 })
    expect([await rows(), await contents()]).toEqual([['b1'], ['position-deletes', 'position-deletes']])
  })
})

describe('compaction', () => {
  const compacted = () => compact(lake.catalog, lake.engine, { namespace: 'silver', name: 't' })

  test('writes them down by position; files with many of them are rewritten', async () => {
    await lake.append("select 'r' || i as id, i as n from range(100) t(i)", columns)
    await lake.append("select 's' || i as id, i as n from range(10) t(i)", columns)
    await remove("select 'r1' as id union all select 's1' union all select 's2'", 'id')
    expect(await compacted()).toMatchObject({ rewrittenFiles: 1 })
    expect(await contents()).toEqual(['position-deletes'])
    expect(await lake.rows()).toHaveLength(107)
    const { metadata } = await lake.table()
    expect(metadata.snapshots.slice(-2).map(({ summary }) => summary.operation)).toEqual(['replace', 'replace'])
    expect(metadata.snapshots.at(-1)?.summary['total-equality-deletes']).toBe('0')
    expect(await compacted()).toMatchObject({ rewrittenFiles: 0, removedDeleteFiles: 0 })
  })

  test('drops those that name nothing any more', async () => {
    await lake.append("select 'a' as id, 1 as n", columns)
    await remove("select 'z' as id", 'id')
    expect(await compacted()).toMatchObject({ rewrittenFiles: 0, removedDeleteFiles: 1 })
    expect([await ids(), await contents()]).toEqual([['a'], []])
  })
})

test('a delete file that does not tell its columns is refused', async () => {
  await lake.append("select 'a' as id, 1 as n", columns)
  const table = await lake.table()
  const deletes = [await equality("select 'a' as id", fieldsOf(currentSchema(table), 'id'), { equalityIds: [] })]
  await lake.catalog.commit([await stage({ table, deletes })])
  await expect(lake.rows()).rejects.toMatchObject({ code: 'metadata' })
})
