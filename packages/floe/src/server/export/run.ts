import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeletedResource } from '@floe/lake'
import type { Job, JobFile } from '../../jobs/store.ts'
import type { ServerContext } from '../context.ts'
import { recordDisclosures } from '../disclosures.ts'
import { endProgress, noteProgress } from '../job-progress.ts'
import { outcome } from '../refusal.ts'
import { keptElements, subset } from './elements.ts'
import { LineFiles, type LineFilesOptions } from './line-files.ts'
import { organizedType } from './manifest.ts'
import { type LeftOut, writeOrganized } from './organized.ts'
import { type ExportSpec, type ExportUnit, selectionOf } from './spec.ts'
import { dropPart, sealFile } from './whole-file.ts'

/** Deletions in one Bundle. */
const entriesOfBundle = 1000

/** Does the units of an export that are not done, and ends the job. A unit begun before is done again from its start. */
export async function runExport(context: ServerContext, job: Job<ExportSpec>, signal: AbortSignal): Promise<void> {
  const { jobs, settings, provider } = context
  const dir = join(context.jobsDir, job.id)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if (!jobs.planned(job.id)) jobs.plan(job.id, await planUnits(provider, job.spec))
  const units = jobs.units(job.id)
  const total = units.reduce((sum, { weight }) => sum + weight, 0)
  let done = units.filter((unit) => unit.done).reduce((sum, { weight }) => sum + weight, 0)
  for (const { position, spec, weight, done: before } of units) {
    if (before) continue
    const unit = spec as ExportUnit
    const files = await runUnit({ context, job, unit, position, weight, dir, signal }, (lines) =>
      noteProgress(job.id, (done + Math.min(lines, weight)) / Math.max(1, total)),
    )
    signal.throwIfAborted()
    jobs.finishUnit(job.id, position, files)
    done += weight
    noteProgress(job.id, done / Math.max(1, total))
  }
  if (settings.disclosures) await recordDisclosures(context, job, signal)
  end(context, job)
}

/** The job is complete, and the audit trail says so: both, or neither. */
function end({ jobs, settings, metrics, audit, control, now }: ServerContext, job: Job<ExportSpec>): void {
  const files = jobs.files(job.id)
  const sum = (key: 'bytes' | 'lines'): number => files.reduce((all, file) => all + file[key], 0)
  control.transaction(() => {
    jobs.finish(job.id, { expiresAt: now().getTime() + settings.exportTtl })
    audit.record({
      what: 'completion',
      action: 'R',
      outcome: '0',
      client: job.client,
      address: job.spec.access.from,
      description: 'export complete',
      counts: { files: files.length, resources: sum('lines'), bytes: sum('bytes') },
      ...(job.spec.access.group === undefined ? {} : { reference: `Group/${job.spec.access.group}` }),
    })
  })
  endProgress(job.id)
  metrics.exports.inc({ status: 'complete' })
  metrics.bytes.inc({ direction: 'export' }, sum('bytes'))
  metrics.resources.inc({ direction: 'export' }, sum('lines'))
}

async function planUnits(provider: ServerContext['provider'], spec: ExportSpec): Promise<{ spec: ExportUnit; weight: number }[]> {
  const units: { spec: ExportUnit; weight: number }[] = []
  for (const type of spec.organizedBy === undefined ? spec.types : []) {
    for (const unit of await provider.units(spec.pin, type)) units.push({ spec: { kind: 'rows', ...unit }, weight: unit.rows })
  }
  if (spec.organizedBy !== undefined) {
    let weight = 0
    for (const type of spec.types) for (const unit of await provider.units(spec.pin, type)) weight += unit.rows
    units.push({ spec: { kind: 'organized' }, weight })
  }
  if (spec.selection.since !== undefined) units.push({ spec: { kind: 'deleted' }, weight: 1 })
  if (spec.ignored.length > 0) units.push({ spec: { kind: 'ignored' }, weight: 1 })
  return units
}

interface UnitRun {
  readonly context: ServerContext
  readonly job: Job<ExportSpec>
  readonly unit: ExportUnit
  readonly position: number
  readonly weight: number
  readonly dir: string
  readonly signal: AbortSignal
}

async function runUnit(run: UnitRun, onLines: (lines: number) => void): Promise<JobFile[]> {
  const { unit, position, dir } = run
  const number = String(position).padStart(3, '0')
  const files = new LineFiles({ dir, ...filesOf(unit, number) })
  try {
    if (unit.kind === 'rows' && run.job.spec.format === 'parquet') return await writeParquet(run, unit, number)
    if (unit.kind === 'rows') {
      const missing = await writeRows(run, unit, files, onLines)
      return [
        ...(await files.finish()),
        ...(await tellLeftOut(dir, number, [{ type: unit.type, rows: missing, why: 'no text' }])),
      ]
    }
    if (unit.kind === 'organized') {
      const { context, job, weight, signal } = run
      const leftOut = await writeOrganized({ provider: context.provider, spec: job.spec, dir, weight, signal, onLines }, files)
      return [...(await files.finish()), ...(await tellLeftOut(dir, number, leftOut))]
    }
    if (unit.kind === 'deleted') await writeDeleted(run, files)
    else for (const text of run.job.spec.ignored) await files.write(JSON.stringify(outcome('not-supported', text, 'warning')))
    return await files.finish()
  } catch (error) {
    await files.abort()
    throw error
  }
}

async function writeParquet(
  { context: { provider }, job: { spec }, dir, signal }: UnitRun,
  unit: Extract<ExportUnit, { kind: 'rows' }>,
  number: string,
): Promise<JobFile[]> {
  const name = `${unit.type}.${number}.0.parquet`
  const lines = await provider.parquet(spec.pin, unit, selectionOf(spec, unit.type), join(dir, `${name}.part`), signal)
  if (lines > 0) return [{ name, item: 'output', type: unit.type, lines, ...(await sealFile(dir, name)) }]
  await dropPart(dir, name)
  return []
}

/** Rows that another program wrote into the lake may have no text: they cannot be handed on as they were, which is told. */
async function tellLeftOut(dir: string, number: string, leftOut: readonly LeftOut[]): Promise<readonly JobFile[]> {
  const told = leftOut.filter(({ rows }) => rows > 0)
  if (told.length === 0) return []
  const files = new LineFiles({ dir, stem: `outcome.${number}`, item: 'error', type: 'OperationOutcome' })
  for (const { type, rows, why } of told) {
    const [text, severity] =
      why === 'no text'
        ? (['another program wrote them into the lake without their text', 'error'] as const)
        : (['they name no patient, so that no patient’s part can hold them', 'warning'] as const)
    await files.write(JSON.stringify(outcome('processing', `${rows} resources of ${type} are left out: ${text}.`, severity)))
  }
  return await files.finish()
}

function filesOf(unit: ExportUnit, number: string): Omit<LineFilesOptions, 'dir'> {
  switch (unit.kind) {
    case 'rows':
      return { stem: `${unit.type}.${number}`, item: 'output', type: unit.type }
    case 'organized':
      return { stem: `Resources.${number}`, item: 'output', type: organizedType, wholeBlocks: true }
    case 'deleted':
      return { stem: `deleted.${number}`, item: 'deleted', type: 'Bundle' }
    case 'ignored':
      return { stem: `outcome.${number}`, item: 'error', type: 'OperationOutcome' }
  }
}

async function writeRows(
  { context: { provider }, job: { spec }, signal }: UnitRun,
  unit: Extract<ExportUnit, { kind: 'rows' }>,
  files: LineFiles,
  onLines: (lines: number) => void,
): Promise<number> {
  const kept = keptElements(unit.type, spec.elements)
  let lines = 0
  let missing = 0
  const onMissing = (rows: number): void => {
    missing += rows
  }
  for await (const chunk of provider.lines(spec.pin, unit, selectionOf(spec, unit.type), { signal, onMissing })) {
    for (const raw of chunk) await files.write(kept === undefined ? raw : subset(Buffer.from(raw).toString(), kept))
    lines += chunk.length
    onLines(lines)
  }
  return missing
}

/** Bundles of deletions, one time in each: who loads them gives the tombstone that time (CONTRACT §5.10). */
async function writeDeleted({ context: { provider }, job: { spec }, signal }: UnitRun, files: LineFiles): Promise<void> {
  let waiting: DeletedResource[] = []
  const flush = async (): Promise<void> => {
    const [first] = waiting
    if (first === undefined) return
    const entry = waiting.map(({ type, id }) => ({ request: { method: 'DELETE', url: `${type}/${id}` } }))
    await files.write(
      JSON.stringify({ resourceType: 'Bundle', meta: { lastUpdated: first.deletedAt }, type: 'transaction', entry }),
    )
    waiting = []
  }
  for (const type of spec.types) {
    for await (const rows of provider.deleted(spec.pin, [type], selectionOf(spec, type), signal)) {
      for (const row of rows) {
        if (waiting.length >= entriesOfBundle || (waiting[0]?.deletedAt ?? row.deletedAt) !== row.deletedAt) await flush()
        waiting.push(row)
      }
    }
  }
  await flush()
}
