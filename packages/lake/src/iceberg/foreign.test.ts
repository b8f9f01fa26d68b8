/** Tables as other engines leave them: spellings of paths, their deletes, their schemas. */
import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { localPath } from '../storage/local.ts'
import { avroType, decodeRecords, readContainer, writeContainer } from './avro.ts'
import type { DataFile, DeleteFile } from './content-file.ts'
import { type TestLake, testLake } from './lake.suite.ts'
import { readManifestList } from './manifest-list.ts'
import { manifestFileSchema } from './manifest-schema.ts'
import { planScan, scanSql } from './plan.ts'
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

  test('is refused where files do not tell their schema: their values would be lost', async () => {
    await lake.append("select 'a' as id, {'old': 'x', 'kept': 1} as s", shape.struct)
    const file = await foreignFile("select 'b' as id, {'old': 'y', 'kept': 1} as s", shape, (path) => path)
    await lake.catalog.commit([await stage({ table: await lake.table(), append: [file] })])
    expect(await lake.rows()).toHaveLength(2)
    await rename()
    await expect(lake.rows()).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('renamed') })
  })
})

test('files without field ids (name mapping) are refused, not read as nulls', async () => {
  await lake.append("select 'a' as id, 1 as n", columns)
  const file = await foreignFile("select 'b' as id, 2 as n", { struct: columns }, (path) => path)
  const properties = { 'schema.name-mapping.default': '[]' }
  await lake.catalog.commit([await stage({ table: await lake.table(), append: [file], properties })])
  await expect(lake.rows()).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('field ids') })
})

describe('deletes that floe cannot apply are refused loudly', () => {
  const odd: readonly [string, Partial<DeleteFile>][] = [
    ['equality deletes', { content: 'equality-deletes', equalityIds: [1] }],
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
