import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openEngine } from '../engine/duckdb.ts'
import type { Engine, QueryRows, Row } from '../engine/engine.ts'
import { literal, literals } from '../engine/sql.ts'
import { LakeError, usageError } from '../errors.ts'
import type { QueryOptions, QueryResult } from '../types.ts'
import { readingStatement } from './guard.ts'
import { createViews, lakeViews, type ViewsOptions } from './views.ts'

export interface QuerySetting extends Pick<ViewsOptions, 'tables' | 'required' | 'choose'> {
  /** The lake's folder. */
  readonly dir: string
  readonly tempDir: string
  readonly memoryLimit: string
  readonly threads?: number
}

/** Runs one reading statement over the lake, in an engine of its own that can touch nothing else. */
export async function runQuery(sql: string, setting: QuerySetting, options: QueryOptions): Promise<QueryResult> {
  const engine = await openEngine(setting)
  try {
    const split = options.unsafe === true ? splitSettings(sql) : { prelude: [], statement: sql }
    const { prelude } = split
    const { tables, lists, statement } = await readingStatement(engine, split.statement)
    await engine.run(createViews(await lakeViews({ ...setting, ...(lists ? {} : { used: tables }) })))
    for (const each of prelude) await engine.run(each)
    const part = options.parquet === undefined ? undefined : `${options.parquet}.${randomBytes(4).toString('hex')}.part`
    if (options.unsafe !== true) await confine(engine, setting, part)
    const run = options.signal === undefined ? {} : { signal: options.signal }
    if (options.parquet !== undefined && part !== undefined) {
      try {
        const query = statement.replace(/;\s*(?:--[^\n]*\s*)*$/, '')
        await engine.run(`copy (${query}\n) to ${literal(part)} (format parquet, compression zstd)`, run)
        await rename(part, options.parquet)
      } finally {
        await rm(part, { force: true })
      }
      return resultOf(engine, { columns: [], rows: none() })
    }
    const { columns, rows } = await engine.query(statement, run)
    return resultOf(engine, { columns, rows: mended(rows) })
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw wrongSql(error)
  }
}

/** From here on nothing outside of the lake's data can be opened, and no setting changes that. */
async function confine(engine: Engine, { dir }: QuerySetting, parquet: string | undefined): Promise<void> {
  const folders = [join(dir, 'warehouse'), join(dir, 'bronze')]
  await engine.run(`set allowed_directories = ${literals(folders)};
    ${parquet === undefined ? '' : `set allowed_paths = ${literals([parquet])};`}
    set enable_external_access = false;
    set lock_configuration = true`)
}

/** Settings that name files: the engine would write there. */
const writing = /output|path|director|file|log|secret|extension|profil/i
const setting = /^\s*(?:set|reset)\s+(?:(?:session|local|global)\s+)?("?)([a-z_]+)\1(?:\s*=|\s+to\b|\s*$)/i

/** `--unsafe`: settings may stand before the one reading statement. */
function splitSettings(sql: string): { prelude: string[]; statement: string } {
  const parts = sql.split(';')
  const prelude: string[] = []
  for (;;) {
    const name = setting.exec(parts[0] ?? '')?.[2]
    if (name === undefined || parts.length < 2) return { prelude, statement: parts.join(';') }
    if (writing.test(name)) throw usageError(`The setting ${name} is not for a query: it may write files.`)
    prelude.push(parts.shift() ?? '')
  }
}

/** What the engine says about the statement is the user's to mend: exit 2; all else is a failure. */
function wrongSql(error: unknown): unknown {
  if (!(error instanceof LakeError) || error.code !== 'sql' || !/^(Parser|Binder|Catalog|Permission) Error/.test(error.message))
    return error
  return new LakeError('usage', error.message, { cause: error, exitCode: 2 })
}

async function* mended(rows: AsyncIterable<readonly Row[]>): AsyncIterable<readonly Row[]> {
  try {
    yield* rows
  } catch (error) {
    throw wrongSql(error)
  }
}

async function* none(): AsyncIterable<readonly Record<string, unknown>[]> {}

/** A result that closes its engine when it is closed. */
export function resultOf(engine: Engine, { columns, rows }: QueryRows): QueryResult {
  const close = async (): Promise<void> => await engine[Symbol.asyncDispose]()
  return { columns, rows, close, [Symbol.asyncDispose]: close }
}
