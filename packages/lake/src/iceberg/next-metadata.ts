import { randomBytes, randomUUID } from 'node:crypto'
import { LakeError } from '../errors.ts'
import type { PartitionField, Snapshot, SnapshotId, SnapshotRef, SortField, TableMetadata } from './metadata.ts'
import { fieldNodes, highestId, type IcebergSchema, sameSchema } from './schema.ts'

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

/** Old metadata files are removed once a hundred newer ones are there; by default Iceberg would keep them for ever. */
const defaultProperties: Readonly<Record<string, string>> = {
  'write.metadata.delete-after-commit.enabled': 'true',
  'write.metadata.previous-versions-max': '100',
}

export function newMetadata(
  { location, schema, properties, partition = [], sortOrder = [] }: NewTable,
  now: number,
): TableMetadata {
  const unsorted = { 'order-id': 0, fields: [] }
  return {
    'format-version': 2,
    'table-uuid': randomUUID(),
    location: location.replace(/\/+$/, ''),
    'last-sequence-number': 0,
    'last-updated-ms': now,
    'last-column-id': highestId(schema),
    'current-schema-id': 0,
    schemas: [{ ...schema, 'schema-id': 0 }],
    'default-spec-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: partition }],
    'last-partition-id': Math.max(999, ...partition.map((field) => field['field-id'])),
    'default-sort-order-id': sortOrder.length > 0 ? 1 : 0,
    'sort-orders': sortOrder.length > 0 ? [unsorted, { 'order-id': 1, fields: sortOrder }] : [unsorted],
    properties: { ...defaultProperties, ...properties },
    refs: {},
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
  }
}

/** What floe writes to: version 2 with transforms that it knows. Anything else is refused before a file is written. */
export function assertWritable(metadata: TableMetadata): void {
  const version = metadata['format-version']
  if (version !== 2)
    throw new LakeError('unsupported', `A table of Iceberg format version ${version} is read, but not written, by floe.`)
  const transforms = metadata['partition-specs'].flatMap(({ fields }) => fields.map(({ transform }) => transform))
  const unknown = transforms.find(
    (transform) => !/^(identity|void|year|month|day|hour|(bucket|truncate)\[\d+\])$/.test(transform),
  )
  if (unknown !== undefined)
    throw new LakeError('unsupported', `The partition transform ${unknown} is not known to floe: it does not write this table.`)
}

export function withSchema(metadata: TableMetadata, schema: IcebergSchema): TableMetadata {
  const same = metadata.schemas.find((each) => sameSchema(each, schema))
  if (same !== undefined) return { ...metadata, 'current-schema-id': same['schema-id'] }
  const known = new Set(metadata.schemas.flatMap((each) => fieldNodes(each).map(({ id }) => id)))
  const reused = fieldNodes(schema).find(({ id }) => !known.has(id) && id <= metadata['last-column-id'])
  if (reused !== undefined)
    throw new TypeError(`column ${reused.path.join('.')} has an id that was used before: make the schema with evolveTable`)
  const id = Math.max(...metadata.schemas.map((each) => each['schema-id'])) + 1
  return {
    ...metadata,
    schemas: [...metadata.schemas, { ...schema, 'schema-id': id }],
    'current-schema-id': id,
    'last-column-id': Math.max(metadata['last-column-id'], highestId(schema)),
  }
}

export function withProperties(metadata: TableMetadata, properties: Readonly<Record<string, string>>): TableMetadata {
  const changed = Object.entries(properties).some(([key, value]) => metadata.properties[key] !== value)
  return changed ? { ...metadata, properties: { ...metadata.properties, ...properties } } : metadata
}

export function withSnapshot(metadata: TableMetadata, snapshot: Snapshot): TableMetadata {
  const id = snapshot['snapshot-id']
  return {
    ...metadata,
    'last-sequence-number': snapshot['sequence-number'],
    'current-snapshot-id': id,
    snapshots: [...metadata.snapshots, snapshot],
    refs: { ...metadata.refs, main: { ...metadata.refs.main, 'snapshot-id': id, type: 'branch' } },
    'snapshot-log': [...metadata['snapshot-log'], { 'snapshot-id': id, 'timestamp-ms': snapshot['timestamp-ms'] }],
  }
}

export function withTags(metadata: TableMetadata, tag: string | undefined, dropTags: readonly string[]): TableMetadata {
  const current = metadata['current-snapshot-id']
  const drop = dropTags.filter((name) => metadata.refs[name]?.type === 'tag')
  const moved = tag !== undefined && current !== undefined && metadata.refs[tag]?.['snapshot-id'] !== current
  if (!moved && drop.length === 0) return metadata
  if (tag !== undefined && metadata.refs[tag]?.type === 'branch')
    throw new LakeError('usage', `${tag} is a branch of this table, not a tag.`, { exitCode: 2 })
  const kept = Object.entries(metadata.refs).filter(([name]) => !drop.includes(name))
  const added: Record<string, SnapshotRef> = moved ? { [tag]: { 'snapshot-id': current, type: 'tag' } } : {}
  return { ...metadata, refs: { ...Object.fromEntries(kept), ...added } }
}

export interface LoggedMetadata {
  readonly metadata: TableMetadata
  /** Metadata files that left the log and may be removed. */
  readonly obsolete: readonly string[]
}

/** Adds the previous metadata file to the log and cuts the log (spec: metadata-log; `write.metadata.previous-versions-max`). */
export function withMetadataLog(
  metadata: TableMetadata,
  previous: { location: string; updated: number } | undefined,
): LoggedMetadata {
  if (previous === undefined) return { metadata, obsolete: [] }
  const log = [...metadata['metadata-log'], { 'metadata-file': previous.location, 'timestamp-ms': previous.updated }]
  const keep = Math.max(1, Number(metadata.properties['write.metadata.previous-versions-max'] ?? 100))
  const remove = metadata.properties['write.metadata.delete-after-commit.enabled'] === 'true'
  const cut = log.slice(0, Math.max(0, log.length - keep))
  return {
    metadata: { ...metadata, 'metadata-log': log.slice(-keep) },
    obsolete: remove ? cut.map((entry) => entry['metadata-file']) : [],
  }
}

/** Positive and below 2^53, so that every reader's JSON parser keeps it. */
export function newSnapshotId({ snapshots }: TableMetadata): SnapshotId {
  for (;;) {
    const id = String(BigInt(`0x${randomBytes(8).toString('hex')}`) >> 12n)
    if (id !== '0' && !snapshots.some((snapshot) => snapshot['snapshot-id'] === id)) return id
  }
}

/** `00007-<uuid>.metadata.json` after `00006-…` (`v6.metadata.json` of other catalogs counts as well). */
export function metadataFileName(previous: string | undefined): string {
  const version = /\/v?(\d+)[^/]*\.metadata\.json$/.exec(previous ?? '')?.[1]
  const next = version === undefined ? 0 : Number(version) + 1
  return `${String(next).padStart(5, '0')}-${randomUUID()}.metadata.json`
}
