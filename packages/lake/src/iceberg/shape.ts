import { ident } from '../engine/sql.ts'
import {
  highestId,
  type IcebergSchema,
  type IcebergType,
  isList,
  isMap,
  isStruct,
  type NestedField,
  SchemaConflictError,
  type StructType,
} from './schema.ts'

/**
 * What columns a table should hold, free of ids and of any engine: an Iceberg primitive (`string`, `boolean`, `int`, `long`,
 * `float`, `double`, `decimal(38,12)`, `date`, `timestamptz` …), a struct whose key order is the column order, or a list.
 *
 * @example
 * const patient: Shape = { struct: { id: 'string', name: { list: { struct: { family: 'string' } } } } }
 */
export type Shape = string | StructShape | ListShape

export interface StructShape {
  readonly struct: Readonly<Record<string, Shape>>
}

export interface ListShape {
  readonly list: Shape
}

export interface EvolveOptions {
  /** The table's `last-column-id`: ids of dropped columns are never used again. Default: the highest of the schema. */
  readonly lastColumnId?: number
  /** Top-level columns that may not be null; only when the schema is made. */
  readonly required?: readonly string[]
  /** Names of the key columns (`identifier-field-ids`); they become required. Only when the schema is made. */
  readonly identifier?: readonly string[]
}

/**
 * The schema that holds what `schema` and `shape` hold together.
 *
 * Widens only: new columns and new nested fields (optional, with fresh ids, after the ones that are there), int → long,
 * float → double, more decimal digits. Gives back the same object when nothing is new. Throws `SchemaConflictError` otherwise.
 * `schema-id` of a changed schema is provisional: `stage` gives the table's next one.
 */
export function evolve(schema: IcebergSchema | undefined, shape: StructShape, options: EvolveOptions = {}): IcebergSchema {
  const ids = { last: options.lastColumnId ?? (schema === undefined ? 0 : highestId(schema)) }
  if (schema !== undefined) {
    const fields = widenFields(schema.fields, shape, [], ids)
    return fields === schema.fields ? schema : { ...schema, 'schema-id': schema['schema-id'] + 1, fields }
  }
  const required = new Set([...(options.required ?? []), ...(options.identifier ?? [])])
  const fields = freshFields(shape, ids).map((field) => (required.has(field.name) ? { ...field, required: true } : field))
  const keys = (options.identifier ?? []).map((name) => fields.find((field) => field.name === name)?.id)
  const known = keys.filter((id) => id !== undefined)
  if (known.length !== keys.length) throw new TypeError('an identifier field is not a column')
  return { type: 'struct', 'schema-id': 0, ...(known.length > 0 ? { 'identifier-field-ids': known } : {}), fields }
}

interface Ids {
  last: number
}

/** All fields of a struct get their ids before anything inside them does (spec: breadth-first, as Java's AssignFreshIds). */
function freshFields({ struct }: StructShape, ids: Ids): NestedField[] {
  const numbered = Object.entries(struct).map(([name, shape]) => ({ id: ++ids.last, name, shape }))
  return numbered.map(({ id, name, shape }) => ({ id, name, required: false, type: freshType(shape, ids) }))
}

function freshType(shape: Shape, ids: Ids): IcebergType {
  if (typeof shape === 'string') return shape
  if ('struct' in shape) return { type: 'struct', fields: freshFields(shape, ids) }
  return { type: 'list', 'element-id': ++ids.last, element: freshType(shape.list, ids), 'element-required': false }
}

function widenFields(
  fields: readonly NestedField[],
  shape: StructShape,
  path: readonly string[],
  ids: Ids,
): readonly NestedField[] {
  const known = new Set(fields.map(({ name }) => name))
  let changed = false
  const widened = fields.map((field) => {
    const want = Object.hasOwn(shape.struct, field.name) ? shape.struct[field.name] : undefined
    if (want === undefined) return field
    const type = widenType(field.type, want, [...path, field.name], ids)
    if (type === field.type) return field
    changed = true
    return { ...field, type }
  })
  const added = Object.fromEntries(Object.entries(shape.struct).filter(([name]) => !known.has(name)))
  const fresh = freshFields({ struct: added }, ids)
  return changed || fresh.length > 0 ? [...widened, ...fresh] : fields
}

function widenType(have: IcebergType, want: Shape, path: readonly string[], ids: Ids): IcebergType {
  if (typeof have === 'string' && typeof want === 'string') {
    const wide = widerPrimitive(have, want)
    if (wide === undefined) throw new SchemaConflictError(path.join('.'), have, want)
    return wide
  }
  if (isStruct(have) && typeof want !== 'string' && 'struct' in want) {
    const fields = widenFields(have.fields, want, path, ids)
    return fields === have.fields ? have : { ...have, fields }
  }
  if (isList(have) && typeof want !== 'string' && 'list' in want) {
    const element = widenType(have.element, want.list, [...path, 'element'], ids)
    return element === have.element ? have : { ...have, element }
  }
  if (isMap(have) && want === 'map') return have
  throw new SchemaConflictError(path.join('.'), kindOf(shapeOfType(have)), kindOf(want))
}

/** The type that holds values of both, if the spec lets `have` become it (spec: Schema Evolution). */
function widerPrimitive(have: string, want: string): string | undefined {
  if (have === want) return have
  for (const [narrow, wide] of [['int', 'long'] as const, ['float', 'double'] as const]) {
    if ((have === narrow && want === wide) || (have === wide && want === narrow)) return wide
  }
  const [a, b] = [decimalOf(have), decimalOf(want)]
  if (a === undefined || b === undefined || a.scale !== b.scale) return undefined
  return a.precision >= b.precision ? have : want
}

/** Precision and scale of `decimal(P,S)`. */
export function decimalOf(type: IcebergType): { precision: number; scale: number } | undefined {
  const match = typeof type === 'string' ? /^decimal\((\d+),\s*(\d+)\)$/.exec(type) : null
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) }
}

function kindOf(shape: Shape): string {
  return typeof shape === 'string' ? shape : 'struct' in shape ? 'an object' : 'a list'
}

/** What a schema really holds; a map column (of a foreign table) is the opaque primitive `map`. */
export function shapeOf(schema: StructType): StructShape {
  return { struct: Object.fromEntries(schema.fields.map(({ name, type }) => [name, shapeOfType(type)])) }
}

function shapeOfType(type: IcebergType): Shape {
  if (typeof type === 'string') return type
  if (isStruct(type)) return shapeOf(type)
  return isList(type) ? { list: shapeOfType(type.element) } : 'map'
}

const duckdbPrimitives: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  string: 'VARCHAR',
  uuid: 'UUID',
  binary: 'BLOB',
}

/** The DuckDB type that a shape or an Iceberg type is written as: `STRUCT("use" VARCHAR)[]`. */
export function duckdbType(type: Shape | IcebergType): string {
  if (typeof type === 'string') return primitiveType(type)
  if ('list' in type) return `${duckdbType(type.list)}[]`
  if ('struct' in type) return structType(Object.entries(type.struct))
  if (isList(type)) return `${duckdbType(type.element)}[]`
  if (isMap(type)) return `MAP(${duckdbType(type.key)}, ${duckdbType(type.value)})`
  return structType(type.fields.map((field) => [field.name, field.type]))
}

function structType(entries: readonly (readonly [string, Shape | IcebergType])[]): string {
  return `STRUCT(${entries.map(([name, type]) => `${ident(name)} ${duckdbType(type)}`).join(', ')})`
}

function primitiveType(type: string): string {
  const known = duckdbPrimitives[type]
  if (known !== undefined) return known
  const decimal = decimalOf(type)
  if (decimal !== undefined) return `DECIMAL(${decimal.precision}, ${decimal.scale})`
  if (/^fixed\[\d+\]$/.test(type)) return 'BLOB'
  throw new TypeError(`no DuckDB type for ${type}`)
}

/** The `FIELD_IDS` clause of a COPY that writes this schema, groups included. */
export function fieldIds(schema: StructType): string {
  return `{${schema.fields.map((field) => `${ident(field.name)}: ${idsOf(field.id, field.type)}`).join(', ')}}`
}

function idsOf(id: number, type: IcebergType): string {
  if (typeof type === 'string') return String(id)
  const inner = isStruct(type)
    ? type.fields.map((field) => `${ident(field.name)}: ${idsOf(field.id, field.type)}`)
    : isList(type)
      ? [`element: ${idsOf(type['element-id'], type.element)}`]
      : [`key: ${idsOf(type['key-id'], type.key)}`, `value: ${idsOf(type['value-id'], type.value)}`]
  return `{${[`__duckdb_field_id: ${id}`, ...inner].join(', ')}}`
}
