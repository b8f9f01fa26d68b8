import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine } from './duckdb.ts'
import { ident, literal, literals } from './sql.ts'

let dir: string
let engine: Engine
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-engine-'))
  engine = await openEngine({ tempDir: join(dir, 'tmp'), threads: 2, memoryLimit: '512MB' })
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

describe('values come out as JSON takes them', () => {
  const cases: readonly [sql: string, expected: unknown][] = [
    ['1::tinyint', 1],
    ['9007199254740991::bigint', 9007199254740991],
    ['9007199254740993::bigint', '9007199254740993'],
    ['sum(1)', 1],
    ['1.10::decimal(18, 6)', 1.1],
    ["'NaN'::double", 'NaN'],
    ['1.5::float', 1.5],
    ["timestamptz '2020-01-02 03:04:05+02:00'", '2020-01-02T01:04:05.000Z'],
    ["timestamptz '1969-12-31 23:59:59.999999Z'", '1969-12-31T23:59:59.999999Z'],
    ["timestamp '2020-01-02 03:04:05.1234'", '2020-01-02T03:04:05.1234'],
    ["date '2020-02-29'", '2020-02-29'],
    ["{'a': [1, null], 'b': {'c': 'x'}}", { a: [1, null], b: { c: 'x' } }],
    ["map {'k': 1}", { k: 1 }],
    ["map {1: 'v'}", [[1, 'v']]],
    ["'\\x01'::blob", 'AQ=='],
    ['null::struct(a int)[]', null],
  ]
  test.each(cases)('%s', async (sql, expected) => {
    expect(await engine.all(`select ${sql} as v`)).toEqual([{ v: expected }])
  })
})

test('nothing is fetched, and order and zone do not depend on the machine', async () => {
  const names = ['autoinstall_known_extensions', 'autoload_known_extensions', 'preserve_insertion_order', 'TimeZone']
  const settings = await engine.all<{ name: string; value: string }>(
    `select name, value from duckdb_settings() where name in (${names.map(literal).join()}) order by name`,
  )
  expect(Object.fromEntries(settings.map(({ name, value }) => [name, value]))).toEqual({
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'true',
    TimeZone: 'UTC',
  })
})

test('streams chunks in order and tells the columns first', async () => {
  const { columns, rows } = await engine.query('select range as i, [range] as l from range(5000)')
  expect(columns).toEqual([
    { name: 'i', type: 'BIGINT' },
    { name: 'l', type: 'BIGINT[]' },
  ])
  const seen: unknown[] = []
  for await (const chunk of rows) {
    expect(chunk.length).toBeLessThanOrEqual(2048)
    seen.push(...chunk.map(({ i }) => i))
  }
  expect(seen).toEqual(Array.from({ length: 5000 }, (_, i) => i))
})

test('tells columns without running', async () => {
  expect(await engine.columns("select error('ran') as a, {'b': 1} as s")).toMatchObject([
    { name: 'a' },
    { name: 's', type: expect.stringMatching(/STRUCT/) },
  ])
})

test('a second connection sees tables of the first', async () => {
  await engine.run('create table shared as select 1 as a')
  await using other = await engine.connect()
  expect(await other.all('select * from shared')).toEqual([{ a: 1 }])
})

test('a signal interrupts a running statement', async () => {
  await using other = await engine.connect()
  const controller = new AbortController()
  const running = other.all('select count(*) from range(1000000000) a, range(1000000000) b', { signal: controller.signal })
  setTimeout(() => controller.abort(), 50)
  await expect(running).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 })
  await expect(other.run('select 1', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted' })
})

test('errors have codes, and values of the data stay out of the message', async () => {
  await expect(engine.run('selec 1')).rejects.toMatchObject({ code: 'sql', message: expect.stringMatching(/Parser Error/) })
  const conversion = await engine.run("select 'secret'::int").catch((error: unknown) => error)
  expect(conversion).toMatchObject({ code: 'sql', message: 'The engine failed: Conversion Error.' })
  await using small = await openEngine({ tempDir: join(dir, 'small'), memoryLimit: '16MB', threads: 1 })
  await small.run("set max_temp_directory_size = '0B'").catch(() => undefined)
  await expect(small.all('select list(range) from range(20000000)')).rejects.toMatchObject({
    code: expect.stringMatching(/memory|disk-full/),
  })
})

test('identifiers and literals are escaped', async () => {
  expect(ident('a"b')).toBe('"a""b"')
  expect(literals(["it's", 'back\\slash', null, 1, true])).toBe("['it''s', 'back\\slash', null, 1, true]")
  expect(() => literal('\0')).toThrow(/NUL/)
  expect(await engine.all(`select ${literal("it's \\n")} as ${ident('order "x"')}`)).toEqual([{ 'order "x"': "it's \\n" }])
})

test.skipIf(process.platform !== 'linux')(
  'works in memory alone where nothing can be written: a read-only copy of a lake',
  async () => {
    await using confined = await openEngine({ tempDir: '/sys/none/tmp', threads: 1 })
    expect(await confined.all("select current_setting('temp_directory') as t, sum(range) as n from range(3)")).toEqual([
      { t: '', n: 3 },
    ])
  },
)
