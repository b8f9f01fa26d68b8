import type { Storage } from '../storage/storage.ts'
import type { DataFile, DeleteFile } from './content-file.ts'
import type { PartitionField, SortField } from './metadata.ts'
import type { IcebergSchema } from './schema.ts'
import type { Table } from './table.ts'

export interface NewTable {
  readonly namespace: string
  readonly name: string
  /** Absolute `file:` URI of the table's folder. */
  readonly location: string
  readonly schema: IcebergSchema
  readonly properties?: Readonly<Record<string, string>>
  readonly partition?: readonly PartitionField[]
  readonly sortOrder?: readonly SortField[]
}

export interface StageOptions {
  /** The table as it was read: the commit is refused when it has moved on since. */
  readonly table?: Table
  /** Makes the table instead. */
  readonly create?: NewTable
  /** The schema from now on (`evolve`); the current one when left out. */
  readonly schema?: IcebergSchema
  readonly append?: readonly DataFile[]
  readonly deletes?: readonly DeleteFile[]
  /** Everything that is live now goes; what `append` brings is all there is afterwards. */
  readonly replaceAll?: boolean
  /** Data and delete files (by path) that are live now and go. */
  readonly removeFiles?: readonly string[]
  /** Tag of the new snapshot; without changes of data the tag goes to the current snapshot. */
  readonly tag?: string
  readonly dropTags?: readonly string[]
  /** Own keys of the snapshot's summary. */
  readonly summary?: Readonly<Record<string, string>>
  readonly properties?: Readonly<Record<string, string>>
  /** `replace` for a rewrite that changes no row; else told by what is added and removed. */
  readonly operation?: 'append' | 'overwrite' | 'delete' | 'replace'
  readonly storage?: Storage
  readonly now?: number
}

/** New metadata, written but seen by nobody until `Catalog.commit`. */
export interface StagedChange {
  readonly namespace: string
  readonly name: string
  /** Metadata location that the catalog must still hold; undefined: the table must not be there. */
  readonly base: string | undefined
  /** The table as it will be. */
  readonly table: Table
  /** Metadata files that this staging wrote: removed when the commit is refused. */
  readonly written: readonly string[]
  /** Metadata files that fell out of the log: removed after the commit. */
  readonly obsolete: readonly string[]
  readonly storage: Storage
}
