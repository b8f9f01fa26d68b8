import type { Storage } from '../storage/storage.ts'
import { LakeConflictError } from './conflict.ts'
import type { AnyFile, DataFile } from './content-file.ts'
import { type ManifestEntry, type WrittenManifest, writeManifest } from './manifest.ts'
import type { ManifestFile } from './manifest-list.ts'
import type { SnapshotId, TableMetadata } from './metadata.ts'
import { type IcebergSchema, sameFields } from './schema.ts'
import { schemaById, snapshotById, specById } from './table.ts'
import { loadManifest, loadManifestList } from './table-files.ts'

export interface ManifestChange {
  /** The metadata of the new snapshot, without it: its schema is the new one. */
  readonly metadata: TableMetadata
  readonly table: string
  readonly snapshotId: SnapshotId
  readonly sequenceNumber: number
  readonly added: readonly AnyFile[]
  readonly replaceAll: boolean
  readonly removeFiles: readonly string[]
  readonly mergeManifests: boolean
  readonly storage: Storage
}

export interface ChangedManifests {
  /** The new snapshot's manifests: kept by reference, rewritten, and new. */
  readonly listed: readonly ManifestFile[]
  /** Those among them that still have to be written. */
  readonly written: readonly WrittenManifest[]
  readonly removed: readonly AnyFile[]
}

/**
 * Manifests of a new snapshot. Untouched ones are kept by reference (fast append); those that list a file that goes are written
 * anew, the rest of their files as EXISTING, the gone ones as DELETED, both with their explicit sequence numbers.
 */
export async function nextManifests(change: ManifestChange): Promise<ChangedManifests> {
  const parent = snapshotById(change.metadata, change.metadata['current-snapshot-id'])
  const before = parent === undefined ? [] : await loadManifestList(parent, change.storage)
  const gone = new Set(change.removeFiles)
  const listed: ManifestFile[] = []
  const written: WrittenManifest[] = []
  const removed: AnyFile[] = []
  for (const manifest of before) {
    // A manifest of DELETED entries only belongs to the snapshot that deleted them.
    if (manifest.addedFiles + manifest.existingFiles === 0) continue
    const rewritten = await withoutFiles(change, manifest, gone)
    if (rewritten === undefined) {
      listed.push(manifest)
      continue
    }
    removed.push(...rewritten.removed)
    written.push(rewritten.manifest)
  }
  const missing = gone.size - new Set(removed.map(({ path }) => path)).size
  if (!change.replaceAll && missing > 0) throw new LakeConflictError(change.table)
  const kept = change.mergeManifests ? await mergeManifests(change, listed) : { listed, written: [] }
  written.push(...kept.written, ...addedManifests(change))
  return { listed: [...kept.listed, ...written.map((each) => each.listed)], written, removed }
}

async function withoutFiles(
  change: ManifestChange,
  manifest: ManifestFile,
  gone: ReadonlySet<string>,
): Promise<{ manifest: WrittenManifest; removed: AnyFile[] } | undefined> {
  const goes = ({ status, file }: ManifestEntry): boolean => status !== 'deleted' && (change.replaceAll || gone.has(file.path))
  if (!change.replaceAll) {
    if (gone.size === 0) return undefined
    const { entries } = await loadManifest(manifest, 'none', change.storage)
    if (!entries.some(goes)) return undefined
  }
  const { entries, filesSchemaId } = await loadManifest(manifest, change.replaceAll ? 'none' : 'all', change.storage)
  const live = entries.filter(({ status }) => status !== 'deleted')
  const rewritten = live.map(
    (entry): ManifestEntry =>
      goes(entry) ? { ...entry, status: 'deleted', snapshotId: change.snapshotId } : { ...entry, status: 'existing' },
  )
  const { metadata, snapshotId, sequenceNumber } = change
  return {
    removed: live.filter(goes).map(({ file }) => file),
    manifest: writeManifest({
      folder: `${metadata.location}/metadata`,
      content: manifest.content,
      entries: rewritten,
      spec: specById(metadata, manifest.specId),
      schema: schemaById(metadata, metadata['current-schema-id']),
      filesSchemaId,
      snapshotId,
      sequenceNumber,
    }),
  }
}

/** Manifests that are merged into one stay below this size (`commit.manifest.target-size-bytes`). */
const manifestBytes = 8 * 1024 * 1024

/** Few manifests out of many, each entry as it is: planning opens every manifest once. */
async function mergeManifests(
  change: ManifestChange,
  manifests: readonly ManifestFile[],
): Promise<Pick<ChangedManifests, 'listed' | 'written'>> {
  const { metadata, snapshotId, sequenceNumber, storage } = change
  const loaded = await Promise.all(manifests.map(async (listed) => ({ listed, ...(await loadManifest(listed, 'all', storage)) })))
  const alike = Map.groupBy(loaded, ({ listed, filesSchemaId }) => `${listed.content} ${listed.specId} ${filesSchemaId ?? ''}`)
  const groups = Array.from(alike.values()).flatMap((members) => inSizes(members))
  const written = groups
    .filter((members) => members.length > 1)
    .map((members) => {
      const { listed, filesSchemaId } = members[0] as (typeof members)[number]
      const live = members.flatMap(({ entries }) => entries.filter(({ status }) => status !== 'deleted'))
      return writeManifest({
        folder: `${metadata.location}/metadata`,
        content: listed.content,
        entries: live.map((entry) => ({ ...entry, status: 'existing' })),
        spec: specById(metadata, listed.specId),
        schema: schemaById(metadata, metadata['current-schema-id']),
        filesSchemaId,
        snapshotId,
        sequenceNumber,
      })
    })
  return { listed: groups.flatMap((members) => (members.length > 1 ? [] : members.map(({ listed }) => listed))), written }
}

function inSizes<T extends { readonly listed: ManifestFile }>(members: readonly T[]): T[][] {
  const groups: T[][] = []
  let bytes = 0
  for (const member of members) {
    bytes += member.listed.length
    const last = groups.at(-1)
    if (last === undefined || bytes > manifestBytes) {
      groups.push([member])
      bytes = member.listed.length
    } else last.push(member)
  }
  return groups
}

/** Data and deletes never share a manifest, nor do files of different partition specs or (for our own planning) schemas. */
function addedManifests(change: ManifestChange): WrittenManifest[] {
  const { metadata, added, snapshotId, sequenceNumber } = change
  const schema = schemaById(metadata, metadata['current-schema-id'])
  const schemaIds = new Map<IcebergSchema | undefined, number | undefined>()
  const filesSchemaId = (file: AnyFile): number | undefined => {
    const written = file.content === 'data' ? file.schema : undefined
    if (!schemaIds.has(written)) schemaIds.set(written, schemaIdOf(metadata, written))
    return schemaIds.get(written)
  }
  const groups = Object.values(
    Object.groupBy(added, (file) => `${file.content === 'data' ? 0 : 1} ${file.specId} ${filesSchemaId(file) ?? ''}`),
  ).filter((group) => group !== undefined)
  return groups.map((files) => {
    const first = files[0] as AnyFile
    return writeManifest({
      folder: `${metadata.location}/metadata`,
      content: first.content === 'data' ? 'data' : 'deletes',
      entries: files.map((file) => ({
        status: 'added',
        snapshotId,
        sequenceNumber: undefined,
        fileSequenceNumber: undefined,
        file,
      })),
      spec: specById(metadata, first.specId),
      schema,
      filesSchemaId: filesSchemaId(first),
      snapshotId,
      sequenceNumber,
    })
  })
}

function schemaIdOf({ schemas }: TableMetadata, written: DataFile['schema']): number | undefined {
  return written === undefined ? undefined : schemas.find(({ fields }) => sameFields(fields, written.fields))?.['schema-id']
}
