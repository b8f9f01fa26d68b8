import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, expect, test } from 'vitest'
import { compile, evaluate } from './index.ts'

// What expressions mean, by FHIRPath N1 and SQL on FHIR: in memory and in DuckDB alike.
const instance = await DuckDBInstance.create(':memory:')
const connection = await instance.connect()
afterAll(() => {
  connection.closeSync()
  instance.closeSync()
})

const patient = `{"resourceType":"Patient","id":"p1","meta":{"lastUpdated":"2020-01-01T00:00:00.123Z"},"birthDate":"1970-06",
 "_birthDate":{"extension":[{"url":"u","valueDateTime":"1970-06-01T10:00:00Z"}]},
 "name":[{"use":"official","family":"A","given":["x","y",null,"z"],"_given":[null,{"id":"g"}]},{"family":"B"}],
 "contact":[{"name":{"family":"C"},"telecom":[{"value":"1"},{"value":"2"}]},{"gender":"male"}],
 "maritalStatus":{"coding":[{"system":"s","code":"M"}]},"multipleBirthInteger":3,"deceasedDateTime":"2020-01-01T00:00:00+02:00",
 "managingOrganization":{"reference":"Organization/o1/_history/2"},
 "contained":[{"resourceType":"Organization","id":"c1","name":"inner"},{"resourceType":"Patient","id":"c2"}]}`
const observation = `{"resourceType":"Observation","id":"o1","valueQuantity":{"value":1.10,"unit":"mg"},"effectiveDateTime":"2020-01-01",
 "component":[{"valueQuantity":{"value":0.10}},{"valueString":"a"},{"valueQuantity":{"value":2e3}}]}`

async function values(resource: string, line: string, path: string): Promise<unknown[]> {
  const view = { resource, select: [{ column: [{ name: 'v', path, collection: true }] }] }
  const [row] = evaluate(view, [line]).rows
  const { sql, columns } = compile(view, { source: { kind: 'json', sql: `(select '${line.replaceAll("'", "''")}')` } })
  const [found] = (await connection.runAndReadAll(sql)).getRowObjectsJson()
  const list = Array.isArray(found?.v) ? found.v : []
  expect(columns[0]?.sqlType.startsWith('json') ? list.map((it) => JSON.parse(String(it)) as unknown) : list).toEqual(row?.v)
  return row?.v as unknown[]
}

test.each([
  ['name.given', ['x', 'y', 'z']],
  ['name.given.count()', [3]],
  ['name.where(use = %use)', 'undefined constant %use'],
  ["birthDate.extension('u').value.ofType(dateTime)", ['1970-06-01T10:00:00Z']],
  ['birthDate < @1970-07-01', [true]],
  ['birthDate = @1970-06-03', []],
  ['birthDate <= @1970', []],
  ['birthDate is date', [true]],
  ['birthDate.lowBoundary()', ['1970-06-01']],
  ['birthDate.highBoundary()', ['1970-06-30']],
  ['deceased.ofType(dateTime) = @2019-12-31T22:00:00Z', [true]],
  ['deceased.ofType(dateTime) > @2019-12-31T23:00:00Z', [false]],
  ['deceased.ofType(dateTime).lowBoundary()', ['2020-01-01T00:00:00.000+02:00']],
  ['deceased < @2021', [true]],
  ['deceased is dateTime', [true]],
  ['deceased is boolean', [false]],
  ['meta.lastUpdated > @2020-01-01T00:00:00', []],
  ['@2015-02-04T14:30:28.559Z < @2015-02-04T14:30:28.5590Z', [false]],
  ['@T14:30 = @T14:30:10', []],
  ['name.family | contact.name.family', ['A', 'B', 'C']],
  ['(name | contact.name).family', ['A', 'B', 'C']],
  ["(name.family | 'A').count()", [2]],
  ["name.family = ('A' | 'B')", [true]],
  ["name.family = 'A'", [false]],
  ["name.family contains 'A'", [true]],
  ["'abc' in ('abc' | 'd')", [true]],
  ["{} in ('a' | 'b')", []],
  ["'A' ~ 'a'", [true]],
  ['managingOrganization.getReferenceKey()', ['o1']],
  ['managingOrganization.getReferenceKey(Patient)', []],
  ['multipleBirth as integer', [3]],
  ['multipleBirth > 2', [true]],
  ['contained.count()', [2]],
  ['contained.ofType(Organization).name', ['inner']],
  ['name.where($index = 1).family', ['B']],
  ['name.select($index)', [0, 1]],
  ["name.select(family & '!')", ['A!', 'B!']],
  ["contact.telecom.value.join('|')", ['1|2']],
  ['telecom.value.join()', ['']],
  ["iif(active, 'yes', 'no')", ['no']],
  ['iif(name.exists(), name.family, contact.name.family)', ['A', 'B']],
  ["name.given.where(startsWith('x') or contains('z'))", ['x', 'z']],
  ["name.exists(family = 'A')", [true]],
  ['name.all(given.exists())', [false]],
  ['contact.all(name.exists() or gender.exists())', [true]],
  ['name.skip(1).take(1).family', ['B']],
  ['name.given.last()', ['z']],
  ['name[0].given[1]', ['y']],
  ['name[7].given', []],
  ['active and {}', []],
  ['active.exists() and {}', [false]],
  ['active implies false', []],
  ['active.exists() implies active', [true]],
  ['true xor {}', []],
  ['(1 | 2 | 1).count()', [2]],
  ['0.1 + 0.2', [0.3]],
  ['0.1 + 0.2 = 0.3', [true]],
  ['1.0 = 1', [true]],
  ['7 / 2', [3.5]],
  ['7 div 2', [3]],
  ['-7 mod 3', [-1]],
  ['5.5 mod 0.7', [0.6]],
  ['1 / 0', []],
  ['1 / 3', [0.333333333333333]],
  ['2147483647 + 1', []],
  ["'abc'.substring(1, 1) & 'abc'.substring(3)", ['b']],
  ["'é🦆x'.length()", [3]],
  ["'é🦆x'.indexOf('x')", [2]],
  ["'a\\nb'.matches('a.b')", [true]],
  ["'1.1.1'.replace('.', '-')", ['1-1-1']],
  ["' a '.trim().upper()", ['A']],
  ['1.587.lowBoundary()', [1.5865]],
  ['1.587.highBoundary(2)', [1.59]],
  ['name.first().given.extension.exists()', [false]],
  ['Patient.name.first().family', ['A']],
  ['%resource.id', ['p1']],
])('of a patient %s is %j', async (path, expected) => {
  if (typeof expected === 'string') await expect(values('Patient', patient, path)).rejects.toThrow(expected)
  else expect(await values('Patient', patient, path)).toEqual(expected)
})

test.each([
  ['value.ofType(Quantity).value', [1.1]],
  ['value.ofType(Quantity).value.lowBoundary()', [1.095]],
  ['component.value.ofType(Quantity).value.select(highBoundary())', [0.105, 2500]],
  ['component.value.ofType(Quantity).value', [0.1, 2000]],
  ['value.ofType(Quantity)', [{ value: 1.1, unit: 'mg' }]],
  ['value.unit', ['mg']],
  ['value.exists()', [true]],
  ['component.value.count()', [3]],
  ['component.where(value is Quantity).count()', [2]],
  ['component.value.ofType(string)', ['a']],
  ['effective.ofType(dateTime).highBoundary()', ['2020-01-01T23:59:59.999-12:00']],
  ['effective.ofType(dateTime) >= @2020-01-01T00:00:00Z', []],
  ['value.ofType(Quantity).value * 3', [3.3]],
])('of an observation %s is %j', async (path, expected) => {
  expect(await values('Observation', observation, path)).toEqual(expected)
})

test('a value taken whole has numbers, also beside its boundary', async () => {
  const column = [
    { name: 'low', path: 'value.ofType(Quantity).value.lowBoundary()' },
    { name: 'double', path: 'value.ofType(Quantity).value * 2' },
    { name: 'value', path: 'value.ofType(Quantity)' },
    { name: 'components', path: 'component', collection: true },
  ]
  const line = observation.replace('"a"', '"1.50"')
  const view = { resource: 'Observation', select: [{ column }] }
  const { sql } = compile(view, { source: { kind: 'json', sql: `(select '${line}')` } })
  const [row = {}] = (await connection.runAndReadAll(sql)).getRowObjectsJson()
  const components = (row.components as string[]).map((it) => JSON.parse(it) as unknown)
  const found = { ...row, value: JSON.parse(String(row.value)) as unknown, components }
  expect(found).toEqual(evaluate(view, [line]).rows[0])
  expect(found).toMatchObject({ low: 1.095, double: 2.2, value: { value: 1.1, unit: 'mg' } })
})

test.each([[['item', 'item.item']], [['item', 'item']], [['item', 'answer.item']], [['item.answer.item', 'item']]])(
  'repeat over %j gives a node once for each way to it',
  async (repeat) => {
    const inner = '{"linkId":"1","item":[{"linkId":"1.1","item":[{"linkId":"1.1.1"}],"answer":[{"item":[{"linkId":"a"}]}]}]}'
    const line = `{"resourceType":"QuestionnaireResponse","item":[${inner},{"linkId":"2"}]}`
    const view = { resource: 'QuestionnaireResponse', select: [{ repeat, column: [{ name: 'v', path: 'linkId' }] }] }
    const { sql } = compile(view, { source: { kind: 'json', sql: `(select '${line}')` } })
    const found = (await connection.runAndReadAll(sql)).getRowObjectsJson()
    expect(found.map(({ v }) => v)).toEqual(evaluate(view, [line]).rows.map(({ v }) => v))
  },
)
