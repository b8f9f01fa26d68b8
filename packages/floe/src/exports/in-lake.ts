import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { ExportRequest } from '@floe/client'
import type { LoadRow } from '@floe/lake'
import type { ExportPlan } from './plan.ts'
import { exportsUnder, type FoundExport } from './since-auto.ts'

/** Requests compared as data: order of keys and absent values do not count; with `--since auto` the time does not either. */
function fingerprint(request: object, withoutSince: boolean): string {
  const told = Object.entries(request)
    .filter(([key, value]) => value !== undefined && key !== 'kickoff' && !(withoutSince && key === 'since'))
    .sort(([a], [b]) => a.localeCompare(b))
  return JSON.stringify(told)
}

/** The newest unfinished export of the same server and request below `bronze`. */
export async function unfinishedExport(bronze: string, plan: ExportPlan): Promise<FoundExport | undefined> {
  const wanted = fingerprint(plan.request, plan.sinceAuto)
  const found = await exportsUnder(bronze)
  return found.find(
    ({ state }) =>
      !['complete', 'gone', 'cancelled'].includes(state.phase) &&
      state.fhirUrl.replace(/\/+$/, '') === plan.client.fhirUrl.replace(/\/+$/, '') &&
      fingerprint(state.request, plan.sinceAuto) === wanted,
  )
}

/** Finished exports below `bronze` that no load of the ledger knows, oldest data first. */
export async function pendingExports(bronze: string, loads: readonly LoadRow[]): Promise<FoundExport[]> {
  const known = new Set(loads.filter((load) => load.status !== 'failed').map((load) => load.export_id))
  const found = await exportsUnder(bronze)
  return found
    .filter(({ state }) => state.phase === 'complete' && !known.has(state.exportId))
    .sort((a, b) => Date.parse(a.state.transactionTime ?? '') - Date.parse(b.state.transactionTime ?? ''))
}

/** Exports without those that were rolled back: an increment after one of them would leave out what it held. */
export function notRolledBack(found: readonly FoundExport[], loads: readonly LoadRow[]): readonly FoundExport[] {
  const live = new Set(loads.filter((load) => load.status !== 'rolled back').map((load) => load.export_id))
  const gone = new Set(loads.filter((load) => load.status === 'rolled back').map((load) => load.export_id))
  return found.filter(({ state }) => live.has(state.exportId) || !gone.has(state.exportId))
}

/** Where an export into the lake goes. */
export interface Place {
  readonly to: string
  readonly exportId: string | undefined
  /** The request of the export that is taken up, with the `_since` that it was begun with. */
  readonly unfinished?: ExportRequest
}

/** The folder of the unfinished export of the same request, or a new one. */
export async function placeInLake(bronze: string, plan: ExportPlan): Promise<Place> {
  const found = await unfinishedExport(bronze, plan)
  if (found !== undefined) return { to: found.folder, exportId: found.state.exportId, unfinished: found.state.request }
  const exportId = randomUUID()
  return { to: join(bronze, exportId), exportId }
}
