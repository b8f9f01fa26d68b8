import type { TypeFilter } from '@floe/lake'
import { resourceTypes } from '@floe/views/fhir'
import { badParameter } from '../refusal.ts'

/** More than anybody means; each becomes a condition of the statement. */
const longest = { filters: 200, values: 1000 }

/** `Type?name=value&…`, several of them separated by commas; a comma inside a value separates alternatives. */
export function typeFilters(texts: readonly string[]): TypeFilter[] {
  const filters = texts.flatMap((text) => text.split(/,(?=[A-Z][A-Za-z]*\?)/)).map(typeFilter)
  const values = filters.reduce((sum, { parameters }) => sum + parameters.reduce((all, one) => all + one.values.length, 0), 0)
  if (filters.length > longest.filters || values > longest.values) {
    throw badParameter('_typeFilter', `More than ${longest.filters} filters, or ${longest.values} values, are not taken.`)
  }
  return filters
}

/** The searches of scopes, as filters of a type. */
export function scopeFilters(type: string, queries: readonly string[]): TypeFilter[] {
  return queries.map((query) => typeFilter(`${type}?${query}`))
}

function typeFilter(text: string): TypeFilter {
  const at = text.indexOf('?')
  const type = at < 0 ? '' : text.slice(0, at)
  if (!resourceTypes.has(type)) {
    throw badParameter('_typeFilter', 'A _typeFilter is a resource type and a search: Observation?status=final')
  }
  const parameters = Array.from(new URLSearchParams(text.slice(at + 1)), ([name, value]) => ({
    name,
    values: alternatives(value.replace(/ (?=\d\d:\d\d$)/, '+')),
  }))
  if (parameters.length === 0) throw badParameter('_typeFilter', `The _typeFilter of ${type} has no search parameter.`)
  return { type, parameters }
}

/** R4 search §2.1.1.4.1: `\,` is a comma of the value. */
function alternatives(value: string): string[] {
  return value.split(/(?<!\\),/).map((one) => one.replace(/\\([,|$\\])/g, '$1'))
}
