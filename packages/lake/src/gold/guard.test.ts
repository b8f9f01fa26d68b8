import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../engine/duckdb.ts'
import { readingStatement } from './guard.ts'

let dir: string
let engine: Engine
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-guard-'))
  engine = await openEngine({ tempDir: join(dir, 'tmp'), threads: 1 })
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

test.each([
  'select 1',
  'SELECT 1;',
  '-- what for\nselect 1 -- done',
  'with a as (select 1) select * from a',
  'values (1)',
  'from silver.patient',
  'table silver.patient',
  'describe silver.patient',
  'show tables',
  'summarize select 1',
  'explain select 1',
  'EXPLAIN ANALYZE select 1',
  'explain (format json) select 1',
  '/* why */ explain analyze (select 1)',
  '(select 1) union select 2',
])('lets %s pass', async (sql) => {
  await expect(readingStatement(engine, sql)).resolves.toBeDefined()
})

test.each([
  ['', /exactly one/],
  ['select 1; select 2', /these are 2/],
  ['selec 1', /cannot be read/],
  ['insert into silver.patient values (1)', /does not only read/],
  ['delete from silver.patient', /does not only read/],
  ['create table t as select 1', /does not only read/],
  ["copy (select 1) to 'x.csv'", /does not only read/],
  ["explain analyze copy (select 1) to 'x.csv'", /does not only read/],
  ["EXPLAIN (ANALYZE) copy (select 1) to 'x.csv'", /does not only read/],
  ['explain analyze delete from silver.patient', /does not only read/],
  ["attach 'x.db'", /does not only read/],
  ['install httpfs', /does not only read/],
  ['load httpfs', /does not only read/],
  ['set threads = 1', /does not only read/],
  ['pragma version', /does not only read/],
  ['call pragma_version()', /does not only read/],
  ['checkpoint', /does not only read/],
  ["export database 'x'", /does not only read/],
  ["select * from enable_logging(storage = 'file', storage_path = '/tmp/x')", /enable_logging/],
  ["select * from query('copy (select 1) to ''x''')", /query/],
  ['select (select count(*) from force_checkpoint())', /force_checkpoint/],
  ["select write_log('x')", /write_log/],
  ["select * from json_execute_serialized_sql('{}')", /json_execute_serialized_sql/],
])('refuses %s', async (sql, message) => {
  await expect(readingStatement(engine, sql)).rejects.toMatchObject({ code: 'usage', exitCode: 2, message })
})

test.each([
  ["/* /* */ explain select 1 -- */ copy (select 42) to 'x.csv'", "explain select 1 -- */ copy (select 42) to 'x.csv'"],
  ['/* a */ -- b\n EXPLAIN ANALYZE select 1', 'EXPLAIN ANALYZE select 1'],
  ['explain (analyze, format json) /* c */ (select 1)', 'explain (analyze, format json) /* c */ (select 1)'],
  ['/* a */ select 1', '/* a */ select 1'],
])('of %s only what the parser saw is run', async (sql, run) => {
  await expect(readingStatement(engine, sql)).resolves.toMatchObject({ statement: run })
})

test('tells which tables a statement uses, and whether it asks for all', async () => {
  const used = async (sql: string): Promise<unknown> => {
    const { tables, lists } = await readingStatement(engine, sql)
    return [[...tables].toSorted(), lists]
  }
  expect(await used('select 1 from silver.A, (select * from b) where exists (select 1 from c)')).toEqual([['a', 'b', 'c'], false])
  expect(await used('explain select * from gold.patient')).toEqual([['patient'], false])
  expect(await used('select * from information_schema.tables')).toEqual([['tables'], true])
  expect(await used('select * from duckdb_views()')).toEqual([[], true])
  expect((await used('show tables')) as unknown[]).toContain(true)
})
