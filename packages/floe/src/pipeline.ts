/**
 * The main path, in one read: export if needed → load → build → report.
 *
 * A step takes the earlier step's output and gives a receipt of plain data; nothing writes upstream. Running the whole again is safe:
 * an unfinished export is taken up, one that is there is not loaded twice, a gold table whose silver has not changed is left alone.
 */
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
import { notRolledBack, pendingExports, placeInLake } from './exports/in-lake.ts'
import { historyOfNewMembers, isOfNewMembers, type NewMembers } from './exports/new-members.ts'
import type { ExportPlan } from './exports/plan.ts'
import { type MadeExport, runExport } from './exports/run.ts'
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
  exported(made: MadeExport): void
  loading(progress: LoadProgress): void
  loaded(receipts: readonly LoadReceipt[]): void
  built(receipts: readonly BuildReceipt[]): void
}

export interface EtlContext {
  openLake(options: LakeOptions): Promise<Lake>
  readonly listener: EtlListener
  readonly signal: AbortSignal
  /** Runs that share a lake export side by side, and change it in turn. */
  readonly turn: Turn
}

export type Turn = <T>(work: () => Promise<T>) => Promise<T>

export interface EtlReceipt {
  /** Absent where the input was a folder. */
  readonly export?: ExportReceipt
  /** Those who came to the Group since the last export; absent where no increment was made. */
  readonly newMembers?: NewMembers | undefined
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
  return await context.turn(async () => {
    const loads = await loadStep(lake, await foldersToLoad(options, exported, lake), options, context)
    const gold = await buildStep(lake, options, context)
    const { encounters, blocked } = await lake.status()
    const exitCode = exported?.exitCode === 7 || loads.some((load) => load.exitCode === 7) ? 7 : 0
    const made = exported === undefined ? {} : { export: exported.receipt, newMembers: exported.newMembers }
    return { ...made, loads, gold, visibility: { encounters, blocked }, exitCode }
  })
}

/**
 * Exports into a folder, or into bronze, where the unfinished export of the same request is taken up before a new one is begun.
 */
async function exportStep(
  options: EtlOptions,
  { plan, to }: Extract<Input, { kind: 'server' }>,
  lake: Lake,
  { listener, signal }: EtlContext,
): Promise<MadeExport> {
  const place = to === undefined ? await placeInLake(bronzeOf(options, lake), plan) : { to, exportId: undefined }
  const made = await runExport({
    plan,
    to: place.to,
    signal,
    earlier: async () => {
      const found = [...(await exportsUnder(bronzeOf(options, lake))), ...(to === undefined ? [] : await exportsBeside(to))]
      return notRolledBack(found, (await lake.status()).loads)
    },
    onStart: listener.exportStarts,
    ...(place.unfinished === undefined ? {} : { unfinished: place.unfinished }),
    ...(place.exportId === undefined ? {} : { exportId: place.exportId }),
  })
  listener.exported(made)
  return made
}

/**
 * The folders of this run. An earlier run may have ended between its export and its load: such an export comes first, for a
 * `--since auto` that follows it would never ask for its data again.
 */
async function foldersToLoad(options: EtlOptions, exported: MadeExport | undefined, lake: Lake): Promise<string[]> {
  if (options.input.kind === 'folder') return [options.input.folder]
  const pending: readonly FoundExport[] = await pendingExports(bronzeOf(options, lake), (await lake.status()).loads)
  const folders = pending.map((found) => found.folder)
  const made = exported === undefined ? [] : [exported.receipt, ...(exported.newMembers?.exports ?? [])]
  return [...new Set([...folders, ...made.map((receipt) => receipt.folder)])]
}

async function loadStep(
  lake: Lake,
  folders: string[],
  { load }: EtlOptions,
  { listener, signal }: EtlContext,
): Promise<LoadReceipt[]> {
  const { increments = [], slices = [] } = Object.groupBy(folders, (folder) => (isOfNewMembers(folder) ? 'slices' : 'increments'))
  const receipts: LoadReceipt[] = []
  for (const [some, vouched] of [
    [increments, {}],
    [slices, { assertComplete: historyOfNewMembers }],
  ] as const) {
    const loaded =
      some.length === 0 ? [] : await lake.load({ ...load, ...vouched, folders: some, signal, onProgress: listener.loading })
    receipts.push(...loaded)
  }
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
