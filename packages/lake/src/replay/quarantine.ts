import { literal } from '../engine/sql.ts'
import { usageError } from '../errors.ts'
import { exportsQuery } from '../gold/as-of.ts'
import type { LakeContext } from '../silver/context.ts'
import { ledgerRelation } from '../silver/ledger.ts'
import { retryExport, waitingExports } from '../silver/retry.ts'
import type { QuarantineRow, ReplayOptions, ReplayReceipt, UnlistedRow } from '../types.ts'
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

/**
 * Lines that were refused and are not in the table: of one file it lists the first hundred thousand, and all are counted
 * (`reconciliation.quarantined`).
 */
export async function unlistedLines(context: LakeContext, name?: string): Promise<UnlistedRow[]> {
  const one = name === undefined ? undefined : await exportNamed(context, name)
  const where = one === undefined ? '' : `and source = ${literal(one.source)} and export_id = ${literal(one.export_id)}`
  return await context.engine.all<UnlistedRow>(
    `select r.export_id, r.source, r.type, r.quarantined - coalesce(q.listed, 0) as lines
     from ${await ledgerRelation(context, 'reconciliation')} r
     join (select source, export_id, arg_max(load_id, started_at) as load_id from ${await ledgerRelation(context, 'loads')}
           where status in ('complete', 'incomplete') ${where} group by all) l on l.load_id = r.load_id
     left join (select source, export_id, coalesce(type, 'Unknown') as type, count(*) as listed
                from ${await ledgerRelation(context, 'quarantine')}
                where not replayed and not starts_with(reason, 'deletion') group by all) q
       on q.source = r.source and q.export_id = r.export_id and q.type = r.type
     where r.quarantined > coalesce(q.listed, 0)
     order by all`,
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
  const unlisted = receipts.length === 0 ? [] : await unlistedLines(context)
  return receipts.map((receipt) => {
    const more = unlisted.filter((row) => row.source === receipt.source && row.export_id === receipt.export)
    const lines = more.reduce((sum, row) => sum + row.lines, 0)
    return lines === 0 ? receipt : { ...receipt, waiting: receipt.waiting + lines, unlisted: lines }
  })
}

async function exportNamed(context: LakeContext, name: string): Promise<{ source: string; export_id: string }> {
  const [load] = await findLoads(context, name)
  if (load === undefined) throw usageError(`The lake knows no export ${JSON.stringify(name)}.`, exportsQuery)
  return load
}
