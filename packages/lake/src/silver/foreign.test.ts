/** Loads into tables that other programs changed meanwhile. */
import { expect, test } from 'vitest'
import type { DeleteFile } from '../iceberg/content-file.ts'
import { planScan } from '../iceberg/plan.ts'
import { fieldIds } from '../iceberg/shape.ts'
import { stage, stageMetadata } from '../iceberg/stage.ts'
import { currentSchema, evolveTable, type Table } from '../iceberg/table.ts'
import { writeData } from '../iceberg/write.ts'
import { openTestLake, type TestLake } from './lake.suite.ts'

const patient = (id: string, gender: string, day = 1): object => ({
  ...{ id, gender, meta: { lastUpdated: `2026-01-0${day}T00:00:00Z` } },
})

async function tableOf({ context }: TestLake): Promise<Table> {
  const table = await context.catalog.load('silver', 'patient')
  if (table === undefined) throw new Error('no table')
  return table
}

async function deleteByEquality(lake: TestLake, sql: string, columns: readonly string[]): Promise<void> {
  const table = await tableOf(lake)
  const fields = currentSchema(table).fields.filter(({ name }) => columns.includes(name))
  const path = `${lake.context.dir}/equality-${table.metadata.snapshots.length}.parquet`
  const [written] = await lake.context.engine.all<{ count: number; file_size_bytes: number }>(
    `copy (${sql}) to '${path}' (format parquet, field_ids ${fieldIds({ type: 'struct', fields })}, return_stats)`,
  )
  const deletes: DeleteFile = {
    ...{ content: 'equality-deletes', path, format: 'PARQUET', specId: 0, partition: [] },
    ...{ records: written?.count ?? 0, bytes: written?.file_size_bytes ?? 0, equalityIds: fields.map(({ id }) => id) },
  }
  await lake.context.catalog.commit([await stage({ table, deletes: [deletes] })])
}

const load = async (lake: TestLake, exportId: string, day: number, ...patients: object[]) =>
  await lake.load({ identity: { exportId, exportTime: `2026-01-0${day}T00:00:00Z` }, types: { Patient: patients } })
const people = async (lake: TestLake): Promise<string[]> =>
  (await lake.rows<{ id: string; gender: string }>('silver.patient', 'id, gender')).map(({ id, gender }) => `${id} ${gender}`)

test('rows that another program deleted by equality are gone, and by place after the next load', async () => {
  await using lake = await openTestLake()
  await load(lake, 'e1', 1, ...['a', 'b', 'c', 'd'].map((id) => patient(id, 'male')))
  await deleteByEquality(lake, "select 'a' as id, 'default' as _source union all select 'd', 'default'", ['id', '_source'])
  expect(await people(lake)).toEqual(['b male', 'c male'])
  expect(await load(lake, 'e2', 2, patient('b', 'female', 2), patient('d', 'other', 2))).toMatchObject({
    types: [{ type: 'Patient', rows: 2, stale: 0 }],
  })
  expect(await people(lake)).toEqual(['b female', 'c male', 'd other'])
  const { files, idleDeletes } = await planScan(await tableOf(lake))
  expect([...files.flatMap(({ deletes }) => deletes.map(({ file }) => file.content)), ...idleDeletes]).toEqual([
    'position-deletes',
  ])
})

test('columns that are called as the engine calls its own are kept', async () => {
  await using lake = await openTestLake()
  await load(lake, 'e1', 1, patient('a', 'male'), patient('b', 'male'))
  const table = await tableOf(lake)
  const odd = { filename: 'string', file_row_number: 'int', _path: 'string', _row: 'int', _pos: 'int' }
  const schema = evolveTable(table, { struct: odd })
  await lake.context.catalog.commit([await stage({ table, schema })])
  await load(lake, 'e2', 2, patient('b', 'female', 2), patient('b', 'other', 1), patient('c', 'male', 2), patient('c', 'male', 2))
  expect(await people(lake)).toEqual(['a male', 'b female', 'c male'])
})

test('rows of partitions that another program made are replaced, each by a delete of its partition', async () => {
  await using lake = await openTestLake()
  await load(lake, 'e1', 1, patient('a', 'male'))
  const table = await tableOf(lake)
  const schema = currentSchema(table)
  const source = schema.fields.find(({ name }) => name === 'gender')?.id ?? 0
  const spec = { 'spec-id': 1, fields: [{ 'source-id': source, 'field-id': 1000, name: 'gender', transform: 'identity' }] }
  const specs = [...table.metadata['partition-specs'], spec]
  const changed = { ...table.metadata, 'partition-specs': specs, 'default-spec-id': 1, 'last-partition-id': 1000 }
  await lake.context.catalog.commit([await stageMetadata(table, changed)])
  const columns = schema.fields.map(({ name }) =>
    name === 'id'
      ? 'i as id'
      : name === '_source'
        ? "'default' as _source"
        : name === 'gender'
          ? 'g as gender'
          : `null as "${name}"`,
  )
  const append = await writeData(lake.context.engine, {
    sql: `select ${columns.join(', ')} from (values ('b', 'male'), ('c', 'female'), ('d', 'female')) t(i, g)`,
    ...{ schema, spec, dir: `${table.location}/data` },
  })
  await lake.context.catalog.commit([await stage({ table: await tableOf(lake), append })])
  await load(lake, 'e2', 2, ...['a', 'b', 'c'].map((id) => patient(id, 'other', 2)))
  expect(await people(lake)).toEqual(['a other', 'b other', 'c other', 'd female'])
})
