import type { BronzeFile, BronzeType } from '../bronze/types.ts'
import { literal, literals } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import type { DataFile } from '../iceberg/content-file.ts'
import { rowGroupsFor, writeRowGroups } from '../iceberg/row-groups.ts'
import type { IcebergSchema } from '../iceberg/schema.ts'
import { shapeOf } from '../iceberg/shape.ts'
import { rowsOfLines } from './columns.ts'
import { dataFolder, type LakeContext } from './context.ts'

/** Input of one COPY, hence of one data file: what a failed load has to do again, and what is open at once, stays bounded. */
const chunkBytes = 512 * 2 ** 20
/** … and so many files: each costs the engine some ten kilobytes for as long as the COPY runs. */
const chunkFiles = 10_000

export interface CopyOptions {
  readonly type: BronzeType
  readonly schema: IcebergSchema
  readonly source: string
  readonly exportId: string
  readonly ingestedAt: string
  readonly ordered: boolean
  readonly onBytes?: (bytes: number) => void
  readonly signal?: AbortSignal
}

/**
 * Lines to Parquet, one pass. With `ordered` a data file's rows stand in order of arrival; without, a third less work is done.
 */
export async function copyLines(context: LakeContext, options: CopyOptions): Promise<DataFile[]> {
  const { type, schema, source, exportId, ingestedAt, ordered, onBytes, signal } = options
  const files: DataFile[] = []
  for (const chunk of chunksOf(type.files)) {
    signal?.throwIfAborted()
    const rows = { type: type.type, columns: shapeOf(schema), source, exportId, ingestedAt }
    const written = writeRowGroups(context.engine, {
      sql: rowsOfLines({ ...rows, lines: linesOf(chunk) }),
      frugalSql: rowsOfLines({ ...rows, lines: frugalLines(chunk) }),
      schema,
      dir: dataFolder(context, 'silver', type.type.toLowerCase()),
      groups: rowGroupsFor(lineSizes(chunk)),
      ordered,
      ...(signal === undefined ? {} : { signal }),
    })
    files.push(...(await written.catch((error: unknown) => failed(error, longest(chunk)))))
    onBytes?.(sum(chunk, ({ bytes }) => bytes))
  }
  return files
}

/** So many times the longest line is enough for one thread, in whatever way lines are read. */
const timesLine = 110

/** A line that does not fit says which limit it fits. */
function failed(error: unknown, line: number): never {
  if (!(error instanceof LakeError) || error.code !== 'memory' || line < 2 ** 20) throw error
  const limit = Math.ceil((timesLine * line) / 1e8) * 100
  throw new LakeError(error.code, error.message, {
    hint: `The longest line has ${(line / 1e6).toFixed(1)} MB: it loads with --memory-limit ${limit}MB --threads 1`,
    cause: error.cause,
  })
}

function lineSizes(files: readonly BronzeFile[]): { average: number; largest: number } {
  const lines = sum(files, (file) => file.lines)
  return { average: sum(files, ({ bytes }) => bytes) / Math.max(1, lines), largest: longest(files) }
}

/** Files that go into one data file, in order; a file larger than the bound is alone. */
export function chunksOf(files: readonly BronzeFile[], bound: number = chunkBytes, most: number = chunkFiles): BronzeFile[][] {
  const chunks: BronzeFile[][] = []
  let room = 0
  for (const file of files.filter(({ lines }) => lines > 0)) {
    const chunk = chunks.at(-1)
    if (chunk === undefined || file.bytes > room || chunk.length >= most) {
      chunks.push([file])
      room = bound - file.bytes
    } else {
      chunk.push(file)
      room -= file.bytes
    }
  }
  return chunks
}

type ReadableFile = Pick<BronzeFile, 'path' | 'maxLine' | 'padded'>

/** The lines of files, in their order, as a relation with the column `json`. */
export function linesOf(files: readonly ReadableFile[]): string {
  const runs: ReadableFile[][] = []
  for (const file of files) {
    const run = runs.at(-1)
    if (run !== undefined && (run[0]?.padded ?? false) === (file.padded ?? false)) run.push(file)
    else runs.push([file])
  }
  const parts = runs.map((run) => (run[0]?.padded === true ? textLines(run) : jsonLines(run)))
  return parts.length === 1 ? `${parts[0]}` : `(${parts.map((part) => `select json from ${part}`).join(' union all ')})`
}

/** The reader's buffers are twice the longest line, at least 2 MB: small ones let all threads share a file of a few megabytes. */
function jsonLines(files: readonly ReadableFile[]): string {
  const size = Math.max(2 ** 20, longest(files) + 1024)
  return `read_ndjson_objects(${pathsOf(files)}, format = 'newline_delimited', maximum_object_size = ${size})`
}

/** Each line as it is, spaces around it included. U+0001 cannot stand in JSON text, so nothing ever ends the only column. */
function textLines(files: readonly ReadableFile[], column = 'json::json as json'): string {
  const options = `columns = {json: 'VARCHAR'}, auto_detect = false, header = false, delim = ${literal('\u0001')}, quote = '', escape = '', new_line = '\\n'`
  const size = Math.max(2 ** 21, longest(files) + 1024)
  return `(select ${column} from read_csv(${pathsOf(files)}, ${options}, max_line_size = ${size}, buffer_size = ${size * 4}))`
}

/**
 * The same lines one by one: the JSON reader parses all lines of a buffer at once, in three times the memory. Fails for files with
 * CR, which the text reader does not know. Blank lines go by `unnest`: behind a filter the engine gathers two thousand lines.
 */
function frugalLines(files: readonly ReadableFile[]): string {
  const line = "unnest(case when regexp_matches(json, '[^ \\t]') then [json] end)"
  return `(select line::json as json from (select ${line} as line from ${textLines(files, 'json')}))`
}

function longest(files: readonly Pick<BronzeFile, 'maxLine'>[]): number {
  return files.reduce((most, { maxLine }) => Math.max(most, maxLine), 0)
}

function pathsOf(files: readonly ReadableFile[]): string {
  return literals(files.map(({ path }) => escapeGlob(path)))
}

/**
 * DuckDB takes `*`, `?`, `[` in a path for a pattern, unless a file has just that name. Where a backslash stands among them no
 * pattern can spell it (it escapes, and separates folders), so there the name itself has to do.
 */
export function escapeGlob(path: string): string {
  return path.includes('\\') ? path : path.replaceAll(/[*?[\]]/g, (char) => `[${char}]`)
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
