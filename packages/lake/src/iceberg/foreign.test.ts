/** Tables as other engines leave them: spellings of paths, their deletes, their schemas. */
import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { localPath } from '../storage/local.ts'
import { avroType, decodeRecords, readContainer, writeContainer } from './avro.ts'
import { compact } from './compact.ts'
import type { DataFile, DeleteFile } from './content-file.ts'
import { type TestLake, testLake } from './lake.suite.ts'
import { readManifestList } from './manifest-list.ts'
import { manifestFileSchema } from './manifest-schema.ts'
import { planScan, scanSql } from './plan.ts'
import type { IcebergSchema, IcebergType } from './schema.ts'
import type { Shape, StructShape } from './shape.ts'
import { stage } from './stage.ts'
import { currentSchema, evolveTable } from './table.ts'
import { writeData, writePositionDeletes } from './write.ts'

let lake: TestLake
beforeEach(async () => {
  lake = await testLake()
})
afterEach(() => lake[Symbol.asyncDispose]())

const columns = { id: 'string', n: 'int' } as const
const only = <T>(files: readonly T[]): T => {
  if (files[0] === undefined) throw new Error('no file')
  return files[0]
}

/** A data file as another writer lists it: under its own spelling of the path, and without telling the schema. */
async function foreignFile(sql: string, shape: StructShape, spell: (path: string) => string): Promise<DataFile> {
  const schema = evolveTable(await lake.catalog.load('silver', 't'), shape)
  const { schema: _told, ...file } = only(await writeData(lake.engine, { sql, schema, dir: `${lake.location}/data` }))
  return { ...file, path: spell(localPath(file.path)) }
}

describe('all spellings of paths, in data and delete files alike or mixed', () => {
  const spellings: readonly [data: string, deletes: string, named: boolean][] = [
    ['file:', 'file:', false],
    ['file:', 'file://', false],
    ['file://', 'file:', false],
    ['', 'file:', false],
    ['file:', '', false],
    ['file:', 'file://', true],
    ['', 'file:', true],
  ]
  test.each(spellings)('data %j, deletes %j, data files told: %j', async (data, deletes, named) => {
    await lake.append("select 'a' as id, 1 as n", columns)
    const file = await foreignFile(
      "select 'b' as id, 2 as n union all select 'c', 3",
      { struct: columns },
      (path) => `${data}${path}`,
    )
    await lake.catalog.commit([await stage({ table: await lake.table(), append: [file] })])
    const positions = scanSql(await planScan(await lake.table()), { positions: true })
    const [place] = await lake.engine.all<{ _file: string }>(`select _file from (${positions}) where id = 'b'`)
    expect(place?._file).toBe(file.path)
    const removed = await writePositionDeletes(lake.engine, {
      sql: `select '${deletes}${localPath(file.path)}' as file_path, 0 as pos`,
      dir: `${lake.location}/data`,
    })
    if (removed === undefined) throw new Error('no deletes')
    // Other writers tell no more than bounds.
    const { dataFiles: _told, referencedDataFile: _only, ...bounded } = removed
    const told = named ? removed : bounded
    await lake.catalog.commit([await stage({ table: await lake.table(), deletes: [told] })])
    expect(await lake.rows()).toEqual([
      { id: 'a', n: 1 },
      { id: 'c', n: 3 },
    ])
  })
})

test('files whose schema nobody tells are read by field id: renamed columns, missing ones, wider types', async () => {
  const old: Readonly<Record<string, Shape>> = { id: 'string', n: 'int', name: { list: { struct: { family: 'string' } } } }
  await lake.append("select 'a' as id, 1 as n, [{'family': 'x'}] as name", old)
  const file = await foreignFile("select 'b' as id, 2 as n, [{'family': 'y'}] as name", { struct: old }, (path) => `file:${path}`)
  await lake.catalog.commit([await stage({ table: await lake.table(), append: [file] })])
  const table = await lake.table()
  const wider = evolveTable(table, { struct: { n: 'long', name: { list: { struct: { suffix: 'string' } } }, active: 'boolean' } })
  const fields = wider.fields.map((field) => (field.name === 'n' ? { ...field, name: 'number' } : field))
  await lake.catalog.commit([await stage({ table, schema: { ...wider, fields } })])
  expect(await lake.rows()).toEqual([
    { id: 'a', number: 1, name: [{ family: 'x', suffix: null }], active: null },
    { id: 'b', number: 2, name: [{ family: 'y', suffix: null }], active: null },
  ])
})

describe('a nested field that was renamed', () => {
  const shape: StructShape = { struct: { id: 'string', s: { struct: { old: 'string', kept: 'int' } } } }
  const rename = async () => {
    const table = await lake.table()
    const schema = currentSchema(table)
    const text = JSON.stringify(schema).replace('"old"', '"new"')
    await lake.catalog.commit([await stage({ table, schema: JSON.parse(text) as typeof schema })])
  }

  test('is found by its id in files that floe wrote', async () => {
    await lake.append("select 'a' as id, {'old': 'x', 'kept': 1} as s union all select 'b', null", shape.struct)
    await rename()
    expect(await lake.rows()).toEqual([
      { id: 'a', s: { new: 'x', kept: 1 } },
      { id: 'b', s: null },
    ])
  })

  test('is found by its id in files that do not tell their schema, by their footers', async () => {
    await lake.append("select 'a' as id, {'old': 'x', 'kept': 1} as s", shape.struct)
    const file = await foreignFile("select 'b' as id, {'old': 'y', 'kept': 1} as s", shape, (path) => path)
    await lake.catalog.commit([await stage({ table: await lake.table(), append: [file] })])
    expect(await lake.rows()).toHaveLength(2)
    await rename()
    const later = await foreignFile(
      "select 'c' as id, {'new': 'z', 'kept': 2} as s union all select 'd', null",
      { struct: {} },
      (path) => path,
    )
    await lake.catalog.commit([await stage({ table: await lake.table(), append: [later] })])
    expect(await lake.rows()).toEqual([
      { id: 'a', s: { new: 'x', kept: 1 } },
      { id: 'b', s: { new: 'y', kept: 1 } },
      { id: 'c', s: { new: 'z', kept: 2 } },
      { id: 'd', s: null },
    ])
  })

  test('deep inside lists and maps, with a name that changed hands', async () => {
    const entry = (first: string, second: string): IcebergType => ({
      type: 'struct',
      fields: [
        { id: 10, name: first, required: false, type: 'string' },
        { id: 11, name: second, required: false, type: 'int' },
      ],
    })
    const schema = (first: string, second: string): IcebergSchema => ({
      type: 'struct',
      'schema-id': 0,
      fields: [
        { id: 1, name: 'id', required: false, type: 'string' },
        {
          id: 2,
          name: 'l',
          required: false,
          type: { type: 'list', 'element-id': 4, element: entry(first, second), 'element-required': false },
        },
        {
          id: 3,
          name: 'm',
          required: false,
          type: {
            ...{ type: 'map', 'key-id': 5, key: 'string', 'value-id': 6, 'value-required': false },
            value: { type: 'struct', fields: [{ id: 12, name: first, required: false, type: 'string' }] },
          },
        },
      ],
    })
    const [before, after] = [schema('a', 'b'), schema('b', 'c')]
    const create = { namespace: 'silver', name: 't', location: lake.location, schema: before }
    const { schema: _told, ...file } = only(
      await writeData(lake.engine, {
        sql: "select 'x' as id, [{'a': 'one', 'b': 1}, null] as l, map {'k': {'a': 'two'}} as m",
        schema: before,
        dir: `${lake.location}/data`,
      }),
    )
    await lake.catalog.commit([await stage({ create, append: [file] })])
    await lake.catalog.commit([await stage({ table: await lake.table(), schema: after })])
    const [row] = await lake.engine.all(
      `select to_json(t)::varchar as text from (${scanSql(await planScan(await lake.table()))}) t`,
    )
    expect(JSON.parse(String(row?.text))).toEqual({ id: 'x', l: [{ b: 'one', c: 1 }, null], m: { k: { b: 'two' } } })
  })
})

describe('files of a table with a name mapping', () => {
  const mapping = [
    { 'field-id': 1, names: ['id', 'key'] },
    { 'field-id': 2, names: ['n'] },
    { 'field-id': 3, names: ['s'], fields: [{ 'field-id': 4, names: ['old', 'new'] }] },
  ]
  const shape: StructShape = { struct: { id: 'string', n: 'int', s: { struct: { new: 'string' } } } }
  const adopted = async (sql: string): Promise<DataFile> => {
    const path = `${lake.dir}/adopted-${sql.length}.parquet`
    await lake.engine.run(`copy (${sql}) to '${path}' (format parquet)`)
    const file = await foreignFile("select 'b' as id, 2 as n, null as s", shape, (own) => own)
    return { ...file, path }
  }

  test('have their columns by the names it tells where they have no ids, and by their ids where they have some', async () => {
    await lake.append("select 'a' as id, 1 as n, {'new': 'x'} as s", shape.struct)
    const append = [
      await foreignFile("select 'b' as id, 2 as n, {'new': 'y'} as s", shape, (path) => path),
      await adopted("select 'c' as key, 'no column' as other, 3::bigint as n, {'old': 'z'} as s"),
      await adopted("select 'd' as id, {'new': 'w', 'other': 1} as s"),
    ]
    const properties = { 'schema.name-mapping.default': JSON.stringify(mapping) }
    await lake.catalog.commit([await stage({ table: await lake.table(), append, properties })])
    expect(await lake.rows()).toEqual([
      { id: 'a', n: 1, s: { new: 'x' } },
      { id: 'b', n: 2, s: { new: 'y' } },
      { id: 'c', n: 3, s: { new: 'z' } },
      { id: 'd', n: null, s: { new: 'w' } },
    ])
  })

  test('that are damaged are refused', async () => {
    await lake.append("select 'a' as id, 1 as n, null as s", shape.struct)
    const file = await adopted("select 'c' as key")
    await writeFile(file.path, 'PAR1 no footer')
    const properties = { 'schema.name-mapping.default': '[]' }
    await lake.catalog.commit([await stage({ table: await lake.table(), append: [file], properties })])
    await expect(lake.rows()).rejects.toMatchObject({ code: 'metadata' })
  })
})

describe('columns called as floe calls its own', () => {
  const odd = {
    id: 'string',
    _path: 'string',
    _row: 'int',
    _part: 'int',
    _floe_path: 'string',
    filename: 'string',
    file_row_number: 'int',
  } as const
  const values = (id: string): string =>
    `select '${id}' as id, 'p' as _path, 7 as _row, 8 as _part, 'q' as _floe_path, 'f' as filename, 9 as file_row_number`
  const row = (id: string) => ({ id, _path: 'p', _row: 7, _part: 8, _floe_path: 'q', filename: 'f', file_row_number: 9 })

  test.each([
    ['told', true],
    ['not told', false],
  ])('are read, deleted from and compacted; schemas are %s', async (_name, told) => {
    await lake.append(values('a'), odd)
    const schema = currentSchema(await lake.table())
    for (const ids of [['b', 'c'], ['d']]) {
      const sql = ids.map(values).join(' union all ')
      const files = await writeData(lake.engine, { sql, schema, dir: `${lake.location}/data` })
      const append = told ? files : files.map(({ schema: _own, ...file }) => file)
      await lake.catalog.commit([await stage({ table: await lake.table(), append })])
    }
    expect(await lake.rows()).toEqual(['a', 'b', 'c', 'd'].map(row))
    await lake.remove("id = 'b'")
    expect(await lake.rows()).toEqual(['a', 'c', 'd'].map(row))
    const [counted] = await lake.engine.all<{ n: number }>(
      `select count(*) as n from (${scanSql(await planScan(await lake.table()), { columns: [], positions: true })}) where _pos = 0`,
    )
    expect(counted?.n).toBe(2)
    await compact(lake.catalog, lake.engine, { namespace: 'silver', name: 't' })
    expect(await lake.rows()).toEqual(['a', 'c', 'd'].map(row))
  })

  test('but _pos and _file, which Iceberg reserves, are refused where rows are told by place', async () => {
    await lake.append("select 'a' as id, 1 as _pos", { id: 'string', _pos: 'int' })
    expect(await lake.rows()).toEqual([{ id: 'a', _pos: 1 }])
    await expect(lake.remove("id = 'a'")).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('RENAME COLUMN'),
    })
  })
})

describe('deletes that floe cannot apply are refused loudly', () => {
  const odd: readonly [string, Partial<DeleteFile>][] = [
    ['equality deletes in Avro', { content: 'equality-deletes', equalityIds: [1], format: 'AVRO' }],
    ['deletion vectors', { format: 'PUFFIN' }],
  ]
  test.each(odd)('%s', async (_name, change) => {
    const table = await lake.append("select 'a' as id, 1 as n", columns)
    const deletes = await writePositionDeletes(lake.engine, {
      sql: "select 'file:///x' as file_path, 0 as pos",
      dir: `${lake.location}/data`,
    })
    if (deletes === undefined) throw new Error('no deletes')
    await lake.catalog.commit([await stage({ table, deletes: [{ ...deletes, ...change } as DeleteFile] })])
    await expect(lake.rows()).rejects.toMatchObject({ code: 'unsupported' })
  })
})

test('63-bit snapshot ids in manifests and lists are kept, and continued', async () => {
  await lake.append("select 'a' as id, 1 as n", columns)
  const table = await lake.table()
  const wide = '9123456789012345678'
  const ours = table.metadata.snapshots[0]?.['snapshot-id'] ?? ''
  const list = table.metadata.snapshots[0]?.['manifest-list'] ?? ''
  const container = readContainer(Buffer.from(await readFile(localPath(list))))
  const reader = avroType(container.schema)
  const records = decodeRecords(container, reader)
  const wideSchema = JSON.parse(
    JSON.stringify(manifestFileSchema).replace(
      '"name":"added_snapshot_id","type":"long"',
      '"name":"added_snapshot_id","type":{"type":"long","logicalType":"wide-long"}',
    ),
  )
  const bytes = writeContainer({
    schema: manifestFileSchema,
    type: avroType(wideSchema),
    records: records.map((record) => ({ ...record, added_snapshot_id: wide })),
    metadata: {},
  })
  const foreignList = `${list}.foreign`
  await writeFile(localPath(foreignList), bytes)
  expect(readManifestList(bytes)[0]?.addedSnapshotId).toBe(wide)
  const text = JSON.stringify(table.metadata).replaceAll(list, 'LIST').replaceAll(ours, wide).replaceAll('LIST', foreignList)
  const metadata = JSON.parse(text) as typeof table.metadata
  const foreign = { ...table, metadata }
  await lake.catalog.commit([
    await stage({
      table: foreign,
      tag: 'e1',
      deletes: [],
      append: [await foreignFile("select 'b' as id, 2 as n", { struct: columns }, (path) => path)],
    }),
  ])
  expect(await lake.rows()).toHaveLength(2)
  expect((await lake.table()).metadata.snapshots.map((each) => each['parent-snapshot-id'])).toEqual([undefined, wide])
})

test('lists of version 1 have neither contents nor sequence numbers, and other names for counts', () => {
  const schema = {
    type: 'record',
    name: 'manifest_file',
    fields: [
      { name: 'manifest_path', type: 'string', 'field-id': 500 },
      { name: 'manifest_length', type: 'long', 'field-id': 501 },
      { name: 'partition_spec_id', type: 'int', 'field-id': 502 },
      { name: 'added_snapshot_id', type: ['null', 'long'], default: null, 'field-id': 503 },
      { name: 'added_data_files_count', type: ['null', 'int'], default: null, 'field-id': 504 },
    ],
  } as const
  const records = [
    { manifest_path: 'file:/m', manifest_length: 5, partition_spec_id: 0, added_snapshot_id: 7, added_data_files_count: 3 },
  ]
  const [manifest] = readManifestList(writeContainer({ schema, type: avroType(schema), records, metadata: {} }))
  expect(manifest).toMatchObject({
    path: 'file:/m',
    content: 'data',
    sequenceNumber: 0,
    addedSnapshotId: '7',
    addedFiles: 3,
    existingFiles: 1,
  })
})
