import { patientElements } from '@floe/views/fhir'
import { ident, literal } from '../engine/sql.ts'
import { duckdbType, type Shape, type StructShape } from '../iceberg/shape.ts'
import { lastUpdatedOf } from './newest.ts'
import { referenceAt, referredId } from './reference.ts'

/** Columns of floe's own, before those of FHIR: readers keep bounds for the first hundred columns only. */
export const controlColumns: StructShape = {
  struct: {
    id: 'string',
    _source: 'string',
    _patient: 'string',
    _version_id: 'string',
    _last_updated: 'timestamptz',
    _export_id: 'string',
    _ingested_at: 'timestamptz',
  },
}

/** The exact text of the line; the last column of a table as it is made. */
export const rawColumn = '_raw'

/** Columns of a silver table that is made now: control columns, the elements that occur, `_raw`. */
export function silverShape(elements: StructShape, raw: boolean): StructShape {
  return { struct: { ...controlColumns.struct, ...dataColumns(elements), ...(raw ? { [rawColumn]: 'string' } : {}) } }
}

function dataColumns(shape: StructShape): Record<string, Shape> {
  const own = (name: string): boolean => Object.hasOwn(controlColumns.struct, name) || name === rawColumn
  const entries = Object.entries(shape.struct).filter(([name]) => !own(name))
  return Object.fromEntries(entries.filter(([, inner]) => !isEmpty(inner)).map(([name, inner]) => [name, withoutEmpty(inner)]))
}

/** Neither DuckDB nor Parquet has a struct without fields: an element of which nothing is known stays in the text only. */
function isEmpty(shape: Shape): boolean {
  if (typeof shape === 'string') return false
  return 'list' in shape ? isEmpty(shape.list) : Object.values(shape.struct).every(isEmpty)
}

function withoutEmpty(shape: Shape): Shape {
  if (typeof shape === 'string') return shape
  if ('list' in shape) return { list: withoutEmpty(shape.list) }
  const kept = Object.entries(shape.struct).filter(([, inner]) => !isEmpty(inner))
  return { struct: Object.fromEntries(kept.map(([name, inner]) => [name, withoutEmpty(inner)])) }
}

export interface LineSource {
  readonly type: string
  /** What the table holds, control columns included. */
  readonly columns: StructShape
  /** A relation with the line as its only column, `json`. */
  readonly lines: string
  readonly source: string
  readonly exportId: string
  readonly ingestedAt: string
}

/**
 * The SELECT that makes rows of lines: each is parsed once, into exactly the columns of the table.
 *
 * The parser never fails on a value: what does not fit its column becomes null, which is why lines are validated before (bronze).
 */
export function rowsOfLines({ type, columns, lines, source, exportId, ingestedAt }: LineSource): string {
  const parsed: StructShape = { struct: { id: 'string', ...dataColumns(columns) } }
  const control: Record<string, string> = {
    id: 'r.id',
    _source: literal(source),
    _patient: patientKey(type, parsed),
    _version_id: metaText(parsed, 'versionId'),
    _last_updated: lastUpdatedOf(metaText(parsed, 'lastUpdated')),
    _export_id: literal(exportId),
    _ingested_at: `timestamptz ${literal(ingestedAt)}`,
    [rawColumn]: 'json::varchar',
  }
  const select = Object.keys(columns.struct).map((name) => {
    const value = Object.hasOwn(control, name) ? control[name] : `r.${ident(name)}`
    return `${value} as ${ident(name)}`
  })
  return `select ${select.join(',\n  ')}\nfrom (select json, json_transform(json, ${literal(structure(parsed))}) as r from ${lines})`
}

/** Text of an element of `meta`; null where no resource of the table has it. */
function metaText({ struct }: StructShape, name: string): string {
  const { meta } = struct
  const known = meta !== undefined && typeof meta !== 'string' && 'struct' in meta && meta.struct[name] === 'string'
  return known ? `r."meta".${ident(name)}` : 'null::varchar'
}

/** The structure argument of `json_transform`. */
export function structure(shape: Shape): string {
  return JSON.stringify(structureOf(shape))
}

function structureOf(shape: Shape): unknown {
  if (typeof shape === 'string') return duckdbType(shape)
  if ('list' in shape) return [structureOf(shape.list)]
  return Object.fromEntries(Object.entries(shape.struct).map(([name, inner]) => [name, structureOf(inner)]))
}

/** Types that name several patients: none of them is the resource's. */
const ofNobody = new Set(['Group', 'Person'])

/** The id of the patient of a resource `r`: its own for Patient; null where no element refers to one by its id. */
export function patientKey(type: string, columns: StructShape): string {
  if (type === 'Patient') return 'r.id'
  if (ofNobody.has(type)) return 'null'
  const keys = patientElements(type).flatMap((path) => {
    const value = referenceAt('r', path.split('.'), columns)
    if (value === undefined) return []
    return value.list
      ? [`list_filter(list_transform(${value.sql}, lambda p: ${patientId('p')}), lambda p: p is not null)[1]`]
      : [patientId(value.sql)]
  })
  return keys.length === 0 ? 'null' : keys.length === 1 ? `${keys[0]}` : `coalesce(${keys.join(', ')})`
}

/** Relative references are by far the most, so they pay for no regular expression. */
function patientId(reference: string): string {
  return `case
    when starts_with(${reference}, 'Patient/') and not contains(substr(${reference}, 9), '/') and not contains(${reference}, '?') then nullif(substr(${reference}, 9), '')
    else nullif(${referredId('Patient', reference)}, '') end`
}
