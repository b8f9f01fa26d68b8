import type { BronzeFile, BronzeType } from '../bronze/types.ts'
import type { Engine } from '../engine/engine.ts'
import { literal, literals } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import type { DataFile } from '../iceberg/content-file.ts'
import type { IcebergSchema } from '../iceberg/schema.ts'
import { shapeOf } from '../iceberg/shape.ts'
import { writeData } from '../iceberg/write.ts'
import { rowsOfLines } from './columns.ts'
import { dataFolder, type LakeContext } from './context.ts'

/** Input of one COPY, hence of one data file: what a failed load has to do again, and what is open at once, stays bounded. */
const chunkBytes = 512 * 2 ** 20
/** Lines of one row group, in bytes: a row group is built in memory, one per thread. */
const rowGroupBytes = 24 * 2 ** 20
/** … and were all of its lines as long as the longest. */
const worstRowGroupBytes = 256 * 2 ** 20
const mostRows = 122_880
const fewestRows = 16

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

/** Lines to Parquet, one pass. With `ordered` a data file's rows stand in order of arrival; without, a third less work is done. */
export async function copyLines(context: LakeContext, options: CopyOptions): Promise<DataFile[]> {
  const { type, schema, source, exportId, ingestedAt, ordered, onBytes, signal } = options
  const files: DataFile[] = []
  for (const chunk of chunksOf(type.files)) {
    signal?.throwIfAborted()
    const sql = rowsOfLines({
      type: type.type,
      columns: shapeOf(schema),
      lines: linesOf(chunk),
      source,
      exportId,
      ingestedAt,
    })
    const write = async (rowGroupRows: number): Promise<DataFile[]> => {
      const dir = dataFolder(context, 'silver', type.type.toLowerCase())
      const written = { sql, schema, dir, rowGroupRows, ...(signal === undefined ? {} : { signal }) }
      return ordered
        ? await writeData(context.engine, written)
        : await unordered(context.engine, () => writeData(context.engine, written))
    }
    files.push(...(await write(rowGroupRows(chunk)).catch((error: unknown) => retrySmaller(error, write))))
    onBytes?.(sum(chunk, ({ bytes }) => bytes))
  }
  return files
}

/** Keeping the order makes the engine hold back row groups until those before them are written: half as much work again, twice the memory. */
async function unordered<T>(engine: Engine, action: () => Promise<T>): Promise<T> {
  await engine.run('set preserve_insertion_order = false')
  try {
    return await action()
  } finally {
    await engine.run('set preserve_insertion_order = true')
  }
}

/** Long lines may lie close together, where an average says little: row groups then are as small as they can be. */
async function retrySmaller(error: unknown, write: (rows: number) => Promise<DataFile[]>): Promise<DataFile[]> {
  if (!(error instanceof LakeError) || error.code !== 'memory') throw error
  return await write(fewestRows)
}

/** Rows of a row group. The engine passes lines on in lots of 2,048 at most, and never splits a lot: of short lines a group is no smaller. */
export function rowGroupRows(files: readonly Pick<BronzeFile, 'bytes' | 'lines' | 'maxLine'>[]): number {
  const average =
    sum(files, ({ bytes }) => bytes) /
    Math.max(
      1,
      sum(files, ({ lines }) => lines),
    )
  const longest = files.reduce((most, { maxLine }) => Math.max(most, maxLine), 1)
  const rows = Math.min(rowGroupBytes / Math.max(1, average), worstRowGroupBytes / longest)
  return Math.min(mostRows, Math.max(fewestRows, Math.floor(rows)))
}

/** Files that go into one data file, in order; a file larger than the bound is alone. */
export function chunksOf(files: readonly BronzeFile[], bound: number = chunkBytes): BronzeFile[][] {
  const chunks: BronzeFile[][] = []
  let room = 0
  for (const file of files.filter(({ lines }) => lines > 0)) {
    const chunk = chunks.at(-1)
    if (chunk === undefined || file.bytes > room) {
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
function textLines(files: readonly ReadableFile[]): string {
  const options = `columns = {json: 'VARCHAR'}, auto_detect = false, header = false, delim = ${literal('\u0001')}, quote = '', escape = '', new_line = '\\n'`
  const size = Math.max(2 ** 21, longest(files) + 1024)
  return `(select json::json as json from read_csv(${pathsOf(files)}, ${options}, max_line_size = ${size}, buffer_size = ${size * 4}))`
}

function longest(files: readonly ReadableFile[]): number {
  return files.reduce((most, { maxLine }) => Math.max(most, maxLine), 0)
}

function pathsOf(files: readonly ReadableFile[]): string {
  return literals(files.map(({ path }) => escapeGlob(path)))
}

/** DuckDB takes `*`, `?`, `[` in a path for a pattern. */
export function escapeGlob(path: string): string {
  return path.replaceAll(/[*?[\]]/g, (char) => `[${char}]`)
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
