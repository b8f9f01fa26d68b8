import type { DataFile, DeleteFile } from './content-file.ts'
import type { Snapshot } from './metadata.ts'
import type { IcebergSchema } from './schema.ts'

export interface PlannedFile {
  readonly file: DataFile
  readonly sequenceNumber: number
  /** Schema that the file was written with, where that is certain: then it is read without mapping. */
  readonly written: IcebergSchema | undefined
  /** Position deletes that may hold rows of this file. */
  readonly deletes: readonly DeleteFile[]
}

/** What a scan of one snapshot reads; plain data. */
export interface ScanPlan {
  readonly schema: IcebergSchema
  /** Undefined for a table without snapshots. */
  readonly snapshot: Snapshot | undefined
  readonly files: readonly PlannedFile[]
}
