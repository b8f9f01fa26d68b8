import { randomUUID } from 'node:crypto'
import { resourceTypes } from '@floe/views/fhir'
import type { BronzeExport, BronzeType } from '../bronze/types.ts'
import { literal } from '../engine/sql.ts'
import { LakeConflictError } from '../iceberg/catalog.ts'
import { commitWithRetry } from '../iceberg/commit.ts'
import { type StagedChange, stage } from '../iceberg/stage.ts'
import type { LoadOptions, LoadReceipt, TypeReceipt } from '../types.ts'
import { judge } from './completeness.ts'
import { discard, type LakeContext, type Publication } from './context.ts'
import { otherExportsSql } from './later.ts'
import { type KnownLoad, type Ledger, ledgerRelation, readLedger } from './ledger.ts'
import { stageFailure, stageLedger } from './ledger-write.ts'
import { loadType, type TypeLoad, type TypeLoaded } from './load-type.ts'
import { instant } from './newest.ts'
import { resolvePatients } from './patients.ts'
import { loadReceipt } from './receipt.ts'
import { deletionRows, encounterIds, type LoadRun, type TypeCounts, type TypeOutcome } from './run.ts'
import { startReferences } from './seen-references.ts'

export interface SilverOptions
  extends Pick<LoadOptions, 'assertComplete' | 'excludeResources' | 'raw' | 'signal' | 'onProgress'> {
  /** The load was done before and is done again as it was: who it is and when it began. */
  readonly replay?: ReplayedLoad
}

/** A load of the past. */
export interface ReplayedLoad {
  readonly loadId: string
  readonly startedAt: string
  /** Whether the table of a type kept the texts. */
  readonly keptRaw: (type: string) => boolean
}

/**
 * Bronze to silver, tombstones and ledger, published in one catalog transaction: either all of it is visible or nothing.
 *
 * The same export again changes nothing, unless what it was told (`--assert-complete`, `--exclude-resources`) or what it chains
 * to makes a type complete that was not; then only the ledger changes.
 */
export async function loadExport(context: LakeContext, bronze: BronzeExport, options: SilverOptions): Promise<LoadReceipt> {
  const ledger = await readLedger(context, bronze)
  const known = ledger.load !== undefined && ledger.load.fingerprint === bronze.fingerprint ? ledger.load : undefined
  const run: LoadRun = {
    loadId: known?.load_id ?? options.replay?.loadId ?? randomUUID(),
    bronze,
    startedAt: startOf(known ?? options.replay, context),
    ledger,
    asserted: options.assertComplete ?? known?.asserted ?? null,
    excluded: (options.excludeResources ?? known?.excluded_resources?.split(',') ?? []).filter((type) => type !== '').toSorted(),
  }
  if (known === undefined) {
    const receipt = await loadRecorded(context, run, options)
    await resolvePatients(context, publicationOf(run, context.now()))
    return receipt
  }
  // A run that was stopped behind its commit is made up for; what came since may be in it, so the export's tag stays where it is.
  const { now, summary } = publicationOf(run, context.now())
  await resolvePatients(context, { now, summary })
  const outcomes = [...bronze.types, ...deletedOnly(bronze)].map((type) => outcomeOf(run, type, countsKnown(ledger, type)))
  const receipt = loadReceipt(run, outcomes)
  if (sameJudgement(run, receipt, known)) return { ...receipt, unchanged: true }
  await commitWithRetry(context.catalog, () => stageLedger(context, run, outcomes, receipt, publicationOf(run, context.now())))
  return receipt
}

function startOf(before: Partial<KnownLoad & ReplayedLoad> | undefined, { now }: LakeContext): Date {
  const started = before?.started_at ?? before?.startedAt
  return started === undefined ? now() : new Date(started)
}

/** A load that fails stands in the ledger as failed, where that much can be written; the next try takes the row's place. */
async function loadRecorded(context: LakeContext, run: LoadRun, options: SilverOptions): Promise<LoadReceipt> {
  try {
    return await loadAnew(context, run, options)
  } catch (error) {
    if (!options.signal?.aborted && options.replay === undefined) {
      const failed = (): Promise<StagedChange[]> => stageFailure(context, run, publicationOf(run, context.now()))
      await commitWithRetry(context.catalog, failed).catch(() => undefined)
    }
    throw error
  }
}

async function loadAnew(context: LakeContext, run: LoadRun, options: SilverOptions): Promise<LoadReceipt> {
  let prepared: Prepared | undefined
  const { signal } = options
  try {
    await commitWithRetry(
      context.catalog,
      async () => {
        // Another engine was first: rows have to be looked for again.
        if (prepared !== undefined) await discard(prepared.files)
        prepared = await prepare(context, run, options)
        return prepared.changes
      },
      signal === undefined ? {} : { signal },
    )
  } catch (error) {
    // Only a refused commit is known not to have happened: after any other failure the files may be live.
    if (error instanceof LakeConflictError && prepared !== undefined) await discard(prepared.files)
    throw error
  }
  await run.bronze.release()
  return (prepared as Prepared).receipt
}

interface Prepared {
  readonly receipt: LoadReceipt
  readonly changes: readonly StagedChange[]
  readonly files: TypeLoaded['files']
}

async function prepare(context: LakeContext, run: LoadRun, options: SilverOptions): Promise<Prepared> {
  const { bronze } = run
  const loaded: TypeLoaded[] = []
  try {
    await bronze.stage()
    await readDeletions(context, run)
    await startReferences(context)
    const outcomes: TypeOutcome[] = []
    const onBytes = progressOf(bronze, options)
    for (const type of [...bronze.types, ...deletedOnly(bronze)]) {
      onBytes(0, type.type)
      const done = resourceTypes.has(type.type)
        ? await loadType(context, await typeLoadOf({ context, run, type, options, onBytes }))
        : undefined
      if (done !== undefined) loaded.push(done)
      outcomes.push(outcomeOf(run, type, done?.counts ?? { rows: 0, duplicates: 0, stale: 0, buried: 0 }))
    }
    const receipt = loadReceipt(run, outcomes)
    options.onProgress?.({ stage: 'publish', doneBytes: 0, totalBytes: 0 })
    await bronze.verify()
    options.signal?.throwIfAborted()
    const publication = publicationOf(run, context.now())
    const changes: StagedChange[] = []
    for (const { staging } of loaded) if (staging !== undefined) changes.push(await stage({ ...staging, ...publication }))
    changes.push(...(await stageLedger(context, run, outcomes, receipt, publication)))
    for (const namespace of ['silver', 'floe']) context.catalog.createNamespace(namespace)
    return { receipt, changes, files: loaded.flatMap(({ files }) => files) }
  } catch (error) {
    await discard(loaded.flatMap(({ files }) => files)).catch(() => undefined)
    throw error
  }
}

function progressOf({ types }: BronzeExport, { onProgress }: SilverOptions): (bytes: number, type: string) => void {
  const totalBytes = types.reduce((sum, { files }) => sum + files.reduce((bytes, file) => bytes + file.bytes, 0), 0)
  let doneBytes = 0
  return (bytes, name) => {
    doneBytes += bytes
    onProgress?.({ stage: 'silver', name, doneBytes, totalBytes })
  }
}

export interface TypeStep {
  readonly context: LakeContext
  readonly run: LoadRun
  readonly type: BronzeType
  readonly options: SilverOptions
  readonly onBytes: (bytes: number, type: string) => void
}

export async function typeLoadOf({ context, run, type, options, onBytes }: TypeStep): Promise<TypeLoad> {
  const { identity } = run.bronze
  const of = `source = ${literal(identity.source)} and type = ${literal(type.type)}`
  const deletions = (run.bronze.deletions[type.type] ?? 0) > 0
  const buried = `select id, deleted_at from ${await ledgerRelation(context, 'tombstones')} where ${of}`
  const completion = await ledgerRelation(context, 'completion')
  const times = `select export_id, export_time from ${completion} where ${of}`
  const others = await context.engine.all<{ export_id: string; export_time: number }>(
    otherExportsSql(completion, { ...identity, type: type.type }),
  )
  return {
    type,
    source: identity.source,
    exportId: identity.exportId,
    exportTime: identity.exportTime,
    ingestedAt: run.startedAt.toISOString(),
    raw: options.replay?.keptRaw(type.type) ?? options.raw ?? true,
    exportTimes: `(${times} union all select ${literal(identity.exportId)}, ${instant(identity.exportTime)})`,
    others: others.map((row) => ({ exportId: row.export_id, exportTime: Number(row.export_time) })),
    tombstones: `(${buried} union all select id, deleted_at from ${deletionRows} where type = ${literal(type.type)})`,
    deletions,
    deletedOnly: !run.bronze.types.includes(type),
    onBytes: (bytes) => onBytes(bytes, type.type),
    ...(type.type === 'Encounter' && identity.tracked ? { idsInto: encounterIds } : {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }
}

/** Types that the export deletes from without delivering any: their rows go all the same. */
export function deletedOnly({ types, deletions, identity }: BronzeExport): BronzeType[] {
  const delivered = new Set(types.map(({ type }) => type))
  return Object.keys(deletions)
    .filter((type) => !delivered.has(type) && (deletions[type] ?? 0) > 0)
    .toSorted()
    .map((type) => ({
      type,
      files: [],
      lines: 0,
      quarantined: 0,
      manifestCount: null,
      shape: { struct: {} },
      torn: false,
      kind: identity.kind,
      since: identity.since,
    }))
}

/** Each resource once, with its latest deletion. */
export async function readDeletions({ engine }: LakeContext, { bronze }: LoadRun): Promise<void> {
  const columns = `{type: 'varchar', id: 'varchar', deletedAt: 'varchar'}`
  const rows =
    bronze.deletionsFile === null
      ? 'select null::varchar as type, null::varchar as id, null::timestamptz as deleted_at where false'
      : `select type, id, max(deletedAt::timestamptz) as deleted_at
         from read_ndjson(${literal(bronze.deletionsFile)}, columns = ${columns}) group by all`
  await engine.run(`create or replace temp table ${deletionRows} as ${rows}`)
}

export function outcomeOf(run: LoadRun, type: BronzeType, counts: TypeCounts): TypeOutcome {
  const { identity, outcomes, refused, deletions } = run.bronze
  const holds = type.lines === counts.rows + counts.duplicates + counts.stale + type.quarantined
  const judgement = judge({
    identity,
    type,
    outcomes,
    completedUpTo: run.ledger.completedUpTo.get(type.type),
    asserted: run.asserted,
    unread: refused.length > 0,
    holds,
  })
  return { type, ...counts, ...judgement, holds, deleted: deletions[type.type] ?? 0 }
}

export function countsKnown({ reconciliation }: Ledger, { type }: BronzeType): TypeCounts {
  const row = reconciliation.find((each) => each.type === type)
  return { rows: row?.rows ?? 0, duplicates: row?.duplicates ?? 0, stale: row?.stale ?? 0, buried: 0 }
}

function sameJudgement(
  { ledger, asserted, excluded }: LoadRun,
  receipt: LoadReceipt,
  known: NonNullable<Ledger['load']>,
): boolean {
  const before = new Map(ledger.completion.map((row) => [row.type, row.complete]))
  const same = (type: TypeReceipt): boolean => (before.get(type.type) ?? null) === type.complete
  return known.asserted === asserted && (known.excluded_resources ?? '') === excluded.join(',') && receipt.types.every(same)
}

function publicationOf({ bronze, ledger, loadId }: LoadRun, now: Date): Publication {
  const { exportId, source } = bronze.identity
  return {
    now: now.getTime(),
    tag: ledger.shared ? `${source}/${exportId}` : exportId,
    summary: { 'floe.load': loadId, 'floe.export': exportId, 'floe.source': source },
  }
}
