import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { check, compile, evaluate, ViewError } from './index.ts'

const viewOf = (path: string, constant: object[] = []): object => ({
  ...{ resource: 'Patient', constant, select: [{ column: [{ name: 'v', path }] }] },
})

function refusal(view: unknown): { path?: string; reason: string; place?: string } {
  try {
    check(view)
  } catch (error) {
    if (!(error instanceof ViewError)) throw error
    const { path, reason, expression, span } = error
    return { path, reason, ...(expression && span ? { place: expression.slice(span.start, span.end) } : {}) }
  }
  throw new Error('not refused')
}

test.each([
  '@2024-13-45',
  '@2024-00',
  '@2023-02-29',
  '@1900-02-29',
  '@2024-04-31',
  '@0000',
  '@2024-01-01T25:00',
  '@2024-01-01T24:00:00',
  '@2024-01-01T10:60',
  '@2024-01-01T10:00:00+15:00',
  '@2024-02-30T10:00:00Z',
  '@T24:00',
  '@T10:61',
])('%s is refused, with its place', (literal) => {
  const [kind, text] = literal.startsWith('@T')
    ? ['time', literal.slice(2)]
    : [literal.includes('T') ? 'dateTime' : 'date', literal.slice(1)]
  expect(refusal(viewOf(`birthDate < ${literal}`))).toEqual({
    ...{ path: 'select[0].column[0].path', reason: `there is no such ${kind}: ${text}`, place: literal },
  })
})

test.each([
  '@2024-02-29',
  '@2000-02-29',
  '@2024-12',
  '@2024',
  '@2024T',
  '@2024-01-01T23:59:60Z',
  '@2024-01-01T10+14:00',
  '@2024-01-01T00:00:00.123456-13:59',
])('%s is a date or time', (literal) => {
  expect(() => check(viewOf(`${literal} > birthDate`))).not.toThrow()
})

test.each<[string, unknown, string]>([
  ['valueDate', '2024-13-01', 'there is no such date: "2024-13-01"'],
  ['valueDate', '2024-1-1', 'there is no such date: "2024-1-1"'],
  ['valueDateTime', '2023-02-29T10:00:00Z', 'there is no such dateTime: "2023-02-29T10:00:00Z"'],
  ['valueInstant', 'now', 'there is no such instant: "now"'],
  ['valueTime', '25:00:00', 'there is no such time: "25:00:00"'],
  ['valueInteger64', '9223372036854775808', 'expected an integer of 64 bits, found "9223372036854775808"'],
  ['valueInteger64', '1.5', 'expected an integer of 64 bits, found "1.5"'],
  ['valueInteger64', 2 ** 53, '9007199254740992 has more digits than a JSON number holds: write it as text'],
])('a constant with %s %j is refused', (key, value, reason) => {
  expect(refusal(viewOf('%c', [{ name: 'c', [key]: value }]))).toEqual({ path: `constant[0].${key}`, reason })
})

test.each([
  ['%big', '9007199254740993'],
  ['-%big', '-9007199254740993'],
  ['%least', '-9223372036854775808'],
  ['9007199254740993', '9007199254740993'],
  ['%small', 42],
  ['%big > 5', true],
  ['(%big = 9007199254740992)', false],
])('%s keeps all digits of an integer of 64 bits', async (path, expected) => {
  const view = viewOf(path, [
    { name: 'big', valueInteger64: '9007199254740993' },
    { name: 'least', valueInteger64: '-9223372036854775808' },
    { name: 'small', valueInteger64: 42 },
  ])
  expect(evaluate(view, [{ resourceType: 'Patient' }]).rows).toEqual([{ v: expected }])
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const { sql } = compile(view, { source: { kind: 'json', sql: `(select '{"resourceType":"Patient"}'::json)` } })
  const [row] = (await connection.runAndReadAll(sql)).getRowObjectsJson()
  expect(String(row?.v)).toBe(String(expected))
  connection.closeSync()
  instance.closeSync()
})

test('an integer that no 64 bits hold is refused, with its place', () => {
  expect(refusal(viewOf('1 + 9223372036854775808'))).toMatchObject({ place: '9223372036854775808' })
})

test('columns beside the elements are handed on, also where the digits of decimals are read from the text of the line', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(
    `create table t as select 'o1' as id, 'here' as _source, '{"resourceType":"Observation","id":"o1","valueQuantity":{"value":1.10}}' as _raw`,
  )
  const schema = { struct: { id: 'string', _source: 'string', _raw: 'string' } }
  const run = async (path: string, keep: string[]): Promise<unknown> => {
    const view = { resource: 'Observation', select: [{ column: [{ name: 'v', path }] }] }
    const { sql, columns } = compile(view, { schema, source: { kind: 'table', sql: 't', keep } })
    return [columns.map(({ name }) => name), ...(await connection.runAndReadAll(sql)).getRowsJson()]
  }
  expect(await run('id', ['_source'])).toEqual([
    ['v', '_source'],
    ['o1', 'here'],
  ])
  expect(await run('value.ofType(Quantity).value.lowBoundary()', ['_source', '_none'])).toEqual([
    ['v', '_source', '_none'],
    [1.095, 'here', null],
  ])
  expect(
    compile(
      { resource: 'Patient', select: [{ column: [{ name: 'id', path: 'id' }] }] },
      { dialect: 'spark', source: { kind: 'table', sql: 'p', keep: ['_source'] } },
    ).sql,
  ).toContain('`_source` as `_source`')
  connection.closeSync()
  instance.closeSync()
})
