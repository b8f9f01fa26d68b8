import { randomUUID } from 'node:crypto'
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/sql.ts'
import { localPath } from '../storage/local.ts'

/** What DuckDB tells of each leaf of a file (`return_stats`): min, max, null_count … as text, by the leaf's path (`leafKey`). */
export type Statistics = ReadonlyMap<string, ReadonlyMap<string, string>>

export interface Copied {
  readonly path: string
  readonly records: number
  readonly bytes: number
  readonly statistics: Statistics
  /** Values of the partition columns, in the order asked for, as the engine's text. */
  readonly partition: readonly (string | null)[]
}

export interface CopyOptions {
  readonly sql: string
  /** The `FIELD_IDS` clause. */
  readonly ids: string
  readonly dir: string
  readonly rowGroupRows: number
  readonly rowGroupBytes?: number | undefined
  /** Columns of the SELECT that split it into files and are not written. */
  readonly partitionBy?: readonly string[]
  readonly signal?: AbortSignal | undefined
}

interface CopyRow {
  readonly filename: string
  readonly count: number
  readonly file_size_bytes: number
  readonly column_statistics: Readonly<Record<string, Readonly<Record<string, string>>>> | null
  readonly partition_keys: Readonly<Record<string, string | null>> | null
}

/**
 * Writes a SELECT as Parquet files with field ids, durable when this resolves: one file in the order of the rows, or one (or
 * more) for each partition, in no order. No rows, no file; after a failure none is left.
 */
export async function copyParquet(engine: Engine, options: CopyOptions): Promise<Copied[]> {
  const { sql, ids, dir, rowGroupRows, rowGroupBytes, partitionBy = [], signal } = options
  const folder = localPath(dir)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const partitioned = partitionBy.length > 0
  // DuckDB spells partition values into folder names; the files leave them again, so that no name tells a value.
  const target = `${folder}/${randomUUID()}${partitioned ? '' : '.parquet'}`
  const split = partitioned ? `, partition_by (${partitionBy.join(', ')}), filename_pattern '{uuid}'` : ''
  const groups = `row_group_size ${rowGroupRows}${rowGroupBytes === undefined ? '' : `, row_group_size_bytes ${rowGroupBytes}`}`
  const clauses = `format parquet, compression zstd, ${groups}, field_ids ${ids}, return_stats${split}`
  try {
    const rows = await engine.all<CopyRow>(
      `copy (${sql}) to ${literal(target)} (${clauses})`,
      signal === undefined ? {} : { signal },
    )
    const written = rows.filter(({ count }) => count > 0)
    if (written.length === 0) await rm(target, { recursive: true, force: true })
    const copied = await Promise.all(written.map((row) => settle(row, dir, partitionBy)))
    if (partitioned) await rm(target, { recursive: true, force: true })
    return copied
  } catch (error) {
    await rm(target, { recursive: true, force: true })
    throw error
  }
}

async function settle(row: CopyRow, dir: string, partitionBy: readonly string[]): Promise<Copied> {
  const name = row.filename.slice(row.filename.lastIndexOf('/') + 1)
  const path = `${dir}/${name}`
  if (localPath(path) !== row.filename) await rename(row.filename, localPath(path))
  await makeDurable(localPath(path))
  return {
    path,
    records: row.count,
    bytes: row.file_size_bytes,
    statistics: statisticsOf(row),
    partition: partitionBy.map((column) => row.partition_keys?.[column] ?? null),
  }
}

/** DuckDB leaves the bytes in the system's cache; the catalog must never point at a file that a power cut empties. */
async function makeDurable(file: string): Promise<void> {
  await chmod(file, 0o600)
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function statisticsOf({ column_statistics }: CopyRow): Statistics {
  return new Map(
    Object.entries(column_statistics ?? {}).map(([path, values]) => [
      leafKey(unquotePath(path)),
      new Map(Object.entries(values)),
    ]),
  )
}

/** The engine names a leaf `"name"."element"."family"`, quotes inside doubled. */
function unquotePath(path: string): string[] {
  return Array.from(path.matchAll(/"((?:[^"]|"")*)"/g), ([, name = '']) => name.replaceAll('""', '"'))
}

export function leafKey(path: readonly string[]): string {
  return path.join('\0')
}
