import { literal } from '../engine/sql.ts'
import { usageError } from '../errors.ts'
import { exportsQuery } from '../gold/as-of.ts'
import type { LakeContext } from '../silver/context.ts'
import { ledgerRelation } from '../silver/ledger.ts'
import { retryExport, waitingExports } from '../silver/retry.ts'
import type { QuarantineRow, ReplayOptions, ReplayReceipt } from '../types.ts'
import { findLoads } from './rollback.ts'

/** `floe quarantine list`: the rows of the table. */
export async function listQuarantine(context: LakeContext, name?: string): Promise<QuarantineRow[]> {
  const one = name === undefined ? undefined : await exportNamed(context, name)
  const where = one === undefined ? '' : `where source = ${literal(one.source)} and export_id = ${literal(one.export_id)}`
  return await context.engine.all<QuarantineRow>(
    `select export_id, source, type, file, line, reason, replayed from ${await ledgerRelation(context, 'quarantine')} ${where}
     order by source, export_id, file, line`,
  )
}

/** `floe quarantine replay`: one export after the other, each in a commit of its own. */
export async function replayQuarantine(context: LakeContext, options: ReplayOptions): Promise<ReplayReceipt[]> {
  const one = options.export === undefined ? undefined : await exportNamed(context, options.export)
  const exports = await waitingExports(context)
  const chosen = exports.filter((each) => one === undefined || (each.source === one.source && each.export_id === one.export_id))
  const receipts: ReplayReceipt[] = []
  for (const { source, export_id: exportId } of chosen) {
    options.signal?.throwIfAborted()
    const { waiting, passed, receipt } = await retryExport(context, { source, exportId }, options)
    receipts.push({ export: exportId, source, waiting: waiting - passed, replayed: passed, load: receipt ?? null })
  }
  return receipts
}

async function exportNamed(context: LakeContext, name: string): Promise<{ source: string; export_id: string }> {
  const [load] = await findLoads(context, name)
  if (load === undefined) throw usageError(`The lake knows no export ${JSON.stringify(name)}.`, exportsQuery)
  return load
}
