/**
 * The main path, in one read: export if needed → load → build → report.
 *
 * A step takes the earlier step's output and gives a receipt of plain data; nothing writes upstream. Running the whole again is
 * safe at every point: an unfinished export is taken up, an export that is there already is not loaded twice, a gold table whose
 * silver has not changed is left alone.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { ExportEvent, ExportReceipt, ExportRequest } from '@floe/client'
import type {
  BuildOptions,
  BuildReceipt,
  Lake,
  LakeOptions,
  LoadOptions,
  LoadProgress,
  LoadReceipt,
  StatusReport,
} from '@floe/lake'
import { notRolledBack, pendingExports, unfinishedExport } from './exports/in-lake.ts'
import type { ExportPlan } from './exports/plan.ts'
import { runExport } from './exports/run.ts'
import { exportsBeside, exportsUnder, type FoundExport, type SinceAuto } from './exports/since-auto.ts'

/** Where data comes from: a folder that is there, or a server that is asked for an export. */
export type Input =
  | { readonly kind: 'folder'; readonly folder: string }
  /** Without `to` the export is made in the lake, below `bronze/<source>/`. */
  | { readonly kind: 'server'; readonly plan: ExportPlan; readonly to?: string }

export interface EtlOptions {
  readonly input: Input
  readonly lake: LakeOptions
  readonly load: Omit<LoadOptions, 'folders' | 'onProgress' | 'signal'>
  /** Folders with the user's own views and rules. */
  readonly build?: Pick<BuildOptions, 'viewsDir' | 'rulesDir'>
}

/** What the person or program in front is told while it runs. */
export interface EtlListener {
  exportStarts(request: ExportRequest, since: SinceAuto | undefined, folder: string): (event: ExportEvent) => void
  exported(receipt: ExportReceipt): void
  loading(progress: LoadProgress): void
  loaded(receipts: readonly LoadReceipt[]): void
  built(receipts: readonly BuildReceipt[]): void
}

export interface EtlContext {
  openLake(options: LakeOptions): Promise<Lake>
  readonly listener: EtlListener
  readonly signal: AbortSignal
}

export interface EtlReceipt {
  /** Absent where the input was a folder. */
  readonly export?: ExportReceipt
  readonly loads: readonly LoadReceipt[]
  readonly gold: readonly BuildReceipt[]
  /** How many Encounters gold shows, and which types hide the others. */
  readonly visibility: Pick<StatusReport, 'encounters' | 'blocked'>
  readonly exitCode: 0 | 7
}

/** `floe etl`: from a FHIR server, or a folder, to tables that can be queried. */
export async function etl(options: EtlOptions, context: EtlContext): Promise<EtlReceipt> {
  await using lake = await context.openLake({ ...options.lake, create: true })
  const exported = options.input.kind === 'server' ? await exportStep(options, options.input, lake, context) : undefined
  const folders = await foldersToLoad(options, exported, lake)
  const loads = await loadStep(lake, folders, options, context)
  const gold = await buildStep(lake, options, context)
  const { encounters, blocked } = await lake.status()
  const incomplete = exported?.exitCode === 7 || loads.some((load) => load.exitCode === 7)
  const receipt = { loads, gold, visibility: { encounters, blocked }, exitCode: incomplete ? 7 : 0 } as const
  return exported === undefined ? receipt : { ...receipt, export: exported }
}

/** Exports into a folder, or into bronze, where the unfinished export of the same request is taken up before a new one is begun. */
async function exportStep(
  options: EtlOptions,
  { plan, to }: Extract<Input, { kind: 'server' }>,
  lake: Lake,
  { listener, signal }: EtlContext,
): Promise<ExportReceipt> {
  const place = to === undefined ? await placeInLake(bronzeOf(options, lake), plan) : { to, exportId: undefined }
  const receipt = await runExport({
    plan: place.unfinished === undefined ? plan : { ...plan, sinceAuto: false, request: place.unfinished },
    to: place.to,
    signal,
    earlier: async () => {
      const found = [...(await exportsUnder(bronzeOf(options, lake))), ...(to === undefined ? [] : await exportsBeside(to))]
      return notRolledBack(found, (await lake.status()).loads)
    },
    onStart: (request, since) => listener.exportStarts(request, since, place.to),
    ...(place.exportId === undefined ? {} : { exportId: place.exportId }),
  })
  listener.exported(receipt)
  return receipt
}

interface Place {
  readonly to: string
  readonly exportId: string | undefined
  /** The request of the export that is taken up, with the `_since` that it was begun with. */
  readonly unfinished?: ExportRequest
}

async function placeInLake(bronze: string, plan: ExportPlan): Promise<Place> {
  const found = await unfinishedExport(bronze, plan)
  if (found !== undefined) return { to: found.folder, exportId: found.state.exportId, unfinished: found.state.request }
  const exportId = randomUUID()
  return { to: join(bronze, exportId), exportId }
}

/**
 * The folders of this run. An earlier run may have ended between its export and its load: such an export comes first, for a
 * `--since auto` that follows it would never ask for its data again.
 */
async function foldersToLoad(options: EtlOptions, exported: ExportReceipt | undefined, lake: Lake): Promise<string[]> {
  if (options.input.kind === 'folder') return [options.input.folder]
  const pending: readonly FoundExport[] = await pendingExports(bronzeOf(options, lake), (await lake.status()).loads)
  const folders = pending.map((found) => found.folder)
  return exported === undefined || folders.includes(exported.folder) ? folders : [...folders, exported.folder]
}

async function loadStep(
  lake: Lake,
  folders: string[],
  { load }: EtlOptions,
  { listener, signal }: EtlContext,
): Promise<LoadReceipt[]> {
  const receipts = await lake.load({ ...load, folders, signal, onProgress: listener.loading })
  listener.loaded(receipts)
  return receipts
}

async function buildStep(lake: Lake, { build }: EtlOptions, { listener, signal }: EtlContext): Promise<BuildReceipt[]> {
  const receipts = await lake.build({ ...build, signal })
  listener.built(receipts)
  return receipts
}

function bronzeOf(options: EtlOptions, lake: Lake): string {
  return join(lake.dir, 'bronze', options.load.source ?? 'default')
}
