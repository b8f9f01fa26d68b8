import { dateParameters } from './date-parameters.ts'
import type { ExportKind } from './types.ts'

/** Kind of an export or a type, and where an incremental one starts (null: unknown, it follows nothing). */
export interface Coverage {
  readonly kind: ExportKind
  readonly since: string | null
}

/** What a kick-off request asked for, as far as completeness goes. */
export interface KickoffScope extends Coverage {
  readonly group: string
  /** Without query: a query may name patients. */
  readonly exportUrl: string | null
  readonly requestedTypes: readonly string[] | null
  readonly typeKinds: Readonly<Record<string, Coverage>>
}

type Parameters = Map<string, string[]>

/**
 * Reads a kick-off (CONTRACT §4, what `floe load` reads, 5): its URL and the parameters as a log tells them, as an object, a
 * list, a query or a FHIR Parameters resource. An export of one patient is as partial as one with `patient`.
 */
export function kickoffScope(exportUrl: string | null, requestParameters: unknown, transactionTime: string | null): KickoffScope {
  const [address = '', query = ''] = (exportUrl ?? '').split(/\?(.*)/s)
  const parameters: Parameters = new Map()
  addQuery(parameters, query)
  addParameters(parameters, requestParameters)
  // A plus that was not encoded came out of the query as a space.
  const since =
    parameters
      .get('_since')
      ?.find((it) => it !== '')
      ?.replace(/(T.*) (\d{2}:?\d{2})$/, '$1+$2') ?? null
  const until = parameters.get('_until')?.find((it) => it !== '')
  const base: Coverage = { kind: since === null ? 'full' : 'incremental', since }
  const early = until !== undefined && transactionTime !== null && Date.parse(until) < Date.parse(transactionTime)
  const slice = parameters.get('patient')?.some((it) => it !== '') || /\/Patient\/[^/]+\/\$export$/.test(address) || early
  const typeKinds: Record<string, Coverage> = {}
  for (const [type, filters] of filtersByType(parameters.get('_typeFilter') ?? [])) {
    typeKinds[type] = slice ? { kind: 'partial', since } : unionOf(filters.map((it) => filterCoverage(type, it, base)))
  }
  const all = typeKinds['']
  const partial = slice || Object.values(typeKinds).some((it) => it.kind === 'partial')
  const incremental = base.kind === 'incremental' || Object.values(typeKinds).some((it) => it.kind === 'incremental')
  const types = parameters.get('_type')?.flatMap((it) => it.split(',').map((type) => type.trim()))
  const whole = slice ? 'partial' : (all?.kind ?? base.kind)
  return {
    kind: partial ? 'partial' : incremental ? 'incremental' : 'full',
    since,
    group: groupOf(address),
    exportUrl: address === '' ? null : address,
    requestedTypes: types?.filter((it) => it !== '') ?? null,
    typeKinds: { ...typeKinds, [anyType]: { kind: whole, since } },
  }
}

/** Key of `typeKinds` for types that no filter names. */
const anyType = '*'

/** The kind of one type of a kick-off. */
export const coverageOf = (typeKinds: Readonly<Record<string, Coverage>>, type: string): Coverage =>
  typeKinds[type] ?? typeKinds[anyType] ?? { kind: 'full', since: null }

/** The last path part after `/Group/`, else ''. */
function groupOf(address: string): string {
  const at = address.lastIndexOf('/Group/')
  const id = at < 0 ? '' : (address.slice(at + 7).split('/')[0] ?? '')
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

function add(parameters: Parameters, name: string, value: unknown): void {
  if (Array.isArray(value)) for (const item of value) add(parameters, name, item)
  else if (typeof value === 'object' && value !== null) {
    const { reference } = value as { reference?: unknown }
    if (typeof reference === 'string') add(parameters, name, reference)
    else add(parameters, name, JSON.stringify(value))
  } else if (value !== null && value !== undefined) {
    const values = parameters.get(name) ?? []
    if (!values.includes(String(value))) parameters.set(name, [...values, String(value)])
  }
}

function addQuery(parameters: Parameters, query: string): void {
  for (const [name, value] of new URLSearchParams(query)) add(parameters, name, value)
}

function addParameters(parameters: Parameters, given: unknown): void {
  if (typeof given === 'string') {
    const trimmed = given.trim()
    if (!/^[[{]/.test(trimmed)) {
      addQuery(parameters, trimmed.replace(/^[^?]*\?/, ''))
      return
    }
    try {
      addParameters(parameters, JSON.parse(trimmed))
    } catch {
      // Neither JSON nor a query: nothing is known of these parameters.
    }
  } else if (Array.isArray(given)) for (const entry of given) addEntry(parameters, entry)
  else if (typeof given === 'object' && given !== null) {
    const { resourceType, parameter } = given as { resourceType?: unknown; parameter?: unknown }
    if (resourceType === 'Parameters') addParameters(parameters, Array.isArray(parameter) ? parameter : [])
    else for (const [name, value] of Object.entries(given)) add(parameters, name, value)
  }
}

/** `{name, valueString}`, `{name, value}` or `[name, value]`. */
function addEntry(parameters: Parameters, entry: unknown): void {
  if (Array.isArray(entry)) add(parameters, String(entry[0]), entry[1])
  else if (typeof entry === 'object' && entry !== null) {
    const { name, ...rest } = entry as Record<string, unknown>
    const value = Object.entries(rest).find(([key]) => key.startsWith('value'))?.[1]
    if (typeof name === 'string') add(parameters, name, value)
  }
}

/** `Type?query` per type; `''` for a filter that names no type, which then may concern all. */
function filtersByType(values: readonly string[]): Map<string, string[]> {
  const filters = values.flatMap((it) => decoded(it).split(/,(?=[A-Za-z]+\?)/)).filter((it) => it.trim() !== '')
  const byType = new Map<string, string[]>()
  for (const filter of filters) {
    const [, type = '', query = filter] = /^\s*([A-Za-z]+)(?:\?(.*))?$/s.exec(filter) ?? []
    const own = query === filter && type !== '' ? '' : query
    byType.set(type, [...(byType.get(type) ?? []), own])
  }
  return byType
}

/** Some clients encode the filter once more than the query needs. */
function decoded(filter: string): string {
  if (filter.includes('?') || !/%3f/i.test(filter)) return filter
  try {
    return decodeURIComponent(filter)
  } catch {
    return filter
  }
}

const later = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? (a ?? b) : Date.parse(a) >= Date.parse(b) ? a : b

/** What one filter leaves of a type: dates leave what came since, anything else a slice. */
function filterCoverage(type: string, query: string, base: Coverage): Coverage {
  let { since } = base
  let bounded = false
  let dated = false
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== '_lastUpdated' && !dateParameters(type).has(name)) return { kind: 'partial', since: base.since }
    dated = true
    const from = name === '_lastUpdated' || !attributes.has(name) ? lowerBound(value) : null
    if (from === null) bounded = true
    else since = later(since, from)
  }
  if (!dated) return type === '' ? { kind: 'partial', since } : base
  return { kind: 'incremental', since: bounded ? null : since }
}

/** Dates that say what a thing is, not when it was written: who follows them has not seen all that is new. */
const attributes: ReadonlySet<string> = new Set([
  'birthdate',
  'death-date',
  'value-date',
  'expiration-date',
  'expiry',
  'target-date',
])

/** Filters of one type are alternatives: what all of them together leave. */
function unionOf(parts: readonly Coverage[]): Coverage {
  const first = parts[0] ?? { kind: 'full', since: null }
  return parts.reduce((a, b) => {
    if (a.kind === 'full' || b.kind === 'full') return { kind: 'full', since: null }
    if (a.kind === 'partial' || b.kind === 'partial') return a.kind === 'partial' ? a : b
    const known = a.since !== null && b.since !== null
    return { kind: 'incremental', since: known ? (later(a.since, b.since) === a.since ? b.since : a.since) : null }
  }, first)
}

const dateValue = /^(ge|gt|sa)(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?$/

/** The instant from which on a date filter takes all; null when it also ends, or is no date. */
function lowerBound(value: string): string | null {
  const [, prefix, year = '', month, day, time] = dateValue.exec(value) ?? []
  if (prefix === undefined) return null
  const text = time === undefined ? `${year}-${month ?? '01'}-${day ?? '01'}T00:00:00Z` : value.slice(2).replace(' ', '+')
  const start = new Date(text)
  if (Number.isNaN(start.getTime())) return null
  if (prefix === 'ge' || time !== undefined) return time === undefined ? text : value.slice(2).replace(' ', '+')
  if (day !== undefined) start.setUTCDate(start.getUTCDate() + 1)
  else if (month !== undefined) start.setUTCMonth(start.getUTCMonth() + 1)
  else start.setUTCFullYear(start.getUTCFullYear() + 1)
  return start.toISOString()
}
