import { resourceTypes } from './fhir.ts'
import { type Criterion, parseTypeFilter } from './type-filter.ts'

export type Level = 'system' | 'patient' | 'group'

/** A kick-off request, checked. */
export interface ExportQuery {
  level: Level
  groupId: string | null
  types: readonly string[] | null
  since: number | null
  until: number | null
  patients: readonly string[] | null
  typeFilters: ReadonlyMap<string, readonly (readonly Criterion[])[]>
  allowPartialManifests: boolean
  organizeByPatient: boolean
  /** What was left out because the client asked for lenient handling. */
  ignored: readonly string[]
}

const outputFormats = ['application/fhir+ndjson', 'application/ndjson', 'ndjson']

/** Reads the parameters of a kick-off out of a query string or a Parameters resource, by name; values stay text. */
export function namedValues(query: URLSearchParams, body: unknown): Record<string, string[]> | string {
  const values: Record<string, string[]> = {}
  const add = (name: string, value: string) => {
    values[name] = [...(values[name] ?? []), value]
  }
  for (const [name, value] of query) add(name, value)
  if (body === null) return values
  const { resourceType, parameter = [] } = body as { resourceType?: unknown; parameter?: unknown }
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) return 'The body has to be a Parameters resource'
  for (const entry of parameter as Record<string, unknown>[]) {
    const { name, ...rest } = entry
    const [key, value] = Object.entries(rest).find(([member]) => member.startsWith('value')) ?? []
    const text = key === 'valueReference' ? (value as { reference?: unknown }).reference : value
    if (typeof name !== 'string' || text === undefined || typeof text === 'object') return 'A parameter has no name or no value'
    add(name, String(text))
  }
  return values
}

/** Checks the parameters of a kick-off; text is the reason of a 400. With `lenient` what is not supported is left out. */
export function parseQuery(
  values: Record<string, string[]>,
  { level, groupId, method, lenient }: { level: Level; groupId: string | null; method: string; lenient: boolean },
): ExportQuery | string {
  const unsupported = new Set(Object.keys(values).filter((name) => !supported.has(name)))
  if (values.organizeOutputBy?.some((value) => value !== 'Patient')) unsupported.add('organizeOutputBy')
  if (unsupported.size > 0 && !lenient) return `Not supported: ${[...unsupported].join(', ')}`
  const problem = checkFormat(values) ?? checkPatient(values, level, method)
  if (problem !== null) return problem
  const types = commaList(values._type)
  const unknown = types.filter((type) => !resourceTypes.has(type))
  if (unknown.length > 0 && !lenient) return `Unknown resource type in _type: ${unknown.join(', ')}`
  const since = instant(values._since)
  const until = instant(values._until)
  if (Number.isNaN(since) || Number.isNaN(until)) return '_since and _until have to be FHIR instants'
  const typeFilters = readTypeFilters(values._typeFilter ?? [], lenient)
  if (typeof typeFilters === 'string') return typeFilters
  return {
    level,
    groupId,
    types: types.length === 0 ? null : types.filter((type) => resourceTypes.has(type)),
    since,
    until,
    patients: values.patient === undefined ? null : commaList(values.patient).map((text) => text.replace(/^.*Patient\//, '')),
    typeFilters: typeFilters.filters,
    allowPartialManifests: values.allowPartialManifests?.at(-1) === 'true',
    organizeByPatient: values.organizeOutputBy !== undefined && !unsupported.has('organizeOutputBy'),
    ignored: [...unsupported, ...unknown.map((type) => `_type=${type}`), ...typeFilters.ignored],
  }
}

const supported: ReadonlySet<string> = new Set([
  '_outputFormat',
  '_since',
  '_until',
  '_type',
  '_typeFilter',
  'patient',
  'allowPartialManifests',
  'organizeOutputBy',
])

function checkFormat(values: Record<string, string[]>): string | null {
  const wrong = values._outputFormat?.find((format) => !outputFormats.includes(format))
  return wrong === undefined ? null : '_outputFormat has to be application/fhir+ndjson'
}

function checkPatient(values: Record<string, string[]>, level: Level, method: string): string | null {
  if (values.patient === undefined) return null
  if (method !== 'POST') return 'patient is taken by POST only'
  return level === 'system' ? 'patient cannot be used at system level' : null
}

function readTypeFilters(
  texts: readonly string[],
  lenient: boolean,
): { filters: Map<string, Criterion[][]>; ignored: string[] } | string {
  const filters = new Map<string, Criterion[][]>()
  const ignored: string[] = []
  for (const text of texts.flatMap(splitFilters)) {
    const parsed = parseTypeFilter(text)
    if (typeof parsed !== 'string') filters.set(parsed.type, [...(filters.get(parsed.type) ?? []), parsed.criteria])
    else if (lenient) ignored.push(`_typeFilter (${parsed})`)
    else return parsed
  }
  return { filters, ignored }
}

/** Several filters may stand in one value, parted by commas; a comma that does not begin `Type?` belongs to a search value. */
function splitFilters(text: string): string[] {
  return text.split(/,(?=[A-Z][A-Za-z]+\?)/)
}

function commaList(values: readonly string[] | undefined): string[] {
  return (values ?? []).flatMap((value) => value.split(',').map((part) => part.trim())).filter((part) => part !== '')
}

function instant(values: readonly string[] | undefined): number | null {
  const text = values?.at(-1)
  if (text === undefined) return null
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
}
