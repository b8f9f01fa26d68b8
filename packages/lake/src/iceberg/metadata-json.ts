import { gunzipSync } from 'node:zlib'
import { LakeError } from '../errors.ts'
import type { PartitionField, PartitionSpec, Snapshot, SnapshotId, TableMetadata } from './metadata.ts'
import { highestId, type IcebergSchema } from './schema.ts'

/** Parts of the JSON that TypeScript's library does not describe yet (ECMAScript: JSON.parse source text access). */
interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): RawNumber
}
interface RawNumber {
  readonly rawJSON: string
}
const json = JSON as unknown as JsonWithSource

type Raw = Readonly<Record<string, unknown>>
type AlwaysThere = 'format-version' | 'table-uuid' | 'location' | 'last-updated-ms'

/**
 * Table metadata of version 1, 2 or 3 from its file (gzipped or not), in the form of version 2.
 * Snapshot ids come out as text, and other integers beyond 2^53 survive being written again.
 */
export function parseMetadata(bytes: Uint8Array): TableMetadata {
  const text = new TextDecoder().decode(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes)
  const raw = parseLossless(text)
  const version = raw['format-version']
  if (version !== 1 && version !== 2 && version !== 3) {
    throw new LakeError('unsupported', `Iceberg format version ${String(version)} is not read; versions 1 to 3 are.`)
  }
  const schemas = (raw.schemas as readonly IcebergSchema[] | undefined) ?? [firstSchema(raw.schema as IcebergSchema)]
  if (schemas.length === 0) throw new LakeError('metadata', 'The metadata of a table has no schema.')
  const specs = (raw['partition-specs'] as readonly PartitionSpec[] | undefined) ?? [firstSpec(raw['partition-spec'])]
  const current = idOf(raw['current-snapshot-id'])
  const { 'current-snapshot-id': _replaced, ...rest } = raw
  const partitionIds = specs.flatMap(({ fields }) => fields.map((field) => field['field-id']))
  return {
    'last-sequence-number': 0,
    'last-column-id': Math.max(...schemas.map(highestId)),
    'current-schema-id': schemas[0]?.['schema-id'] ?? 0,
    'default-spec-id': 0,
    'last-partition-id': Math.max(999, ...partitionIds),
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    properties: {},
    ...(rest as Partial<TableMetadata> & Pick<TableMetadata, AlwaysThere>),
    schemas,
    'partition-specs': specs,
    ...(current === undefined ? {} : { 'current-snapshot-id': current }),
    refs: refsOf(raw.refs as Raw | undefined, current),
    snapshots: ((raw.snapshots as readonly Raw[] | null | undefined) ?? []).map(snapshotOf),
    'snapshot-log': listOf(raw['snapshot-log']).map(withId) as unknown as TableMetadata['snapshot-log'],
    'metadata-log': listOf(raw['metadata-log']) as unknown as TableMetadata['metadata-log'],
  }
}

function listOf(value: unknown): readonly Raw[] {
  return (value as readonly Raw[] | null | undefined) ?? []
}

function firstSchema(schema: IcebergSchema): IcebergSchema {
  return { ...schema, 'schema-id': schema['schema-id'] ?? 0 }
}

/** Version 1 has one list of fields, whose ids count from 1000 when left out (spec, Appendix F). */
function firstSpec(fields: unknown): PartitionSpec {
  return {
    'spec-id': 0,
    fields: listOf(fields).map((field, index) => ({ 'field-id': 1000 + index, ...field })) as unknown as PartitionField[],
  }
}

function snapshotOf(raw: Raw): Snapshot {
  const { 'parent-snapshot-id': parent, ...rest } = raw
  if (rest['manifest-list'] === undefined) {
    throw new LakeError(
      'unsupported',
      'A snapshot of this table lists its manifests inline, as the first tables of version 1 did; floe does not read it.',
    )
  }
  const parentId = idOf(parent)
  return {
    'sequence-number': 0,
    summary: {},
    ...(rest as Partial<Snapshot> & Pick<Snapshot, 'timestamp-ms' | 'manifest-list'>),
    'snapshot-id': idOf(rest['snapshot-id']) ?? '-1',
    ...(parentId === undefined ? {} : { 'parent-snapshot-id': parentId }),
  }
}

function refsOf(raw: Raw | null | undefined, current: SnapshotId | undefined): TableMetadata['refs'] {
  const refs = Object.entries(raw ?? {}).map(([name, ref]) => [name, withId(ref as Raw)])
  const main = current === undefined ? {} : { main: { 'snapshot-id': current, type: 'branch' } }
  return { ...main, ...Object.fromEntries(refs) } as TableMetadata['refs']
}

function withId(raw: Raw): Raw {
  return { ...raw, 'snapshot-id': idOf(raw['snapshot-id']) ?? '-1' }
}

/** Java writes -1 for "none" in version 2. */
function idOf(value: unknown): SnapshotId | undefined {
  if (value === undefined || value === null || value === -1) return undefined
  const text = isRaw(value) ? value.rawJSON : String(value)
  if (/^-?\d{1,19}$/.test(text)) return text
  throw new LakeError('metadata', 'The metadata of a table has a snapshot id that is no whole number.')
}

function isRaw(value: unknown): value is RawNumber {
  return typeof value === 'object' && value !== null && 'rawJSON' in value
}

/** A reviver slows parsing several times, so it runs only where a long run of digits may need it. */
function parseLossless(text: string): Raw {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Raw
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
      ? json.rawJSON(source)
      : value,
  ) as Raw
}

/** The file's text. Ids become JSON numbers again, with every digit. */
export function serializeMetadata(metadata: TableMetadata): string {
  const { 'current-snapshot-id': current, ...rest } = metadata
  return JSON.stringify({
    ...rest,
    'current-snapshot-id': current === undefined ? -1 : json.rawJSON(current),
    refs: Object.fromEntries(Object.entries(metadata.refs).map(([name, ref]) => [name, rawId(ref)])),
    snapshots: metadata.snapshots.map((snapshot) => {
      const parent = snapshot['parent-snapshot-id']
      return { ...rawId(snapshot), ...(parent === undefined ? {} : { 'parent-snapshot-id': json.rawJSON(parent) }) }
    }),
    'snapshot-log': metadata['snapshot-log'].map(rawId),
  })
}

function rawId(entry: { readonly 'snapshot-id': SnapshotId }): object {
  return { ...entry, 'snapshot-id': json.rawJSON(entry['snapshot-id']) }
}
