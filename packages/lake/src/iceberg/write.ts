import { randomUUID } from 'node:crypto'
import { chmod, mkdir, open, rm } from 'node:fs/promises'
import type { Engine } from '../engine/engine.ts'
import { ident, literal } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import { localPath } from '../storage/local.ts'
import { encodeBound, encodeText } from './bounds.ts'
import type { ColumnMetrics, DataFile, DeleteFile, PartitionValue } from './content-file.ts'
import { type FieldNode, fieldNodes, type IcebergSchema, type StructType } from './schema.ts'
import { duckdbType, fieldIds } from './shape.ts'

export interface WriteDataOptions {
  /** A SELECT that yields every column of the schema by name; each is cast to its column's type (structs by field name). */
  readonly sql: string
  readonly schema: IcebergSchema
  /** Folder of the new file, a `file:` URI: `data` below the table's location. */
  readonly dir: string
  /** Rows of a row group: fewer bound the memory where rows are large. */
  readonly rowGroupRows?: number
  readonly partition?: { readonly specId: number; readonly values: readonly PartitionValue[] }
  readonly sortOrderId?: number
  readonly signal?: AbortSignal
}

/**
 * Writes the rows of a SELECT as one Parquet file, in the order in which the SELECT gives them: the file's row number is the order of
 * arrival. No rows: no file. The file is durable, and visible to nobody until `stage` and a commit name it.
 *
 * A null in a required column removes the file and throws `null-in-required`: Parquet of DuckDB marks every column optional, so this is
 * the only check (reference: lakehouse §1.2).
 */
export async function writeData(engine: Engine, options: WriteDataOptions): Promise<DataFile[]> {
  const { sql, schema, dir, signal } = options
  const columns = schema.fields.map(({ name, type }) => `cast(${ident(name)} as ${duckdbType(type)}) as ${ident(name)}`)
  const written = await copyParquet(engine, {
    sql: `select ${columns.join(', ')} from (${sql})`,
    ids: fieldIds(schema),
    dir,
    rowGroupRows: options.rowGroupRows ?? 122_880,
    ...(signal === undefined ? {} : { signal }),
  })
  if (written === undefined) return []
  const missing = requiredNulls(schema, written.statistics)
  if (missing !== undefined) {
    await rm(localPath(written.path), { force: true })
    throw new LakeError('null-in-required', `Column ${missing} is required; some rows have none.`)
  }
  const { specId = 0, values = [] } = options.partition ?? {}
  const file: DataFile = {
    content: 'data',
    path: written.path,
    format: 'PARQUET',
    specId,
    partition: values,
    records: written.records,
    bytes: written.bytes,
    metrics: metricsOf(schema, written.statistics),
    schema,
    ...(options.sortOrderId === undefined ? {} : { sortOrderId: options.sortOrderId }),
  }
  return [file]
}

/** Field ids that the spec reserves for position delete files (spec: Reserved Field IDs). */
export const deletePathId = 2147483546
export const deletePosId = 2147483545

export interface WriteDeletesOptions {
  /** A SELECT of `file_path` (as manifests name the file: `_file` of `scanSql`) and `pos` (`_pos`). */
  readonly sql: string
  /** Folder of the new file, a `file:` URI: `data` below the table's location. */
  readonly dir: string
  readonly partition?: { readonly specId: number; readonly values: readonly PartitionValue[] }
  readonly signal?: AbortSignal
}

/** Writes position deletes, sorted by path and position as the spec demands, each once; undefined when there are none. */
export async function writePositionDeletes(engine: Engine, options: WriteDeletesOptions): Promise<DeleteFile | undefined> {
  const { sql, dir, signal } = options
  const written = await copyParquet(engine, {
    sql: `select distinct cast(file_path as varchar) as file_path, cast(pos as bigint) as pos from (${sql}) order by file_path, pos`,
    ids: `{file_path: ${deletePathId}, pos: ${deletePosId}}`,
    dir,
    rowGroupRows: 122_880,
    ...(signal === undefined ? {} : { signal }),
  })
  if (written === undefined) return undefined
  const { specId = 0, values = [] } = options.partition ?? {}
  const paths = written.statistics.get('file_path')
  const [lowest, highest] = [paths?.get('min'), paths?.get('max')]
  return {
    content: 'position-deletes',
    path: written.path,
    format: 'PARQUET',
    specId,
    partition: values,
    records: written.records,
    bytes: written.bytes,
    metrics: deleteMetrics(written.statistics),
    ...(lowest !== undefined && lowest === highest ? { referencedDataFile: lowest } : {}),
  }
}

type Statistics = ReadonlyMap<string, ReadonlyMap<string, string>>

interface Copied {
  readonly path: string
  readonly records: number
  readonly bytes: number
  /** By path of a leaf, names joined by NUL. */
  readonly statistics: Statistics
}

interface CopyOptions {
  readonly sql: string
  readonly ids: string
  readonly dir: string
  readonly rowGroupRows: number
  readonly signal?: AbortSignal
}

async function copyParquet(engine: Engine, { sql, ids, dir, rowGroupRows, signal }: CopyOptions): Promise<Copied | undefined> {
  const path = `${dir}/${randomUUID()}.parquet`
  const file = localPath(path)
  await mkdir(localPath(dir), { recursive: true, mode: 0o700 })
  const options = `format parquet, compression zstd, row_group_size ${rowGroupRows}, field_ids ${ids}, return_stats`
  try {
    const [row] = await engine.all<CopyRow>(
      `copy (${sql}) to ${literal(file)} (${options})`,
      signal === undefined ? {} : { signal },
    )
    if (row === undefined || row.count === 0) {
      await rm(file, { force: true })
      return undefined
    }
    await makeDurable(file)
    return { path, records: row.count, bytes: row.file_size_bytes, statistics: statisticsOf(row) }
  } catch (error) {
    await rm(file, { force: true })
    throw error
  }
}

interface CopyRow {
  readonly count: number
  readonly file_size_bytes: number
  readonly column_statistics: Readonly<Record<string, Readonly<Record<string, string>>>> | null
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

function leafKey(path: readonly string[]): string {
  return path.join('\0')
}

function requiredNulls(schema: IcebergSchema, statistics: Statistics): string | undefined {
  return schema.fields.find(({ name, required }) => required && Number(statistics.get(name)?.get('null_count') ?? 0) > 0)?.name
}

/** Only the first hundred leaves have metrics (`write.metadata.metrics.max-inferred-column-defaults`): keys come first in a schema. */
const metricColumns = 100

/** Counts and bounds of a data file; inside lists and maps counts only. */
export function metricsOf(schema: StructType, statistics: Statistics): ColumnMetrics {
  const leaves = fieldNodes(schema).filter(({ type }) => typeof type === 'string')
  return collect(leaves.slice(0, metricColumns), statistics, ({ type, repeated }, text, side) =>
    repeated || typeof type !== 'string' ? undefined : encodeBound(type, text, side),
  )
}

const deleteLeaves: readonly FieldNode[] = [
  { id: deletePathId, path: ['file_path'], type: 'string', required: true, repeated: false },
  { id: deletePosId, path: ['pos'], type: 'long', required: true, repeated: false },
]

function deleteMetrics(statistics: Statistics): ColumnMetrics {
  return collect(deleteLeaves, statistics, ({ id }, text, side) =>
    id === deletePathId ? encodeText(text) : encodeBound('long', text, side),
  )
}

type Bound = (leaf: FieldNode, text: string, side: 'lower' | 'upper') => Uint8Array | undefined

function collect(leaves: readonly FieldNode[], statistics: Statistics, bound: Bound): ColumnMetrics {
  const [columnSizes, valueCounts, nullValueCounts] = [
    new Map<number, number>(),
    new Map<number, number>(),
    new Map<number, number>(),
  ]
  const [lowerBounds, upperBounds] = [new Map<number, Uint8Array>(), new Map<number, Uint8Array>()]
  const counted = [
    [columnSizes, 'column_size_bytes'],
    [valueCounts, 'num_values'],
    [nullValueCounts, 'null_count'],
  ] as const
  for (const leaf of leaves) {
    const values = statistics.get(leafKey(leaf.path))
    if (values === undefined) continue
    for (const [map, key] of counted) {
      const text = values.get(key)
      if (text !== undefined) map.set(leaf.id, Number(text))
    }
    // How many values are NaN is not told, so a column that has one gets no bounds at all.
    if (values.get('has_nan') === 'true') continue
    for (const [map, key, side] of [[lowerBounds, 'min', 'lower'] as const, [upperBounds, 'max', 'upper'] as const]) {
      const text = values.get(key)
      const bytes = text === undefined ? undefined : bound(leaf, text, side)
      if (bytes !== undefined) map.set(leaf.id, bytes)
    }
  }
  return { columnSizes, valueCounts, nullValueCounts, nanValueCounts: new Map(), lowerBounds, upperBounds }
}
