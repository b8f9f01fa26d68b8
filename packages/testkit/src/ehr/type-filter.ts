import { patientOf, type Resource, resourceTypes } from './fhir.ts'

/** One search parameter of a `_typeFilter`: the values are alternatives. */
export interface Criterion {
  matches(resource: Resource): boolean
}

/** Token parameters that are served, with the element that each looks at. */
const tokenElements: Readonly<Record<string, string>> = {
  status: 'status',
  gender: 'gender',
  code: 'code',
  category: 'category',
  'clinical-status': 'clinicalStatus',
  'verification-status': 'verificationStatus',
  intent: 'intent',
  type: 'type',
  class: 'class',
}

/** Date parameters that are served, with the elements that each looks at. */
const dateElements: Readonly<Record<string, readonly string[]>> = {
  _lastUpdated: ['meta.lastUpdated'],
  date: [
    'effectiveDateTime',
    'effectiveInstant',
    'effectivePeriod.start',
    'period.start',
    'performedDateTime',
    'performedPeriod.start',
  ],
  'recorded-date': ['recordedDate'],
  issued: ['issued'],
  authoredon: ['authoredOn'],
  birthdate: ['birthDate'],
}

/**
 * Reads `Type?parameter=value&…`; text is the reason of a 400.
 *
 * A small subset, told in the CapabilityStatement: tokens, dates with prefixes, patient and subject. Nothing else is taken, so
 * that no filter is ignored silently.
 */
export function parseTypeFilter(text: string): { type: string; criteria: Criterion[] } | string {
  const [type = '', query = ''] = text.split(/\?(.*)/s)
  if (!resourceTypes.has(type)) return '_typeFilter has to begin with a resource type and ?'
  const criteria: Criterion[] = []
  for (const [name, value] of new URLSearchParams(query)) {
    const criterion = criterionOf(name, value.split(','))
    if (criterion === null) return `_typeFilter does not support ${type}?${name.slice(0, 40)}`
    criteria.push(criterion)
  }
  return criteria.length === 0 ? '_typeFilter has no search parameter' : { type, criteria }
}

/** The names that {@link parseTypeFilter} takes. */
export const typeFilterParameters: readonly string[] = [
  ...Object.keys(tokenElements),
  ...Object.keys(dateElements),
  'patient',
  'subject',
]

/** One search parameter with its alternatives; `null` when it is not supported. */
export function criterionOf(name: string, values: readonly string[]): Criterion | null {
  const element = tokenElements[name]
  if (element !== undefined) return { matches: (resource) => values.some((value) => hasToken(resource[element], value)) }
  if (name === 'patient' || name === 'subject') {
    const ids = new Set(values.map((value) => value.replace(/^.*Patient\//, '')))
    return { matches: (resource) => ids.has(patientOf(resource) ?? '') }
  }
  const elements = dateElements[name]
  if (elements === undefined) return null
  const tests = values.map(dateTest)
  if (tests.includes(null)) return null
  return { matches: (resource) => elements.some((path) => tests.some((test) => test?.(dateAt(resource, path)) === true)) }
}

function hasToken(value: unknown, token: string): boolean {
  if (Array.isArray(value)) return value.some((item) => hasToken(item, token))
  const [system, code] = token.includes('|') ? token.split('|', 2) : [undefined, token]
  if (typeof value === 'string') return value === code
  if (typeof value !== 'object' || value === null) return false
  const { coding, ...rest } = value as { coding?: unknown; system?: unknown; code?: unknown }
  if (coding !== undefined) return hasToken(coding, token)
  return (
    (code === '' || rest.code === code) && (system === undefined || rest.system === system || (system === '' && !rest.system))
  )
}

function dateAt(resource: Resource, path: string): string | null {
  let value: unknown = resource
  for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step]
  return typeof value === 'string' ? value : null
}

/** A date with a prefix, as a test; partial dates compare as the span that they name. */
function dateTest(text: string): ((value: string | null) => boolean) | null {
  const [, prefix = '', date = ''] = /^(eq|ge|gt|le|lt)?(\d{4}.*)$/.exec(text) ?? []
  const span = spanOf(date)
  if (span === null) return null
  return (value) => {
    const other = value === null ? null : spanOf(value)
    if (other === null) return false
    if (prefix === 'ge') return other.to > span.from
    if (prefix === 'gt') return other.to > span.to
    if (prefix === 'le') return other.from < span.to
    if (prefix === 'lt') return other.from < span.from
    return other.from >= span.from && other.to <= span.to
  }
}

function spanOf(text: string): { from: number; to: number } | null {
  const [, year, month, day, rest] = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T.*)?)?)?$/.exec(text) ?? []
  if (year === undefined) return null
  const y = Number(year)
  if (month === undefined) return { from: Date.UTC(y, 0), to: Date.UTC(y + 1, 0) }
  const m = Number(month) - 1
  if (day === undefined) return { from: Date.UTC(y, m), to: Date.UTC(y, m + 1) }
  if (rest === undefined) return { from: Date.UTC(y, m, Number(day)), to: Date.UTC(y, m, Number(day) + 1) }
  const from = Date.parse(text)
  return Number.isNaN(from) ? null : { from, to: from + 1 }
}
