import { randomUUID } from 'node:crypto'
import { LakeError } from '../errors.ts'
import { type AvroRecord, avroType, type Container, decodeRecords, readContainer, writeContainer } from './avro.ts'
import type { AnyFile, ColumnMetrics, DeleteFile, PartitionValue } from './content-file.ts'
import type { ManifestFile } from './manifest-list.ts'
import { canonical, entrySchema } from './manifest-schema.ts'
import type { PartitionSpec, SnapshotId } from './metadata.ts'
import { summarizePartitions } from './partition.ts'
import type { IcebergSchema } from './schema.ts'

export type EntryStatus = 'existing' | 'added' | 'deleted'

export interface ManifestEntry {
  readonly status: EntryStatus
  readonly snapshotId: SnapshotId
  /** Undefined only in an entry that is being added: it inherits the commit's number. */
  readonly sequenceNumber: number | undefined
  readonly fileSequenceNumber: number | undefined
  readonly file: AnyFile
}

export interface Manifest {
  readonly entries: readonly ManifestEntry[]
  /** Schema of all Parquet files listed here, where floe wrote the list; foreign lists do not tell. */
  readonly filesSchemaId: number | undefined
}

/** How much of the column metrics is decoded: planning needs none, or bounds; rewriting needs all. */
export type MetricsLevel = 'none' | 'bounds' | 'all'

const counts = [108, 109, 110, 137]
const dropped: Readonly<Record<MetricsLevel, ReadonlySet<number>>> = {
  none: new Set([...counts, 125, 128]),
  bounds: new Set(counts),
  all: new Set(),
}
const statuses: readonly EntryStatus[] = ['existing', 'added', 'deleted']
const contents = ['data', 'position-deletes', 'equality-deletes'] as const
const filesSchemaKey = 'floe.files-schema-id'
/** Data files of each delete file: its bounds would make every file between the first and the last one look touched. */
const deleteTargetsKey = 'floe.delete-targets'

type DeleteTargets = Readonly<Record<string, readonly string[]>>

/**
 * Decodes a manifest; numbers and ids that entries inherit from the manifest list are filled in (spec: Sequence Number
 * Inheritance).
 */
export function readManifest(bytes: Uint8Array, listed: ManifestFile, level: MetricsLevel): Manifest {
  const container = readContainer(bytes)
  const writer = avroType(canonical(container.schema))
  const reader = level === 'all' ? writer : avroType(canonical(container.schema, dropped[level]))
  const filesSchemaId = container.metadata[filesSchemaKey]
  const targets = JSON.parse(container.metadata[deleteTargetsKey] ?? '{}') as DeleteTargets
  return {
    entries: decodeRecords(container, writer, reader).map((record) => withTargets(entryOf(record, listed, container), targets)),
    filesSchemaId: filesSchemaId === undefined ? undefined : Number(filesSchemaId),
  }
}

function entryOf(record: AvroRecord, listed: ManifestFile, { metadata }: Container): ManifestEntry {
  const status = statuses[record.status as number] ?? 'existing'
  const inherited = status === 'added' || metadata['format-version'] !== '2' ? listed.sequenceNumber : undefined
  const sequenceNumber = (record.sequence_number as number | null | undefined) ?? inherited
  if (sequenceNumber === undefined) throw new LakeError('metadata', 'A manifest entry that is not new has no sequence number.')
  return {
    status,
    snapshotId: (record.snapshot_id as string | null | undefined) ?? listed.addedSnapshotId,
    sequenceNumber,
    fileSequenceNumber: (record.file_sequence_number as number | null | undefined) ?? inherited,
    file: fileOf(record.data_file as AvroRecord, listed.specId),
  }
}

function withTargets(entry: ManifestEntry, targets: DeleteTargets): ManifestEntry {
  const { file } = entry
  const dataFiles = Object.hasOwn(targets, file.path) ? targets[file.path] : undefined
  return file.content === 'data' || dataFiles === undefined ? entry : { ...entry, file: { ...file, dataFiles } }
}

function targetsOf(entries: readonly ManifestEntry[]): DeleteTargets | undefined {
  const named = entries.flatMap(({ file, status }) =>
    file.content === 'position-deletes' && file.dataFiles !== undefined && status !== 'deleted'
      ? [[file.path, file.dataFiles] as const]
      : [],
  )
  return named.length > 0 ? Object.fromEntries(named) : undefined
}

function fileOf(record: AvroRecord, specId: number): AnyFile {
  if (record.key_metadata) throw new LakeError('unsupported', 'The table has encrypted files, which floe does not read.')
  const content = contents[(record.content as number | undefined) ?? 0] ?? 'data'
  const shared = {
    path: record.file_path as string,
    format: (record.file_format as string).toUpperCase(),
    specId,
    partition: Object.values(record.partition as Record<string, PartitionValue>),
    records: record.record_count as number,
    bytes: record.file_size_in_bytes as number,
    ...('lower_bounds' in record ? { metrics: metricsOf(record) } : {}),
    ...present('splitOffsets', record.split_offsets as readonly number[] | null),
    ...present('sortOrderId', record.sort_order_id as number | null),
  }
  if (content === 'data') return { ...shared, content }
  return {
    ...shared,
    content,
    ...present('referencedDataFile', record.referenced_data_file as string | null),
    ...present('equalityIds', record.equality_ids as readonly number[] | null),
  }
}

function present<K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> {
  return value === null || value === undefined ? {} : ({ [key]: value } as Record<K, V>)
}

type Pairs<V> = readonly { readonly key: number; readonly value: V }[] | null | undefined

function metricsOf(record: AvroRecord): ColumnMetrics {
  const map = <V>(name: string): ReadonlyMap<number, V> =>
    new Map(((record[name] as Pairs<V>) ?? []).map(({ key, value }) => [key, value]))
  return {
    columnSizes: map('column_sizes'),
    valueCounts: map('value_counts'),
    nullValueCounts: map('null_value_counts'),
    nanValueCounts: map('nan_value_counts'),
    lowerBounds: map('lower_bounds'),
    upperBounds: map('upper_bounds'),
  }
}

export interface ManifestInput {
  /** The table's `metadata` folder. */
  readonly folder: string
  readonly content: 'data' | 'deletes'
  readonly entries: readonly ManifestEntry[]
  readonly spec: PartitionSpec
  readonly schema: IcebergSchema
  readonly filesSchemaId: number | undefined
  /** Of the commit that this manifest is made for. */
  readonly snapshotId: SnapshotId
  readonly sequenceNumber: number
}

export interface WrittenManifest {
  readonly bytes: Buffer
  readonly listed: ManifestFile
}

/** Encodes a manifest; writing the bytes to `listed.path` is the caller's. */
export function writeManifest(input: ManifestInput): WrittenManifest {
  const { entries, spec, schema, content } = input
  const avroSchema = entrySchema(spec, schema)
  const targets = targetsOf(entries)
  const bytes = writeContainer({
    schema: avroSchema,
    type: avroType(canonical(avroSchema)),
    records: entries.map(recordOf),
    metadata: {
      schema: JSON.stringify(schema),
      'schema-id': String(schema['schema-id']),
      'partition-spec': JSON.stringify(spec.fields),
      'partition-spec-id': String(spec['spec-id']),
      'format-version': '2',
      content,
      ...(input.filesSchemaId === undefined ? {} : { [filesSchemaKey]: String(input.filesSchemaId) }),
      ...(targets === undefined ? {} : { [deleteTargetsKey]: JSON.stringify(targets) }),
    },
  })
  const live = entries.filter(({ status }) => status !== 'deleted')
  const numbers = live.map(({ sequenceNumber }) => sequenceNumber ?? input.sequenceNumber)
  const listed: ManifestFile = {
    path: `${input.folder}/${randomUUID()}-m0.avro`,
    length: bytes.length,
    specId: spec['spec-id'],
    content,
    sequenceNumber: input.sequenceNumber,
    minSequenceNumber: numbers.reduce((least, number) => Math.min(least, number), input.sequenceNumber),
    addedSnapshotId: input.snapshotId,
    ...tally('added', entries),
    ...tally('existing', entries),
    ...tally('deleted', entries),
    partitions: summarizePartitions(
      spec,
      schema,
      entries.map(({ file }) => file.partition),
    ),
  }
  return { bytes, listed }
}

function tally<S extends EntryStatus>(status: S, entries: readonly ManifestEntry[]): Record<`${S}Files` | `${S}Rows`, number> {
  const matching = entries.filter((entry) => entry.status === status)
  const rows = matching.reduce((sum, { file }) => sum + file.records, 0)
  return { [`${status}Files`]: matching.length, [`${status}Rows`]: rows } as Record<`${S}Files` | `${S}Rows`, number>
}

/** Sequence numbers of added entries stay null, so that the manifest would survive a commit that has to be repeated. */
function recordOf({ status, snapshotId, sequenceNumber, fileSequenceNumber, file }: ManifestEntry): AvroRecord {
  const explicit = status !== 'added'
  return {
    status: statuses.indexOf(status),
    snapshot_id: snapshotId,
    sequence_number: explicit ? (sequenceNumber ?? null) : null,
    file_sequence_number: explicit ? (fileSequenceNumber ?? null) : null,
    data_file: {
      content: contents.indexOf(file.content),
      file_path: file.path,
      file_format: file.format,
      partition: Object.fromEntries(file.partition.map((value, index) => [`p${index}`, avroValue(value)])),
      record_count: file.records,
      file_size_in_bytes: file.bytes,
      ...metricsRecord(status === 'deleted' ? undefined : file.metrics),
      key_metadata: null,
      split_offsets: file.splitOffsets ?? null,
      equality_ids: equalityIds(file),
      // A position delete file is sorted by path and position, never by a sort order of the table (spec: Sort Orders).
      sort_order_id: file.content === 'position-deletes' ? null : (file.sortOrderId ?? null),
      referenced_data_file: file.content === 'data' ? null : (file.referencedDataFile ?? null),
    },
  }
}

function equalityIds(file: AnyFile): readonly number[] | null {
  return file.content === 'data' ? null : ((file as DeleteFile).equalityIds ?? null)
}

function avroValue(value: PartitionValue): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : typeof value === 'bigint' ? Number(value) : value
}

function metricsRecord(metrics: ColumnMetrics | undefined): AvroRecord {
  return {
    column_sizes: pairs(metrics?.columnSizes),
    value_counts: pairs(metrics?.valueCounts),
    null_value_counts: pairs(metrics?.nullValueCounts),
    nan_value_counts: pairs(metrics?.nanValueCounts),
    lower_bounds: pairs(metrics?.lowerBounds, bufferOf),
    upper_bounds: pairs(metrics?.upperBounds, bufferOf),
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function pairs<V, W = V>(
  map: ReadonlyMap<number, V> | undefined,
  convert: (value: V) => W = (value) => value as unknown as W,
): Pairs<W> {
  if (map === undefined || map.size === 0) return null
  return Array.from(map, ([key, value]) => ({ key, value: convert(value) }))
}
