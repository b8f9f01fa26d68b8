import { ident, literal } from '../engine/sql.ts'
import {
  fieldNodes,
  type IcebergSchema,
  type IcebergType,
  isList,
  isMap,
  isStruct,
  type NestedField,
  type StructType,
  sameType,
} from './schema.ts'
import { duckdbType } from './shape.ts'

/**
 * A column of `schema` out of a file that was written with `written`: found by field id, converted where the type has grown
 * since.
 */
export function projectColumn(field: NestedField, written: StructType): string {
  const source = written.fields.find(({ id }) => id === field.id)
  if (source === undefined) return `null::${duckdbType(field.type)} as ${ident(field.name)}`
  const expression = convert(ident(source.name), source.type, field.type)
  return expression === ident(field.name) ? expression : `${expression} as ${ident(field.name)}`
}

function convert(expression: string, from: IcebergType, to: IcebergType): string {
  if (sameType(from, to)) return expression
  if (castByName(from, to)) return `cast(${expression} as ${duckdbType(to)})`
  if (isStruct(from) && isStruct(to)) {
    const fields = to.fields.map((field) => {
      const source = from.fields.find(({ id }) => id === field.id)
      const value =
        source === undefined
          ? `null::${duckdbType(field.type)}`
          : convert(`${expression}.${ident(source.name)}`, source.type, field.type)
      return `${ident(field.name)} := ${value}`
    })
    return `case when ${expression} is not null then struct_pack(${fields.join(', ')}) end`
  }
  if (isList(from) && isList(to)) return `list_transform(${expression}, lambda x: ${convert('x', from.element, to.element)})`
  if (isMap(from) && isMap(to)) {
    const entry = `struct_pack(k := ${convert('x.key', from.key, to.key)}, v := ${convert('x.value', from.value, to.value)})`
    return `map_from_entries(list_transform(map_entries(${expression}), lambda x: ${entry}))`
  }
  return `cast(${expression} as ${duckdbType(to)})`
}

/** A field that is no part of a list or a map, by its id; undefined where the file has none. */
export function leafOf(written: StructType, id: number): string | undefined {
  const node = fieldNodes(written).find((each) => each.id === id && !each.repeated)
  return node?.path.map(ident).join('.')
}

/** DuckDB casts structs by field name: right as long as every name means the same id on both sides. */
function castByName(from: IcebergType, to: IcebergType): boolean {
  if (isStruct(from) && isStruct(to)) {
    return to.fields.every((field) => {
      const byId = from.fields.find(({ id }) => id === field.id)
      const byName = from.fields.find(({ name }) => name === field.name)
      return byId === byName && (byId === undefined || castByName(byId.type, field.type))
    })
  }
  if (isList(from) && isList(to)) return castByName(from.element, to.element)
  if (isMap(from) && isMap(to)) return castByName(from.key, to.key) && castByName(from.value, to.value)
  return typeof from === 'string' && typeof to === 'string'
}

/** The `schema` argument of `read_parquet`: columns by field id, nested fields by name, what is missing as NULL. */
export function mappedSchema(fields: readonly NestedField[]): string {
  const columns = fields.map(
    ({ id, name, type }) => `${id}: {name: ${literal(name)}, type: ${literal(duckdbType(type))}, default_value: NULL}`,
  )
  return `schema = map {${columns.join(', ')}}`
}

/**
 * Path of a nested field that had another name, or whose name belonged to another field, in an older schema: a file of an unknown
 * writer cannot be read through `mappedSchema` then, because it would show nulls or dropped values. Undefined when all is well.
 */
export function renamedField(schema: IcebergSchema, schemas: readonly IcebergSchema[]): string | undefined {
  const now = new Map(nested(schema).map(({ id, path }) => [id, path]))
  const byPath = new Map(nested(schema).map(({ id, path }) => [path, id]))
  for (const { id, path } of schemas.flatMap(nested)) {
    const [name, owner] = [now.get(id), byPath.get(path)]
    if ((name !== undefined && name !== path) || (owner !== undefined && owner !== id)) return name ?? path
  }
  return undefined
}

/** Paths of nested fields, below their top-level column (told by its id: columns are found by id). */
function nested(schema: IcebergSchema): { id: number; path: string }[] {
  const top = new Map(schema.fields.map(({ id, name }) => [name, id]))
  return fieldNodes(schema)
    .filter(({ path }) => path.length > 1)
    .map(({ id, path: [column = '', ...rest] }) => ({ id, path: [top.get(column), ...rest].join('.') }))
}
