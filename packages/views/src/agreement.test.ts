import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { CompiledView, Shape, StructShape } from './index.ts'
import { compile, evaluate } from './index.ts'
import { jsonStructure } from './print/duckdb.ts'

// Random expressions over random resources: the SQL that they compile to gives what the evaluator gives, errors included.
const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
const connection = await instance.connect()
afterAll(() => {
  connection.closeSync()
  instance.closeSync()
})

const word = fc.constantFrom('a', 'A', 'bc', 'b c', "it's", 'é', '', '1.50', 'x|y', '🦆d')
const use = fc.constantFrom('official', 'usual', 'old')
const date = fc.constantFrom('2020', '2020-02', '2020-02-29', '1999-12-31')
const dateTime = fc.oneof(
  date,
  fc.constantFrom(
    '2020-02-29T10:00:00Z',
    '2020-02-29T12:00:00+02:00',
    '2020-03-01T00:00:00.5-05:00',
    '2020-02-29T10:00:00',
    '2020-02-29T23:59:59.999Z',
  ),
)
// Numbers as they stand in JSON, digits as written.
const decimal = fc.constantFrom('1.10', '1.1', '0.1', '-2.50', '100', '1e3', '0.000001', '123456.789', '5', '0', '1E-2')
const text = (value: unknown) => JSON.stringify(value)
const object = (fields: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, fc.option(value, { nil: undefined })]))).map(
    (record) =>
      `{${Object.entries(record)
        .flatMap(([name, value]) => (value === undefined ? [] : [`"${name}":${value}`]))
        .join(',')}}`,
  )
const filled = (values: fc.Arbitrary<string>): fc.Arbitrary<string> => values.filter((it) => it !== '{}')
const list = (values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(filled(values), { minLength: 1, maxLength: 3 }).map((items) => `[${items.join(',')}]`)
const strings = word.filter((it) => it !== '').map(text)
const extension = object({ url: fc.constantFrom('"u"', '"w"'), valueString: strings, valueDecimal: decimal })
const name = object({
  use: use.map(text),
  family: strings,
  given: list(strings),
  period: object({ start: dateTime.map(text), end: dateTime.map(text) }),
  extension: list(extension),
})
const quantity = object({ value: decimal, unit: strings })
const patient = object({
  resourceType: fc.constant('"Patient"'),
  id: fc.constantFrom('"p1"', '"p2"'),
  active: fc.constantFrom('true', 'false'),
  name: list(name),
  contact: list(object({ name, gender: fc.constantFrom('"male"', '"female"') })),
  birthDate: date.map(text),
  _birthDate: object({ extension: list(extension) }),
  deceasedDateTime: dateTime.map(text),
  multipleBirthInteger: fc.constantFrom('1', '2', '3'),
  managingOrganization: object({
    reference: fc.constantFrom(
      '"Organization/o1"',
      '"http://x.org/fhir/Organization/o2/_history/1"',
      '"urn:uuid:1"',
      '"#o"',
      '"Practitioner?identifier=a|Organization/3"',
    ),
  }),
  generalPractitioner: list(object({ reference: fc.constantFrom('"Practitioner/1"', '"Organization/2"') })),
  extension: list(
    object({
      url: fc.constantFrom('"u"', '"w"'),
      valueQuantity: quantity,
      valueDateTime: dateTime.map(text),
      valueDecimal: decimal,
    }),
  ),
}).map((it) => it.replace(/^\{("resourceType":"Patient",?)?/, '{"resourceType":"Patient",').replace(/,\}$/, '}'))

const quoted = word.map((it) => `'${it.replaceAll("'", "\\'")}'`)
const join = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((it) => (typeof it === 'string' ? fc.constant(it) : it))).map((all) => all.join(''))

const {
  strings: stringExpression,
  numbers,
  dates,
  booleans,
  items,
} = fc.letrec<Record<string, string>>((tie) => ({
  names: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('name', 'contact.name', 'name.where(family.exists())'),
    join(tie('names'), '.where(', tie('nameCriteria'), ')'),
    join('(', tie('names'), ' | ', tie('names'), ')'),
    join(tie('names'), fc.constantFrom('.first()', '[0]', '[1]', '.last()', '.tail()', '.take(2)', '.skip(1)')),
  ),
  nameCriteria: fc.oneof(
    { maxDepth: 2 },
    join("use = '", use, "'"),
    fc.constantFrom(
      'given.exists()',
      '$index = 0',
      'given.count() > 1',
      'family.empty()',
      'use',
      "$this.given contains 'a'",
      '%resource.active',
      'extension.exists()',
    ),
    join('family.startsWith(', quoted, ')'),
    join('period.start < @', dateTime.map(literal)),
    join('(', tie('nameCriteria'), fc.constantFrom(' and ', ' or ', ' xor ', ' implies '), tie('nameCriteria'), ')'),
  ),
  strings: fc.oneof(
    { maxDepth: 3 },
    quoted,
    fc.constantFrom(
      'id',
      'gender',
      'contact.gender',
      'managingOrganization.getReferenceKey()',
      'generalPractitioner.getReferenceKey(Practitioner)',
      "birthDate.extension('u').value.ofType(string)",
      'extension.url',
    ),
    join(tie('names'), fc.constantFrom('.family', '.given', '.use', '.given.first()', '.extension.value.ofType(string)')),
    join(
      tie('strings'),
      fc.constantFrom(
        '.first()',
        '.upper()',
        '.lower()',
        '.trim()',
        '.distinct()',
        '.join()',
        ".join(',')",
        '.substring(1)',
        '.substring(0, 2)',
        ".replace('a', 'b')",
        ".where($this > 'b')",
      ),
    ),
    join('(', tie('strings'), ' & ', tie('strings'), ')'),
    join('(', tie('strings'), ' | ', tie('strings'), ')'),
    join('iif(', tie('booleans'), ', ', tie('strings'), ', ', tie('strings'), ')'),
    join('(', tie('strings'), ' + ', tie('strings'), ')'),
  ),
  numbers: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      '1',
      '2.50',
      '0',
      '-3',
      'multipleBirth.ofType(integer)',
      'extension.value.ofType(Quantity).value',
      'extension.value.ofType(decimal)',
      'name.count()',
      'name.extension.value.ofType(decimal).first()',
    ),
    join(tie('strings'), fc.constantFrom('.count()', '.length()', ".indexOf('a')")),
    join('(', tie('numbers'), fc.constantFrom(' + ', ' - ', ' * ', ' / ', ' div ', ' mod '), tie('numbers'), ')'),
    join(tie('numbers'), fc.constantFrom('.first()', '.last()')),
    fc.constantFrom(
      'extension.value.ofType(decimal).first().lowBoundary()',
      'extension.value.ofType(Quantity).value.first().highBoundary()',
      '1.50.highBoundary()',
    ),
  ),
  dates: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(
      'birthDate',
      'deceased.ofType(dateTime)',
      'name.period.start',
      'name.period.end.first()',
      'extension.value.ofType(dateTime)',
      'birthDate.lowBoundary()',
      'deceased.ofType(dateTime).highBoundary()',
    ),
    dateTime.map((it) => `@${literal(it)}`),
    join(tie('dates'), '.first()'),
  ),
  booleans: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      'active',
      'true',
      'false',
      'deceased.exists()',
      'deceased is dateTime',
      'multipleBirth is boolean',
      '{}',
      'birthDate.exists()',
    ),
    join(tie('names'), fc.constantFrom('.exists()', '.empty()', ".exists(use = 'old')", '.all(given.exists())')),
    join('(', tie('strings'), fc.constantFrom(' = ', ' != ', ' ~ ', ' in ', ' contains '), tie('strings'), ')'),
    join('(', tie('strings'), fc.constantFrom(' < ', ' >= '), tie('strings'), ')'),
    join('(', tie('numbers'), fc.constantFrom(' = ', ' != ', ' < ', ' <= ', ' > ', ' >= '), tie('numbers'), ')'),
    join('(', tie('dates'), fc.constantFrom(' = ', ' != ', ' < ', ' <= ', ' > ', ' >= '), tie('dates'), ')'),
    join('(', tie('booleans'), fc.constantFrom(' and ', ' or ', ' xor ', ' implies ', ' = '), tie('booleans'), ')'),
    join(tie('booleans'), '.not()'),
    join(
      tie('strings'),
      fc.constantFrom(".startsWith('a')", ".endsWith('c')", ".contains('b')", ".matches('^[ab]')", ".matches('b.c')"),
    ),
  ),
  items: fc.oneof(tie('names'), join(tie('names'), '.given'), fc.constant('contact'), fc.constant('extension')),
}))

/** A dateTime as a literal: without a time it is a date. */
function literal(value: string): string {
  return value
}

const QUANTITY = { struct: { value: 'double', unit: 'string' } }
const EXTENSION = { struct: { url: 'string', valueString: 'string', valueDecimal: 'double' } }
const NAME: Shape = {
  struct: {
    use: 'string',
    family: 'string',
    given: { list: 'string' },
    period: { struct: { start: 'string', end: 'string' } },
    extension: { list: EXTENSION },
  },
}
const REFERENCE = { struct: { reference: 'string' } }
/** The table that holds such patients; what it does not hold (gender) is null. */
const SCHEMA: StructShape = {
  struct: {
    id: 'string',
    active: 'boolean',
    name: { list: NAME },
    contact: { list: { struct: { name: NAME, gender: 'string' } } },
    birthDate: 'string',
    _birthDate: { struct: { extension: { list: EXTENSION } } },
    deceasedDateTime: 'string',
    multipleBirthInteger: 'int',
    managingOrganization: REFERENCE,
    generalPractitioner: { list: REFERENCE },
    extension: { list: { struct: { url: 'string', valueQuantity: QUANTITY, valueDateTime: 'string', valueDecimal: 'double' } } },
  },
}

function compiled(view: unknown, resources: readonly string[], way: string): CompiledView {
  const values = `(values ${resources.map((it) => `('${it.replaceAll("'", "''")}')`).join(', ')}) as lines(json)`
  if (way === 'json') return compile(view, { source: { kind: 'json', sql: `(select json from ${values})` } })
  const columns = JSON.stringify(jsonStructure(SCHEMA))
  const table = `(select unnest(from_json(json, '${columns}')), json as "_raw" from ${values})`
  return compile(view, { schema: { struct: { ...SCHEMA.struct, _raw: 'string' } }, source: { kind: 'table', sql: table } })
}

async function bySql(view: unknown, resources: readonly string[], way: string): Promise<unknown> {
  const { sql, columns } = compiled(view, resources, way)
  try {
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson()
    return rows.map((row) => columns.map(({ name, sqlType, collection }) => read(row[name], sqlType, collection)))
  } catch (error) {
    if (!/several values where one is expected|is not boolean/.test(String(error))) throw new Error(`${String(error)}\n${sql}`)
    return 'error'
  }
}

function read(value: unknown, sqlType: string, collection: boolean): unknown {
  if (collection) return Array.isArray(value) ? value.map((it) => read(it, sqlType.replace(/\[\]$/, ''), false)) : []
  if (value === null || value === undefined) return null
  if (value === 0) return 0
  return sqlType === 'json' ? JSON.parse(String(value)) : present(value)
}

/** A struct without the fields that are absent. */
function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, field]) => (field === null ? [] : [[key, present(field)]])))
}

function inMemory(view: unknown, resources: readonly string[]): unknown {
  try {
    const { columns, rows } = evaluate(view, resources)
    return rows.map((row) => columns.map(({ name }) => row[name]))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'view-run') return 'error'
    throw error
  }
}

const LAZY = /\b(and|or|implies|iif|where|exists|all|in|contains)\b/
const runs = Number(process.env.FLOE_RUNS ?? 40)

/** The first thing that a view is refused for is refused by both: only views that compile are compared. */
async function agree(view: unknown, resources: readonly string[], way: string): Promise<void> {
  let memory: unknown
  try {
    memory = inMemory(view, resources)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'view') throw error
    fc.pre(false)
  }
  const sql = await bySql(view, resources, way)
  // An engine need not evaluate what cannot change its result: whether an error in there shows is open.
  if (memory === 'error' || (sql === 'error' && LAZY.test(JSON.stringify(view)))) return
  expect(sql).toEqual(memory)
}

const ways = fc.constantFrom('json', 'table')
const resources = fc.array(patient, { minLength: 1, maxLength: 6 })

test.each([
  ['text', stringExpression],
  ['numbers', numbers],
  ['dates', dates],
  ['booleans', booleans],
  ['items', items],
])('%s: SQL and evaluator agree', async (_, expressions) => {
  const property = fc.asyncProperty(
    expressions as fc.Arbitrary<string>,
    resources,
    fc.boolean(),
    ways,
    async (path, patients, collection, way) => {
      await agree({ resource: 'Patient', select: [{ column: [{ name: 'v', path, collection }] }] }, patients, way)
    },
  )
  await fc.assert(property, { numRuns: runs, seed: Number(process.env.FLOE_SEED ?? 7), maxSkipsPerRun: 1000 })
})

// The resource itself is an item, too.
const iterated = fc.oneof({ weight: 5, arbitrary: items as fc.Arbitrary<string> }, fc.constant('where(active = true)'))

const select = fc.letrec<{ select: object; column: object }>((tie) => ({
  column: fc.record({
    path: fc.oneof(
      stringExpression as fc.Arbitrary<string>,
      fc.constantFrom('%rowIndex', '$this.exists()', "'x'", '%resource.id'),
    ),
    collection: fc.constant(true),
  }),
  select: fc.oneof(
    { maxDepth: 3 },
    fc.record({ column: fc.array(tie('column'), { minLength: 1, maxLength: 2 }) }),
    fc.record({
      forEach: iterated,
      column: fc.constant([{ path: '%rowIndex' }]),
      select: fc.array(tie('select'), { maxLength: 2 }),
    }),
    fc.record({
      forEachOrNull: iterated,
      column: fc.constant([{ path: '%rowIndex' }, { path: '$this.exists()' }]),
      select: fc.array(tie('select'), { maxLength: 2 }),
    }),
    tie('select').map((it) => ({ unionAll: [it, it] })),
  ),
})).select

/** Names the columns in order; both branches of a union alike. */
function named(it: Record<string, unknown>, next: { n: number }): unknown {
  const column = (it.column as object[] | undefined)?.map((one) => ({ ...one, name: `c${next.n++}` }))
  const nested = (it.select as Record<string, unknown>[] | undefined)?.map((one) => named(one, next))
  const from = next.n
  const unionAll = (it.unionAll as Record<string, unknown>[] | undefined)?.map((one) => {
    next.n = from
    return named(one, next)
  })
  return { ...it, ...(column && { column }), ...(nested && { select: nested }), ...(unionAll && { unionAll }) }
}

test('rows: SQL and evaluator agree', async () => {
  const property = fc.asyncProperty(
    fc.array(select, { minLength: 1, maxLength: 2 }),
    resources,
    ways,
    async (selects, patients, way) => {
      const next = { n: 0 }
      const view = {
        resource: 'Patient',
        where: [{ path: 'active = true or active.empty()' }],
        select: selects.map((it) => named(it as Record<string, unknown>, next)),
      }
      await agree(view, patients, way)
    },
  )
  await fc.assert(property, { numRuns: runs, seed: Number(process.env.FLOE_SEED ?? 7), maxSkipsPerRun: 1000 })
})
