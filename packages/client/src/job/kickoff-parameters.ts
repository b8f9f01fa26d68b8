import { BulkError } from '../errors.ts'
import type { StoredRequest } from '../folder/state.ts'
import type { Capabilities } from '../http/discovery.ts'

/**
 * Parameters of a search's result, not of what matches (FHIR R4, Search, "Parameters for all resources" and "Search result
 * parameters").
 */
const resultParameters: ReadonlySet<string> = new Set([
  '_sort',
  '_count',
  '_include',
  '_revinclude',
  '_summary',
  '_total',
  '_elements',
  '_contained',
  '_containedType',
  '_format',
  '_pretty',
])

/**
 * Refuses a `_typeFilter` that the specification does not allow: one type, and nothing that shapes the result (Bulk Data IG,
 * `_typeFilter`).
 */
export function checkTypeFilter(filter: string): void {
  const [, context, query = ''] = /^([^?]*)\?(.+)$/s.exec(filter) ?? []
  if (context === undefined || !/^[A-Z][A-Za-z]{0,63}$/.test(context)) {
    throw usage(`a type filter is a search of one type, not "${filter.slice(0, 60)}"`, 'Observation?category=laboratory')
  }
  const wrong = parameterNames(query).find((name) => resultParameters.has(name))
  if (wrong !== undefined) throw usage(`${wrong} shapes the result of a search: it cannot stand in a type filter`)
}

/** Names of the parameters of a query, without modifiers and chains. */
function parameterNames(query: string): string[] {
  return [...new URLSearchParams(query).keys()].map((name) => name.split(/[:.]/)[0] ?? '')
}

/** Search parameters that every server may have without listing them. */
const common: ReadonlySet<string> = new Set([
  '_id',
  '_lastUpdated',
  '_tag',
  '_profile',
  '_security',
  '_has',
  '_filter',
  '_text',
  '_content',
])

/**
 * What a person should know before waiting for weeks: filters by parameters that the CapabilityStatement does not list for their
 * type.
 */
export function unlistedFilters(
  { typeFilter = [] }: StoredRequest,
  { searchParameters }: Pick<Capabilities, 'searchParameters'>,
): string[] {
  return typeFilter.flatMap((filter) => {
    const [type = '', query = ''] = filter.split(/\?(.*)/s)
    const listed = searchParameters.get(type)
    if (listed === undefined) return []
    return parameterNames(query)
      .filter((name) => !listed.has(name) && !common.has(name))
      .map((name) => `the server does not list the search parameter ${name} of ${type}: it may ignore or refuse that filter`)
  })
}

/**
 * What may be left out without losing data, with the name of each in the request. Not the times, types and patients: these say
 * what is wanted.
 */
const optional = {
  _outputFormat: 'outputFormat',
  _elements: 'elements',
  _typeFilter: 'typeFilter',
  includeAssociatedData: 'includeAssociatedData',
  organizeOutputBy: 'organizeOutputBy',
  allowPartialManifests: 'allowPartialManifests',
} as const satisfies Record<string, keyof StoredRequest>

/** Optional parameters of a request that a refusal names. */
export function namedParameters(request: StoredRequest, refusal: string): string[] {
  const sent = Object.entries(optional).flatMap(([name, key]) => (request[key] === undefined ? [] : [name]))
  const others = (request.parameters ?? []).map(([name]) => name)
  // `elements` stands within `_elements`: the whole word counts.
  return [...sent, ...others].filter((name) => new RegExp(`(^|[^\\w])${name.replaceAll(/\W/g, '\\$&')}($|\\W)`).test(refusal))
}

/** A request without some of its parameters. */
export function withoutParameters(request: StoredRequest, names: readonly string[]): StoredRequest {
  const keys: ReadonlySet<string> = new Set(
    Object.entries(optional).flatMap(([name, key]) => (names.includes(name) ? [key] : [])),
  )
  const kept = Object.fromEntries(Object.entries(request).filter(([key]) => !keys.has(key))) as unknown as StoredRequest
  const parameters = request.parameters?.filter(([name]) => !names.includes(name))
  return parameters === undefined ? kept : { ...kept, parameters }
}

function usage(message: string, hint?: string): BulkError {
  return new BulkError({ code: 'usage', message, hint })
}
