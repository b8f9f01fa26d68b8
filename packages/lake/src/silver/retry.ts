import { type RetriedLines, retryLines, type WaitingLine } from '../bronze/retry-lines.ts'
import type { BronzeType } from '../bronze/types.ts'
import { literal } from '../engine/sql.ts'
import { LakeConflictError } from '../iceberg/catalog.ts'
import { commitWithRetry } from '../iceberg/commit.ts'
import { type StagedChange, stage } from '../iceberg/stage.ts'
import type { LoadReceipt } from '../types.ts'
import { discard, type LakeContext } from './context.ts'
import { ledgerRelation, readLedger } from './ledger.ts'
import { stageLedger } from './ledger-write.ts'
import { countsKnown, deletedOnly, outcomeOf, readDeletions, typeLoadOf } from './load.ts'
import { loadType, type TypeLoaded } from './load-type.ts'
import { resolvePatients } from './patients.ts'
import { loadReceipt } from './receipt.ts'
import type { LoadRun, TypeCounts } from './run.ts'
import { startReferences } from './seen-references.ts'

export interface RetryOptions {
  readonly maxLine?: number
  readonly signal?: AbortSignal
}

/** What became of the refused lines of one export. */
export interface RetriedExport {
  readonly source: string
  readonly exportId: string
  readonly waiting: number
  readonly passed: number
  /** The load as it counts now; undefined when no line passed. */
  readonly receipt: LoadReceipt | undefined
}

/** Exports with lines that wait in quarantine, oldest load first. */
export async function waitingExports(context: LakeContext): Promise<{ source: string; export_id: string }[]> {
  return await context.engine.all(
    `select q.source, q.export_id, min(l.started_at) as began
     from ${await ledgerRelation(context, 'quarantine')} q
     join ${await ledgerRelation(context, 'loads')} l on l.source = q.source and l.export_id = q.export_id
     where not q.replayed and l.status in ('complete', 'incomplete')
     group by q.source, q.export_id order by began`,
  )
}

/**
 * Tries the refused lines of an export again: those that pass are loaded, and counted as rows, duplicates or stale instead of
 * quarantined, in one commit with the type's new completeness (CONTRACT §4, rule 20). The tag of the export stays where it was.
 */
export async function retryExport(
  context: LakeContext,
  { source, exportId }: Pick<RetriedExport, 'source' | 'exportId'>,
  options: RetryOptions,
): Promise<RetriedExport> {
  const waiting = await context.engine.all<WaitingLine>(
    `select file, line, byte_offset as "offset", bytes from ${await ledgerRelation(context, 'quarantine')}
     where source = ${literal(source)} and export_id = ${literal(exportId)} and not replayed
     order by file, line`,
  )
  const none: RetriedExport = { source, exportId, waiting: waiting.length, passed: 0, receipt: undefined }
  const reconciliation = await ledgerRelation(context, 'reconciliation')
  const [counted] = await context.engine.all<{ n: number }>(
    `select coalesce(sum(quarantined), 0)::bigint as n from ${reconciliation} where load_id = (
       select arg_max(load_id, started_at) from ${await ledgerRelation(context, 'loads')}
       where source = ${literal(source)} and export_id = ${literal(exportId)} and status in ('complete', 'incomplete'))`,
  )
  const retried = await retryLines(
    { source, exportId },
    { waiting, counted: counted?.n ?? 0 },
    { lakeDir: context.dir, ...options },
  )
  if (retried === undefined) return none
  try {
    if (retried.passed.length === 0) return none
    await retried.keep()
    const receipt = await publish(context, retried, options)
    const summary = { 'floe.load': receipt?.load ?? '', 'floe.export': exportId, 'floe.source': source }
    if (receipt !== undefined) await resolvePatients(context, { now: context.now().getTime(), summary })
    return { ...none, passed: retried.passed.length, receipt }
  } finally {
    await retried.release()
  }
}

async function publish(context: LakeContext, retried: RetriedLines, options: RetryOptions): Promise<LoadReceipt | undefined> {
  let receipt: LoadReceipt | undefined
  let files: TypeLoaded['files'] = []
  try {
    await commitWithRetry(context.catalog, async () => {
      await discard(files)
      const prepared = await prepare(context, retried, options)
      files = prepared.files
      receipt = prepared.receipt
      return prepared.changes
    })
    return receipt
  } catch (error) {
    if (error instanceof LakeConflictError) await discard(files)
    throw error
  }
}

interface Prepared {
  readonly receipt: LoadReceipt | undefined
  readonly changes: readonly StagedChange[]
  readonly files: TypeLoaded['files']
}

async function prepare(context: LakeContext, retried: RetriedLines, options: RetryOptions): Promise<Prepared> {
  const { bronze, types, passed, deletions, deletionsFile } = retried
  const ledger = await readLedger(context, bronze)
  const { load } = ledger
  if (load === undefined) return { receipt: undefined, changes: [], files: [] }
  const run: LoadRun = {
    loadId: load.load_id,
    bronze: { ...bronze, fingerprint: load.fingerprint },
    startedAt: new Date(load.started_at),
    ledger,
    asserted: load.asserted,
    excluded: (load.excluded_resources ?? '').split(',').filter((type) => type !== ''),
    retried: { lines: passed, encounters: types.some(({ type }) => type === 'Encounter') },
  }
  // The rows and the deletions of these lines arrive now; those of the others have been loaded.
  const arriving: LoadRun = { ...run, startedAt: context.now(), bronze: { ...run.bronze, types, deletions, deletionsFile } }
  await readDeletions(context, arriving)
  await startReferences(context)
  const loaded: TypeLoaded[] = []
  try {
    for (const type of [...types, ...deletedOnly(arriving.bronze)]) {
      const load = await typeLoadOf({ context, run: arriving, type, options, onBytes: () => undefined })
      const done = await loadType(context, { ...load, late: bronze })
      loaded.push(done)
    }
    const counts = (type: BronzeType): TypeCounts => {
      const index = types.findIndex((each) => each.type === type.type)
      return sumOf(countsKnown(ledger, type), loaded[index]?.counts)
    }
    const outcomes = [...bronze.types, ...deletedOnly(bronze)].map((type) => outcomeOf(run, type, counts(type)))
    const receipt = loadReceipt(run, outcomes)
    const { exportId, source } = bronze.identity
    const summary = { 'floe.load': load.load_id, 'floe.export': exportId, 'floe.source': source }
    const publication = { now: context.now().getTime(), summary }
    const changes: StagedChange[] = []
    for (const { staging } of loaded) if (staging !== undefined) changes.push(await stage({ ...staging, ...publication }))
    changes.push(...(await stageLedger(context, run, outcomes, receipt, publication)))
    return { receipt, changes, files: loaded.flatMap(({ files }) => files) }
  } catch (error) {
    await discard(loaded.flatMap(({ files }) => files)).catch(() => undefined)
    throw error
  }
}

function sumOf(known: TypeCounts, more: TypeCounts | undefined): TypeCounts {
  if (more === undefined) return known
  return {
    rows: known.rows + more.rows,
    duplicates: known.duplicates + more.duplicates,
    stale: known.stale + more.stale,
    buried: more.buried,
  }
}
