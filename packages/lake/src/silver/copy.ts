import type { BronzeFile, BronzeType } from '../bronze/types.ts'
import { literal, literals } from '../engine/sql.ts'
import type { DataFile } from '../iceberg/content-file.ts'
import type { IcebergSchema } from '../iceberg/schema.ts'
import { shapeOf } from '../iceberg/shape.ts'
import { writeData } from '../iceberg/write.ts'
import { rowsOfLines } from './columns.ts'
import { dataFolder, type LakeContext } from './context.ts'

/** Input of one COPY, hence of one data file: what a failed load has to do again, and what is open at once, stays bounded. */
const chunkBytes = 512 * 2 ** 20
/** Lines of one row group, in bytes: a row group is built in memory, one per thread. */
const rowGroupBytes = 48 * 2 ** 20
/** DuckDB counts row groups in vectors of this many rows. */
const vectorRows = 2048
const mostRows = 122_880

export interface CopyOptions {
  readonly type: BronzeType
  readonly schema: IcebergSchema
  readonly source: string
  readonly exportId: string
  readonly ingestedAt: string
  readonly onBytes?: (bytes: number) => void
  readonly signal?: AbortSignal
}

/** Lines to Parquet, one pass: a data file's rows stand in order of arrival, and the files come in that order, too. */
export async function copyLines(context: LakeContext, options: CopyOptions): Promise<DataFile[]> {
  const { type, schema, source, exportId, ingestedAt, onBytes, signal } = options
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
    const bytes = sum(chunk, (file) => file.bytes)
    files.push(
      ...(await writeData(context.engine, {
        sql,
        schema,
        dir: dataFolder(context, 'silver', type.type.toLowerCase()),
        rowGroupRows: rowGroupRows(
          bytes,
          sum(chunk, (file) => file.lines),
        ),
        ...(signal === undefined ? {} : { signal }),
      })),
    )
    onBytes?.(bytes)
  }
  return files
}

/** As many rows as fill a row group's share of memory, in whole vectors. */
export function rowGroupRows(bytes: number, lines: number): number {
  const rows = Math.floor(rowGroupBytes / Math.max(1, bytes / Math.max(1, lines)))
  return Math.min(mostRows, Math.max(vectorRows, Math.floor(rows / vectorRows) * vectorRows))
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

/**
 * The lines of files as a relation with the column `json`.
 *
 * The reader's buffers are twice the longest line, at least 2 MB: small ones let all threads share a file of a few megabytes.
 */
export function linesOf(files: readonly Pick<BronzeFile, 'path' | 'maxLine'>[]): string {
  const longest = files.reduce((most, { maxLine }) => Math.max(most, maxLine), 0)
  const size = Math.max(2 ** 20, longest + 1024)
  const paths = literals(files.map(({ path }) => escapeGlob(path)))
  return `read_ndjson_objects(${paths}, format = ${literal('newline_delimited')}, maximum_object_size = ${size})`
}

/** DuckDB takes `*`, `?`, `[` in a path for a pattern. */
export function escapeGlob(path: string): string {
  return path.replaceAll(/[*?[\]]/g, (char) => `[${char}]`)
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
