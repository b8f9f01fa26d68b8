import type { Shape, StructShape } from '../shape.ts'
import { isStruct } from '../shape.ts'
import { duckdb, jsonStructure } from './duckdb.ts'
import { fromJson, spark } from './spark.ts'

/** Where the resources of a view come from. */
export type Source =
  /**
   * A relation with one column per element: `"silver"."patient"`, or a SELECT in parentheses. With `resolve`, conditional
   * references (`Practitioner?identifier=system|value`) are looked up: a relation with the text columns type, system, value and
   * id, a row for each identifier of each resource. Without it they are empty. Of `keep`, text columns of the relation that are
   * no element of FHIR, each is handed on as it is, after the columns of the view.
   */
  | { readonly kind: 'table'; readonly sql: string; readonly resolve?: string; readonly keep?: readonly string[] }
  /**
   * NDJSON files, plain, `.gz` or `.zst`. `mixed` when a file may hold lines of other resource types: they are skipped either
   * way, but without `mixed` an element of theirs that has the name, but not the type of one of the view's, ends the query with
   * an error.
   */
  | { readonly kind: 'ndjson'; readonly files: readonly string[]; readonly mixed?: boolean; readonly maximumLine?: number }
  /** A relation with one column of JSON text, a resource in each row. */
  | { readonly kind: 'json'; readonly sql: string }

export interface Scan {
  readonly source: Source
  readonly resource: string
  /** The elements that are read. */
  readonly shape: StructShape
  /** Decimals are read with their digits as written; `marked` when they must be told from strings later on. */
  readonly exact: boolean
  readonly marked: boolean
  /** Columns beside the elements: of a table, or beside the JSON text. */
  readonly keep: readonly string[]
}

const MAXIMUM_LINE = 33_554_432
const TYPE = 'resourceType'

// Numbers with a fraction or an exponent outside of strings get quotes, so that their digits survive. A match is a string, kept, or a
// number, which then stands between two marks. U+0001 and U+0002 cannot stand in JSON text.
const NUMBERS = '("(?:[^"\\\\]|\\\\.)*")|(-?[0-9]+(?:\\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))'

/** The SELECT that gives the columns of the resources, in DuckDB. */
export function duckdbScan({ source, resource, shape, exact, marked, keep }: Scan): string {
  const { ident, text, type } = duckdb
  const names = Object.keys(shape.struct)
  const columns = selected(names.map(ident))
  if (source.kind === 'table') return ofTable(source.sql, [...names, ...keep].map(ident))
  const typed = withType(shape)
  if (source.kind === 'ndjson' && !source.mixed && !exact) {
    const types = Object.entries(typed.struct).map(([name, it]) => `${text(name)}: ${text(type(it))}`)
    return `select ${columns}\nfrom read_json(${files(source)}, columns = {${types.join(', ')}})\nwhere ${ident(TYPE)} = ${text(resource)}`
  }
  const lines = source.kind === 'json' ? source.sql : `read_ndjson_objects(${files(source)})`
  const marks = `regexp_replace(cast(json as varchar), ${text(NUMBERS)}, '\\1' || chr(1) || '\\2' || chr(2), 'g')`
  const json = exact ? quoted(marks, 'chr', text(quote(marked))) : 'json'
  const mine = `json_extract_string(json, '$.${TYPE}') = ${text(resource)}`
  return opened(`from_json(${json}, ${text(JSON.stringify(jsonStructure(filled(shape))))})`, {
    lines,
    mine,
    columns: names.map(ident),
    keep: keep.map(ident),
  })
}

/** The SELECT that gives the columns of the resources, in Spark. */
export function sparkScan({ source, resource, shape, exact, marked, keep }: Scan): string {
  const { ident, text } = spark
  const names = Object.keys(shape.struct)
  if (source.kind === 'table') return ofTable(source.sql, [...names, ...keep].map(ident))
  const texts = (paths: readonly string[]) => paths.map((path) => `select value from text.${ident(path)}`).join(' union all ')
  const lines = source.kind === 'json' ? source.sql : `(${texts(source.files)})`
  const marks = `regexp_replace(json, ${text(NUMBERS)}, ${text('$1\u0001$2\u0002')})`
  const json = exact ? quoted(marks, 'char', text(quote(marked))) : 'json'
  const mine = `get_json_object(json, '$.${TYPE}') = ${text(resource)}`
  return opened(fromJson(json, filled(shape)), { lines, mine, columns: names.map(ident), keep: keep.map(ident) })
}

/** Marks with nothing between them go; the others become quotes. */
const quoted = (marks: string, char: string, open: string): string =>
  `replace(replace(replace(${marks}, ${char}(1) || ${char}(2), ''), ${char}(1), ${open}), ${char}(2), '"')`
const quote = (marked: boolean): string => (marked ? '"\\u0001' : '"')

const ofTable = (table: string, columns: readonly string[]): string => `select ${selected(columns)}\nfrom ${table}`
const selected = (columns: readonly string[]): string => columns.join(', ') || '1 as one'
const withType = (shape: StructShape): StructShape => ({ struct: { [TYPE]: 'string', ...shape.struct } })
/** A struct needs a field, also for a view that reads none. */
const filled = (shape: StructShape): StructShape => (Object.keys(shape.struct).length ? shape : { struct: { id: 'string' } })

/**
 * Lines of JSON text opened to columns. Lines of other types drop out before they are parsed: a filter on what is parsed would
 * have engines parse twice.
 */
function opened(parsed: string, { lines, mine, columns, keep }: Lines): string {
  const fields = selected([...columns.map((name) => `r.${name}`), ...keep])
  const [read, named] = [[`${parsed} as r`, ...keep].join(', '), ['json', ...keep].join(', ')]
  return `select ${fields}\nfrom (\n  select ${read}\n  from ${lines} as lines(${named})\n  where ${mine}\n) as parsed`
}

interface Lines {
  readonly lines: string
  /** Whether a line is one of the type. */
  readonly mine: string
  readonly columns: readonly string[]
  readonly keep: readonly string[]
}

function files({ files: paths, maximumLine = MAXIMUM_LINE }: Source & { kind: 'ndjson' }): string {
  return `[${paths.map(duckdb.text).join(', ')}], format = 'newline_delimited', maximum_object_size = ${maximumLine}`
}

/** The part of a table's shape that a view reads. */
export function readColumns(schema: Shape | undefined, wanted: Iterable<string>): StructShape {
  const columns = isStruct(schema) ? schema.struct : {}
  return {
    struct: Object.fromEntries([...wanted].flatMap((name) => (columns[name] === undefined ? [] : [[name, columns[name]]]))),
  }
}
