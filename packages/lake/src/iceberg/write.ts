import { rm } from 'node:fs/promises'
import type { Engine } from '../engine/engine.ts'
import { ident, literal } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import { localPath } from '../storage/local.ts'
import { deleteMetrics, deletePathId, deletePosId, metricsOf } from './column-metrics.ts'
import type { DataFile, DeleteFile, PartitionValue } from './content-file.ts'
import { type Copied, copyParquet, leafKey, type Statistics } from './copy-parquet.ts'
import type { PartitionSpec } from './metadata.ts'
import type { IcebergSchema } from './schema.ts'
import { duckdbType, fieldIds } from './shape.ts'
import { partitionColumns } from './transform.ts'

export interface PartitionTuple {
  readonly specId: number
  readonly values: readonly PartitionValue[]
}

export interface WriteDataOptions {
  /** A SELECT that yields every column of the schema by name; each is cast to its column's type (structs by field name). */
  readonly sql: string
  readonly schema: IcebergSchema
  /** Folder of the new file, a `file:` URI: `data` below the table's location. */
  readonly dir: string
  /** Rows of a row group: fewer bound the memory where rows are large. */
  readonly rowGroupRows?: number
  /**
   * Ends a row group when its rows take so much memory; for an engine that need not keep the order of rows
   * (`preserve_insertion_order`).
   */
  readonly rowGroupBytes?: number
  /** Splits the rows by this spec; without it all rows are of one partition. */
  readonly spec?: PartitionSpec
  /** The partition that all rows are known to be of. */
  readonly partition?: PartitionTuple
  readonly sortOrderId?: number
  readonly signal?: AbortSignal
}

const unpartitioned: PartitionTuple = { specId: 0, values: [] }

/**
 * Writes the rows of a SELECT as one Parquet file, in the order in which the SELECT gives them: the file's row number is the
 * order of arrival. With a partition `spec` there are several files, and the order inside them is open. No rows: no file. Files
 * are durable, and visible to nobody until `stage` and a commit name them.
 *
 * A null in a required column removes the files and throws `null-in-required`: Parquet of DuckDB marks every column optional, so
 * this is the only check.
 */
export async function writeData(engine: Engine, options: WriteDataOptions): Promise<DataFile[]> {
  const { sql, schema, dir, spec, rowGroupRows = 122_880, rowGroupBytes, signal } = options
  const columns = schema.fields.map(({ name, type }) => `cast(${ident(name)} as ${duckdbType(type)}) as ${ident(name)}`)
  const rows = `select ${columns.join(', ')} from (${sql})`
  const keys = spec === undefined ? [] : partitionColumns(spec, schema)
  const names = keys.map((_, index) => `_floe_partition_${index}`)
  const split =
    keys.length === 0 ? rows : `select *, ${keys.map((key, n) => `${key.sql} as ${names[n]}`).join(', ')} from (${rows})`
  const copied = await copyParquet(engine, {
    sql: split,
    ids: fieldIds(schema),
    dir,
    rowGroupRows,
    rowGroupBytes,
    partitionBy: names,
    signal,
  })
  await refuseNulls(schema, copied)
  return copied.map((each) => ({
    content: 'data',
    path: each.path,
    format: 'PARQUET',
    ...placeOf(
      spec === undefined
        ? options.partition
        : { specId: spec['spec-id'], values: keys.map((key, n) => key.parse(each.partition[n] ?? null)) },
    ),
    records: each.records,
    bytes: each.bytes,
    metrics: metricsOf(schema, each.statistics),
    schema,
    ...(options.sortOrderId === undefined ? {} : { sortOrderId: options.sortOrderId }),
  }))
}

function placeOf({ specId, values }: PartitionTuple = unpartitioned): Pick<DataFile, 'specId' | 'partition'> {
  return { specId, partition: values }
}

async function refuseNulls(schema: IcebergSchema, copied: readonly Copied[]): Promise<void> {
  const missing = copied.map(({ statistics }) => requiredNulls(schema, statistics)).find((name) => name !== undefined)
  if (missing === undefined) return
  await Promise.all(copied.map(({ path }) => rm(localPath(path), { force: true })))
  throw new LakeError('null-in-required', `Column ${missing} is required; some rows have none.`)
}

function requiredNulls(schema: IcebergSchema, statistics: Statistics): string | undefined {
  return schema.fields.find(
    ({ name, required }) => required && Number(statistics.get(leafKey([name]))?.get('null_count') ?? 0) > 0,
  )?.name
}

export interface WriteDeletesOptions {
  /** A SELECT of `file_path` (as manifests name the file: `_file` of `scanSql`) and `pos` (`_pos`). */
  readonly sql: string
  /** Folder of the new file, a `file:` URI: `data` below the table's location. */
  readonly dir: string
  /** The partition of the data files named; it has to be the same one. */
  readonly partition?: PartitionTuple
  readonly signal?: AbortSignal
}

/** Writes position deletes, sorted by path and position as the spec demands, each once; undefined when there are none. */
export async function writePositionDeletes(engine: Engine, options: WriteDeletesOptions): Promise<DeleteFile | undefined> {
  const { sql, dir, signal, partition } = options
  const [written] = await copyParquet(engine, {
    sql: `select distinct cast(file_path as varchar) as file_path, cast(pos as bigint) as pos from (${sql}) order by file_path, pos`,
    ids: `{file_path: ${deletePathId}, pos: ${deletePosId}}`,
    dir,
    rowGroupRows: 122_880,
    signal,
  })
  if (written === undefined) return undefined
  const dataFiles = await namedFiles(engine, written)
  return {
    content: 'position-deletes',
    path: written.path,
    format: 'PARQUET',
    ...placeOf(partition),
    records: written.records,
    bytes: written.bytes,
    metrics: deleteMetrics(written.statistics),
    ...(dataFiles?.length === 1 && dataFiles[0] !== undefined ? { referencedDataFile: dataFiles[0] } : {}),
    ...(dataFiles === undefined ? {} : { dataFiles }),
  }
}

/** More files than this are told by bounds only. */
const mostNamedFiles = 64

async function namedFiles(engine: Engine, { path, statistics }: Copied): Promise<string[] | undefined> {
  const paths = statistics.get('file_path')
  const [lowest, highest] = [paths?.get('min'), paths?.get('max')]
  if (lowest !== undefined && lowest === highest) return [lowest]
  const named = await engine.all<{ name: string }>(
    `select distinct file_path as name from read_parquet(${literal(localPath(path))}) limit ${mostNamedFiles + 1}`,
  )
  return named.length > mostNamedFiles ? undefined : named.map(({ name }) => name).sort()
}
