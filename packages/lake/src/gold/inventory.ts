import type { Engine } from '../engine/engine.ts'
import { usageError } from '../errors.ts'
import type { Snapshot } from '../iceberg/metadata.ts'
import { planScan, type ScanPlan, scanSql } from '../iceberg/plan.ts'
import { currentSnapshot, type Table } from '../iceberg/table.ts'
import type { HistoryReport, SnapshotInfo, TableInfo } from '../types.ts'

/** `floe tables`: what each table holds now. */
export async function tableInfo(engine: () => Promise<Engine>, table: Table): Promise<TableInfo> {
  const plan = await planScan(table)
  const deletes = new Map(plan.files.flatMap(({ deletes: applied }) => applied.map(({ file }) => [file.path, file])))
  const bytes = [...plan.files.map(({ file }) => file), ...deletes.values()].reduce((sum, file) => sum + file.bytes, 0)
  return {
    table: `${table.namespace}.${table.name}`,
    rows: await countRows(engine, plan),
    files: plan.files.length,
    deleteFiles: deletes.size,
    bytes,
    snapshots: table.metadata.snapshots.length,
    snapshot: currentSnapshot(table)?.['snapshot-id'] ?? null,
  }
}

/**
 * Metadata counts rows that deletes have taken away (spec: `total-records`), so where there are any the rows are
 * counted.
 */
async function countRows(engine: () => Promise<Engine>, plan: ScanPlan): Promise<number> {
  const [dirty, clean] = [
    plan.files.filter(({ deletes }) => deletes.length > 0),
    plan.files.filter(({ deletes }) => deletes.length === 0),
  ]
  const counted = clean.reduce((sum, { file }) => sum + file.records, 0)
  if (dirty.length === 0) return counted
  const [row] = await (await engine()).all<{ n: number }>(
    `select count(*) as n from (${scanSql({ ...plan, files: dirty }, { columns: [] })})`,
  )
  return counted + (row?.n ?? 0)
}

/** `floe history TABLE`, oldest first; rows are those of the table at that time. */
export async function tableHistory(engine: () => Promise<Engine>, table: Table): Promise<HistoryReport> {
  const snapshots: SnapshotInfo[] = []
  for (const snapshot of table.metadata.snapshots.toSorted((a, b) => a['sequence-number'] - b['sequence-number'])) {
    snapshots.push({
      id: snapshot['snapshot-id'],
      time: new Date(snapshot['timestamp-ms']).toISOString(),
      operation: snapshot.summary.operation ?? 'append',
      export: snapshot.summary['floe.export'] ?? null,
      rows: await rowsAt(engine, table, snapshot),
    })
  }
  return { table: `${table.namespace}.${table.name}`, snapshots }
}

async function rowsAt(engine: () => Promise<Engine>, table: Table, snapshot: Snapshot): Promise<number> {
  const { summary } = snapshot
  const [records, positions, equalities] = ['total-records', 'total-position-deletes', 'total-equality-deletes'].map((key) =>
    Number(summary[key]),
  )
  if (records !== undefined && records >= 0 && positions === 0 && equalities === 0) return records
  return await countRows(engine, await planScan(table, { snapshotId: snapshot['snapshot-id'] }))
}

/** `silver.patient`, or a bare name that only one namespace holds. */
export function findTable(name: string, tables: readonly Table[]): Table {
  const wanted = name.toLowerCase()
  const found = tables.filter((table) => [table.name, `${table.namespace}.${table.name}`].includes(wanted))
  const [one] = found
  if (one !== undefined && found.length === 1) return one
  if (one === undefined) throw usageError(`The lake has no table ${JSON.stringify(name)}.`, 'floe tables')
  const choices = found.map((table) => `${table.namespace}.${table.name}`).join(' or ')
  throw usageError(`Several tables are called ${JSON.stringify(name)}.`, `Say which: ${choices}`)
}
