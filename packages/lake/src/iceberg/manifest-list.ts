import { type AvroRecord, avroType, decodeRecords, readContainer, writeContainer } from './avro.ts'
import { canonical, manifestFileSchema } from './manifest-schema.ts'
import type { SnapshotId } from './metadata.ts'

export interface PartitionSummary {
  readonly containsNull: boolean
  readonly containsNan: boolean | undefined
  readonly lowerBound: Uint8Array | undefined
  readonly upperBound: Uint8Array | undefined
}

/** A manifest as a manifest list names it. */
export interface ManifestFile {
  readonly path: string
  readonly length: number
  readonly specId: number
  readonly content: 'data' | 'deletes'
  readonly sequenceNumber: number
  readonly minSequenceNumber: number
  readonly addedSnapshotId: SnapshotId
  readonly addedFiles: number
  readonly existingFiles: number
  readonly deletedFiles: number
  readonly addedRows: number
  readonly existingRows: number
  readonly deletedRows: number
  readonly partitions: readonly PartitionSummary[]
}

/**
 * Version 1 lists have neither contents nor sequence numbers (all 0), and may leave counts out (unknown: then some files are
 * assumed).
 */
export function readManifestList(bytes: Uint8Array): ManifestFile[] {
  const container = readContainer(bytes)
  return decodeRecords(container, avroType(canonical(container.schema))).map((record) => {
    const number = (name: string, missing = 0): number => (record[name] as number | null | undefined) ?? missing
    return {
      path: record.manifest_path as string,
      length: number('manifest_length'),
      specId: number('partition_spec_id'),
      content: number('content') === 1 ? 'deletes' : 'data',
      sequenceNumber: number('sequence_number'),
      minSequenceNumber: number('min_sequence_number'),
      addedSnapshotId: (record.added_snapshot_id as string | null | undefined) ?? '-1',
      addedFiles: number('added_files_count', 1),
      existingFiles: number('existing_files_count', 1),
      deletedFiles: number('deleted_files_count', 1),
      addedRows: number('added_rows_count'),
      existingRows: number('existing_rows_count'),
      deletedRows: number('deleted_rows_count'),
      partitions: ((record.partitions as readonly AvroRecord[] | null | undefined) ?? []).map(summaryOf),
    }
  })
}

function summaryOf(record: AvroRecord): PartitionSummary {
  return {
    containsNull: record.contains_null as boolean,
    containsNan: (record.contains_nan as boolean | null | undefined) ?? undefined,
    lowerBound: (record.lower_bound as Uint8Array | null | undefined) ?? undefined,
    upperBound: (record.upper_bound as Uint8Array | null | undefined) ?? undefined,
  }
}

export interface ManifestListInput {
  readonly snapshotId: SnapshotId
  readonly parentSnapshotId: SnapshotId | undefined
  readonly sequenceNumber: number
  readonly manifests: readonly ManifestFile[]
}

const listType = avroType(canonical(manifestFileSchema))

export function writeManifestList({ snapshotId, parentSnapshotId, sequenceNumber, manifests }: ManifestListInput): Buffer {
  return writeContainer({
    schema: manifestFileSchema,
    type: listType,
    records: manifests.map(recordOf),
    metadata: {
      'snapshot-id': snapshotId,
      'parent-snapshot-id': parentSnapshotId ?? 'null',
      'sequence-number': String(sequenceNumber),
      'format-version': '2',
    },
  })
}

function recordOf(manifest: ManifestFile): AvroRecord {
  return {
    manifest_path: manifest.path,
    manifest_length: manifest.length,
    partition_spec_id: manifest.specId,
    content: manifest.content === 'deletes' ? 1 : 0,
    sequence_number: manifest.sequenceNumber,
    min_sequence_number: manifest.minSequenceNumber,
    added_snapshot_id: manifest.addedSnapshotId,
    added_files_count: manifest.addedFiles,
    existing_files_count: manifest.existingFiles,
    deleted_files_count: manifest.deletedFiles,
    added_rows_count: manifest.addedRows,
    existing_rows_count: manifest.existingRows,
    deleted_rows_count: manifest.deletedRows,
    partitions: manifest.partitions.map((summary) => ({
      contains_null: summary.containsNull,
      contains_nan: summary.containsNan ?? null,
      lower_bound: bytesOf(summary.lowerBound),
      upper_bound: bytesOf(summary.upperBound),
    })),
    key_metadata: null,
  }
}

function bytesOf(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes)
}
