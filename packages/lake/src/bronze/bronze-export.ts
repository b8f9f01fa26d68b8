import { rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { resourceTypes } from '@floe/views/fhir'
import { readDeletions } from './deletions.ts'
import { coverageOf } from './kickoff.ts'
import { sourceChanged } from './scan-file.ts'
import { scanAll } from './scan-pool.ts'
import type { BronzeState, StoredFile } from './state.ts'
import type { BronzeExport, BronzeFile, BronzeType, Compression, QuarantineEntry, UnlistedLines } from './types.ts'

/** How a registered export is handed on. */
export interface ExportView {
  readonly lakeDir: string
  readonly dir: string
  readonly state: BronzeState
  readonly unchanged: boolean
  readonly notices: readonly string[]
  /** Read the copies in bronze instead of the files that were registered. */
  readonly fromCopies?: boolean | undefined
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Where the bytes of a file are now. */
interface Place {
  readonly path: string
  readonly compression: Compression
}

/** The type under which lines are counted that tell none. */
const unknownType = 'Unknown'

/** Cleaned copies, below a folder for each process; no source begins with a dot. */
export const stagingRoot = (lakeDir: string): string => join(lakeDir, 'bronze', '.staging')

/** What silver needs of a registered export, from its state. */
export function bronzeExport(view: ExportView): BronzeExport {
  const { state, dir } = view
  const own = join(stagingRoot(view.lakeDir), String(process.pid))
  const staging = join(own, state.identity.source, state.identity.exportId)
  const hasDeletions = Object.keys(state.deletions).length > 0
  const deletionsFile = hasDeletions ? join(staging, 'deletions.ndjson') : null
  const place = (file: StoredFile): Place => placeOf(view, file)
  const outputs = state.files.filter((it) => it.kind === 'output')
  return {
    identity: state.identity,
    dir,
    types: typesOf(state, outputs, place, staging),
    deletionsFile,
    deletions: state.deletions,
    quarantine: [...outputs.flatMap(quarantineOf), ...state.refusedDeletions],
    outcomes: state.outcomes,
    unlisted: outputs.flatMap(unlistedOf),
    notices: [...view.notices, ...outputs.flatMap(noticesOf)],
    refused: [...state.refused, ...outputs.flatMap(unreadOf)],
    fingerprint: state.fingerprint,
    unchanged: view.unchanged,
    stage: () => stage(view, staging, deletionsFile),
    verify: async () => {
      if (!view.fromCopies) await Promise.all(outputs.map(assertSame))
    },
    release: async () => {
      await rm(staging, { recursive: true, force: true })
      // Only what is empty by now: another export of this process may be at work.
      for (const folder of [join(own, state.identity.source), own]) await rmdir(folder).catch(() => {})
    },
  }
}

const placeOf = ({ dir, fromCopies }: ExportView, file: StoredFile): Place =>
  fromCopies
    ? { path: join(dir, file.copy), compression: file.copyCompression }
    : { path: file.path, compression: file.compression }

/**
 * Whether the engine can read a file as it is: one type, every line good, no BOM, no spaces around lines, nothing cut, and packed
 * as the end of its name says, by which the engine goes (and, other than `floe load`, with regard to case).
 */
function isClean({ report }: StoredFile, { path, compression }: Place): boolean {
  if (!report || report.bom || report.torn || report.padded) return false
  const named = path.endsWith('.gz') ? 'gzip' : path.endsWith('.zst') ? 'zstd' : 'none'
  if (named !== compression) return false
  const types = Object.values(report.types)
  return types.every((it) => it.quarantined === 0) && types.filter((it) => it.lines > 0).length <= 1
}

const stagedPath = (staging: string, file: StoredFile, type: string): string => join(staging, `${file.relative}.${type}.ndjson`)

function typesOf(
  { identity, plan, shapes }: BronzeState,
  outputs: readonly StoredFile[],
  place: (file: StoredFile) => Place,
  staging: string,
): BronzeType[] {
  const hints = outputs.flatMap((it) => (it.hint === null ? [] : [it.hint]))
  const asked = [...(identity.requestedTypes ?? []), ...Object.keys(plan.manifest), ...plan.incomplete, ...hints]
  const names = new Set(asked.filter((it) => resourceTypes.has(it)))
  for (const { report } of outputs) for (const type of Object.keys(report?.types ?? {})) names.add(type || unknownType)
  return [...names].sort().map((type): BronzeType => {
    const key = type === unknownType ? '' : type
    const holders = outputs.filter((it) => it.report?.types[key] !== undefined)
    const stats = holders.map((it) => it.report?.types[key] ?? { lines: 0, quarantined: 0 })
    return {
      type,
      files: holders.flatMap((it) => bronzeFile(it, key, place, staging)),
      lines: stats.reduce((sum, it) => sum + it.lines, 0),
      quarantined: stats.reduce((sum, it) => sum + it.quarantined, 0),
      manifestCount: plan.manifest[type]?.count ?? null,
      shape: shapes[type] ?? { struct: {} },
      torn: plan.incomplete.includes(type) || holders.some((it) => it.report?.torn),
      conditional: holders.some((it) => it.report?.conditional === true),
      ...coverageOf(plan.typeKinds, type),
    }
  })
}

function bronzeFile(file: StoredFile, type: string, place: (file: StoredFile) => Place, staging: string): BronzeFile[] {
  const stats = file.report?.types[type]
  if (!stats || stats.lines === stats.quarantined) return []
  const { relative, copy, sha256 } = file
  const lying = place(file)
  const clean = isClean(file, lying)
  const where: Place = clean ? lying : { path: stagedPath(staging, file, type), compression: 'none' }
  const bytes = clean ? (file.report?.bytes ?? stats.bytes) : stats.bytes
  return [
    {
      ...where,
      lines: stats.lines - stats.quarantined,
      bytes,
      maxLine: stats.maxLine,
      relative,
      copy,
      sha256,
      padded: file.report?.padded === true,
    },
  ]
}

const quarantineOf = ({ relative, report }: StoredFile): QuarantineEntry[] =>
  (report?.refused ?? []).map(({ line, reason, offset, bytes, type }) => ({ file: relative, type, line, reason, offset, bytes }))

const unlistedOf = ({ relative, report }: StoredFile): UnlistedLines[] =>
  report === null || report.unlisted === 0 ? [] : [{ file: relative, lines: report.unlisted }]

const noticesOf = ({ relative, report }: StoredFile): string[] => [
  ...(report && report.unlisted > 0 ? [`${relative}: ${report.unlisted} more refused lines are counted, not listed`] : []),
  ...(report?.torn && !isUnread(report) ? [`${relative}: cut short or damaged; the whole lines before that are taken`] : []),
]

/** Not a line could be had of an archive, and its name tells no type: else nobody would hear of it. */
const isUnread = (report: StoredFile['report']): boolean => report?.torn === true && Object.keys(report.types).length === 0

const unreadOf = ({ relative, report }: StoredFile): string[] =>
  isUnread(report) ? [`${relative}: cut short or damaged, nothing in it could be read`] : []

async function stage(view: ExportView, staging: string, deletionsFile: string | null): Promise<void> {
  const { state, threads, signal } = view
  await rm(staging, { recursive: true, force: true })
  const dirty = state.files.filter((it) => it.kind === 'output' && !isClean(it, placeOf(view, it)))
  const tasks = dirty.map((file) => {
    const good = Object.entries(file.report?.types ?? {}).filter(([type, it]) => type !== '' && it.lines > it.quarantined)
    const clean = Object.fromEntries(good.map(([type]) => [type, stagedPath(staging, file, type)]))
    const { type, hint } = file
    const task = { ...placeOf(view, file), type: type ?? undefined, hint: hint ?? undefined, maxLine: state.maxLine, clean }
    return { task, size: file.size }
  })
  const reports = await scanAll(tasks, { threads, signal })
  for (const [index, report] of reports.entries()) {
    if (report instanceof Error) throw report
    const file = dirty[index]
    // Copies are ours, and packed: their hash is another.
    if (file && report.sha256 !== file.sha256 && placeOf(view, file).path !== join(view.dir, file.copy)) throw sourceChanged()
  }
  if (deletionsFile === null) return
  const bundles = state.files.filter((it) => it.kind === 'deleted').map((it) => ({ ...it, ...placeOf(view, it) }))
  await readDeletions(bundles, { exportTime: state.identity.exportTime, maxLine: state.maxLine, to: deletionsFile })
}

async function assertSame({ path, size, mtimeMs }: StoredFile): Promise<void> {
  const now = await stat(path).catch(() => undefined)
  if (now?.size !== size || now.mtimeMs !== mtimeMs) throw sourceChanged()
}
