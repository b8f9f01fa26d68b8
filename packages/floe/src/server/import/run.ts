import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Lake, type LoadReceipt, openLake } from '@floe/lake'
import type { Job, JobFile } from '../../jobs/store.ts'
import type { ServerContext } from '../context.ts'
import { endProgress, noteProgress } from '../job-progress.ts'
import { prepared } from './modes.ts'
import { type Refused, reportInput } from './outcomes.ts'
import type { ImportResult, ImportSpec } from './spec.ts'
import { type StagedInput, stageInputs } from './stage.ts'

/** Everything that is imported is of this source (CONTRACT §5.8). */
const source = 'import'

/**
 * Stages the inputs, loads them as one export, and tells what became of each line. Done again from the start after a crash:
 * fetched inputs are kept, and a load that was published already changes nothing.
 */
export async function runImport(context: ServerContext, job: Job<ImportSpec>, signal: AbortSignal): Promise<void> {
  const { settings, jobsDir, jobs, metrics, audit } = context
  const dir = join(jobsDir, job.id)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const { dir: stagedDir, staged: inputs } = await stageInputs(job.spec, jobsDir, {
    allow: settings.importAllow,
    maxBytes: settings.maxImport,
    maxLine: settings.maxLine,
    signal,
  })
  const { mode = 'merge', pin = { transactionTime: '', tables: [] } } = job.spec
  const run = { mode, pin, provider: context.provider, maxLine: settings.maxLine, time: job.createdAt, source, signal }
  const { dir: loadDir, staged, refused: known, skipped } = await prepared(run, stagedDir, inputs)
  noteProgress(job.id, 0.3)
  const loaded = await load(context, loadDir, staged, signal, (fraction) => noteProgress(job.id, 0.3 + fraction * 0.6))
  signal.throwIfAborted()
  const refusedLines = (file: string): Refused[] =>
    [...(loaded.refused.get(file) ?? []), ...(known.get(file) ?? [])].toSorted((x, y) => x.line - y.line)
  const { result, files } = await report(staged, { refusedLines, unlisted: loaded.unlisted, skipped, loadDir, dir })
  jobs.addFiles(job.id, 0, files)
  const { transactionTime } = loaded
  const accepted = result.output.reduce((sum, { count }) => sum + count, 0)
  const refused = result.error.reduce((sum, { count }) => sum + count, 0)
  context.control.transaction(() => {
    jobs.finish(job.id, { result, transactionTime, expiresAt: context.now().getTime() + settings.exportTtl })
    audit.record({
      what: 'import',
      action: 'C',
      outcome: '0',
      client: job.client,
      address: job.spec.access.from,
      description: 'import complete',
      counts: { inputs: staged.length, resources: accepted, refused },
    })
  })
  endProgress(job.id)
  await rm(join(jobsDir, job.spec.stage), { recursive: true, force: true })
  metrics.imports.inc({ status: 'complete' })
  metrics.resources.inc({ direction: 'import' }, accepted)
}

interface Loaded {
  readonly transactionTime: string
  /** Refused lines by file. */
  readonly refused: ReadonlyMap<string, readonly Refused[]>
  /** By file: refused lines that are not among them. */
  readonly unlisted: ReadonlyMap<string, number>
}

async function load(
  { lake: options, settings, now }: ServerContext,
  dir: string,
  staged: readonly StagedInput[],
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<Loaded> {
  // Nothing comes; but with `overwrite` something may go.
  const nothing = staged.every(({ file, lines }) => file === undefined || lines === 0)
  if (nothing && (await readdir(join(dir, 'deleted'))).length === 0) {
    return { transactionTime: now().toISOString(), refused: new Map(), unlisted: new Map() }
  }
  await using lake = await openLake({ ...options, create: true })
  const receipts = await lake.load({
    folders: [dir],
    source,
    untracked: true,
    maxLine: settings.maxLine,
    signal,
    onProgress: ({ doneBytes, totalBytes }) => onProgress(totalBytes === 0 ? 0 : doneBytes / totalBytes),
  })
  const unlisted = receipts.flatMap((receipt) => receipt.unlisted ?? []).map(({ file, lines }) => [file, lines] as const)
  return {
    transactionTime: await commitTime(lake, receipts, now()),
    refused: await refusedLines(lake, receipts),
    unlisted: new Map(unlisted),
  }
}

async function commitTime(lake: Lake, receipts: readonly LoadReceipt[], otherwise: Date): Promise<string> {
  const ids = receipts.map(({ load: id }) => `'${id}'`).join(', ')
  const [row] = await all(lake, `select max(finished_at) as at from floe.loads where load_id in (${ids || "''"})`)
  return typeof row?.at === 'string' ? row.at : otherwise.toISOString()
}

async function refusedLines(lake: Lake, receipts: readonly LoadReceipt[]): Promise<Map<string, Refused[]>> {
  const exports = receipts.map((receipt) => `'${receipt.export}'`).join(', ')
  const rows = await all(
    lake,
    `select file, line, reason from floe.quarantine where source = '${source}' and export_id in (${exports || "''"}) order by file, line`,
  )
  const refused = new Map<string, Refused[]>()
  for (const { file, line, reason } of rows) {
    const name = String(file)
    const lines = refused.get(name) ?? []
    refused.set(name, lines)
    lines.push({ line: Number(line), reason: String(reason) })
  }
  return refused
}

async function all(lake: Lake, sql: string): Promise<Record<string, unknown>[]> {
  await using result = await lake.query(sql)
  const rows: Record<string, unknown>[] = []
  for await (const chunk of result.rows) rows.push(...chunk)
  return rows
}

async function report(
  staged: readonly StagedInput[],
  {
    refusedLines,
    unlisted,
    skipped,
    loadDir,
    dir,
  }: {
    readonly refusedLines: (file: string) => readonly Refused[]
    readonly unlisted: ReadonlyMap<string, number>
    readonly skipped: ReadonlyMap<string, number>
    readonly loadDir: string
    readonly dir: string
  },
): Promise<{ result: ImportResult; files: JobFile[] }> {
  const output: ImportResult['output'][number][] = []
  const error: ImportResult['error'][number][] = []
  const files: JobFile[] = []
  for (const [index, one] of staged.entries()) {
    const lines = refusedLines(one.file ?? '')
    const left = skipped.get(one.file ?? '')
    // A Bundle of deletions may have several entries that are refused: the line counts once.
    const more = unlisted.get(one.file ?? '') ?? 0
    const bad = new Set(lines.map(({ line }) => line)).size + more
    output.push({
      type: one.type,
      count: Math.max(0, one.lines - bad - (left ?? 0)),
      inputUrl: one.input.inputUrl,
      ...(left === undefined ? {} : { skipped: left }),
    })
    const told = await reportInput(one, { refused: lines, unlisted: more, index, loadDir, dir })
    if (told === undefined) continue
    error.push(told.entry)
    files.push(...told.files)
  }
  return { result: { output, error }, files }
}
