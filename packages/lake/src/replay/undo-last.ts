import type { Snapshot, SnapshotId, TableMetadata } from '../iceberg/metadata.ts'
import { currentSnapshot, snapshotById, type Table } from '../iceberg/table.ts'
import type { KnownLoad } from '../silver/ledger.ts'

/**
 * The tables as they were before a load, if that load was the last thing that happened to them; undefined where this cannot be
 * told from the metadata alone, because something came after it or its predecessors have expired. A table that the load made is
 * not in the result.
 */
export function beforeLoad(tables: readonly Table[], loads: readonly KnownLoad[], undone: KnownLoad): Table[] | undefined {
  const later = loads.some(
    ({ load_id: id, started_at: began, finished_at: ended }) =>
      id !== undone.load_id && (began > undone.started_at || (ended ?? began) > undone.started_at),
  )
  if (later) return undefined
  const restored: Table[] = []
  for (const table of tables) {
    const metadata = restoredMetadata(table, undone.load_id)
    if (metadata === 'unknown') return undefined
    if (metadata !== 'none') restored.push(metadata === table.metadata ? table : { ...table, metadata })
  }
  return restored
}

function restoredMetadata(table: Table, loadId: string): TableMetadata | 'none' | 'unknown' {
  const { metadata } = table
  const made = (snapshot: Snapshot | undefined): boolean => snapshot?.summary['floe.load'] === loadId
  const all = metadata.snapshots.filter(made)
  if (all.length === 0) return metadata
  const undone = new Set<SnapshotId>()
  let head = currentSnapshot(table)
  while (head !== undefined && made(head)) {
    undone.add(head['snapshot-id'])
    const parent: SnapshotId | undefined = head['parent-snapshot-id']
    head = snapshotById(metadata, parent)
    if (parent !== undefined && head === undefined) return 'unknown'
  }
  if (undone.size !== all.length) return 'unknown'
  if (head === undefined) return 'none'
  const schemaId = head['schema-id']
  const branch = Object.entries(metadata.refs).some(
    ([name, ref]) => name !== 'main' && ref.type === 'branch' && undone.has(ref['snapshot-id']),
  )
  if (schemaId === undefined || branch) return 'unknown'
  const refs = Object.entries(metadata.refs).filter(([, ref]) => !undone.has(ref['snapshot-id']))
  return {
    ...metadata,
    'current-schema-id': schemaId,
    'current-snapshot-id': head['snapshot-id'],
    snapshots: metadata.snapshots.filter((each) => !undone.has(each['snapshot-id'])),
    'snapshot-log': metadata['snapshot-log'].filter((entry) => !undone.has(entry['snapshot-id'])),
    refs: { ...Object.fromEntries(refs), main: { ...metadata.refs.main, 'snapshot-id': head['snapshot-id'], type: 'branch' } },
  }
}
