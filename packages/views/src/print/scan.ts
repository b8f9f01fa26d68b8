import type { Shape, StructShape } from '../shape.ts'
import { isStruct } from '../shape.ts'
import type { Dialect } from './dialect.ts'
import { jsonStructure } from './duckdb.ts'

/** Where the resources of a view come from. */
export type Source =
  /** A relation with one column per element: `"silver"."patient"`, or a SELECT in parentheses. */
  | { readonly kind: 'table'; readonly sql: string }
  /** NDJSON files, plain, `.gz` or `.zst`. `mixed` when a file may hold lines of other resource types. */
  | { readonly kind: 'ndjson'; readonly files: readonly string[]; readonly mixed?: boolean; readonly maximumLine?: number }
  /** A relation with one column of JSON text, a resource in each row. */
  | { readonly kind: 'json'; readonly sql: string }

const MAXIMUM_LINE = 33_554_432
const TYPE = 'resourceType'

// Numbers with a fraction or an exponent outside of strings get quotes, so that their digits survive. A match is a string, kept, or a number,
// which then stands between two marks; marks with nothing between them go, the others become quotes. U+0001 cannot stand in JSON text.
const NUMBERS = '("(?:[^"\\\\]|\\\\.)*")|(-?[0-9]+(?:\\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))'

export interface Scan {
  readonly source: Source
  readonly resource: string
  /** The elements that are read. */
  readonly shape: StructShape
  /** Decimals are read with their digits as written. */
  readonly exact: boolean
}

/** The SELECT that gives the columns of the resources, in DuckDB. */
export function duckdbScan(dialect: Dialect, { source, resource, shape, exact }: Scan): string {
  const names = Object.keys(shape.struct)
  const columns = names.map((name) => dialect.ident(name)).join(', ') || '1 as one'
  if (source.kind === 'table') return `select ${columns}\nfrom ${source.sql}`
  const typed: StructShape = { struct: { [TYPE]: 'string', ...shape.struct } }
  const mine = `${dialect.ident(TYPE)} = ${dialect.text(resource)}`
  if (source.kind === 'ndjson' && !source.mixed && !exact) {
    const types = Object.entries(typed.struct).map(([name, it]) => `${dialect.text(name)}: ${dialect.text(dialect.type(it))}`)
    return `select ${columns}\nfrom read_json(${fileList(dialect, source)}, columns = {${types.join(', ')}})\nwhere ${mine}`
  }
  const lines = source.kind === 'json' ? source.sql : `read_ndjson_objects(${fileList(dialect, source)})`
  const json = exact ? exactText('json') : 'json'
  const parsed = `select from_json(${json}, ${dialect.text(JSON.stringify(jsonStructure(typed)))}) as r\nfrom ${lines} as lines(json)`
  const fields = names.map((name) => `r.${dialect.ident(name)}`).join(', ') || '1 as one'
  return `select ${fields}\nfrom (\n  ${parsed.replaceAll('\n', '\n  ')}\n) as parsed\nwhere r.${mine}`

  function exactText(column: string): string {
    const marked = `regexp_replace(cast(${column} as varchar), ${dialect.text(NUMBERS)}, '\\1' || chr(1) || '\\2' || chr(1), 'g')`
    return `replace(replace(${marked}, chr(1) || chr(1), ''), chr(1), '"')`
  }
}

function fileList(dialect: Dialect, { files, maximumLine = MAXIMUM_LINE }: Source & { kind: 'ndjson' }): string {
  return `[${files.map((file) => dialect.text(file)).join(', ')}], format = 'newline_delimited', maximum_object_size = ${maximumLine}`
}

/** The part of a table's shape that a view reads. */
export function readColumns(schema: Shape | undefined, wanted: Iterable<string>): StructShape {
  const columns = isStruct(schema) ? schema.struct : {}
  return {
    struct: Object.fromEntries([...wanted].flatMap((name) => (columns[name] === undefined ? [] : [[name, columns[name]]]))),
  }
}
