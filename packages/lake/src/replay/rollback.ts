import { usageError } from '../errors.ts'
import { exportsQuery } from '../gold/as-of.ts'
import type { Refreshed } from '../quality/build-lake.ts'
import type { LakeContext } from '../silver/context.ts'
import { type KnownLoad, ledgerRelation } from '../silver/ledger.ts'
import type { RefreshOptions, RollbackReceipt } from '../types.ts'
import { draftCatalog, publishDraft } from './draft-catalog.ts'
import { carryOver, derivedTables, pastLoads, type ReplayOptions, refreshInDraft, replaceable, replay } from './replay.ts'
import { beforeLoad } from './undo-last.ts'

/**
 * Makes everything as if an export had never been loaded (CONTRACT §4, rule 18): the last load is taken back, of any other export
 * all the others are replayed. Later loads are judged anew, because rows that were stale may be current now, and an increment may
 * have lost what it builds on.
 */
export async function rollback(
  context: LakeContext,
  name: string,
  options: Omit<ReplayOptions, 'without'> & { readonly refresh: RefreshOptions },
): Promise<RollbackReceipt> {
  const found = await findLoads(context, name)
  const [first] = found
  if (first === undefined) throw usageError(`The lake knows no export ${JSON.stringify(name)}.`, exportsQuery)
  const live = found.filter(({ status }) => status === 'complete' || status === 'incomplete')
  if (live.length === 0) throw usageError(`The export ${JSON.stringify(name)} is rolled back already.`, exportsQuery)
  const without = new Set(live.map(({ load_id: id }) => id))
  const receipt = { export: first.export_id, source: first.source, loads: [...without] }
  const left = await undoLast(context, live, options.refresh)
  if (left !== undefined) return { ...receipt, ...left, foreign: 0, foreignLost: 0 }
  const { exports, foreign, refreshed } = await replay(context, { ...options, without })
  return { ...receipt, replayed: exports, ...refreshed, foreign: foreign.snapshots, foreignLost: foreign.lost }
}

/**
 * The last load is undone by going back to the snapshots before it; undefined where the metadata does not prove that this is the
 * same.
 */
async function undoLast(
  context: LakeContext,
  live: readonly KnownLoad[],
  refresh: RefreshOptions,
): Promise<(Refreshed & { readonly replayed: number }) | undefined> {
  const [load] = live
  if (load === undefined || live.length > 1) return undefined
  const loads = await pastLoads(context)
  const before = await replaceable(context)
  const restored = beforeLoad(before, loads, load)
  if (restored === undefined) return undefined
  const derived = await derivedTables(context)
  const draft = draftCatalog(context.catalog, [...restored, ...derived])
  await carryOver(context, { ...context, catalog: draft }, new Set([load.load_id]))
  const replaced = [...before, ...derived]
  const refreshed = await refreshInDraft(context, { draft, replaced, refresh })
  await publishDraft(context.catalog, draft, replaced)
  const others = loads.filter(({ load_id: id }) => id !== load.load_id)
  return { replayed: new Set(others.map((each) => `${each.source}/${each.export_id}`)).size, ...refreshed }
}

/** The loads of an export: by its id, or `SOURCE/ID` where several sources hold one of that id. */
export async function findLoads(context: LakeContext, name: string): Promise<KnownLoad[]> {
  const loads = await context.engine.all<KnownLoad>(
    `select * from ${await ledgerRelation(context, 'loads')} where status <> 'failed' order by started_at`,
  )
  const found = loads.filter(({ source, export_id: id }) => id === name || `${source}/${id}` === name)
  const live = found.filter(({ status }) => status !== 'rolled back')
  const sources = new Set((live.length > 0 ? live : found).map(({ source }) => source))
  if (sources.size <= 1) return found.filter(({ source }) => sources.has(source))
  const choices = [...sources].map((source) => `${source}/${name}`).join(' or ')
  throw usageError(`Several sources hold an export ${JSON.stringify(name)}.`, `Say which: ${choices}`)
}
