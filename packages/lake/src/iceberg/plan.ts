import { LakeError } from '../errors.ts'
import { localPath, localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import { decodeBound } from './bounds.ts'
import { deletePathId } from './column-metrics.ts'
import type { DataFile, DeleteFile, PartitionValue } from './content-file.ts'
import { isEquality } from './equality-sql.ts'
import type { Manifest, ManifestEntry } from './manifest.ts'
import type { ManifestFile } from './manifest-list.ts'
import type { Snapshot, TableMetadata } from './metadata.ts'
import { footerSchema, type NameMapping } from './parquet-footer.ts'
import { renamedField } from './projection.ts'
import { fieldNodes, type IcebergSchema } from './schema.ts'
import { chooseSnapshot, type SnapshotChoice, schemaAt, type Table } from './table.ts'
import { loadManifest, loadManifestList } from './table-files.ts'

export { scanSql } from './scan-sql.ts'

export interface PlannedFile {
  readonly file: DataFile
  readonly sequenceNumber: number
  /**
   * Schema that the file was written with, where floe told it or the file's footer had to be asked: then it is read without
   * mapping.
   */
  readonly written: IcebergSchema | undefined
  /** Delete files that may name rows of this file: by position, or by equality. */
  readonly deletes: readonly AppliedDelete[]
  /** True when an older delete file may name this file: its rows must not count (a path that was added again). */
  readonly shielded: boolean
}

export interface AppliedDelete {
  readonly file: DeleteFile
  readonly sequenceNumber: number
  /** Of equality deletes the columns of the file, by its footer. */
  readonly written?: IcebergSchema
}

/** What a scan of one snapshot reads; plain data. */
export interface ScanPlan {
  readonly schema: IcebergSchema
  /** Undefined for a table without snapshots. */
  readonly snapshot: Snapshot | undefined
  readonly files: readonly PlannedFile[]
  /** Live delete files that name no live data file: left over from rewrites. */
  readonly idleDeletes: readonly DeleteFile[]
  /** All schemas of the table: how files may name their columns. */
  readonly schemas: readonly IcebergSchema[]
}

/**
 * Rows of interest lie between `min` and `max` (both inclusive) of a top-level column; files that cannot hold any are left out.
 */
export interface ColumnRange {
  readonly column: string
  readonly min?: string | number | bigint
  readonly max?: string | number | bigint
}

export interface PlanOptions extends SnapshotChoice {
  readonly within?: readonly ColumnRange[]
  readonly storage?: Storage
}

interface LiveEntry {
  readonly entry: ManifestEntry
  readonly sequenceNumber: number
  readonly filesSchemaId: number | undefined
}

/**
 * Which files hold the rows of a snapshot: manifest list, manifests, then live data files with the delete files that apply to
 * them (spec: Scan Planning). Rows are told apart by `scanSql`. Of Parquet nothing is read but the footers of files that another
 * program wrote, and of these only where names do not tell their fields, or rows are deleted by equality.
 *
 * Deletes that floe cannot apply (deletion vectors of version 3, deletes in Avro or ORC) fail with code `unsupported`: leaving
 * them out would show rows that are gone.
 */
export async function planScan(table: Table, options: PlanOptions = {}): Promise<ScanPlan> {
  const { within = [], storage = localStorage } = options
  const snapshot = chooseSnapshot(table, options)
  const schema = schemaAt(table, options, snapshot)
  const { schemas, properties } = table.metadata
  if (snapshot === undefined) return { schema, snapshot, files: [], idleDeletes: [], schemas }
  const manifests = (await loadManifestList(snapshot, storage)).filter((each) => each.addedFiles + each.existingFiles > 0)
  const data = await liveEntries(manifests, 'data', within.length > 0 ? 'bounds' : 'none', storage)
  const everywhere = unpartitionedSpecs(table.metadata)
  const deletes = (await liveEntries(manifests, 'deletes', 'bounds', storage)).map((live) => applicableDelete(live, everywhere))
  const hidden = rangeFilter(schema, within)
  const named = { byPosition: deletes.filter((each) => !isEquality(each)), byEquality: deletes.filter(isEquality) }
  const files = data.map((live) => plannedFile(live, named, schemas))
  const busy = new Set(files.flatMap((each) => each.deletes.map(({ file }) => file.path)))
  const idleDeletes = deletes.map(({ file }) => file).filter(({ path }) => !busy.has(path))
  const mapping = nameMapping(properties['schema.name-mapping.default'])
  const wanted = files.filter(({ file }) => !hidden(file))
  const told = await withFooters(wanted, {
    mapping,
    always: mapping !== undefined || renamedField(schema, schemas) !== undefined,
  })
  return { schema, snapshot, files: told, idleDeletes, schemas }
}

/** Deletes by equality of such a spec are for data of all partitions (spec: Scan Planning). */
function unpartitionedSpecs({ 'partition-specs': specs }: TableMetadata): ReadonlySet<number> {
  const bare = specs.filter(({ fields }) => fields.every(({ transform }) => transform === 'void'))
  return new Set(bare.map((spec) => spec['spec-id']))
}

function nameMapping(text: string | undefined): readonly NameMapping[] | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as readonly NameMapping[]
  } catch (cause) {
    throw new LakeError('metadata', "The table's name mapping (schema.name-mapping.default) is no JSON.", { cause })
  }
}

interface FooterOptions {
  readonly mapping: readonly NameMapping[] | undefined
  /** Ask every file of an unknown writer, not only those with equality deletes. */
  readonly always: boolean
}

/** Files with what their footers tell; some are open at a time. */
async function withFooters(files: readonly PlannedFile[], { mapping, always }: FooterOptions): Promise<PlannedFile[]> {
  const asked = (file: PlannedFile): boolean => file.written === undefined && (always || file.deletes.some(isEquality))
  const paths = new Set(
    files.flatMap((each) => [
      ...(asked(each) ? [each.file.path] : []),
      ...each.deletes.filter(isEquality).map(({ file }) => file.path),
    ]),
  )
  if (paths.size === 0) return [...files]
  const schemas = new Map<string, IcebergSchema>()
  const rest = paths.values()
  const read = async (): Promise<void> => {
    for (const path of rest) schemas.set(path, await footerSchema(path, mapping))
  }
  await Promise.all(Array.from({ length: 16 }, read))
  const told = ({ file }: AppliedDelete | PlannedFile): { written?: IcebergSchema } => {
    const written = schemas.get(file.path)
    return written === undefined ? {} : { written }
  }
  return files.map((file) => ({ ...file, ...told(file), deletes: file.deletes.map((each) => ({ ...each, ...told(each) })) }))
}

function plannedFile(
  { entry, sequenceNumber, filesSchemaId }: LiveEntry,
  { byPosition, byEquality }: Record<'byPosition' | 'byEquality', readonly ApplicableDelete[]>,
  schemas: readonly IcebergSchema[],
): PlannedFile {
  const { file } = entry
  if (file.content !== 'data') throw new LakeError('metadata', 'A manifest of data lists a delete file.')
  if (file.format !== 'PARQUET') throw new LakeError('unsupported', `This table has ${file.format} files; floe reads Parquet.`)
  const path = Buffer.from(file.path)
  const named = byPosition.filter((each) => mayName(each, file, path))
  // Equality deletes never count for data of their own commit: it replaces what they delete (spec: Scan Planning).
  const equal = byEquality.filter((each) => each.sequenceNumber > sequenceNumber && (each.everywhere || inPartition(each, file)))
  return {
    file,
    sequenceNumber,
    written: filesSchemaId === undefined ? undefined : schemas.find((each) => each['schema-id'] === filesSchemaId),
    // A position delete applies to data of its own commit, too (spec: Scan Planning).
    deletes: [...named.filter((each) => each.sequenceNumber >= sequenceNumber), ...equal].map((each) => ({
      file: each.file,
      sequenceNumber: each.sequenceNumber,
    })),
    shielded: named.some((each) => each.sequenceNumber < sequenceNumber),
  }
}

async function liveEntries(
  manifests: readonly ManifestFile[],
  content: ManifestFile['content'],
  level: 'none' | 'bounds',
  storage: Storage,
): Promise<LiveEntry[]> {
  const wanted = manifests.filter((manifest) => manifest.content === content)
  const loaded: Manifest[] = await Promise.all(wanted.map((manifest) => loadManifest(manifest, level, storage)))
  return loaded.flatMap(({ entries, filesSchemaId }) =>
    entries
      .filter(({ status }) => status !== 'deleted')
      .map((entry) => ({ entry, sequenceNumber: entry.sequenceNumber ?? 0, filesSchemaId })),
  )
}

interface ApplicableDelete extends AppliedDelete {
  /** Equality deletes for all partitions. */
  readonly everywhere: boolean
  /** The data files that it names, as bare paths, where it tells them. */
  readonly only: ReadonlySet<string> | undefined
  /** Least and greatest path that it names, as bytes; undefined when it does not tell. */
  readonly lowest: Buffer | undefined
  readonly highest: Buffer | undefined
}

function applicableDelete({ entry, sequenceNumber }: LiveEntry, everywhere: ReadonlySet<number>): ApplicableDelete {
  const { file } = entry
  if (file.content === 'data') throw new LakeError('metadata', 'A manifest of deletes lists a data file.')
  const equality = file.content === 'equality-deletes'
  if (equality && (file.equalityIds ?? []).length === 0) {
    throw new LakeError('metadata', 'A delete file of this table does not tell the columns that it deletes by.')
  }
  if (file.format !== 'PARQUET') {
    throw new LakeError('unsupported', `This table has deletes in ${file.format} files, which floe does not read.`, {
      hint: 'Compact the table with the program that wrote them (Spark: CALL system.rewrite_data_files), then read it here.',
    })
  }
  const bound = (side: 'lowerBounds' | 'upperBounds'): Buffer | undefined => {
    const bytes = file.metrics?.[side].get(deletePathId)
    return bytes === undefined ? undefined : Buffer.from(bytes)
  }
  const named = file.dataFiles ?? (file.referencedDataFile === undefined ? undefined : [file.referencedDataFile])
  const only = named === undefined ? undefined : new Set(named.map(localPath))
  const bounds = { lowest: bound('lowerBounds'), highest: bound('upperBounds') }
  return { file, sequenceNumber, everywhere: equality && everywhere.has(file.specId), only, ...bounds }
}

/**
 * Same partition (spec and values), and its paths may include this one. An upper bound may be cut without being raised by
 * careless writers, so a path that begins with it counts.
 */
function mayName(each: ApplicableDelete, data: DataFile, path: Buffer): boolean {
  const { only, lowest, highest } = each
  if (!inPartition(each, data)) return false
  if (only !== undefined) return only.has(localPath(data.path))
  if (lowest !== undefined && comparable(lowest, path) && Buffer.compare(path, lowest) < 0) return false
  if (highest === undefined || !comparable(highest, path)) return true
  return Buffer.compare(path, highest) <= 0 || path.subarray(0, highest.length).equals(highest)
}

function inPartition({ file }: AppliedDelete, data: DataFile): boolean {
  return file.specId === data.specId && samePartition(file.partition, data.partition)
}

/** Bounds are comparable only where both spell the scheme alike: `file:/a` and `file:///a` are one file. */
function comparable(bound: Buffer, path: Buffer): boolean {
  const scheme = (bytes: Buffer): string => /^[a-z0-9+.-]*:?\/*/i.exec(bytes.toString('latin1', 0, 32))?.[0] ?? ''
  return scheme(bound) === scheme(path)
}

function samePartition(a: readonly PartitionValue[], b: readonly PartitionValue[]): boolean {
  return a.length === b.length && a.every((value, index) => sameValue(value, b[index] ?? null))
}

function sameValue(a: PartitionValue, b: PartitionValue): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}

function rangeFilter(schema: IcebergSchema, ranges: readonly ColumnRange[]): (file: DataFile) => boolean {
  const nodes = new Map(fieldNodes(schema).map((node) => [node.path.join('.'), node]))
  const checks = ranges.flatMap(({ column, min, max }) => {
    const node = nodes.get(column)
    const type = node?.type
    return node === undefined || typeof type !== 'string'
      ? []
      : [{ id: node.id, type, min: comparableValue(type, min), max: comparableValue(type, max) }]
  })
  return ({ metrics }) =>
    metrics !== undefined &&
    checks.some(({ id, type, min, max }) => {
      const [lower, upper] = [metrics.lowerBounds.get(id), metrics.upperBounds.get(id)]
      return (
        (max !== undefined && lower !== undefined && below(max, decodeBound(type, lower))) ||
        (min !== undefined && upper !== undefined && below(decodeBound(type, upper), min))
      )
    })
}

type Comparable = number | bigint | Buffer | undefined

function comparableValue(type: string, value: string | number | bigint | undefined): Comparable {
  if (value === undefined || type === 'uuid') return undefined
  if (type === 'string') return Buffer.from(String(value))
  return typeof value === 'string' ? undefined : value
}

function below(a: Comparable, b: Comparable): boolean {
  if (a === undefined || b === undefined) return false
  if (Buffer.isBuffer(a) && Buffer.isBuffer(b)) return Buffer.compare(a, b) < 0
  return !Buffer.isBuffer(a) && !Buffer.isBuffer(b) && a < b
}
