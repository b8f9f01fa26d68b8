import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compact } from './compact.ts'
import { type TestLake, testLake } from './lake.suite.ts'
import type { PartitionField } from './metadata.ts'
import { partitionField } from './partition.suite.ts'
import { planScan, scanSql } from './plan.ts'
import { writeDeletesOf } from './resolve-deletes.ts'
import type { Shape } from './shape.ts'
import { stage, stageMetadata } from './stage.ts'
import { evolveTable, specById } from './table.ts'
import { transformSql } from './transform.ts'
import { writeData } from './write.ts'

let lake: TestLake
beforeEach(async () => {
  lake = await testLake()
})
afterEach(() => lake[Symbol.asyncDispose]())

const columns: Readonly<Record<string, Shape>> = { id: 'string', _patient: 'string', day: 'date' }
const field = (source: number, index: number, transform: string): PartitionField =>
  partitionField(source, 1000 + index, `p ${index}`, transform)
const rows = (
  from: number,
  to: number,
) => `select 'o' || range as id, case when range % 10 > 0 then 'p=/' || range % 4 end as _patient,
  date '1969-12-31' + (range % 2)::int as day from range(${from}, ${to})`

async function make(partition: readonly PartitionField[]): Promise<void> {
  const schema = evolveTable(undefined, { struct: columns })
  await lake.catalog.commit([
    await stage({ create: { namespace: 'silver', name: 't', location: lake.location, schema, partition } }),
  ])
}

async function append(from: number, to: number) {
  const table = await lake.table()
  const [schema, spec] = [table.metadata.schemas[0], specById(table.metadata, 0)]
  if (schema === undefined) throw new Error('no schema')
  const files = await writeData(lake.engine, { sql: rows(from, to), schema, spec, dir: `${lake.location}/data` })
  await lake.catalog.commit([await stage({ table, append: files })])
  return files
}

test('rows are split by identity, buckets and days; file names tell no value', async () => {
  await make([field(2, 0, 'identity'), field(3, 1, 'day')])
  const files = await append(0, 40)
  const partitions = files.map(({ partition }) => partition.map(String).join(' ')).sort()
  expect(partitions).toEqual(['null -1', 'p=/0 -1', 'p=/1 0', 'p=/2 -1', 'p=/3 0'])
  expect(await lake.rows()).toHaveLength(40)
  for (const name of await readdir(join(lake.dir, 'warehouse/silver/t/data'), { recursive: true }))
    expect(name).toMatch(/^[0-9a-f-]{36}\.parquet$/)
})

test('deletes are written for each partition, and compaction stays within it', async () => {
  await make([field(2, 0, 'bucket[4]')])
  for (let n = 0; n < 3; n++) await append(n * 40, n * 40 + 40)
  const table = await lake.table()
  const plan = await planScan(table)
  const before = new Set(plan.files.map(({ file }) => String(file.partition)))
  expect(before.size).toBeGreaterThan(2)
  const deletes = await writeDeletesOf(lake.engine, {
    files: plan.files.map(({ file }) => file),
    sql: `select _file as file_path, _pos as pos from (${scanSql(plan, { columns: ['id'], positions: true })}) where id in ('o1', 'o2', 'o10', 'o11')`,
    dir: `${lake.location}/data`,
  })
  expect(deletes.length).toBeGreaterThan(1)
  await lake.catalog.commit([await stage({ table, deletes })])
  const expected = await lake.rows()
  expect(expected).toHaveLength(116)
  await compact(lake.catalog, lake.engine, { namespace: 'silver', name: 't' }, { minSmallFiles: 2 })
  const after = await planScan(await lake.table())
  expect(after.files.map(({ file }) => String(file.partition)).sort()).toEqual([...before].sort())
  expect(await lake.rows()).toEqual(expected)
})

test('after a change of the spec, old files stay under the old one and all are read, deleted from and rewritten', async () => {
  await make([field(2, 0, 'identity')])
  await append(0, 20)
  const table = await lake.table()
  const specs = [...table.metadata['partition-specs'], { 'spec-id': 1, fields: [field(3, 1, 'month')] }]
  const changed = { ...table.metadata, 'partition-specs': specs, 'default-spec-id': 1, 'last-partition-id': 1001 }
  await lake.catalog.commit([await stageMetadata(table, changed)])
  const now = await lake.table()
  const [schema] = now.metadata.schemas
  if (schema === undefined) throw new Error('no schema')
  const added = await writeData(lake.engine, {
    sql: rows(20, 40),
    schema,
    spec: specById(now.metadata, 1),
    dir: `${lake.location}/data`,
  })
  await lake.catalog.commit([await stage({ table: now, append: added })])
  const plan = await planScan(await lake.table())
  expect(new Set(plan.files.map(({ file }) => `${file.specId} ${file.partition.length}`))).toEqual(new Set(['0 1', '1 1']))
  const deletes = await writeDeletesOf(lake.engine, {
    files: plan.files.map(({ file }) => file),
    sql: `select _file as file_path, _pos as pos from (${scanSql(plan, { positions: true })}) where id in ('o1', 'o21')`,
    dir: `${lake.location}/data`,
  })
  expect(deletes.map(({ specId }) => specId).sort()).toEqual([0, 1])
  await lake.catalog.commit([await stage({ table: await lake.table(), deletes })])
  const expected = await lake.rows()
  expect(expected).toHaveLength(38)
  await compact(lake.catalog, lake.engine, { namespace: 'silver', name: 't' }, { maxDeleted: 0.01 })
  expect(await lake.rows()).toEqual(expected)
})

describe('transforms give what the specification says', () => {
  const cases: readonly [transform: string, type: string, value: string, expected: unknown][] = [
    ['identity', 'string', "'x'", 'x'],
    ['identity', 'boolean', 'true', true],
    ['identity', 'date', "date '1970-01-03'", 2],
    ['identity', 'timestamptz', "timestamptz '1970-01-01 00:00:01Z'", 1_000_000],
    ['bucket[16]', 'string', "'iceberg'", 1210000089 % 16],
    ['bucket[100]', 'int', '34', 2017239379 % 100],
    ['bucket[100]', 'date', "date '2017-11-16'", (-653330422 & 0x7fffffff) % 100],
    ['bucket[100]', 'timestamp', "timestamp '2017-11-16 22:31:08'", (-2047944441 & 0x7fffffff) % 100],
    ['truncate[10]', 'int', '-1', -10],
    ['truncate[10]', 'long', '19', 10],
    ['truncate[3]', 'string', "'iceberg'", 'ice'],
    ['year', 'date', "date '1969-12-31'", -1],
    ['month', 'date', "date '2017-11-16'", 574],
    ['day', 'timestamptz', "timestamptz '2017-11-16 22:31:08Z'", 17486],
    ['hour', 'timestamp', "timestamp '1969-12-31 23:59:59'", -1],
    ['void', 'string', "'x'", null],
  ]
  test.each(cases)('%s of %s %s', async (transform, type, value, expected) => {
    expect(await lake.engine.all(`select ${transformSql(transform, type, value)} as v`)).toEqual([{ v: expected }])
  })

  test.each([
    ['zorder', 'string'],
    ['bucket[4]', 'double'],
    ['identity', 'decimal(9,2)'],
    ['truncate[2]', 'date'],
  ])('%s of %s is refused', (transform, type) => {
    expect(() => transformSql(transform, type, 'x')).toThrow(expect.objectContaining({ code: 'unsupported' }))
  })
})
