import type { Engine } from '../engine/engine.ts'
import { type PlannedFile, planScan, type ScanPlan, scanSql } from '../iceberg/plan.ts'
import { shapeOf } from '../iceberg/shape.ts'
import { snapshotById, type Table } from '../iceberg/table.ts'
import { flippedSql, type Gate } from './ground.ts'

/** Temporary table with the keys (_source, id) of the resources that changed. */
export const changedRows = 'floe_changed'

export interface Change {
  readonly before: ScanPlan
  readonly after: ScanPlan
  /** Resources that were added, removed, replaced, hidden or shown; they are in `changedRows`. */
  readonly resources: number
  /** Rows of the table now. */
  readonly rows: number
}

/**
 * Which resources of a silver table differ between a snapshot and now, told by data files and position deletes: what both
 * snapshots hold in the same file under the same deletes is not read. Undefined where the snapshot is not there any more.
 */
export async function changedSince(
  engine: Engine,
  { table, type, snapshotId, gates }: { table: Table; type: string; snapshotId: string; gates: readonly [Gate, Gate] },
): Promise<Change | undefined> {
  if (snapshotById(table.metadata, snapshotId) === undefined) return undefined
  const [before, after] = [await planScan(table, { snapshotId }), await planScan(table)]
  const shape = shapeOf(after.schema)
  const known = shapeOf(before.schema).struct
  if ([shape.struct, known].some((struct) => struct.id === undefined || struct._source === undefined)) return undefined
  const parts = rewrittenOnly(table, snapshotId) ? [] : [differenceSql(before, after)]
  const flipped = flippedSql(...gates, type, shape, `(${scanSql(after)})`)
  if (flipped !== undefined) parts.push(flipped)
  const sql = parts.length === 0 ? 'select null::varchar as _source, null::varchar as id where false' : parts.join(' union ')
  await engine.run(`create or replace temp table ${changedRows} as select distinct _source, id from (${sql})`)
  const [row] = await engine.all<{ n: number }>(`select count(*) as n from ${changedRows}`)
  const rows = after.files.reduce((sum, { file }) => sum + file.records, 0)
  return { before, after, resources: row?.n ?? 0, rows }
}

/** Since then rows were only moved into other files. */
function rewrittenOnly({ metadata }: Table, snapshotId: string): boolean {
  for (let id = metadata['current-snapshot-id']; id !== snapshotId; ) {
    const snapshot = snapshotById(metadata, id)
    if (snapshot === undefined || snapshot.summary.operation !== 'replace') return false
    id = snapshot['parent-snapshot-id']
  }
  return true
}

function differenceSql(before: ScanPlan, after: ScanPlan): string {
  const [old, now] = [restTo(before, after), restTo(after, before)]
  const side = (plan: ScanPlan): string => `(${scanSql(plan, { columns: ['_source', 'id'], positions: true })})`
  return `select _source, id from ${side(old)} a anti join ${side(now)} b on a._file = b._file and a._pos = b._pos
    union select _source, id from ${side(now)} a anti join ${side(old)} b on a._file = b._file and a._pos = b._pos`
}

function restTo(plan: ScanPlan, other: ScanPlan): ScanPlan {
  const same = new Map(other.files.map((file) => [file.file.path, signature(file)]))
  return { ...plan, files: plan.files.filter((file) => same.get(file.file.path) !== signature(file)) }
}

function signature({ deletes, shielded, sequenceNumber }: PlannedFile): string {
  return [sequenceNumber, shielded, ...deletes.map(({ file }) => file.path).toSorted()].join('\n')
}
