/** The rules of the format that are easy to get wrong, each one a test on files as they lie on disk. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localPath } from '../storage/local.ts'
import { type AvroRecord, type AvroSchema, avroType, decodeRecords, readContainer } from './avro.ts'
import { type TestLake, testLake } from './lake.suite.ts'
import type { Snapshot } from './metadata.ts'
import { planScan, scanSql } from './plan.ts'
import type { Shape } from './shape.ts'
import { stage } from './stage.ts'
import { currentSnapshot, evolveTable } from './table.ts'
import { writeData, writePositionDeletes } from './write.ts'

let lake: TestLake
const columns: Readonly<Record<string, Shape>> = {
  id: 'string',
  n: 'int',
  when: 'timestamptz',
  weight: 'double',
  flag: 'boolean',
  name: { list: { struct: { family: 'string' } } },
  note: 'string',
}
const batch = (from: number, to: number) => `select 'p' || range as id, range::int as n,
  timestamptz '2020-01-01 00:00:00Z' + to_days(range::int) as "when",
  case when range = 0 then 'nan'::double else range end as weight, range % 2 = 0 as flag,
  [{'family': 'F' || range}] as name, repeat('x', 40) || range as note from range(${from}, ${to})`

beforeAll(async () => {
  lake = await testLake()
  await lake.append(batch(0, 10), columns, { tag: 'e1', now: 1_000 })
  await lake.append(batch(10, 20), columns, { tag: 'e2', now: 2_000 })
  await lake.remove("id in ('p1', 'p15')", { now: 3_000 })
})
afterAll(() => lake[Symbol.asyncDispose]())

/** Manifests as plain Avro says them, without our own reader. */
async function manifestsOf(
  snapshot: Snapshot | undefined,
): Promise<{ list: AvroRecord[]; manifests: ReturnType<typeof readContainer>[] }> {
  const container = readContainer(await readFile(localPath(snapshot?.['manifest-list'] ?? '')))
  const list = decodeRecords(container, avroType(container.schema))
  const manifests = await Promise.all(
    list.map(async (each) => readContainer(await readFile(localPath(each.manifest_path as string)))),
  )
  return { list, manifests }
}

const entriesOf = (manifest: ReturnType<typeof readContainer> | undefined): AvroRecord[] =>
  manifest === undefined ? [] : decodeRecords(manifest, avroType(manifest.schema))

function* nodesOf(schema: unknown): Iterable<Record<string, unknown>> {
  if (typeof schema !== 'object' || schema === null) return
  yield schema as Record<string, unknown>
  for (const value of Object.values(schema)) yield* nodesOf(value)
}

describe('Avro files (spec, Appendix A)', () => {
  test('every field has a field-id, every array an element-id or is an int-keyed map of k_v records', async () => {
    const { manifests } = await manifestsOf(currentSnapshot(await lake.table()))
    const list = readContainer(await readFile(localPath(currentSnapshot(await lake.table())?.['manifest-list'] ?? '')))
    for (const { schema } of [...manifests, list]) {
      for (const node of nodesOf(schema)) {
        if (Array.isArray(node.fields)) expect(node.fields.every((field) => Number.isInteger(field['field-id']))).toBe(true)
        if (node.type !== 'array') continue
        const items = node.items as { name?: string }
        if (node.logicalType === 'map') expect(items.name).toMatch(/^k\d+_v\d+$/)
        else expect(node['element-id']).toEqual(expect.any(Number))
      }
    }
    expect(JSON.stringify(manifests[0]?.schema)).toContain('"name":"k117_v118"')
  })

  test('manifests tell schema, spec, version and content as text', async () => {
    const { manifests } = await manifestsOf(currentSnapshot(await lake.table()))
    expect(manifests.map(({ metadata }) => metadata.content).sort()).toEqual(['data', 'data', 'deletes'])
    for (const { metadata } of manifests) {
      expect(metadata).toMatchObject({
        'schema-id': '0',
        'partition-spec': '[]',
        'partition-spec-id': '0',
        'format-version': '2',
      })
      expect(JSON.parse(metadata.schema ?? '')).toMatchObject({ type: 'struct', 'schema-id': 0 })
    }
  })

  test('manifest lists tell snapshot, parent (null when none), sequence number and version', async () => {
    const { metadata } = await lake.table()
    const lists = await Promise.all(
      metadata.snapshots.map(async (each) => readContainer(await readFile(localPath(each['manifest-list']))).metadata),
    )
    const ids = metadata.snapshots.map((each) => each['snapshot-id'])
    expect(
      lists.map((each) => [each['snapshot-id'], each['parent-snapshot-id'], each['sequence-number'], each['format-version']]),
    ).toEqual([
      [ids[0], 'null', '1', '2'],
      [ids[1], ids[0], '2', '2'],
      [ids[2], ids[1], '3', '2'],
    ])
  })
})

describe('sequence numbers', () => {
  test('are null in added entries, so that the manifest survives a repeated commit; data and deletes never share a manifest', async () => {
    const { manifests, list } = await manifestsOf(currentSnapshot(await lake.table()))
    const entries = manifests.flatMap(entriesOf)
    expect(entries.map((each) => [each.status, each.sequence_number, each.file_sequence_number])).toEqual([
      [1, null, null],
      [1, null, null],
      [1, null, null],
    ])
    expect(list.map((each) => [each.content, each.sequence_number, each.min_sequence_number])).toEqual([
      [0, 1, 1],
      [0, 2, 2],
      [1, 3, 3],
    ])
  })

  test('are explicit in existing and deleted entries', async () => {
    await using other = await testLake()
    await other.append(batch(0, 5), columns)
    const table = await other.table()
    const schema = evolveTable(table, { struct: columns })
    const two = (
      await Promise.all([0, 1].map(() => writeData(other.engine, { sql: batch(5, 6), schema, dir: `${other.location}/data` })))
    ).flat()
    await other.catalog.commit([await stage({ table, append: two })])
    const removeFiles = [two[0]?.path ?? '']
    await other.catalog.commit([await stage({ table: await other.table(), removeFiles })])
    const { manifests, list } = await manifestsOf(currentSnapshot(await other.table()))
    const rewritten = entriesOf(manifests[1])
    expect(rewritten.map((each) => [each.status, each.sequence_number, each.file_sequence_number])).toEqual([
      [2, 2, 2],
      [0, 2, 2],
    ])
    expect(list[1]).toMatchObject({
      added_files_count: 0,
      existing_files_count: 1,
      deleted_files_count: 1,
      sequence_number: 3,
      min_sequence_number: 2,
    })
    // A path is live once over all manifests, and the deleted entry is not carried on.
    await other.append(batch(6, 7), columns)
    const after = (await manifestsOf(currentSnapshot(await other.table()))).manifests.flatMap(entriesOf)
    const live = after.filter((each) => each.status !== 2).map((each) => (each.data_file as AvroRecord).file_path)
    expect(new Set(live).size).toBe(live.length)
    expect(live).not.toContain(removeFiles[0])
  })
})

describe('position delete files', () => {
  test('have the reserved ids, are sorted, without sort order, with whole paths as bounds', async () => {
    const { manifests } = await manifestsOf(currentSnapshot(await lake.table()))
    const [entry] = entriesOf(manifests[2])
    const file = entry?.data_file as AvroRecord
    expect(file).toMatchObject({ content: 1, sort_order_id: null, record_count: 2, referenced_data_file: null })
    const path = localPath(file.file_path as string)
    const rows = await lake.engine.all<{ file_path: string; pos: number }>(`select * from read_parquet('${path}')`)
    expect(rows).toEqual(rows.toSorted((a, b) => (a.file_path < b.file_path ? -1 : 1)))
    const bound = (name: string) =>
      (file[name] as { key: number; value: Buffer }[]).find(({ key }) => key === 2147483546)?.value.toString()
    expect([bound('lower_bounds'), bound('upper_bounds')]).toEqual([rows[0]?.file_path, rows[1]?.file_path])
    const ids = await lake.engine.all(`select name, field_id from parquet_schema('${path}') where field_id is not null`)
    expect(ids).toEqual([
      { name: 'file_path', field_id: 2147483546 },
      { name: 'pos', field_id: 2147483545 },
    ])
  })

  test('name their data file when it is the only one', async () => {
    const scan = scanSql(await planScan(await lake.table()), { positions: true })
    const only = await writePositionDeletes(lake.engine, {
      sql: `select _file as file_path, _pos as pos from (${scan}) where id = 'p3' union all select _file, _pos from (${scan}) where id = 'p3'`,
      dir: `${lake.location}/data`,
    })
    expect(only).toMatchObject({ records: 1, referencedDataFile: expect.stringMatching(/^file:\/\/\/.*\.parquet$/) })
  })

  test('touch only the files that they name, not every file between the first and the last', async () => {
    await using other = await testLake()
    for (let n = 0; n < 6; n++) await other.append(batch(n, n + 1), columns)
    const touched = async () => {
      const { files } = await planScan(await other.table())
      const dirty = files.filter(({ deletes }) => deletes.length > 0)
      return { dirty: dirty.length, files: files.length, shielded: files.filter(({ shielded }) => shielded).length }
    }
    await other.remove("id in ('p0', 'p3')")
    expect(await touched()).toEqual({ dirty: 2, files: 6, shielded: 0 })
    await other.catalog.commit([await stage({ table: await other.table(), mergeManifests: true })])
    expect(await touched()).toEqual({ dirty: 2, files: 6, shielded: 0 })
    expect(await other.rows()).toHaveLength(4)
  })

  test('apply to data of their own commit, not to data that came later under the same path', async () => {
    await using other = await testLake()
    const table = await other.append(batch(0, 3), columns)
    const schema = evolveTable(table, { struct: columns })
    const [file] = await writeData(other.engine, { sql: batch(3, 6), schema, dir: `${other.location}/data` })
    if (file === undefined) throw new Error('no file')
    const deletes = await writePositionDeletes(other.engine, {
      sql: `select '${file.path}' as file_path, 1 as pos`,
      dir: `${other.location}/data`,
    })
    await other.catalog.commit([await stage({ table, append: [file], deletes: deletes === undefined ? [] : [deletes] })])
    expect((await other.rows()).map(({ id }) => id)).toEqual(['p0', 'p1', 'p2', 'p3', 'p5'])
    // Never done by floe, but others may: the file goes, its delete file stays, the file comes back.
    await other.catalog.commit([await stage({ table: await other.table(), removeFiles: [file.path] })])
    await other.catalog.commit([await stage({ table: await other.table(), append: [file] })])
    expect((await other.rows()).map(({ id }) => id)).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5'])
  })

  test('of an older commit do not apply beside newer ones that do', async () => {
    await using other = await testLake()
    await other.append(batch(0, 3), columns)
    const table = await other.append(batch(3, 6), columns)
    const [, planned] = (await planScan(table)).files
    if (planned?.written === undefined) throw new Error('no file')
    const back = { ...planned.file, schema: planned.written }
    await other.remove("id in ('p1', 'p4')")
    await other.catalog.commit([await stage({ table: await other.table(), removeFiles: [back.path] })])
    await other.catalog.commit([await stage({ table: await other.table(), append: [back] })])
    await other.remove("id = 'p5'")
    expect((await other.rows()).map(({ id }) => id)).toEqual(['p0', 'p2', 'p3', 'p4'])
  })

  test('apply only within their own partition', async () => {
    await using other = await testLake()
    const schema = evolveTable(undefined, { struct: { id: 'string', n: 'int' } })
    const dir = `${other.location}/data`
    const partition = [{ 'source-id': 2, 'field-id': 1000, name: 'n', transform: 'identity' }]
    const [file] = await writeData(other.engine, {
      sql: "select 'a' as id, 7 as n",
      schema,
      dir,
      partition: { specId: 0, values: [7] },
    })
    const create = { namespace: 'silver', name: 't', location: other.location, schema, partition }
    await other.catalog.commit([await stage({ create, append: file === undefined ? [] : [file] })])
    for (const [value, rows] of [
      [8, 1],
      [7, 0],
    ] as const) {
      const deletes = await writePositionDeletes(other.engine, {
        sql: `select '${file?.path}' as file_path, 0 as pos`,
        dir,
        partition: { specId: 0, values: [value] },
      })
      await other.catalog.commit([await stage({ table: await other.table(), deletes: deletes === undefined ? [] : [deletes] })])
      expect(await other.rows()).toHaveLength(rows)
    }
    const { list } = await manifestsOf(currentSnapshot(await other.table()))
    expect(list[0]?.partitions).toMatchObject([{ contains_null: false, lower_bound: Buffer.from('07000000', 'hex') }])
  })
})

describe('column metrics', () => {
  test('are counts everywhere, bounds outside lists, none where there is a NaN, strings cut', async () => {
    const { manifests } = await manifestsOf(currentSnapshot(await lake.table()))
    const file = entriesOf(manifests[0])[0]?.data_file as AvroRecord
    const map = (name: string) =>
      Object.fromEntries((file[name] as { key: number; value: unknown }[]).map(({ key, value }) => [key, value]))
    // id 1, n 2, when 3, weight 4, flag 5, name 6, note 7, name.element 8, family 9
    expect(Object.keys(map('value_counts'))).toEqual(['1', '2', '3', '4', '5', '7', '9'])
    expect(map('null_value_counts')).toEqual({ 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 7: 0, 9: 0 })
    expect(Object.keys(map('lower_bounds'))).toEqual(['1', '2', '3', '5', '7'])
    expect(map('upper_bounds')).toMatchObject({ 1: Buffer.from('p9'), 5: Buffer.from([1]), 7: Buffer.from(`${'x'.repeat(15)}y`) })
  })

  test('stop at a hundred leaves, top level first', async () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`c${n}`, 'int'] as const))
    const schema = evolveTable(undefined, { struct: { s: { struct: { deep: 'int' } }, ...many } })
    const values = Object.keys(many).map((name) => `1 as ${name}`)
    const [file] = await writeData(lake.engine, {
      sql: `select {'deep': 1} as s, ${values.join()}`,
      schema,
      dir: `${lake.location}/data`,
    })
    expect(Array.from(file?.metrics?.valueCounts.keys() ?? [])).toEqual(Array.from({ length: 100 }, (_, n) => n + 2))
  })
})

describe('metadata', () => {
  test('totals are carried forward on every commit; total-records does not subtract deleted positions', async () => {
    const { metadata } = await lake.table()
    const picked = metadata.snapshots.map(({ summary }) => [
      summary.operation,
      summary['total-records'],
      summary['total-position-deletes'],
      summary['total-data-files'],
    ])
    expect(picked).toEqual([
      ['append', '10', '0', '1'],
      ['append', '20', '0', '2'],
      ['delete', '20', '2', '2'],
    ])
  })

  test('snapshot ids stay below 2^53 and are unlike', async () => {
    const { metadata } = await lake.table()
    const ids = metadata.snapshots.map((each) => Number(each['snapshot-id']))
    expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true)
    expect(new Set(ids).size).toBe(3)
  })

  test('every former metadata file is in the log, which is cut, and what leaves it is removed', async () => {
    const { metadata } = await lake.table()
    expect(metadata['metadata-log'].map((each) => each['metadata-file'].replace(/^.*\/(\d+)-.*$/, '$1'))).toEqual([
      '00000',
      '00001',
    ])
    await using other = await testLake()
    await other.append(batch(0, 1), columns, { properties: {} })
    await other.catalog.commit([
      await stage({ table: await other.table(), properties: { 'write.metadata.previous-versions-max': '2' } }),
    ])
    const first = (await other.table()).metadata['metadata-log'][0]?.['metadata-file'] ?? ''
    for (let n = 1; n < 4; n++) await other.append(batch(n, n + 1), columns)
    const log = (await other.table()).metadata['metadata-log']
    expect(log).toHaveLength(2)
    await expect(readFile(localPath(first))).rejects.toThrow(/ENOENT/)
    await readFile(localPath(log[0]?.['metadata-file'] ?? ''))
  })

  test("a snapshot's time never goes before the table's last change", async () => {
    const table = await lake.table()
    const change = await stage({ table, deletes: [], tag: 'again', now: 5 })
    expect(change.table.metadata['last-updated-ms']).toBe(3_000)
  })

  test('a null in a required column is refused before it is written', async () => {
    const schema = evolveTable(undefined, { struct: { id: 'string' } }, { identifier: ['id'] })
    const writing = writeData(lake.engine, { sql: 'select null as id', schema, dir: `${lake.location}/data` })
    await expect(writing).rejects.toMatchObject({ code: 'null-in-required' })
  })

  test('paths are full URIs, data and metadata apart', async () => {
    const { metadata, metadataLocation, location } = await lake.table()
    expect(metadataLocation).toMatch(new RegExp(`^${location}/metadata/00002-[0-9a-f-]{36}\\.metadata\\.json$`))
    const { manifests } = await manifestsOf(currentSnapshot(await lake.table()))
    for (const entry of manifests.flatMap(entriesOf)) {
      expect((entry.data_file as AvroRecord).file_path).toMatch(new RegExp(`^${location}/data/[0-9a-f-]{36}\\.parquet$`))
    }
    expect(metadata.location).toBe(location)
  })

  const refused: readonly [string, object][] = [
    ['version 3', { 'format-version': 3 }],
    ['version 1', { 'format-version': 1 }],
    [
      'an unknown transform',
      { 'partition-specs': [{ 'spec-id': 0, fields: [{ 'source-id': 1, 'field-id': 1000, name: 'x', transform: 'zorder' }] }] },
    ],
  ]
  test.each(refused)('%s is not written', async (_name, change) => {
    const table = await lake.table()
    const foreign = { ...table, metadata: { ...table.metadata, ...change } as typeof table.metadata }
    await expect(stage({ table: foreign, replaceAll: true })).rejects.toMatchObject({ code: 'unsupported' })
  })
})

test('the schema in a header is the text given, not what the Avro library makes of it', async () => {
  const { manifests } = await manifestsOf(currentSnapshot(await lake.table()))
  const schema = manifests[0]?.schema as unknown as { fields: AvroSchema[] }
  expect(schema.fields[0]).toEqual({ name: 'status', type: 'int', 'field-id': 0 })
})
