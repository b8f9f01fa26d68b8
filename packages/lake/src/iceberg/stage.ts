import { randomUUID } from 'node:crypto'
import { localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import type { DataFile, DeleteFile } from './content-file.ts'
import { writeManifestList } from './manifest-list.ts'
import type { Snapshot, TableMetadata } from './metadata.ts'
import { serializeMetadata } from './metadata-json.ts'
import { nextManifests } from './next-manifests.ts'
import {
  assertWritable,
  metadataFileName,
  type NewTable,
  newMetadata,
  newSnapshotId,
  withMetadataLog,
  withProperties,
  withSchema,
  withSnapshot,
  withTags,
} from './next-metadata.ts'
import type { IcebergSchema } from './schema.ts'
import { type Operation, operationOf, summarize } from './summary.ts'
import { snapshotById, type Table } from './table.ts'

export type { NewTable } from './next-metadata.ts'

export interface StageOptions {
  /** The table as it was read: the commit is refused when it has moved on since. */
  readonly table?: Table
  /** Makes the table instead. */
  readonly create?: NewTable
  /** The schema from now on (`evolveTable`); the current one when left out. */
  readonly schema?: IcebergSchema
  readonly append?: readonly DataFile[]
  /** Position deletes; they may name rows of `append`, too: one commit can add rows and delete some of them again. */
  readonly deletes?: readonly DeleteFile[]
  /** Everything that is live now goes; what `append` brings is all there is afterwards. */
  readonly replaceAll?: boolean
  /** Data and delete files (by path) that are live now and go; one that is not live is a conflict. */
  readonly removeFiles?: readonly string[]
  /** Makes few manifests of many, in a snapshot that may change nothing else (`operation: 'replace'`). */
  readonly mergeManifests?: boolean
  /** Tag of the new snapshot; without changes of data the tag goes to the current snapshot. */
  readonly tag?: string
  readonly dropTags?: readonly string[]
  /** Own keys of the snapshot's summary. */
  readonly summary?: Readonly<Record<string, string>>
  readonly properties?: Readonly<Record<string, string>>
  /** `replace` for a rewrite that changes no row; else told by what is added and removed. */
  readonly operation?: Operation
  readonly storage?: Storage
  /** Milliseconds since 1970; a snapshot's time never goes before the table's last change. */
  readonly now?: number
}

/** New metadata, written but seen by nobody until `Catalog.commit`. */
export interface StagedChange {
  readonly namespace: string
  readonly name: string
  /** Metadata location that the catalog must still hold; undefined: the table must not be there. */
  readonly base: string | undefined
  /** The table as it will be; `base` itself when there was nothing to change. */
  readonly table: Table
  /** Metadata files that this staging wrote: removed when the commit is refused. */
  readonly written: readonly string[]
  /** Metadata files that fell out of the log: removed after the commit. */
  readonly obsolete: readonly string[]
  readonly storage: Storage
}

interface Draft {
  readonly metadata: TableMetadata
  readonly files: readonly { readonly location: string; readonly bytes: Uint8Array }[]
}

/**
 * Writes manifests, manifest list and metadata of a change, all durable, none visible: the commit point is `Catalog.commit`.
 * Nothing to change stages nothing, and its commit only checks that the table did not move.
 *
 * @example
 * const files = await writeData(engine, { sql: 'select * from batch', schema, dir: `${table.location}/data` })
 * await catalog.commit([await stage({ table, schema, append: files, tag: exportId })])
 */
export async function stage(options: StageOptions): Promise<StagedChange> {
  const { table, create, storage = localStorage, now = Date.now() } = options
  const { namespace, name } = table ?? create ?? missingTarget()
  const before = table?.metadata ?? newMetadata(create ?? missingTarget(), now)
  const time = Math.max(now, before['last-updated-ms'])
  const based = options.properties === undefined ? before : withProperties(before, options.properties)
  const evolved = options.schema === undefined || create !== undefined ? based : withSchema(based, options.schema)
  const draft = await withChanges(evolved, { ...options, storage }, { table: `${namespace}.${name}`, time })
  const metadata = withTags(draft.metadata, options.tag, options.dropTags ?? [])
  if (table !== undefined && unchanged(metadata, before)) {
    return { namespace, name, base: table.metadataLocation, table, written: [], obsolete: [], storage }
  }
  return await writeMetadata({ namespace, name, table, metadata, files: draft.files, storage, time })
}

/** Stages metadata that was made from the table's by hand: for what changes no row (expiry, relocation). */
export async function stageMetadata(
  table: Table,
  metadata: TableMetadata,
  storage: Storage = localStorage,
  now: number = Date.now(),
): Promise<StagedChange> {
  const time = Math.max(now, table.metadata['last-updated-ms'])
  return await writeMetadata({ namespace: table.namespace, name: table.name, table, metadata, files: [], storage, time })
}

interface MetadataInput {
  readonly namespace: string
  readonly name: string
  readonly table: Table | undefined
  readonly metadata: TableMetadata
  readonly files: Draft['files']
  readonly storage: Storage
  readonly time: number
}

async function writeMetadata({ namespace, name, table, metadata, files, storage, time }: MetadataInput): Promise<StagedChange> {
  assertWritable(table?.metadata ?? metadata)
  const previous =
    table === undefined ? undefined : { location: table.metadataLocation, updated: table.metadata['last-updated-ms'] }
  const logged = withMetadataLog({ ...metadata, 'last-updated-ms': time }, previous)
  const metadataLocation = `${metadata.location}/metadata/${metadataFileName(table?.metadataLocation)}`
  const all = [...files, { location: metadataLocation, bytes: Buffer.from(serializeMetadata(logged.metadata)) }]
  await writeAll(all, storage)
  return {
    namespace,
    name,
    base: table?.metadataLocation,
    table: { namespace, name, location: metadata.location, metadataLocation, metadata: logged.metadata },
    written: all.map(({ location }) => location),
    obsolete: logged.obsolete,
    storage,
  }
}

function missingTarget(): never {
  throw new TypeError('stage needs a table or create')
}

function unchanged(metadata: TableMetadata, before: TableMetadata): boolean {
  return (
    metadata['current-snapshot-id'] === before['current-snapshot-id'] &&
    metadata['current-schema-id'] === before['current-schema-id'] &&
    metadata.refs === before.refs &&
    metadata.properties === before.properties
  )
}

async function withChanges(
  metadata: TableMetadata,
  options: StageOptions & { readonly storage: Storage },
  { table, time }: { readonly table: string; readonly time: number },
): Promise<Draft> {
  const { append = [], deletes = [], removeFiles = [], replaceAll = false, mergeManifests = false, storage } = options
  const added = [...append, ...deletes]
  if (added.length === 0 && removeFiles.length === 0 && !replaceAll && !mergeManifests) return { metadata, files: [] }
  assertWritable(metadata)
  const snapshotId = newSnapshotId(metadata)
  const sequenceNumber = metadata['last-sequence-number'] + 1
  const { listed, written, removed } = await nextManifests({
    metadata,
    table,
    snapshotId,
    sequenceNumber,
    added,
    replaceAll,
    removeFiles,
    mergeManifests,
    storage,
  })
  if (added.length === 0 && removed.length === 0 && written.length === 0) return { metadata, files: [] }
  const parent = snapshotById(metadata, metadata['current-snapshot-id'])
  const parentSnapshotId = parent?.['snapshot-id']
  const list = writeManifestList({ snapshotId, parentSnapshotId, sequenceNumber, manifests: listed })
  const listLocation = `${metadata.location}/metadata/snap-${snapshotId}-1-${randomUUID()}.avro`
  const changes = { added, removed }
  const snapshot: Snapshot = {
    'snapshot-id': snapshotId,
    ...(parentSnapshotId === undefined ? {} : { 'parent-snapshot-id': parentSnapshotId }),
    'sequence-number': sequenceNumber,
    'timestamp-ms': time,
    'manifest-list': listLocation,
    summary: { ...summarize(options.operation ?? operationOf(changes), changes, parent), ...options.summary },
    'schema-id': metadata['current-schema-id'],
  }
  return {
    metadata: withSnapshot(metadata, snapshot),
    files: [
      ...written.map((manifest) => ({ location: manifest.listed.path, bytes: manifest.bytes })),
      { location: listLocation, bytes: list },
    ],
  }
}

async function writeAll(files: Draft['files'], storage: Storage): Promise<void> {
  const results = await Promise.allSettled(files.map(({ location, bytes }) => storage.putIfAbsent(location, bytes)))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed === undefined) return
  // Their names are new, so nobody can refer to them: what was written may go.
  await Promise.allSettled(files.map(({ location }) => storage.delete(location)))
  throw failed.reason
}
