import { choiceOf, type ElementDef, elementsOf, patientElements } from '@floe/views/fhir'
import { ident, literal } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import type { Shape, StructShape } from '../iceberg/shape.ts'
import { compareDates, dateRange, highOf, lowOf } from './search-date.ts'
import type { SearchParameter, TypeFilter } from './types.ts'

/** Search parameters that are not called like their element (R4 search parameter registry). */
const renamed: Readonly<Record<string, string>> = {
  'Observation.date': 'effective',
  'DiagnosticReport.date': 'effective',
  'Encounter.date': 'period',
  'EpisodeOfCare.date': 'period',
  'CarePlan.date': 'period',
  'CareTeam.date': 'period',
  'Procedure.date': 'performed',
  'Immunization.date': 'occurrence',
  'AllergyIntolerance.date': 'recordedDate',
  'Condition.onset-date': 'onset',
  'Condition.abatement-date': 'abatement',
  'Goal.start-date': 'startDate',
  'MedicationRequest.authoredon': 'authoredOn',
  'MedicationDispense.whenhandedover': 'whenHandedOver',
  'MedicationDispense.whenprepared': 'whenPrepared',
  'MedicationRequest.code': 'medicationCodeableConcept',
  'MedicationDispense.code': 'medicationCodeableConcept',
  'MedicationAdministration.code': 'medicationCodeableConcept',
  'MedicationStatement.code': 'medicationCodeableConcept',
  'ServiceRequest.authored': 'authoredOn',
  'Patient.birthdate': 'birthDate',
  'DocumentReference.period': 'date',
  'Provenance.recorded': 'recorded',
}

function refuse(type: string, name: string, why = 'is not among those that _typeFilter takes'): never {
  throw new LakeError('usage', `The search parameter ${name} of ${type} ${why}.`, { exitCode: 2 })
}

export interface SearchParameterInfo {
  readonly name: string
  readonly type: 'token' | 'reference' | 'date'
}

/** What `_typeFilter` takes for a resource type, by name. */
export function searchParameters(type: string): readonly SearchParameterInfo[] {
  const found = new Map<string, SearchParameterInfo['type']>([
    ['_id', 'token'],
    ['_lastUpdated', 'date'],
  ])
  if (patientElements(type).length > 0) found.set('patient', 'reference')
  const elements = [...(elementsOf(type)?.values() ?? [])]
  const names = elements.map(({ name, choiceOf: choice }) =>
    (choice ?? name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  )
  const others = Object.keys(renamed).flatMap((key) => (key.startsWith(`${type}.`) ? [key.slice(type.length + 1)] : []))
  for (const name of [...names, ...others]) {
    const [first] = elementsFor(type, name)
    if (first !== undefined) found.set(name, kindOf(first))
  }
  return Array.from(found, ([name, kind]) => ({ name, type: kind })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function kindOf({ type }: ElementDef): SearchParameterInfo['type'] {
  if (dates.has(type)) return 'date'
  return type === 'Reference' ? 'reference' : 'token'
}

/** A filter as a condition on the row `t` of its type's table. Elements that the table does not hold match nothing. */
export function filterSql({ type, parameters }: TypeFilter, shape: StructShape): string {
  const conditions = parameters.map((parameter) => parameterSql(type, parameter, shape))
  return conditions.length === 0 ? 'true' : `(${conditions.join(' and ')})`
}

/** Whether a filter can be met at all; throws `usage` where it cannot. */
export function checkFilter(filter: TypeFilter): void {
  filterSql(filter, { struct: {} })
}

function parameterSql(type: string, { name, values }: SearchParameter, shape: StructShape): string {
  if (values.length === 0 || values.some((value) => value === '')) refuse(type, name, 'has no value')
  if (name.includes(':') || name.includes('.')) refuse(type, name)
  const any = (condition: (value: string) => string): string => `(${values.map(condition).join(' or ')})`
  if (name === '_id') return any((value) => `t.id = ${literal(value)}`)
  if (name === '_lastUpdated') {
    return any((value) => compareDates('t._last_updated', '(t._last_updated + interval 1 millisecond)', range(type, name, value)))
  }
  if (name === 'patient') return any((value) => `t._patient = ${literal(value.replace(/^.*\//, ''))}`)
  const elements = elementsFor(type, name)
  if (elements.length === 0) refuse(type, name)
  return `(${elements.map((element) => elementSql({ type, name, values, element, shape })).join(' or ')})`
}

const dates = new Set(['date', 'dateTime', 'instant', 'Period'])

/** The elements that a parameter looks at: one, or the forms of a choice; of those that hold a date among others, the dates. */
function elementsFor(type: string, name: string): readonly ElementDef[] {
  const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const wanted = renamed[`${type}.${name}`] ?? camel
  const one = elementsOf(type)?.get(wanted)
  const forms = (one === undefined ? choiceOf(type, wanted) : [one]).filter((element) => tests[element.type] !== undefined)
  const dated = forms.filter((element) => dates.has(element.type))
  return dated.length > 0 ? dated : forms
}

interface ElementTest {
  readonly type: string
  readonly name: string
  readonly values: readonly string[]
  readonly element: ElementDef
  readonly shape: StructShape
}

function elementSql({ type, name, values, element, shape }: ElementTest): string {
  const test = tests[element.type] ?? refuse(type, name)
  const column = shape.struct[element.name]
  const found = column === undefined ? undefined : isList(column) ? column.list : column
  const on = (item: string): string =>
    `(${values.map((value) => test({ item, shape: found ?? 'string', value, fail: (why) => refuse(type, name, why) })).join(' or ')})`
  // Conditions are made for absent elements, too: a wrong value is told whatever the lake holds.
  const sql = on('e')
  if (column === undefined) return 'false'
  const place = `t.${ident(element.name)}`
  return isList(column) ? `coalesce(len(list_filter(${place}, lambda e: ${sql})) > 0, false)` : `coalesce(${on(place)}, false)`
}

interface Test {
  readonly item: string
  readonly shape: Shape
  readonly value: string
  readonly fail: (why: string) => never
}

const isList = (shape: Shape): shape is { readonly list: Shape } => typeof shape !== 'string' && 'list' in shape

/** A field of a struct, null where the table has none. */
function field(item: string, shape: Shape, name: string): string {
  const has = typeof shape !== 'string' && 'struct' in shape && Object.hasOwn(shape.struct, name)
  return has ? `${item}.${ident(name)}` : 'null::varchar'
}

/** `code`, `system|code`, `|code`, `system|` (R4 search §2.1.1.4.10). */
function tokenSql(system: string, code: string, value: string): string {
  const [first = '', second] = value.split('|')
  if (second === undefined) return `${code} = ${literal(first)}`
  const ofSystem = first === '' ? `${system} is null` : `${system} = ${literal(first)}`
  return second === '' ? ofSystem : `(${ofSystem} and ${code} = ${literal(second)})`
}

const plainToken = ({ item, value }: Test): string => `${item} = ${literal(value.slice(value.indexOf('|') + 1))}`
const coding = ({ item, shape, value }: Test): string => tokenSql(field(item, shape, 'system'), field(item, shape, 'code'), value)

const dateText = ({ item, value, fail }: Test): string =>
  compareDates(lowOf(item), `(${highOf(item)})`, dateRange(value) ?? fail(`takes a date, not what it was given`))

const tests: Readonly<Record<string, (test: Test) => string>> = {
  code: plainToken,
  string: plainToken,
  uri: ({ item, value }) => `${item} = ${literal(value)}`,
  boolean: ({ item, value, fail }) => (/^(true|false)$/.test(value) ? `${item} = ${value}` : fail('takes true or false')),
  Coding: coding,
  CodeableConcept: ({ item, shape, value }) => {
    const codings = typeof shape !== 'string' && 'struct' in shape ? shape.struct.coding : undefined
    if (codings === undefined || !isList(codings)) return 'false'
    const one = coding({ item: 'c', shape: codings.list, value, fail: () => refuse('', '') })
    return `len(list_filter(${item}.coding, lambda c: ${one})) > 0`
  },
  Identifier: ({ item, shape, value }) => tokenSql(field(item, shape, 'system'), field(item, shape, 'value'), value),
  Reference: ({ item, shape, value }) => {
    const reference = field(item, shape, 'reference')
    return value.includes('/')
      ? `(${reference} = ${literal(value)} or ends_with(${reference}, ${literal(`/${value}`)}))`
      : `ends_with(${reference}, ${literal(`/${value}`)})`
  },
  date: dateText,
  dateTime: dateText,
  instant: dateText,
  Period: ({ item, shape, value, fail }) => {
    const [start, end] = [field(item, shape, 'start'), field(item, shape, 'end')]
    const asked = dateRange(value) ?? fail('takes a date, not what it was given')
    const bounds = `(${start} is not null or ${end} is not null)`
    const low = `coalesce(${lowOf(start)}, '-infinity'::timestamptz)`
    return `(${bounds} and ${compareDates(low, `coalesce(${highOf(end)}, 'infinity'::timestamptz)`, asked)})`
  },
}

function range(type: string, name: string, value: string): NonNullable<ReturnType<typeof dateRange>> {
  return dateRange(value) ?? refuse(type, name, 'takes a date, not what it was given')
}
