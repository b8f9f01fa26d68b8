import type { BronzeExport } from '../bronze/types.ts'
import { literal } from '../engine/sql.ts'
import type { CompletionRow, LoadRow, ReconciliationRow } from '../types.ts'
import { type LakeContext, relationOf } from './context.ts'
import { type LedgerTable, ledgerTables } from './ledger-tables.ts'

/** Rows of a ledger table as a relation; none before the first load. */
export async function ledgerRelation(context: LakeContext, name: LedgerTable): Promise<string> {
  return await relationOf(await context.catalog.load('floe', name), ledgerTables[name])
}

/** A row of `floe.loads` with floe's own columns. */
export interface KnownLoad extends LoadRow {
  readonly excluded_resources: string | null
  readonly fingerprint: string
}

/** A row of `floe.completion` with the reason. */
export interface KnownCompletion extends CompletionRow {
  readonly reason: string | null
}

/** What the ledger says about one export and its group. */
export interface Ledger {
  /** The load of this very export, unless it failed or was rolled back. */
  readonly load: KnownLoad | undefined
  readonly reconciliation: readonly ReconciliationRow[]
  readonly completion: readonly KnownCompletion[]
  /** Newest export time of a complete load of this source and group, by type; ms since 1970. */
  readonly completedUpTo: ReadonlyMap<string, number>
  /** Another source holds an export of the same id: tags of this one are `SOURCE/ID`. */
  readonly shared: boolean
}

export async function readLedger(context: LakeContext, { identity }: Pick<BronzeExport, 'identity'>): Promise<Ledger> {
  const { engine } = context
  const { source, exportId, group } = identity
  const mine = `source = ${literal(source)} and export_id = ${literal(exportId)}`
  const loads = await engine.all<KnownLoad>(
    `select * from ${await ledgerRelation(context, 'loads')} where export_id = ${literal(exportId)}
     and status in ('complete', 'incomplete') order by started_at`,
  )
  const completion = await ledgerRelation(context, 'completion')
  const reached = await engine.all<{ type: string; reached: number }>(
    `select type, max(epoch_ms(export_time)) as reached from ${completion}
     where complete and source = ${literal(source)} and group_name = ${literal(group)} and not (${mine}) group by type`,
  )
  const load = loads.findLast((each) => each.source === source)
  return {
    load,
    reconciliation:
      load === undefined
        ? []
        : await engine.all<ReconciliationRow>(
            `select * from ${await ledgerRelation(context, 'reconciliation')} where load_id = ${literal(load.load_id)} order by type`,
          ),
    completion:
      load === undefined ? [] : await engine.all<KnownCompletion>(`select * from ${completion} where ${mine} order by type`),
    completedUpTo: new Map(reached.map(({ type, reached: time }) => [type, Number(time)])),
    shared: loads.some((each) => each.source !== source),
  }
}
