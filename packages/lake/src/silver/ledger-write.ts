import { readFileSync } from 'node:fs'
import { ident, literal } from '../engine/sql.ts'
import type { StagedChange } from '../iceberg/stage.ts'
import type { LoadReceipt } from '../types.ts'
import { type LakeContext, type Publication, rowsSql, stageRows } from './context.ts'
import { ledgerRelation } from './ledger.ts'
import { type LedgerTable, ledgerTables } from './ledger-tables.ts'
import { deletionRows, encounterIds, type LoadRun, type TypeOutcome } from './run.ts'
import { newReferencesSql, referenceRows } from './seen-references.ts'

type Row = readonly (string | number | boolean | null)[]

/** Writes what a load leaves in the ledger; seen together with its data, never before, never after. */
export async function stageLedger(
  context: LakeContext,
  run: LoadRun,
  outcomes: readonly TypeOutcome[],
  receipt: LoadReceipt,
  publication: Publication,
): Promise<StagedChange[]> {
  const rows = ledgerRows(context, run, outcomes, receipt)
  const { source, exportId } = run.bronze.identity
  const mine = `source = ${literal(source)} and export_id = ${literal(exportId)}`
  const again = run.ledger.load?.load_id === run.loadId
  const parts: [LedgerTable, { readonly sql: string; readonly replace?: boolean } | undefined][] = [
    [
      'loads',
      await replacing(context, 'loads', `load_id = ${literal(run.loadId)} or (${mine} and status = 'failed')`, rows.loads),
    ],
    ['completion', await replacing(context, 'completion', mine, rows.completion)],
    ['reconciliation', await replacing(context, 'reconciliation', `load_id = ${literal(run.loadId)}`, rows.reconciliation)],
    ['etl__completion', { sql: rowsSql(ledgerTables.etl__completion, rows.etlCompletion) }],
    ...(again ? await retried(context, run) : await arrivals(context, run, rows.quarantine)),
    ...(again && run.retried === undefined ? [] : await referencesCame(context, source)),
  ]
  const changes: StagedChange[] = []
  for (const [name, part] of parts) {
    if (part === undefined) continue
    const change = await stageRows(context, { namespace: 'floe', name, columns: ledgerTables[name], ...part, publication })
    if (change !== undefined) changes.push(change)
  }
  return changes
}

/** A row for a load that came to nothing. Its tag would name a state that it did not make, so it gets none. */
export async function stageFailure(context: LakeContext, run: LoadRun, { now, summary }: Publication): Promise<StagedChange[]> {
  const { exportId, source, group, exportTime, tracked, kind } = run.bronze.identity
  const row = [
    ...[run.loadId, exportId, source, tracked ? group : null, exportTime, tracked ? kind : 'untracked', 'failed', run.asserted],
    ...[run.startedAt.toISOString(), context.now().toISOString(), run.excluded.join(','), run.bronze.fingerprint],
  ]
  const earlier = `source = ${literal(source)} and export_id = ${literal(exportId)} and status = 'failed'`
  const rows = await replacing(context, 'loads', earlier, [row])
  context.catalog.createNamespace('floe')
  const change = await stageRows(context, {
    ...{ namespace: 'floe', name: 'loads', columns: ledgerTables.loads, publication: { now, summary } },
    ...rows,
  })
  return change === undefined ? [] : [change]
}

/** All rows but those of this load, and its new ones: these tables are small and stay one file. */
async function replacing(
  context: LakeContext,
  name: LedgerTable,
  mine: string,
  rows: readonly Row[],
): Promise<{ sql: string; replace: true }> {
  const columns = Object.keys(ledgerTables[name].struct).map(ident).join(', ')
  return {
    sql: `select ${columns} from ${await ledgerRelation(context, name)} where (${mine}) is not true union all ${rowsSql(ledgerTables[name], rows)}`,
    replace: true,
  }
}

/** What came with the lines: these tables only grow. */
async function arrivals(
  context: LakeContext,
  run: LoadRun,
  quarantine: readonly Row[],
): Promise<[LedgerTable, { readonly sql: string; readonly replace?: boolean }][]> {
  const encounters = run.bronze.types.some(({ type, files }) => type === 'Encounter' && files.length > 0)
  return [
    ['quarantine', await refusedLines(context, run, quarantine)],
    ['tombstones', await buriedNow(context, run)],
    ...(await encountersCame(context, run, encounters)),
  ]
}

/** Deletions that are later than what is known of the same resource. */
async function buriedNow(context: LakeContext, { bronze }: LoadRun): Promise<{ readonly sql: string }> {
  const { source, exportId } = bronze.identity
  const buried = await ledgerRelation(context, 'tombstones')
  return {
    sql: `select ${literal(source)} as source, type, id, deleted_at, ${literal(exportId)} as export_id from ${deletionRows} d
      where not exists (select 1 from ${buried} b
        where b.source = ${literal(source)} and b.type = d.type and b.id = d.id and b.deleted_at >= d.deleted_at)`,
  }
}

/** Lines that were refused. Of an export that grew, a line that was torn then and is whole now counts as replayed. */
async function refusedLines(
  context: LakeContext,
  { bronze, ledger }: LoadRun,
  rows: readonly Row[],
): Promise<{ readonly sql: string; readonly replace?: boolean }> {
  const { source, exportId } = bronze.identity
  const known = await ledgerRelation(context, 'quarantine')
  const fresh = `(${rowsSql(ledgerTables.quarantine, rows)})`
  const mine = `k.source = ${literal(source)} and k.export_id = ${literal(exportId)}`
  const added = `select q.* from ${fresh} q
    where not exists (select 1 from ${known} k where ${mine} and k.file = q.file and k.line = q.line)`
  const [waiting] =
    ledger.load === undefined
      ? []
      : await context.engine.all<{ n: number }>(`select count(*) as n from ${known} k where ${mine} and not k.replayed`)
  if ((waiting?.n ?? 0) === 0) return { sql: added }
  const refused = `exists (select 1 from ${fresh} q where q.file = k.file and q.line = k.line)`
  const columns = Object.keys(ledgerTables.quarantine.struct).map((name) =>
    name === 'replayed' ? `k.replayed or (${mine} and not ${refused}) as replayed` : `k.${ident(name)}`,
  )
  const kept = `select ${columns.join(', ')} from ${known} k`
  return { sql: `${kept} union all ${added}`, replace: true }
}

/** References that name their target by identifier. */
async function referencesCame(context: LakeContext, source: string): Promise<[LedgerTable, { readonly sql: string }][]> {
  const [came] = await context.engine.all<{ n: number }>(`select count(*) as n from ${referenceRows}`)
  if ((came?.n ?? 0) === 0) return []
  const known = await ledgerRelation(context, 'conditional_references')
  return [['conditional_references', { sql: newReferencesSql(known, source) }]]
}

/** Since when Encounters are tracked; the first time per group is kept for ever. */
async function encountersCame(
  context: LakeContext,
  run: LoadRun,
  encounters: boolean,
): Promise<[LedgerTable, { readonly sql: string }][]> {
  const { source, exportId, group, exportTime, tracked } = run.bronze.identity
  const ids = tracked && encounters ? encounterIds : '(select null::varchar as id where false)'
  const known = await ledgerRelation(context, 'tracked')
  const followed = await ledgerRelation(context, 'etl__completion_encounters')
  return [
    [
      'tracked',
      {
        sql: `select ${literal(source)} as source, ${literal(group)} as group_name, id as encounter_id,
            timestamptz ${literal(exportTime)} as export_time, ${literal(exportId)} as export_id
          from ${ids} i
          where not exists (select 1 from ${known} k
            where k.source = ${literal(source)} and k.group_name = ${literal(group)} and k.encounter_id = i.id)`,
      },
    ],
    [
      'etl__completion_encounters',
      {
        sql: `select id as encounter_id, ${literal(group)} as group_name, ${literal(exportTime)} as export_time,
            ${literal(run.excluded.join(','))} as excluded_resources
          from ${ids} i
          where not exists (select 1 from ${followed} k where k.group_name = ${literal(group)} and k.encounter_id = i.id)`,
      },
    ],
  ]
}

/** Lines of a known export that were refused once and are rows now. */
async function retried(
  context: LakeContext,
  run: LoadRun,
): Promise<[LedgerTable, { readonly sql: string; readonly replace?: boolean }][]> {
  if (run.retried === undefined) return []
  const { source, exportId } = run.bronze.identity
  const columns = Object.keys(ledgerTables.quarantine.struct).map((name) => (name === 'replayed' ? passed : `q.${ident(name)}`))
  const lines = rowsSql(
    { struct: { file: 'string', line: 'long' } },
    run.retried.lines.map(({ file, line }) => [file, line]),
  )
  const mine = `q.source = ${literal(source)} and q.export_id = ${literal(exportId)}`
  return [
    [
      'quarantine',
      {
        sql: `select ${columns.join(', ')} from ${await ledgerRelation(context, 'quarantine')} q
          left join (${lines}) r on ${mine} and r.file = q.file and r.line = q.line`,
        replace: true,
      },
    ],
    ['tombstones', await buriedNow(context, run)],
    ...(await encountersCame(context, run, run.retried.encounters)),
  ]
}

const passed = 'q.replayed or r.line is not null as replayed'

interface LedgerRows {
  readonly loads: readonly Row[]
  readonly completion: readonly Row[]
  readonly reconciliation: readonly Row[]
  readonly quarantine: readonly Row[]
  readonly etlCompletion: readonly Row[]
}

function ledgerRows(context: LakeContext, run: LoadRun, outcomes: readonly TypeOutcome[], receipt: LoadReceipt): LedgerRows {
  const { identity, quarantine, fingerprint } = run.bronze
  const { exportId, source, exportTime } = identity
  const started = run.startedAt.toISOString()
  const completed = new Set(run.ledger.completion.filter(({ complete }) => complete === true).map(({ type }) => type))
  const excluded = run.excluded.join(',')
  return {
    loads: [
      [
        ...[run.loadId, exportId, source, receipt.group, exportTime, receipt.kind, receipt.status, run.asserted],
        ...[started, context.now().toISOString(), excluded, fingerprint],
      ],
    ],
    completion: outcomes.map(({ type, rows, complete, reason }) => {
      const kind = identity.tracked ? type.kind : 'untracked'
      return [source, receipt.group, type.type, exportId, exportTime, kind, rows, type.quarantined, complete, reason]
    }),
    reconciliation: outcomes.map(({ type, rows, duplicates, stale, holds }) => [
      ...[run.loadId, exportId, source, type.type, type.manifestCount, type.lines],
      ...[rows, duplicates, stale, type.quarantined, holds],
    ]),
    quarantine: quarantine.map(({ type, file, line, reason, offset, bytes }) => [
      ...[exportId, source, type, file, line, reason, false, offset, bytes],
    ]),
    etlCompletion: outcomes
      .filter(({ type, complete }) => complete === true && !completed.has(type.type))
      .map(({ type }) => [
        type.type.toLowerCase(),
        identity.group,
        exportTime,
        identity.exportUrl,
        etlVersion,
        started,
        excluded,
      ]),
  }
}

const etlVersion = `floe ${(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version}`
