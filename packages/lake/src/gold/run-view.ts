import { readdir } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type CompiledView, check, compile, type Source } from '@floe/views'
import { openEngine } from '../engine/duckdb.ts'
import type { Engine, QueryRows, Row } from '../engine/engine.ts'
import { literal } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { type StructShape, shapeOf } from '../iceberg/shape.ts'
import type { Table } from '../iceberg/table.ts'
import { conditionalReferences } from '../silver/context.ts'
import { escapeGlob } from '../silver/copy.ts'
import type { QueryResult, ViewOptions } from '../types.ts'
import { checkArchives } from './archives.ts'
import { compileLookingUp, makeLookups } from './lookups.ts'
import { resultOf } from './query.ts'

/** A silver table as a view reads it; a type that was never loaded has neither columns nor rows. */
export interface ViewTable {
  readonly relation: string
  readonly schema: StructShape
  /** Some of its references may be conditional: they are looked up. */
  readonly conditional: boolean
}

export async function viewTable(tables: readonly Table[], type: string): Promise<ViewTable> {
  const table = tables.find(({ namespace, name }) => namespace === 'silver' && name === type.toLowerCase())
  if (table === undefined) return { relation: '(select 1 as one where false)', schema: { struct: {} }, conditional: false }
  const plan = await planScan(table)
  const conditional = table.metadata.properties[conditionalReferences] === 'true'
  return { relation: `(${scanSql(plan)})`, schema: shapeOf(plan.schema), conditional }
}

/** Runs one ViewDefinition over all rows of silver. A wrong view is a `ViewError`, before anything runs. */
export async function runViewOnTables(
  view: unknown,
  tables: readonly Table[],
  engine: Engine,
  options: ViewOptions = {},
): Promise<QueryResult> {
  try {
    const compiled = await compileOnTables(view, tables, engine)
    return await rowsOfView(engine, compiled, options)
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw viewFailure(error)
  }
}

async function compileOnTables(view: unknown, tables: readonly Table[], engine: Engine): Promise<CompiledView> {
  const { relation, schema, conditional } = await viewTable(tables, check(view).resource)
  return compileLookingUp(view, { schema, sql: relation }, conditional ? await makeLookups(engine, tables) : undefined)
}

/** The engine's plan of a view over silver, as text. */
export async function explainViewOnTables(view: unknown, tables: readonly Table[], engine: Engine): Promise<string> {
  const { sql } = await compileOnTables(view, tables, engine)
  const rows = await engine.all<{ explain_value: string }>(`explain ${sql}`)
  return rows.map((row) => row.explain_value).join('\n')
}

/**
 * Runs one ViewDefinition over the NDJSON of a folder, without a lake: every `*.ndjson`, plain or compressed, but `log.ndjson`.
 * Lines tell their types, whatever the files are called.
 *
 * @example
 * await using result = await runViewOnFolder(view, './2026-11-21')
 * for await (const rows of result.rows) console.log(rows)
 */
export async function runViewOnFolder(view: unknown, folder: string, options: ViewOptions = {}): Promise<QueryResult> {
  check(view)
  const names = (await readdir(folder)).filter(
    (name) => /\.ndjson(\.(gz|zst))?$/i.test(name) && !/^(log\.ndjson$|\.)/i.test(name),
  )
  const paths = names.toSorted().map((name) => join(folder, name))
  await checkArchives(paths, options.signal)
  const files = paths.map(escapeGlob)
  const source: Source =
    files.length === 0 ? { kind: 'json', sql: '(select null::json as json where false)' } : { kind: 'ndjson', files, mixed: true }
  const engine = await openEngine({ tempDir: join(tmpdir(), `floe-${process.pid}`), threads: availableParallelism() })
  try {
    if (options.parquet !== undefined && files.length > 0) {
      // Rows have no order: a quarter less work than to keep that of the lines.
      await engine.run('set preserve_insertion_order = false')
      const written = await writtenAtOnce(
        engine,
        compile(view, { dialect: 'duckdb', source: { kind: 'ndjson', files } }),
        options,
      )
      if (written !== undefined) return written
    }
    return await rowsOfView(engine, compile(view, { dialect: 'duckdb', source }), options)
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw viewFailure(error)
  }
}

/**
 * Lines parsed straight into columns cost half as much, but a line of another type that has an element of the same name and
 * another kind ends the query. A file that is written as a whole can be begun again; rows that were handed out cannot.
 */
async function writtenAtOnce(engine: Engine, compiled: CompiledView, options: ViewOptions): Promise<QueryResult | undefined> {
  try {
    return await rowsOfView(engine, compiled, options)
  } catch (error) {
    const badLine = error instanceof LakeError && error.code === 'sql' && viewFailure(error) === error
    if (badLine) return undefined
    throw error
  }
}

/** Rows of a compiled view; the result closes the engine. */
export async function rowsOfView(
  engine: Engine,
  { sql, columns: compiled }: CompiledView,
  { parquet, signal }: ViewOptions,
): Promise<QueryResult> {
  const run = signal === undefined ? {} : { signal }
  if (parquet !== undefined) {
    await engine.run(`copy (${sql}) to ${literal(parquet)} (format parquet, compression zstd)`, run)
    return resultOf(engine, { columns: [], rows: (async function* () {})() })
  }
  const { columns, rows }: QueryRows = await engine.query(sql, run)
  return resultOf(engine, { columns, rows: failingAsView(asFhir(rows, compiled)) })
}

/**
 * Values as FHIR JSON has them, whatever the engine read: a complex value from NDJSON comes as JSON text, one of a table as a
 * struct whose absent fields are null, an empty collection as null.
 */
async function* asFhir(rows: AsyncIterable<readonly Row[]>, columns: CompiledView['columns']): AsyncIterable<readonly Row[]> {
  const changes = columns.flatMap(({ name, collection, sqlType, shape }) => {
    const item = typeof shape === 'object' && 'list' in shape ? shape.list : shape
    const text = sqlType === 'json' || sqlType === 'json[]'
    return collection || text || typeof item === 'object' ? [{ name, collection, value: text ? parsed : withoutNulls }] : []
  })
  for await (const chunk of rows) {
    if (changes.length > 0)
      for (const row of chunk)
        for (const { name, collection, value } of changes)
          row[name] = row[name] == null ? (collection ? [] : null) : value(row[name])
    yield chunk
  }
}

const parsed = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(parsed) : typeof value === 'string' ? withoutNulls(JSON.parse(value)) : value

/** Nulls within a list stay: they keep the places of `given` and `_given` alike. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name, withoutNulls(field)]),
  )
}

async function* failingAsView(rows: AsyncIterable<readonly Row[]>): AsyncIterable<readonly Row[]> {
  try {
    yield* rows
  } catch (error) {
    throw viewFailure(error)
  }
}

/**
 * What a compiled view says when data does not fit it (CONTRACT §1, view run, rule 6). The text is the compiler's own, names of
 * columns and expressions only; every other text of the engine may quote data and stays in `cause`.
 */
export function viewFailure(error: unknown): unknown {
  const cause = error instanceof LakeError && error.code === 'sql' && error.cause instanceof Error ? error.cause.message : ''
  const said = /^Invalid Input Error: (.*(?:several values where one is expected|is not boolean|nested too deep).*)/s.exec(
    cause,
  )?.[1]
  if (said !== undefined) return new LakeError('view-run', said.trim(), { cause: error })
  const file = /Malformed JSON in file "([^"]*)"/.exec(cause)?.[1]
  return file === undefined
    ? error
    : new LakeError('file-unreadable', `${basename(file)} holds a line that is no JSON`, { cause: error })
}
