/**
 * Apache Spark and DuckDB's own iceberg extension on our tables. Their environments weigh 600 MB, so this runs with
 * FLOE_INTEROP=1 only; Spark needs Java 17 (JAVA_HOME) besides.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compact } from '../../packages/lake/src/iceberg/compact.ts'
import type { DeleteFile } from '../../packages/lake/src/iceberg/content-file.ts'
import { type TestLake, testLake } from '../../packages/lake/src/iceberg/lake.suite.ts'
import { partitionField } from '../../packages/lake/src/iceberg/partition.suite.ts'
import { planScan, scanSql } from '../../packages/lake/src/iceberg/plan.ts'
import { writeDeletesOf } from '../../packages/lake/src/iceberg/resolve-deletes.ts'
import type { Shape } from '../../packages/lake/src/iceberg/shape.ts'
import { stage } from '../../packages/lake/src/iceberg/stage.ts'
import { currentSchema, evolveTable, specById } from '../../packages/lake/src/iceberg/table.ts'
import { writeData } from '../../packages/lake/src/iceberg/write.ts'
import { javaHome } from './java.ts'
import { comparable, environment, findPython, openPeer, type Peer, pyicebergPython } from './python.ts'

const asked = process.env.FLOE_INTEROP === '1'
const python = asked ? await findPython() : undefined
const java = python === undefined ? undefined : await javaHome()
if (!asked) console.warn('conformance/iceberg: Spark and the DuckDB extension are not checked without FLOE_INTEROP=1')
else if (python === undefined)
  console.warn('conformance/iceberg: Spark and the DuckDB extension are not checked: no Python 3.10 or newer')
else if (java === undefined) console.warn('conformance/iceberg: Spark is not checked: no Java 17')

type Rows = Record<string, unknown>[]
const columns = {
  id: 'string',
  n: 'long',
  amount: 'decimal(38,12)',
  seen: 'timestamptz',
  born: 'date',
  score: 'double',
  flag: 'boolean',
  name: { list: { struct: { family: 'string', given: { list: 'string' } } } },
} as const satisfies Readonly<Record<string, Shape>>
const wider = {
  ...columns,
  name: { list: { struct: { ...columns.name.list.struct, suffix: 'string' } } },
  active: 'boolean',
} as const
const rows = (
  from: number,
  to: number,
  extra = '',
) => `select 'p' || range as id, range as n, (range + 0.10)::decimal(38, 12) as amount,
  timestamptz '2024-01-01 00:00:00.123Z' + to_hours(range::int) as seen, date '2020-01-01' + range::int as born, range / 7 as score,
  range % 2 = 0 as flag, [{'family': 'Ü' || range, 'given': ['a', null]${extra}}] as name from range(${from}, ${to})`

/** An append, an upsert that adds a nested field, a delete; and a table partitioned in every way that we write. */
async function fill(lake: TestLake): Promise<void> {
  const properties = {
    'write.delete.mode': 'merge-on-read',
    'write.update.mode': 'merge-on-read',
    'write.merge.mode': 'merge-on-read',
  }
  await lake.append(rows(0, 200), columns, { tag: 'export-1' })
  await lake.catalog.commit([await stage({ table: await lake.table(), properties })])
  await lake.remove('n between 10 and 19')
  await lake.append(`select *, true as active from (${rows(10, 20, ", 'suffix': 'jr'")})`, wider, { tag: 'export-2' })
  await lake.remove('n in (0, 15, 100)', { tag: 'export-3' })
  const schema = evolveTable(
    undefined,
    { struct: { id: 'string', n: 'long', p: 'string', seen: 'timestamptz' } },
    { identifier: ['id'] },
  )
  const partition = [
    partitionField(3, 1000, 'p', 'identity'),
    partitionField(3, 1001, 'p_bucket', 'bucket[4]'),
    partitionField(4, 1002, 'day', 'day'),
  ]
  const sortOrder = [{ transform: 'identity', 'source-id': 1, direction: 'asc', 'null-order': 'nulls-first' }] as const
  const location = `file://${lake.dir}/warehouse/silver/parts`
  await lake.catalog.commit([
    await stage({ create: { namespace: 'silver', name: 'parts', location, schema, partition, sortOrder, properties } }),
  ])
  for (const from of [0, 50]) {
    const table = await tableOf(lake, 'parts')
    const sql = `select 'o' || range as id, range as n, case when range % 7 > 0 then 'pat' || range % 3 end as p,
      timestamptz '2024-01-01 12:00:00Z' + to_days((range % 2)::int) as seen from range(${from}, ${from + 50})`
    const append = await writeData(lake.engine, {
      sql,
      schema,
      spec: specById(table.metadata, 0),
      dir: `${location}/data`,
      sortOrderId: 1,
    })
    await lake.catalog.commit([await stage({ table, append })])
  }
  await removeFrom(lake, 'parts', 'n % 10 = 3')
}

async function tableOf(lake: TestLake, name: string) {
  return (await lake.catalog.load('silver', name)) ?? expect.fail(`no table ${name}`)
}

async function removeFrom(lake: TestLake, name: string, where: string): Promise<void> {
  const table = await tableOf(lake, name)
  const plan = await planScan(table)
  const sql = `select _file as file_path, _pos as pos from (${scanSql(plan, { positions: true })}) where ${where}`
  const deletes = await writeDeletesOf(lake.engine, {
    files: plan.files.map(({ file }) => file),
    sql,
    dir: `${table.location}/data`,
  })
  await lake.catalog.commit([await stage({ table, deletes })])
}

/** A commit as Flink makes it: rows are deleted by their values, in one partition or (unpartitioned tables) everywhere. */
async function removeByEquality(lake: TestLake, name: string, sql: string, more: Partial<DeleteFile> = {}): Promise<void> {
  const table = await tableOf(lake, name)
  const schema = currentSchema(table)
  const named = await lake.engine.columns(sql)
  const fields = schema.fields.filter((field) => named.some((column) => column.name === field.name))
  const [file] = await writeData(lake.engine, {
    sql,
    schema: { type: 'struct', 'schema-id': 0, fields: fields.map((field) => ({ ...field, required: false })) },
    dir: `${table.location}/data`,
  })
  const { content: _data, schema: _own, ...rest } = file ?? expect.fail('no delete file')
  const equalityIds = fields.map(({ id }) => id)
  const deletes: DeleteFile = { ...rest, content: 'equality-deletes', equalityIds, ...more }
  await lake.catalog.commit([await stage({ table, deletes: [deletes] })])
}

async function ours(lake: TestLake, name: string, options = {}): Promise<unknown[]> {
  const sql = scanSql(await planScan(await tableOf(lake, name), options))
  return (await lake.engine.all(`select * from (${sql}) order by id`)).map(comparable)
}

describe.skipIf(python === undefined)('DuckDB 1.5.5 with its iceberg extension', () => {
  let lake: TestLake
  let peer: Peer
  let rest: Peer
  beforeAll(async () => {
    const wheels = ['iceberg', 'avro', 'httpfs'].map((name) => `duckdb-extension-${name}==1.5.5`)
    const binary = await environment(python ?? '', 'duckdb-1.5.5', ['duckdb==1.5.5', 'pytz', ...wheels])
    lake = await testLake()
    await fill(lake)
    // It writes through a REST catalog only: here one of pyiceberg, over the lake's own.
    rest = openPeer(await pyicebergPython(python ?? ''), 'rest_catalog.py', [`${lake.dir}/catalog.db`])
    peer = openPeer(binary, 'sql_peer.py', ['duckdb', lake.dir, String(await rest.call({}))])
  }, 600_000)
  afterAll(async () => {
    await peer?.[Symbol.asyncDispose]()
    await rest?.[Symbol.asyncDispose]()
    await lake?.[Symbol.asyncDispose]()
  })

  test.each(['t', 'parts'])('reads %s as we do', async (name) => {
    const theirs = await peer.call<Rows>({ sql: `set timezone = 'UTC'; select * from {silver.${name}} order by id` })
    expect(theirs.map(comparable)).toEqual(await ours(lake, name))
  })

  const sql = async (text: string) => (await peer.call<Rows>({ sql: text })).map(comparable)
  const bothSee = async (): Promise<number> => {
    const theirs = await sql('select * from floe.silver.t order by id')
    expect(theirs).toEqual(await ours(lake, 't'))
    return theirs.length
  }

  test('inserts, deletes, updates and adds a column, and we see it', async () => {
    expect(await bothSee()).toBe(197)
    await sql("insert into floe.silver.t (id, n, name) values ('duck', 5, [{'family': 'D', 'given': ['x'], 'suffix': null}])")
    await sql('delete from floe.silver.t where n between 50 and 59')
    await sql("update floe.silver.t set score = 0.5 where id in ('p1', 'duck')")
    await sql('alter table floe.silver.t add column duck varchar')
    await sql("insert into floe.silver.t (id, n, duck) values ('late', 1, 'x')")
    expect(await bothSee()).toBe(189)
  })

  test('and we continue: delete, compact, append', async () => {
    await lake.remove("id in ('late', 'p30')")
    expect(await bothSee()).toBe(187)
    await compact(lake.catalog, lake.engine, { namespace: 'silver', name: 't' }, { minSmallFiles: 2 })
    expect(await bothSee()).toBe(187)
    await lake.append(rows(300, 305), columns, { tag: 'export-4' })
    expect(await bothSee()).toBe(192)
    await sql("delete from floe.silver.t where id = 'p300'")
    expect(await bothSee()).toBe(191)
  })
})

describe.skipIf(java === undefined)('Spark 4.1.4', () => {
  let lake: TestLake
  let peer: Peer
  beforeAll(async () => {
    const binary = await environment(python ?? '', 'pyspark-4.1.4', ['pyspark==4.1.4'])
    lake = await testLake()
    await fill(lake)
    const env = { JAVA_HOME: java ?? '', SPARK_LOCAL_IP: '127.0.0.1', TZ: 'UTC' }
    peer = openPeer(binary, 'sql_peer.py', ['spark', lake.dir], env)
    await peer.call({ sql: 'select 1' })
  }, 900_000)
  afterAll(async () => {
    await peer?.[Symbol.asyncDispose]()
    await lake?.[Symbol.asyncDispose]()
  })
  const sql = async (text: string) => (await peer.call<Rows>({ sql: text })).map(comparable)
  const bothSee = async (name: string): Promise<number> => {
    const theirs = await sql(`select * from floe.silver.${name} order by id`)
    expect(theirs).toEqual(await ours(lake, name))
    return theirs.length
  }

  test('reads our rows, tags and partitions', async () => {
    expect(await bothSee('t')).toBe(197)
    expect(await bothSee('parts')).toBe(90)
    expect(await sql("select * from floe.silver.t version as of 'export-1' order by id")).toEqual(
      await ours(lake, 't', { tag: 'export-1' }),
    )
    expect(await sql("select id from floe.silver.parts where p = 'pat1'")).toHaveLength(
      (await ours(lake, 'parts')).filter((row) => (row as Rows[number]).p === 'pat1').length,
    )
  })

  test('deletes, merges, adds a column and a tag, and we see it', async () => {
    await sql('delete from floe.silver.t where n between 50 and 59')
    await sql(`merge into floe.silver.t t using (select 'p1' id, 1000L n union all select 'new', 5L) s on t.id = s.id
      when matched then update set t.n = s.n when not matched then insert (id, n) values (s.id, s.n)`)
    await sql('alter table floe.silver.t add columns (spark string)')
    await sql("insert into floe.silver.t (id, n, spark) values ('late', 1, 'x')")
    await sql('alter table floe.silver.t create tag `by-spark`')
    expect(await bothSee('t')).toBe(189)
    expect(await ours(lake, 't', { tag: 'by-spark' })).toHaveLength(189)
    await sql("insert into floe.silver.parts values ('spark', 7, 'pat1', timestamp '2024-01-01 12:00:00')")
    await sql('delete from floe.silver.parts where n = 5')
    expect(await bothSee('parts')).toBe(90)
  })

  test('and we continue: delete, compact, append', async () => {
    await lake.remove("id in ('late', 'p30')")
    await removeFrom(lake, 'parts', "id in ('spark', 'o8')")
    expect([await bothSee('t'), await bothSee('parts')]).toEqual([187, 88])
    for (const name of ['t', 'parts'])
      await compact(lake.catalog, lake.engine, { namespace: 'silver', name }, { minSmallFiles: 2 })
    expect([await bothSee('t'), await bothSee('parts')]).toEqual([187, 88])
    await lake.append(rows(300, 305), columns, { tag: 'export-4' })
    expect(await bothSee('t')).toBe(192)
  })

  test('renames a nested field of files that it wrote itself, and has columns called as ours; we follow', async () => {
    await sql('alter table floe.silver.t rename column name.element.family to surname')
    await sql('alter table floe.silver.t add columns (_path string, _row int, _part string)')
    await sql(`insert into floe.silver.t (id, n, name, _path, _row, _part)
      values ('renamed', 1, array(named_struct('surname', 'S', 'given', array('a'), 'suffix', null)), 'p', 7, 'q')`)
    await sql("delete from floe.silver.t where id = 'p301'")
    expect(await bothSee('t')).toBe(192)
    await lake.remove("id in ('p302', 'p60')")
    expect(await bothSee('t')).toBe(190)
  })

  test('sees the same rows as we do where some are deleted by equality, and where we resolved that', async () => {
    await removeByEquality(lake, 't', "select 'p70' as id union all select 'renamed' union all select 'none'")
    await removeByEquality(lake, 't', 'select 80::bigint as n, false as flag union all select 81, false union all select 5, null')
    const { file } = (await planScan(await tableOf(lake, 'parts'))).files[0] ?? expect.fail('no file')
    await removeByEquality(lake, 'parts', "select 'o' || range as id from range(100)", { partition: file.partition })
    const left = [await bothSee('t'), await bothSee('parts')]
    expect(left[0]).toBe(186)
    expect(left[1]).toBeLessThan(88)
    await lake.append(
      "select 'p70' as id, 70 as n, null::decimal(38,12) as amount, null::timestamptz as seen, null::date as born, null::double as score, null::boolean as flag, null as name",
      columns,
    )
    expect(await bothSee('t')).toBe(187)
    for (const name of ['t', 'parts']) await compact(lake.catalog, lake.engine, { namespace: 'silver', name })
    expect([await bothSee('t'), await bothSee('parts')]).toEqual([187, left[1]])
    const plans = await Promise.all(['t', 'parts'].map(async (name) => await planScan(await tableOf(lake, name))))
    const kinds = plans.flatMap(({ files }) => files.flatMap(({ deletes }) => deletes.map((each) => each.file.content)))
    expect(kinds).not.toContain('equality-deletes')
  })
})
