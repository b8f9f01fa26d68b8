/**
 * Iceberg table specification, version 2, seen by an independent reader and writer: pyiceberg opens the lake by its SQLite
 * catalog, sees the rows that we see, appends and deletes, and we continue.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestLake, testLake } from '../../packages/lake/src/iceberg/lake.suite.ts'
import { partitionField } from '../../packages/lake/src/iceberg/partition.suite.ts'
import { planScan, scanSql } from '../../packages/lake/src/iceberg/plan.ts'
import { writeDeletesOf } from '../../packages/lake/src/iceberg/resolve-deletes.ts'
import type { Shape } from '../../packages/lake/src/iceberg/shape.ts'
import { stage } from '../../packages/lake/src/iceberg/stage.ts'
import { evolveTable, specById } from '../../packages/lake/src/iceberg/table.ts'
import { writeData } from '../../packages/lake/src/iceberg/write.ts'
import { comparable, findPython, openPyIceberg, type Peer, pyicebergPython, pyicebergVersion } from './python.ts'

const python = await findPython()
if (python === undefined) console.warn('conformance/iceberg: pyiceberg is not checked, because no Python 3.10 or newer is here')

const columns = {
  id: 'string',
  _source: 'string',
  _last_updated: 'timestamptz',
  birthDate: 'string',
  deceasedBoolean: 'boolean',
  multipleBirthInteger: 'int',
  weight: 'decimal(38,12)',
  score: 'double',
  size: 'long',
  name: {
    list: { struct: { use: 'string', family: 'string', given: { list: 'string' }, period: { struct: { start: 'string' } } } },
  },
} as const satisfies Readonly<Record<string, Shape>>

const patients = (from: number, to: number, extra = '') => `select 'p' || range as id, 'default' as _source,
  timestamptz '2024-01-01 00:00:00.123Z' + to_hours(range::int) as _last_updated, '19' || (range % 90 + 10) as "birthDate",
  range % 3 = 0 as "deceasedBoolean", case when range % 2 = 0 then range::int end as "multipleBirthInteger",
  (range + 0.10)::decimal(38, 12) as weight, range / 7 as score, range * 10000000000 as size,
  case when range % 5 > 0 then [{'use': 'official', 'family': 'Ünïcødé' || range, 'given': ['a', null, 'b'],
    'period': case when range % 2 = 0 then {'start': '2020-05'} end${extra}}] end as name
  from range(${from}, ${to})`

type Rows = Record<string, unknown>[]
const sorted = (rows: Rows) => rows.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1)).map(comparable)

describe.skipIf(python === undefined)(`pyiceberg ${pyicebergVersion}`, () => {
  let lake: TestLake
  let peer: Peer
  beforeAll(async () => {
    const binary = await pyicebergPython(python ?? 'python3')
    lake = await testLake()
    peer = openPyIceberg(binary, `${lake.dir}/catalog.db`)
  }, 600_000)
  afterAll(async () => {
    await peer?.[Symbol.asyncDispose]()
    await lake?.[Symbol.asyncDispose]()
  })
  const theirs = async (more: Readonly<Record<string, unknown>> = {}) =>
    sorted(await peer.call<Rows>({ do: 'rows', table: 'silver.t', ...more }))
  const ours = async (options = {}) => sorted(await lake.rows(options))

  test('reads an append', async () => {
    await lake.append(patients(0, 50), columns, { tag: 'export-1' })
    expect(await peer.call({ do: 'tables', namespace: 'silver' })).toEqual(['silver.t'])
    expect(await theirs()).toEqual(await ours())
    expect(await theirs()).toHaveLength(50)
  })

  test('reads an upsert that adds a nested field and a column, by position deletes', async () => {
    await lake.remove("id in ('p3', 'p4', 'p5')")
    const wider = {
      ...columns,
      name: { list: { struct: { ...columns.name.list.struct, suffix: { list: 'string' } } } },
      active: 'boolean',
    } as const
    await lake.append(`select *, true as active from (${patients(3, 8, ", 'suffix': ['jr']")}) where id <= 'p5'`, wider, {
      tag: 'export-2',
    })
    expect(await theirs()).toEqual(await ours())
    expect(await theirs()).toHaveLength(50)
    expect(await peer.call({ do: 'fields', table: 'silver.t', names: ['name.element.suffix', 'active'] })).toEqual(
      expect.objectContaining({ active: expect.any(Number) }),
    )
  })

  test('reads a delete, filters by bounds, and sees each export by its tag', async () => {
    await lake.remove("id in ('p7', 'p49')", { tag: 'export-3' })
    expect(await theirs()).toEqual(await ours())
    expect(await theirs()).toHaveLength(48)
    expect(await theirs({ filter: "id == 'p8'" })).toHaveLength(1)
    expect(await theirs({ filter: 'active == true' })).toHaveLength(3)
    for (const [tag, rows] of [
      ['export-1', 50],
      ['export-2', 50],
    ] as const) {
      expect(await theirs({ tag })).toEqual(await ours({ tag }))
      expect(await theirs({ tag })).toHaveLength(rows)
    }
  })

  test('appends, deletes and adds a column, and we see it', async () => {
    const row = {
      id: 'py1',
      _source: 'python',
      _last_updated: '2024-06-01T00:00:00+00:00',
      name: [{ family: 'Snake', given: ['x'], suffix: ['sr'] }],
    }
    await peer.call({ do: 'append', table: 'silver.t', rows: [row, { ...row, id: 'py2' }], instants: ['_last_updated'] })
    expect(await ours()).toEqual(await theirs())
    expect(await ours()).toHaveLength(50)
    await peer.call({ do: 'delete', table: 'silver.t', filter: "id in ('p0', 'p3', 'py2')" })
    expect(await ours()).toEqual(await theirs())
    expect(await ours()).toHaveLength(47)
    await peer.call({ do: 'add_column', table: 'silver.t', path: ['name', 'element', 'prefix'] })
    expect(await ours()).toEqual(await theirs())
  })

  test('and we continue: upsert on their files, delete, replace', async () => {
    const everything = (await lake.table()).metadata.schemas.at(-1)?.fields.map(({ name }) => name)
    expect(everything).toContain('active')
    await lake.remove("id in ('py1', 'p10')")
    await lake.append(patients(10, 11), columns, { tag: 'export-4' })
    expect(await theirs()).toEqual(await ours())
    expect(await theirs()).toHaveLength(46)
    await lake.append(patients(100, 105), columns, { replaceAll: true, tag: 'export-5' })
    expect(await theirs()).toEqual(await ours())
    expect(await theirs()).toHaveLength(5)
    expect(await theirs({ tag: 'export-4' })).toEqual(await ours({ tag: 'export-4' }))
  })

  test('reads partitions by identity, bucket and day, a sort order, and deletes per partition', async () => {
    const schema = evolveTable(
      undefined,
      { struct: { id: 'string', _patient: 'string', when: 'timestamptz' } },
      { identifier: ['id'] },
    )
    const partition = [
      partitionField(2, 1000, 'p', 'identity'),
      partitionField(2, 1001, 'p_bucket', 'bucket[4]'),
      partitionField(3, 1002, 'day', 'day'),
    ]
    const sortOrder = [{ transform: 'identity', 'source-id': 1, direction: 'asc', 'null-order': 'nulls-first' }] as const
    const location = `file://${lake.dir}/warehouse/silver/parts`
    const create = { namespace: 'silver', name: 'parts', location, schema, partition, sortOrder }
    await lake.catalog.commit([await stage({ create })])
    const load = async () => (await lake.catalog.load('silver', 'parts')) ?? expect.fail('no table')
    const add = async (from: number, to: number) => {
      const table = await load()
      const sql = `select 'o' || range as id, case when range % 7 > 0 then 'pat' || range % 3 end as _patient,
        timestamptz '2024-01-01 12:00:00Z' + to_days((range % 2)::int) as "when" from range(${from}, ${to})`
      const append = await writeData(lake.engine, {
        sql,
        schema,
        spec: specById(table.metadata, 0),
        dir: `${location}/data`,
        sortOrderId: 1,
      })
      await lake.catalog.commit([await stage({ table, append })])
    }
    await add(0, 50)
    const scan = async () => sorted(await lake.engine.all<Rows[number]>(scanSql(await planScan(await load()))))
    const parts = async (filter = 'true') => sorted(await peer.call<Rows>({ do: 'rows', table: 'silver.parts', filter }))
    expect(await parts()).toEqual(await scan())
    expect(await parts("_patient == 'pat1'")).toEqual((await scan()).filter((row) => (row as Rows[number])._patient === 'pat1'))
    const plan = await planScan(await load())
    const deletes = await writeDeletesOf(lake.engine, {
      files: plan.files.map(({ file }) => file),
      sql: `select _file as file_path, _pos as pos from (${scanSql(plan, { positions: true })}) where id in ('o1', 'o2', 'o7')`,
      dir: `${location}/data`,
    })
    await lake.catalog.commit([await stage({ table: await load(), deletes })])
    await add(50, 60)
    expect(await parts()).toEqual(await scan())
    expect(await parts()).toHaveLength(57)
  })
})
