import { ID_PATTERN as ID } from '../fhir/ids.ts'
import type { Arg, Dialect, Printing } from './dialect.ts'

/** The common table expression of all keys that lead to one resource, and the column of the same as a map. */
export const REFERENCES = 'references_by_key'
const MAP = 'references_map'
const ANY = '[A-Z][A-Za-z]+'

/**
 * The id that a literal reference gives: `Type/id`, relative or absolute, without its version. A conditional one
 * (`Practitioner?identifier=system|value`) is looked up where the source knows the identifiers of all resources.
 */
export function referenceKey(print: Printing, reference: Arg, resource?: string): string {
  const { dialect, references, nested } = print
  const literal = print.once(reference, (sql) => literalKey(dialect, sql, resource))
  if (!references) return literal
  const pattern = dialect.text(`(?:^|/)((?:${resource ?? ANY})[?]identifier=.+)$`)
  const key = `replace(regexp_extract(${reference.sql}, ${pattern}, 1), '%7C', '|')`
  if (!nested) return `coalesce(${literal}, (select max(r.id) from ${REFERENCES} as r where r.key = ${key}))`
  references.nested = true
  return `coalesce(${literal}, ${dialect.lookUp(dialect.ident(MAP), key)})`
}

/** Taking a group out of a match costs RE2 ten times as much as a match: the two common forms are cut without. */
function literalKey(dialect: Dialect, sql: string, resource: string | undefined): string {
  const type = resource ?? ANY
  const cut = resource === undefined ? `split_part(${sql}, '/', 2)` : `substr(${sql}, ${resource.length + 2})`
  const relative = `when ${dialect.fullMatch(sql, dialect.text(`${type}/${ID}`))} then ${cut}`
  const absolute = `when ${dialect.fullMatch(sql, dialect.text(`https?://[^?#]+/${type}/${ID}`))} then split_part(${sql}, '/', -1)`
  const versioned = `nullif(regexp_extract(${sql}, ${dialect.text(`^(?:https?://[^?#]+/)?(${type})/(${ID})(?:/_history/${ID})?$`)}, 2), '')`
  return `case ${relative} ${absolute} else ${versioned} end`
}

/** `with` clause for a relation with the columns type, system, value and id: a row for each identifier of each resource. */
export function referencesTable(relation: string): string {
  const rows = ["system || '|' ||", "case when system is null then '|' end ||", ''].map(
    (system) => `select type || '?identifier=' || ${system} value as key, id from ${relation} as identifiers`,
  )
  const keys = rows.join('\n  union all ')
  return `with ${REFERENCES} as (\n  select key, max(id) as id\n  from (${keys}) as keys\n  where key is not null\n  group by key\n  having count(distinct id) = 1\n)\n`
}

export const mapColumn = (dialect: Dialect): string =>
  `(select ${dialect.mapOf(REFERENCES)} from ${REFERENCES}) as ${dialect.ident(MAP)}`
