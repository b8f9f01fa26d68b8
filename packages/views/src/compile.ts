import type { Expr, Plan, PlanColumn } from './ir.ts'
import type { Usage } from './lower/usage.ts'
import { markExact, shapeOfUsage, usesExact, usesWhole } from './lower/usage.ts'
import { lowerView, newRecord } from './lower/view.ts'
import { duckdb } from './print/duckdb.ts'
import type { Source } from './print/scan.ts'
import { duckdbScan, readColumns, sparkScan } from './print/scan.ts'
import { spark } from './print/spark.ts'
import { printPlan } from './print/statement.ts'
import type { Shape, TableSchema } from './shape.ts'
import { isStruct } from './shape.ts'
import type { View } from './view-definition.ts'
import { parseView } from './view-definition.ts'

/** What {@link compile} compiles a view for. */
export interface CompileOptions {
  readonly dialect?: 'duckdb' | 'spark'
  /**
   * The columns that a table really holds: what it lacks is null. Without it a table is taken to hold all that the view reads.
   */
  readonly schema?: TableSchema
  readonly source: Source
}

/** A column of the result, in the order of the view. */
export interface ResultColumn {
  readonly name: string
  /** The FHIR type of a value (`date`, `HumanName`), of an item where `collection`. */
  readonly type: string
  readonly collection: boolean
  /** The type in the SQL dialect; `json` (text) or a struct for a complex value. */
  readonly sqlType: string
  readonly shape: Shape
}

/** A compiled view. */
export interface CompiledView {
  readonly sql: string
  readonly columns: readonly ResultColumn[]
}

/**
 * Compiles a ViewDefinition to one SELECT. Throws a ViewError that names the element of the view, and the place in its FHIRPath
 * expression. Rows come back as FHIR text: dates, times and codes as they were loaded; decimals as numbers; a complex value as a
 * struct whose absent fields are null, or as JSON text (`sqlType` `json`).
 *
 * @example
 * const { sql, columns } = compile(view, { dialect: 'duckdb', source: { kind: 'ndjson', files: ['Patient.ndjson'] } })
 */
export function compile(view: unknown, { dialect = 'duckdb', schema, source }: CompileOptions): CompiledView {
  const parsed = parseView(view)
  const recorded = newRecord()
  lowerView(parsed, recorded)
  const exact = usesExact(recorded.usage)
  const marked =
    exact && source.kind !== 'table'
      ? usesWhole(recorded.usage)
      : exact && schema?.struct._raw === 'string' && usesWhole(recorded.usage)
  // Spark reads no number from a quoted one, nor does DuckDB from a marked one: then all decimals are texts.
  if (exact && (marked || dialect === 'spark')) markExact(recorded.usage)
  const plain = withDigits(source, schema, exact, dialect)
  const shape =
    plain.kind === 'table' && schema ? readColumns(schema, recorded.usage.fields.keys()) : shapeOf(recorded.usage, plain.kind)
  const kept = keptColumns(source, schema)
  const plan = withColumns(lowerView(parsed, recorded, shape, marked), kept)
  const read = readColumns(shape, recorded.usage.fields.keys())
  const keep = kept.flatMap(({ name, expr }) => (expr.op === 'column' ? [name] : []))
  const scan = { source: plain, resource: parsed.resource, shape: read, exact: exact && plain.kind !== 'table', marked, keep }
  const resolve = source.kind === 'table' ? source.resolve : undefined
  const columns = plan.columns.map((column) => resultColumn(column, dialect))
  return {
    sql:
      dialect === 'spark' ? printPlan(spark, plan, sparkScan(scan), resolve) : printPlan(duckdb, plan, duckdbScan(scan), resolve),
    columns,
  }
}

/** What a table hands on beside the view: null where it has no such column. */
function keptColumns(source: Source, schema: TableSchema | undefined): PlanColumn[] {
  const names = source.kind === 'table' ? (source.keep ?? []) : []
  return names.map((name) => {
    const expr: Expr = schema && schema.struct[name] === undefined ? { op: 'null', shape: 'string' } : { op: 'column', name }
    return { name, expr, shape: 'string', type: 'string', collection: false }
  })
}

const withColumns = (plan: Plan, kept: readonly PlanColumn[]): Plan => ({ ...plan, columns: [...plan.columns, ...kept] })

function shapeOf(usage: Usage, kind: Source['kind']): TableSchema {
  const shape = shapeOfUsage(usage, kind !== 'table')
  return isStruct(shape) ? shape : { struct: {} }
}

/** Digits as written are in the JSON text of a table only: its other columns hold numbers. */
function withDigits(source: Source, schema: TableSchema | undefined, exact: boolean, dialect: 'duckdb' | 'spark'): Source {
  if (source.kind !== 'table' || !exact || schema?.struct._raw !== 'string') return source
  const { keep = [] } = source
  const columns = ['_raw', ...keep.filter((name) => schema.struct[name] !== undefined)].map(
    (dialect === 'spark' ? spark : duckdb).ident,
  )
  return { kind: 'json', sql: `(select ${columns.join(', ')} from ${source.sql})` }
}

/** What a plan tells about a column. */
export function resultColumn(
  { name, type, collection, shape }: PlanColumn,
  dialect: 'duckdb' | 'spark' = 'duckdb',
): ResultColumn {
  return { name, type, collection, shape, sqlType: (dialect === 'spark' ? spark : duckdb).type(shape) }
}

/** Checks a ViewDefinition against FHIR R4, with every expression; returns it parsed, or throws a ViewError. */
export function check(view: unknown): View {
  const parsed = parseView(view)
  lowerView(parsed, newRecord())
  return parsed
}
