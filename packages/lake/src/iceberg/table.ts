import { LakeError } from '../errors.ts'
import type { PartitionSpec, Snapshot, SnapshotId, TableMetadata } from './metadata.ts'
import type { IcebergSchema } from './schema.ts'
import { type EvolveOptions, evolve, type StructShape } from './shape.ts'

/** A table as one metadata file says it is: plain data, never updated in place. */
export interface Table {
  readonly namespace: string
  readonly name: string
  /** Folder of the table, an absolute `file:` URI. */
  readonly location: string
  readonly metadataLocation: string
  readonly metadata: TableMetadata
}

/**
 * Which snapshot: by id, by tag (or branch), or the one that was current at an instant (ms since 1970); none means the newest.
 */
export interface SnapshotChoice {
  readonly snapshotId?: SnapshotId
  readonly tag?: string
  readonly at?: number
}

export function currentSchema({ metadata }: Table): IcebergSchema {
  return schemaById(metadata, metadata['current-schema-id'])
}

export function currentSnapshot({ metadata }: Table): Snapshot | undefined {
  return snapshotById(metadata, metadata['current-snapshot-id'])
}

export function snapshotById(metadata: TableMetadata, id: SnapshotId | undefined): Snapshot | undefined {
  return id === undefined ? undefined : metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === id)
}

export function schemaById(metadata: TableMetadata, id: number): IcebergSchema {
  const schema = metadata.schemas.find((each) => each['schema-id'] === id)
  if (schema === undefined) throw new LakeError('metadata', `The table's metadata names schema ${id}, which it does not hold.`)
  return schema
}

export function specById(metadata: TableMetadata, id: number): PartitionSpec {
  const spec = metadata['partition-specs'].find((each) => each['spec-id'] === id)
  if (spec === undefined)
    throw new LakeError('metadata', `The table's metadata names partition spec ${id}, which it does not hold.`)
  return spec
}

/**
 * The snapshot that a choice names; undefined for a table without snapshots, and for an instant before its first one.
 * An id or a tag that is not there is an error, also on an empty table, and so is an instant whose snapshot has expired.
 */
export function chooseSnapshot(table: Table, choice: SnapshotChoice = {}): Snapshot | undefined {
  const { metadata } = table
  if (choice.snapshotId !== undefined) return snapshotById(metadata, choice.snapshotId) ?? unknownSnapshot(choice.snapshotId)
  if (choice.tag !== undefined) {
    return snapshotById(metadata, metadata.refs[choice.tag]?.['snapshot-id']) ?? unknownSnapshot(choice.tag)
  }
  if (choice.at === undefined) return currentSnapshot(table)
  const { at } = choice
  const log = metadata['snapshot-log']
  const known = log.findLast((entry) => entry['timestamp-ms'] <= at)
  const first = snapshotById(metadata, log[0]?.['snapshot-id'])
  if (known === undefined && first?.['parent-snapshot-id'] !== undefined) unknownSnapshot(new Date(at).toISOString())
  return snapshotById(metadata, known?.['snapshot-id'])
}

function unknownSnapshot(name: string): never {
  throw new LakeError('unknown-snapshot', `No snapshot or tag ${JSON.stringify(name)} in this table.`, { exitCode: 2 })
}

/**
 * The schema that rows are read with: the table's current one for the newest state, the snapshot's own for an earlier one
 * (spec: time travel).
 */
export function schemaAt(table: Table, choice: SnapshotChoice, snapshot: Snapshot | undefined): IcebergSchema {
  const newest = choice.snapshotId === undefined && choice.tag === undefined && choice.at === undefined
  const id = newest ? undefined : snapshot?.['schema-id']
  return id === undefined ? currentSchema(table) : schemaById(table.metadata, id)
}

/** `evolve` for a table: columns that were dropped once never give their ids to new ones. */
export function evolveTable(
  table: Table | undefined,
  shape: StructShape,
  options: Omit<EvolveOptions, 'lastColumnId'> = {},
): IcebergSchema {
  if (table === undefined) return evolve(undefined, shape, options)
  return evolve(currentSchema(table), shape, { ...options, lastColumnId: table.metadata['last-column-id'] })
}
