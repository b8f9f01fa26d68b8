import { BulkClient, type ExportEvent, type ExportReceipt, type ExportRequest, type TransferOptions } from '@floe/client'
import type { Additions, ExportPlan } from './plan.ts'
import { decideSince, type FoundExport, type SinceAuto } from './since-auto.ts'

export interface RunExport {
  readonly plan: ExportPlan
  /** The export folder. */
  readonly to: string
  /** Earlier exports that `--since auto` may follow. */
  readonly earlier: () => Promise<readonly FoundExport[]>
  /** Called before anything is sent, with the request as it will be made. */
  readonly onStart: (request: ExportRequest, since: SinceAuto | undefined) => (event: ExportEvent) => void
  readonly statusUrl?: string
  readonly exportId?: string
  readonly signal: AbortSignal
}

/** Makes one export, or goes on with the unfinished one of the same request in `to`. */
export async function runExport({ plan, to, earlier, onStart, statusUrl, exportId, signal }: RunExport): Promise<ExportReceipt> {
  const since = plan.sinceAuto ? decideSince(plan.request, plan.client.fhirUrl, await earlier()) : undefined
  const request = since?.since === undefined ? plan.request : { ...plan.request, since: since.since }
  const onEvent = onStart(request, since)
  const client = new BulkClient(plan.client)
  const receipt = await client.export(request, {
    to,
    signal,
    onEvent,
    ...plan.transfer,
    ...(statusUrl === undefined ? {} : { statusUrl }),
    ...(exportId === undefined ? {} : { exportId }),
  })
  await addToExport(client, receipt, { additions: plan.additions, transfer: plan.transfer, signal, onEvent })
  return receipt
}

export interface AddToExport {
  readonly additions: Additions
  /** How often and how many at a time, as for files. */
  readonly transfer: Pick<TransferOptions, 'retries' | 'parallel'>
  readonly signal: AbortSignal
  readonly onEvent: (event: ExportEvent) => void
}

/** Fetches what was asked for beside the manifest's files. Done before means nothing to do: it goes on where it stopped. */
export async function addToExport(
  client: BulkClient,
  { folder, exportId }: ExportReceipt,
  { additions, transfer, signal, onEvent }: AddToExport,
): Promise<void> {
  const { retries, parallel } = transfer
  const again = retries === undefined ? {} : { retries }
  const notice = (message: string): void => {
    onEvent({ exportId, timestamp: new Date().toISOString(), eventId: 'notice', eventDetail: { message } })
  }
  if (additions.attachments) {
    const { inlined, skipped, failed } = await client.attachments(folder, {
      signal,
      ...again,
      ...(parallel === undefined ? {} : { parallel }),
    })
    notice(`attachments: ${inlined} inlined, ${skipped} left as they are, ${failed} not to be had`)
  }
  if (additions.hydrate.length > 0) {
    const { fetched, missing } = await client.hydrate(folder, { tasks: additions.hydrate, signal, ...again })
    const counts = Object.entries(fetched).map(([type, count]) => `${count} ${type}`)
    notice(`hydrated: ${counts.length === 0 ? 'nothing to fetch' : counts.join(', ')}; ${missing} not to be had`)
  }
}

/** The first line about an export: what, from where, which types, since when. */
export function exportTitle(request: ExportRequest, fhirUrl: string, since: SinceAuto | undefined): string {
  const level =
    request.level === 'group' ? `Group/${request.groupId}` : request.level === 'patient' ? 'all patients' : 'the whole system'
  const types =
    request.type === undefined ? 'all types' : request.type.length > 4 ? `${request.type.length} types` : request.type.join(', ')
  const from = request.since === undefined ? '' : ` · since ${String(request.since)}`
  const why = since === undefined ? '' : since.since === undefined ? ` · ${since.reason}` : ` (${since.reason})`
  return `${level} at ${new URL(fhirUrl).host} · ${types}${from}${why}`
}
