import { reopenExport } from '../bronze/register.ts'
import type { BronzeExport } from '../bronze/types.ts'
import { ident, literal, literals } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import { commitWithRetry } from '../iceberg/commit.ts'
import { currentSchema, type Table } from '../iceberg/table.ts'
import { type Refreshed, refreshGold } from '../quality/build-lake.ts'
import { type LakeContext, type RowsToStage, stageRows } from '../silver/context.ts'
import { type KnownLoad, ledgerRelation } from '../silver/ledger.ts'
import { type LedgerTable, ledgerTables } from '../silver/ledger-tables.ts'
import { loadExport } from '../silver/load.ts'
import type { RefreshOptions } from '../types.ts'
import { type DraftCatalog, discardDraft, draftCatalog, publishDraft } from './draft-catalog.ts'
import { type ForeignChanges, keepForeign } from './foreign.ts'

/** How far a replay is. */
export interface ReplayProgress {
  readonly doneExports: number
  readonly totalExports: number
}

export interface ReplayOptions {
  /** Loads (by id) that are left out and marked as rolled back. */
  readonly without?: ReadonlySet<string>
  /** Gold is made to agree, and published with the rest. */
  readonly refresh?: RefreshOptions
  readonly onProgress?: (progress: ReplayProgress) => void
  readonly signal?: AbortSignal
}

/** What a replay put in the place of what was there. */
export interface Replay {
  readonly exports: number
  /** Silver and ledger as they were. */
  readonly before: readonly Table[]
  readonly after: readonly Table[]
  readonly foreign: ForeignChanges
  readonly refreshed: Refreshed
}

/** Something that happened to a lake once: a load, or a later look at whether what it chains to is there by now. */
interface PastEvent {
  readonly load: KnownLoad
  readonly at: string
  /** When it was published. */
  readonly clock: string
  readonly again: boolean
}

/**
 * All loads again, in their order and with their clock, from bronze into tables that nobody sees; then silver and ledger are
 * exchanged in one transaction. Until that commit point the lake is as it was; after a crash the same call starts over.
 */
export async function replay(context: LakeContext, options: ReplayOptions = {}): Promise<Replay> {
  const { without = new Set() } = options
  const before = await replaceable(context)
  const loads = await pastLoads(context)
  const kept = loads.filter(({ load_id: id }) => !without.has(id))
  const archives = await openArchives(context, kept, options)
  const derived = options.refresh === undefined ? [] : await derivedTables(context)
  const draft = draftCatalog(context.catalog, derived)
  try {
    let clock = new Date(0)
    const inDraft: LakeContext = { ...context, catalog: draft, now: () => clock }
    const keptRaw = rawOf(before)
    const firstLoads = new Map<string, string>()
    let doneExports = 0
    for (const { load, clock: published, again } of eventsOf(kept)) {
      options.signal?.throwIfAborted()
      const archive = archives.get(nameOf(load))
      if (archive === undefined) continue
      clock = new Date(published)
      await loadExport(inDraft, archive, {
        ...toldOf(load),
        replay: { loadId: load.load_id, startedAt: load.started_at, keptRaw },
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      })
      const first = firstLoads.get(nameOf(load)) ?? load.load_id
      firstLoads.set(nameOf(load), first)
      if (first !== load.load_id) await recordGrowth(context, inDraft, load)
      if (!again) options.onProgress?.({ doneExports: ++doneExports, totalExports: archives.size })
    }
    clock = context.now()
    const foreign = await keepForeign(
      inDraft,
      before,
      loads.filter(({ load_id: id }) => without.has(id)),
    )
    await carryOver(context, inDraft, without)
    const replaced = [...before, ...derived]
    const { refresh } = options
    const refreshed =
      refresh === undefined ? { gold: [], stale: [] } : await refreshInDraft(context, { draft, replaced, refresh })
    await publishDraft(context.catalog, draft, replaced)
    return { exports: archives.size, before, after: draft.tables(), foreign, refreshed }
  } catch (error) {
    // The outcome of any other failure of the commit is unknown, but all of those come from the catalog.
    if (!(error instanceof LakeError) || error.code !== 'catalog') await discardDraft(draft, derived).catch(() => undefined)
    throw error
  }
}

/** A later load of an export that grew: what it brought is there already, but the export's tag names the lake as of this load. */
async function recordGrowth(from: LakeContext, to: LakeContext, load: KnownLoad): Promise<void> {
  const { load_id: id, export_id: exportId, source } = load
  const columns = Object.keys(ledgerTables.loads.struct).map(ident).join(', ')
  const table = await to.catalog.load('floe', 'loads')
  const tag = [nameOf(load), exportId].find((name) => table?.metadata.refs[name] !== undefined)
  const summary = { 'floe.load': id, 'floe.export': exportId, 'floe.source': source }
  const publication = { now: to.now().getTime(), summary, ...(tag === undefined ? {} : { tag }) }
  const sql = `select ${columns} from ${await ledgerRelation(from, 'loads')} where load_id = ${literal(id)}
    and load_id not in (select load_id from ${await ledgerRelation(to, 'loads')})`
  await commitWithRetry(to.catalog, async () => {
    const change = await stageRows(to, { namespace: 'floe', name: 'loads', columns: ledgerTables.loads, sql, publication })
    return change === undefined ? [] : [change]
  })
}

const nameOf = ({ source, export_id: id }: Pick<KnownLoad, 'source' | 'export_id'>): string => `${source}/${id}`

/** Tables that replaying makes anew: the ledger, and what floe wrote of silver. */
export async function replaceable({ catalog }: LakeContext): Promise<Table[]> {
  const tables = await Promise.all(
    [...catalog.listTables('silver'), ...catalog.listTables('floe')].map(async (pointer) => await catalog.loadAt(pointer)),
  )
  // By its columns: the snapshots of loads may have expired.
  const loaded = (table: Table): boolean => currentSchema(table).fields.some(({ name }) => name === '_export_id')
  return tables.filter((table) => (table.namespace === 'floe' ? Object.hasOwn(ledgerTables, table.name) : loaded(table)))
}

export async function pastLoads(context: LakeContext): Promise<KnownLoad[]> {
  return await context.engine.all<KnownLoad>(
    `select * from ${await ledgerRelation(context, 'loads')} where status in ('complete', 'incomplete')
     order by started_at, finished_at, load_id`,
  )
}

/** Everything that the replay will need is there, or nothing is begun. */
async function openArchives(
  { dir }: LakeContext,
  loads: readonly KnownLoad[],
  { signal }: ReplayOptions,
): Promise<Map<string, BronzeExport>> {
  const archives = new Map<string, BronzeExport>()
  const missing = new Set<string>()
  for (const { source, export_id: exportId } of loads) {
    const name = nameOf({ source, export_id: exportId })
    if (archives.has(name)) continue
    const archive = await reopenExport({ source, exportId }, { lakeDir: dir, signal })
    if (archive === undefined) missing.add(name)
    else archives.set(name, archive)
  }
  if (missing.size === 0) return archives
  throw new LakeError('bronze-missing', `Bronze does not hold ${[...missing].join(', ')}: silver cannot be made from it.`, {
    hint: 'Load the export folders again (floe load): that puts them back into bronze and changes nothing else.',
  })
}

/** Loads never overlap: one that ended after another began was looked at again then. */
function eventsOf(loads: readonly KnownLoad[]): PastEvent[] {
  const events: PastEvent[] = []
  const known = new Set<string>()
  for (const load of loads) {
    const ended = load.finished_at ?? load.started_at
    const again = known.has(nameOf(load))
    known.add(nameOf(load))
    const later = loads.some((other) => other.started_at > load.started_at && other.started_at < ended)
    events.push({ load, at: load.started_at, clock: later ? load.started_at : ended, again })
    if (later) events.push({ load, at: ended, clock: ended, again: true })
  }
  return events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

function toldOf({ asserted, excluded_resources: excluded }: KnownLoad): {
  readonly assertComplete?: string
  readonly excludeResources: readonly string[]
} {
  return {
    ...(asserted === null ? {} : { assertComplete: asserted }),
    excludeResources: (excluded ?? '').split(',').filter((type) => type !== ''),
  }
}

function rawOf(tables: readonly Table[]): (type: string) => boolean {
  const bare = tables.filter((table) => !currentSchema(table).fields.some(({ name }) => name === '_raw'))
  const names = new Set(bare.filter(({ namespace }) => namespace === 'silver').map(({ name }) => name))
  return (type) => !names.has(type.toLowerCase())
}

/**
 * What the ledger knows and bronze does not: loads that are no more, earlier loads of exports that grew, lines that were
 * replayed.
 */
export async function carryOver(from: LakeContext, to: LakeContext, without: ReadonlySet<string>): Promise<void> {
  const own = async (name: LedgerTable): Promise<string> => await ledgerRelation(to, name)
  const old = async (name: LedgerTable): Promise<string> => await ledgerRelation(from, name)
  const columns = (name: LedgerTable, replaced: Readonly<Record<string, string>> = {}): string =>
    Object.keys(ledgerTables[name].struct)
      .map((column) => `${replaced[column] ?? ident(column)} as ${ident(column)}`)
      .join(', ')
  const gone = `load_id in (select unnest(${literals([...without])}::varchar[]))`
  const status = `case when ${gone} then 'rolled back' else status end`
  const loads = `select ${columns('loads', { status })} from ${await old('loads')}
    where load_id not in (select load_id from ${await own('loads')})`
  const live = `select load_id from ${await old('loads')} where status in ('complete', 'incomplete') and not ${gone}`
  const reconciliation = `select ${columns('reconciliation')} from ${await old('reconciliation')}
    where load_id in (${live}) and load_id not in (select load_id from ${await own('reconciliation')})`
  const quarantine = `select ${columns('quarantine')} from ${await old('quarantine')} q
    where replayed and (source, export_id) in (select (source, export_id) from ${await own('loads')})
      and (source, export_id, file, line) not in (select (source, export_id, file, line) from ${await own('quarantine')})`
  const publication = { now: Date.now(), summary: { 'floe.replay': without.size === 0 ? 'rebuild' : 'rollback' } }
  const parts: Pick<RowsToStage, 'name' | 'columns' | 'sql'>[] = [
    { name: 'loads', columns: ledgerTables.loads, sql: loads },
    { name: 'reconciliation', columns: ledgerTables.reconciliation, sql: reconciliation },
    { name: 'quarantine', columns: ledgerTables.quarantine, sql: quarantine },
  ]
  for (const part of parts) {
    await commitWithRetry(to.catalog, async () => {
      const change = await stageRows(to, { namespace: 'floe', ...part, publication })
      return change === undefined ? [] : [change]
    })
  }
}

/** The gold tables that are there, and what quality left: they may be published with a replay. */
export async function derivedTables({ catalog }: LakeContext): Promise<Table[]> {
  const pointers = [
    ...catalog.listTables('gold'),
    ...catalog.listTables('floe').filter(({ name }) => ['quality', 'quality_failures', 'reference_targets'].includes(name)),
  ]
  return await Promise.all(pointers.map(async (pointer) => await catalog.loadAt(pointer)))
}

/** Makes gold agree with a draft, in the draft: both are published at once. */
export async function refreshInDraft(
  context: LakeContext,
  { draft, replaced, refresh }: { draft: DraftCatalog; replaced: readonly Table[]; refresh: RefreshOptions },
): Promise<Refreshed> {
  const names = new Set(replaced.map(({ namespace, name }) => `${namespace}.${name}`))
  const untouched = context.catalog.listTables().filter(({ namespace, name }) => !names.has(`${namespace}.${name}`))
  const others = await Promise.all(untouched.map(async (pointer) => await context.catalog.loadAt(pointer)))
  return await refreshGold({ ...context, catalog: draft }, [...draft.tables(), ...others], refresh)
}
