import {
  type AttachmentReceipt,
  BulkClient,
  type ExportEvent,
  type ExportOptions,
  type ExportReceipt,
  type ExportRequest,
  type HydrateReceipt,
  type TransferOptions,
} from '@floe/client'
import type { ExportState } from '@floe/client/export-folder'
import { counted } from '../cli/ui/format.ts'
import { exportNewMembers, isWhole, type MembersOptions, type NewMembers, rememberMembers } from './new-members.ts'
import type { Additions, ExportPlan } from './plan.ts'
import { decideSince, exportsBeside, type FoundExport, type SinceAuto } from './since-auto.ts'

export interface RunExport {
  readonly plan: ExportPlan
  /** The export folder. */
  readonly to: string
  /** The request of an unfinished export in `to`, with the `_since` that it was begun with. */
  readonly unfinished?: ExportRequest
  /** Earlier exports that `--since auto` may follow. */
  readonly earlier: () => Promise<readonly FoundExport[]>
  /** Called before anything is sent, with the request as it will be made; once more for new members of a Group. */
  readonly onStart: (request: ExportRequest, since: SinceAuto | undefined, folder: string) => (event: ExportEvent) => void
  readonly statusUrl?: string
  readonly exportId?: string
  readonly signal: AbortSignal
}

export interface MadeExport {
  readonly receipt: ExportReceipt
  /** Absent where `--since auto` made no increment of a Group. */
  readonly newMembers?: NewMembers
  /** 7 also where new members are known and their history was refused. */
  readonly exitCode: 0 | 7
}

/** Makes one export, or goes on with the unfinished one of the same request in `to`; then that of new members of the Group. */
export async function runExport(options: RunExport): Promise<MadeExport> {
  const { plan, to, unfinished, onStart, statusUrl, exportId, signal } = options
  const candidates = plan.sinceAuto ? (await options.earlier()).filter(({ folder }) => folder !== to) : []
  const since =
    plan.sinceAuto && unfinished === undefined ? decideSince(plan.request, plan.client.fhirUrl, candidates) : undefined
  const request = unfinished ?? (since?.since === undefined ? plan.request : { ...plan.request, since: since.since })
  const members = { plan, request, to, candidates, signal }
  const ids = { ...(statusUrl === undefined ? {} : { statusUrl }), ...(exportId === undefined ? {} : { exportId }) }
  const onEvent = onStart(request, since, to)
  if (plan.sinceAuto) await rememberMembers(members)
  const receipt = await exportInto(plan, { request, to, signal, onEvent, ...ids })
  if (!plan.sinceAuto) return { receipt, exitCode: receipt.exitCode }
  return await withNewMembers(members, receipt, (slice, folder) => onStart(slice, undefined, folder))
}

export interface ResumeExport {
  /** Client, transfer and additions as they are to be from now on; `sinceAuto`: new members of the Group get their history. */
  readonly plan: ExportPlan
  readonly state: ExportState
  readonly folder: string
  readonly onStart: (request: ExportRequest) => (event: ExportEvent) => void
  readonly signal: AbortSignal
}

/** Goes on with the export of a folder, then with all that its command had to do after it. */
export async function resumeExport({ plan, state, folder, onStart, signal }: ResumeExport): Promise<MadeExport> {
  const client = new BulkClient(plan.client)
  const onEvent = onStart(state.request)
  const { additions, transfer } = plan
  const stored = { ...additions, ...(plan.sinceAuto ? { newMembers: true } : {}) }
  const resumed = await client.resume(folder, { ...transfer, additions: stored, signal, onEvent })
  const receipt = await addToExport(client, resumed, { additions, transfer, signal, onEvent })
  if (!plan.sinceAuto) return { receipt, exitCode: receipt.exitCode }
  const candidates = (await exportsBeside(folder)).filter((found) => found.folder !== folder)
  return await withNewMembers({ plan, request: state.request, to: folder, candidates, signal }, receipt, onStart)
}

async function withNewMembers(
  members: MembersOptions,
  receipt: ExportReceipt,
  onStart: (request: ExportRequest, folder: string) => (event: ExportEvent) => void,
): Promise<MadeExport> {
  const { plan, signal } = members
  const newMembers = await exportNewMembers(members, receipt, (slice, folder, id) =>
    exportInto(plan, { request: slice, to: folder, signal, onEvent: onStart(slice, folder), exportId: id }),
  )
  if (newMembers === undefined) return { receipt, exitCode: receipt.exitCode }
  return { receipt, newMembers, exitCode: isWhole(newMembers) ? receipt.exitCode : 7 }
}

interface ExportInto extends ExportOptions {
  readonly request: ExportRequest
  readonly signal: AbortSignal
  readonly onEvent: (event: ExportEvent) => void
}

async function exportInto(plan: ExportPlan, { request, ...options }: ExportInto): Promise<ExportReceipt> {
  const client = new BulkClient(plan.client)
  const newMembers = plan.sinceAuto && request.groupId !== undefined && request.since !== undefined
  const additions = { ...plan.additions, ...(newMembers ? { newMembers } : {}) }
  const receipt = await client.export(request, { ...options, ...plan.transfer, additions })
  const { signal, onEvent } = options
  return await addToExport(client, receipt, { additions: plan.additions, transfer: plan.transfer, signal, onEvent })
}

/** An export and what was added to it. */
export interface WithAdditions extends ExportReceipt {
  readonly attachments?: AttachmentReceipt
  readonly hydrated?: HydrateReceipt
}

export interface AddToExport {
  readonly additions: Additions
  /** How often and how many at a time, as for files. */
  readonly transfer: Pick<TransferOptions, 'retries' | 'parallel'>
  readonly signal: AbortSignal
  readonly onEvent: (event: ExportEvent) => void
}

/**
 * Fetches what was asked for beside the manifest's files. Done before means nothing to do: it goes on where it stopped.
 * An attachment that does not come makes exit code 7 of this run, not of the folder: the export itself is whole.
 */
async function addToExport(
  client: BulkClient,
  receipt: ExportReceipt,
  { additions, transfer, signal, onEvent }: AddToExport,
): Promise<WithAdditions> {
  const { folder, exportId } = receipt
  const { retries, parallel } = transfer
  const again = { signal, onEvent, ...(retries === undefined ? {} : { retries }) }
  const notice = (message: string): void => {
    onEvent({ exportId, timestamp: new Date().toISOString(), eventId: 'notice', eventDetail: { message } })
  }
  let added: WithAdditions = receipt
  if (additions.attachments !== undefined) {
    const width = parallel === undefined ? {} : { parallel }
    const attachments = await client.attachments(folder, { ...additions.attachments, ...again, ...width })
    const { mode, fetched, skipped, failed } = attachments
    const how = mode === 'inline' ? 'inlined' : 'saved below attachments/'
    notice(`attachments: ${fetched} ${how}, ${skipped} left as they are, ${failed} not to be had`)
    added = { ...added, attachments, exitCode: failed > 0 ? 7 : added.exitCode }
  }
  if (additions.hydrate.length > 0) {
    const hydrated = await client.hydrate(folder, { tasks: additions.hydrate, ...again })
    const { fetched, missing } = hydrated
    const counts = Object.entries(fetched).map(([type, count]) => `${count} ${type}`)
    notice(`hydrated: ${counts.length === 0 ? 'nothing to fetch' : counts.join(', ')}; ${missing} not to be had`)
    added = { ...added, hydrated }
  }
  return added
}

/** The first line about an export: what, from where, which types, since when. */
export function exportTitle(request: ExportRequest, fhirUrl: string, since: SinceAuto | undefined): string {
  const level =
    request.level === 'group' ? `Group/${request.groupId}` : request.level === 'patient' ? 'all patients' : 'the whole system'
  const types =
    request.type === undefined ? 'all types' : request.type.length > 4 ? `${request.type.length} types` : request.type.join(', ')
  const from = request.since === undefined ? '' : ` · since ${String(request.since)}`
  const why = since === undefined ? '' : since.since === undefined ? ` · ${since.reason}` : ` (${since.reason})`
  const whose = request.patient === undefined ? '' : ` · ${counted(request.patient.length, 'patient')}`
  return `${level} at ${new URL(fhirUrl).host}${whose} · ${types}${from}${why}`
}
