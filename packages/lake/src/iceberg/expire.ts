import { fileUri, localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import type { Catalog } from './catalog.ts'
import { commitWithRetry } from './commit.ts'
import type { Snapshot, SnapshotId, SnapshotLogEntry, SnapshotRef, TableMetadata } from './metadata.ts'
import { reachableFiles } from './reachable.ts'
import { stageMetadata } from './stage.ts'
import { snapshotById, type Table } from './table.ts'

export interface ExpiryPolicy {
  /** Snapshots that are older (ms since 1970) go … */
  readonly olderThan: number
  /** … but the newest ones of each branch stay. */
  readonly keep: number
  /** Tags made on snapshots that are older go; without it every tag keeps its snapshot. */
  readonly dropTagsOlderThan?: number
  /** Snapshots that stay with the ones before them, as those with a tag do. */
  readonly pinned?: (snapshot: Snapshot) => boolean
}

export interface Expiry {
  readonly snapshots: number
  readonly tags: number
  readonly files: number
}

/**
 * Forgets old snapshots of a table, then removes the files that only they needed.
 *
 * The commit is the point of no return; files go after it, so a crash in between leaves orphans, never a hole. Tagged snapshots
 * stay: `--as-of EXPORT` works after any expiry.
 */
export async function expireSnapshots(
  catalog: Catalog,
  { namespace, name }: Pick<Table, 'namespace' | 'name'>,
  policy: ExpiryPolicy,
  storage: Storage = localStorage,
): Promise<Expiry> {
  let before: TableMetadata | undefined
  let after: TableMetadata | undefined
  await commitWithRetry(catalog, async () => {
    const table = await catalog.load(namespace, name)
    before = table?.metadata
    after = before === undefined ? undefined : withoutExpired(before, policy)
    return table === undefined || after === undefined || after === before ? [] : [await stageMetadata(table, after, storage)]
  })
  if (before === undefined || after === undefined || after === before) return { snapshots: 0, tags: 0, files: 0 }
  return {
    snapshots: before.snapshots.length - after.snapshots.length,
    tags: Object.keys(before.refs).length - Object.keys(after.refs).length,
    files: await removeUnreachable(before, after, storage),
  }
}

/** The metadata without its expired snapshots; the same object when none is. */
function withoutExpired(metadata: TableMetadata, policy: ExpiryPolicy): TableMetadata {
  const refs = Object.entries(metadata.refs).filter(([, ref]) => !expiredTag(metadata, ref, policy))
  const kept = new Set<SnapshotId>()
  for (const [, ref] of refs) {
    if (ref.type === 'tag') kept.add(ref['snapshot-id'])
    else for (const id of branchToKeep(metadata, ref['snapshot-id'], policy)) kept.add(id)
  }
  for (const id of pinned(metadata, policy)) kept.add(id)
  const snapshots = metadata.snapshots.filter((each) => kept.has(each['snapshot-id']))
  if (snapshots.length === metadata.snapshots.length && refs.length === Object.keys(metadata.refs).length) return metadata
  return { ...metadata, snapshots, refs: Object.fromEntries(refs), 'snapshot-log': logOf(metadata['snapshot-log'], kept) }
}

function expiredTag(metadata: TableMetadata, ref: SnapshotRef, { dropTagsOlderThan }: ExpiryPolicy): boolean {
  if (ref.type !== 'tag' || dropTagsOlderThan === undefined) return false
  const snapshot = snapshotById(metadata, ref['snapshot-id'])
  return snapshot === undefined || snapshot['timestamp-ms'] < dropTagsOlderThan
}

function pinned(metadata: TableMetadata, { pinned: stays = () => false, dropTagsOlderThan = 0 }: ExpiryPolicy): SnapshotId[] {
  const found = metadata.snapshots.filter((each) => stays(each) && each['timestamp-ms'] >= dropTagsOlderThan)
  const parents = found.map((each) => snapshotById(metadata, each['parent-snapshot-id'])?.['snapshot-id'])
  return [...found.map((each) => each['snapshot-id']), ...parents.filter((id) => id !== undefined)]
}

function branchToKeep(metadata: TableMetadata, head: SnapshotId, { olderThan, keep }: ExpiryPolicy): SnapshotId[] {
  const ids: SnapshotId[] = []
  let snapshot: Snapshot | undefined = snapshotById(metadata, head)
  while (snapshot !== undefined && (ids.length < Math.max(1, keep) || snapshot['timestamp-ms'] >= olderThan)) {
    ids.push(snapshot['snapshot-id'])
    snapshot = snapshotById(metadata, snapshot['parent-snapshot-id'])
  }
  return ids
}

/** History is cut before the last gap: a log with holes would answer "as of" with a wrong snapshot (as Java does). */
function logOf(log: readonly SnapshotLogEntry[], kept: ReadonlySet<SnapshotId>): readonly SnapshotLogEntry[] {
  const gap = log.findLastIndex((entry) => !kept.has(entry['snapshot-id']))
  return log.slice(gap + 1)
}

async function removeUnreachable(before: TableMetadata, after: TableMetadata, storage: Storage): Promise<number> {
  const kept = new Set(after.snapshots.map((each) => each['snapshot-id']))
  const expired = before.snapshots.filter((each) => !kept.has(each['snapshot-id']))
  const [gone, needed] = [await reachableFiles(expired, storage), await reachableFiles(after.snapshots, storage)]
  // Content first, lists last: what a crash leaves can still be told apart by the lists.
  let files = 0
  for (const part of ['content', 'manifests', 'manifestLists'] as const) {
    for (const path of gone[part]) {
      if (needed[part].has(path)) continue
      await storage.delete(fileUri(path))
      files++
    }
  }
  return files
}
