import type { IcebergSchema } from './schema.ts'

/** A partition value as Avro and JSON carry it: days since 1970 for `day`, the bucket's number for `bucket`, … */
export type PartitionValue = string | number | bigint | boolean | Uint8Array | null

/** Counts and bounds per field id; bounds are in Iceberg's binary single-value form (spec, Appendix D). */
export interface ColumnMetrics {
  readonly columnSizes: ReadonlyMap<number, number>
  readonly valueCounts: ReadonlyMap<number, number>
  readonly nullValueCounts: ReadonlyMap<number, number>
  readonly nanValueCounts: ReadonlyMap<number, number>
  readonly lowerBounds: ReadonlyMap<number, Uint8Array>
  readonly upperBounds: ReadonlyMap<number, Uint8Array>
}

interface ContentFile {
  /** Full URI, exactly as manifests and position deletes name it. */
  readonly path: string
  readonly format: string
  readonly specId: number
  readonly partition: readonly PartitionValue[]
  readonly records: number
  readonly bytes: number
  /** Undefined when the manifest was read without metrics. */
  readonly metrics?: ColumnMetrics
  readonly splitOffsets?: readonly number[]
  readonly sortOrderId?: number
}

export interface DataFile extends ContentFile {
  readonly content: 'data'
  /** The schema that this new file was written with (`writeData`); undefined on files read from manifests. */
  readonly schema?: IcebergSchema
}

export interface DeleteFile extends ContentFile {
  readonly content: 'position-deletes' | 'equality-deletes'
  /** The only data file that these position deletes are for, when there is only one. */
  readonly referencedDataFile?: string
  /** All data files that these position deletes name, where floe wrote them and they are not too many. */
  readonly dataFiles?: readonly string[]
  readonly equalityIds?: readonly number[]
}

export type AnyFile = DataFile | DeleteFile
