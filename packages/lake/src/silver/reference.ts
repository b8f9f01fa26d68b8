import { ident } from '../engine/sql.ts'
import type { Shape } from '../iceberg/shape.ts'

/**
 * SQL for the id that a literal reference to `type` names, relative or absolute, without its version; '' where it names none. Ids
 * are taken as widely as lines are (`a_b`, `1:2`): a resource that is loaded is found by what refers to it.
 */
export function referredId(type: string, reference: string): string {
  return `regexp_extract(${reference}, '(?:^|/)${type}/([^\\s"<>\\\\/?#]{1,64})(?:/_history/[^\\s/?#]{1,64})?$', 1)`
}

/** SQL of reference texts: of one, or of a list of them. */
export interface ReferenceSql {
  readonly sql: string
  readonly list: boolean
}

/** The texts of the references at a path, through lists; undefined where the table has none. */
export function referenceAt(base: string, path: readonly string[], shape: Shape): ReferenceSql | undefined {
  const [name = '', ...rest] = path
  const inner =
    typeof shape !== 'string' && 'struct' in shape && Object.hasOwn(shape.struct, name) ? shape.struct[name] : undefined
  if (inner === undefined) return undefined
  const sql = `${base}.${ident(name)}`
  const next = rest.length === 0 && name !== 'reference' ? ['reference'] : rest
  if (next.length === 0) return typeof inner === 'string' ? { sql, list: false } : undefined
  if (typeof inner === 'string' || !('list' in inner)) return referenceAt(sql, next, inner)
  const item = `x${next.length}`
  const of = referenceAt(item, next, inner.list)
  if (of === undefined) return undefined
  const items = `list_transform(${sql}, lambda ${item}: ${of.sql})`
  return { sql: of.list ? `flatten(${items})` : items, list: true }
}
