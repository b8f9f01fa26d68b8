import { statSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { resourceTypes } from '@floe/views/fhir'
import { isBundle, isWhole, type Place, planType, type TypePlan, writeBundles } from './bundles.ts'
import { readDeletions } from './deletions.ts'
import { coverageOf } from './kickoff.ts'
import { copyOf, pathOf } from './paths-of.ts'
import { sourceChanged } from './scan-file.ts'
import { scanAll } from './scan-pool.ts'
import type { BronzeState, StoredFile } from './state-types.ts'
import type { BronzeExport, BronzeFile, BronzeType, QuarantineEntry, UnlistedLines } from './types.ts'

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
  const outputs = state.files.filter((it) => it.kind === 'output')
  const plans = plansOf(outputs, staging)
  return {
    identity: state.identity,
    dir,
    types: typesOf(view, plans, staging),
    deletionsFile,
    deletions: state.deletions,
    quarantine: [...outputs.flatMap(quarantineOf), ...state.refusedDeletions],
    outcomes: state.outcomes,
    unlisted: outputs.flatMap(unlistedOf),
    notices: [...view.notices, ...outputs.flatMap(noticesOf)],
    refused: [...state.refused, ...outputs.flatMap(unreadOf)],
    fingerprint: state.fingerprint,
    unchanged: view.unchanged,
    stage: (type) => stage(view, { plans, staging, deletionsFile, only: type === unknownType ? '' : type }),
    verify: async () => {
      if (!view.fromCopies) await assertSame(outputs)
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
    ? { path: `${dir}/${copyOf(file)}`, compression: file.copyCompression }
    : { path: pathOf(file), compression: file.compression }

/**
 * Whether the engine can read a file as it is: one type, every line good, no BOM, no spaces around lines, nothing cut, and packed
 * as the end of its name says, by which the engine goes (and, other than `floe load`, with regard to case).
 */
function isClean(file: StoredFile, { path, compression }: Place): boolean {
  if (!isWhole(file)) return false
  const named = path.endsWith('.gz') ? 'gzip' : path.endsWith('.zst') ? 'zstd' : 'none'
  return named === compression
}

const stagedPath = (staging: string, file: StoredFile, type: string): string => join(staging, `${file.relative}.${type}.ndjson`)

/** By type, `''` for lines that tell none. */
interface Plan extends TypePlan {
  /** All files that have lines of the type, good or not. */
  readonly holders: readonly StoredFile[]
}

type Plans = ReadonlyMap<string, Plan>

function plansOf(outputs: readonly StoredFile[], staging: string): Plans {
  const holders = new Map<string, StoredFile[]>()
  for (const file of outputs) {
    for (const type in file.report?.types) {
      const known = holders.get(type)
      if (known === undefined) holders.set(type, [file])
      else known.push(file)
    }
  }
  // No file of an export lies below a folder whose name begins with a dot.
  const folder = join(staging, '.small')
  return new Map(Array.from(holders, ([type, files]) => [type, { holders: files, ...planType(files, type, folder) }]))
}

function typesOf(view: ExportView, plans: Plans, staging: string): BronzeType[] {
  const { identity, plan, shapes, files } = view.state
  const names = new Set<string>()
  for (const { kind, hint } of files) if (kind === 'output' && hint !== null) names.add(hint)
  const asked = [...(identity.requestedTypes ?? []), ...Object.keys(plan.manifest), ...plan.incomplete, ...names]
  const types = new Set(asked.filter((it) => resourceTypes.has(it)))
  for (const type of plans.keys()) types.add(type || unknownType)
  return [...types].sort().map((type): BronzeType => {
    const key = type === unknownType ? '' : type
    const { holders = [], parts = [] } = plans.get(key) ?? {}
    const sum = (of: 'lines' | 'quarantined'): number =>
      holders.reduce((all, { report }) => all + (report?.types[key]?.[of] ?? 0), 0)
    return {
      type,
      files: parts.map((part) => (isBundle(part) ? part : bronzeFile(view, part, key, staging))),
      lines: sum('lines'),
      quarantined: sum('quarantined'),
      manifestCount: plan.manifest[type]?.count ?? null,
      shape: shapes[type] ?? { struct: {} },
      torn: plan.incomplete.includes(type) || holders.some((it) => it.report?.torn),
      conditional: holders.some((it) => it.report?.conditional === true),
      ...coverageOf(plan.typeKinds, type),
    }
  })
}

function bronzeFile(view: ExportView, file: StoredFile, type: string, staging: string): BronzeFile {
  const stats = file.report?.types[type] ?? { lines: 0, quarantined: 0, bytes: 0, maxLine: 0 }
  const lying = placeOf(view, file)
  const clean = isClean(file, lying)
  const where: Place = clean ? lying : { path: stagedPath(staging, file, type), compression: 'none' }
  const bytes = clean ? (file.report?.bytes ?? stats.bytes) : stats.bytes
  const { lines, quarantined, maxLine } = stats
  return { ...where, lines: lines - quarantined, bytes, maxLine, padded: file.report?.padded === true }
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

interface Staging {
  readonly plans: Plans
  readonly staging: string
  readonly deletionsFile: string | null
  /** Nothing but what this type needs. */
  readonly only: string | undefined
}

async function stage(view: ExportView, { plans, staging, deletionsFile, only }: Staging): Promise<void> {
  const { state, dir, fromCopies = false, signal } = view
  await rm(staging, { recursive: true, force: true })
  const wanted = only === undefined ? plans : new Map([...plans].filter(([type]) => type === only))
  const place = (file: StoredFile): Place => placeOf(view, file)
  await stageAlone(view, wanted, staging)
  await writeBundles(wanted, { state, dir, ours: fromCopies, place, signal })
  if (deletionsFile === null || only !== undefined) return
  const bundles = state.files.filter((it) => it.kind === 'deleted').map((it) => moved(it, place(it)))
  await readDeletions(bundles, { exportTime: state.identity.exportTime, maxLine: state.maxLine, to: deletionsFile })
}

const moved = (file: StoredFile, { path, compression }: Place): StoredFile => ({ ...file, real: path, compression })

/** Good lines of files that the engine cannot read as they are, and that are in no bundle. */
async function stageAlone(view: ExportView, plans: Plans, staging: string): Promise<void> {
  const { state, threads, signal } = view
  const types = new Map<StoredFile, string[]>()
  for (const [type, { parts }] of plans) {
    if (type === '') continue
    for (const part of parts) {
      if (isBundle(part) || isClean(part, placeOf(view, part))) continue
      types.set(part, [...(types.get(part) ?? []), type])
    }
  }
  const dirty = [...types]
  const tasks = dirty.map(([file, of]) => {
    const clean = Object.fromEntries(of.map((type) => [type, stagedPath(staging, file, type)]))
    const { type, hint } = file
    const task = { ...placeOf(view, file), type: type ?? undefined, hint: hint ?? undefined, maxLine: state.maxLine, clean }
    return { task, size: file.size }
  })
  const reports = await scanAll(tasks, { threads, signal })
  for (const [index, report] of reports.entries()) {
    if (report instanceof Error) throw report
    const file = dirty[index]?.[0]
    // Copies are ours, and packed: their hash is another.
    if (file && report.sha256 !== file.sha256 && placeOf(view, file).path !== join(view.dir, copyOf(file))) throw sourceChanged()
  }
}

async function assertSame(files: readonly StoredFile[]): Promise<void> {
  for (const [index, file] of files.entries()) {
    if (index % 1000 === 999) await setImmediate()
    const now = seen(pathOf(file))
    if (now?.size !== file.size || now.mtimeMs !== file.mtimeMs) throw sourceChanged()
  }
}

function seen(path: string): Pick<StoredFile, 'size' | 'mtimeMs'> | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
