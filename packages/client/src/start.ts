import type { AuthMethod, Authorization } from './auth/auth.ts'
import { BulkError } from './errors.ts'
import { decide, needsKickoff, newExportId, storedOptions } from './folder/open-export.ts'
import type { ExportState, StoredRequest } from './folder/state.ts'
import type { Connection } from './http/connection.ts'
import type { Timing } from './http/timing.ts'
import type { VendorId } from './http/vendors.ts'
import { normalizeRequest, sameRequest } from './job/parameters.ts'
import { decodeStatusUrl } from './job/status-url.ts'
import type { ExportOptions, ExportRequest, ResumeOptions } from './types.ts'

/** What an export takes from its client. */
export interface ExportSession {
  fhirUrl: string
  auth: AuthMethod | undefined
  trustOrigins: readonly string[]
  caFile: string | undefined
  vendor: VendorId | undefined
  timing: Timing
  client: { name: string; version: string }
  connect(options: {
    idleTimeoutMs: number
    types?: readonly string[]
    onTokenRefresh?: (authorization: Authorization) => void
  }): Connection
}

export type ExportTask =
  | { kind: 'export'; request: ExportRequest; options: ExportOptions; folder: string }
  | { kind: 'resume'; options: ResumeOptions; folder: string }

/** The state to go on with, and whether it starts with a kick-off. */
export function startingState(
  session: ExportSession,
  task: ExportTask,
  { state, occupied }: { state: ExportState | undefined; occupied: boolean },
): { state: ExportState; fresh: boolean } {
  const { folder, options } = task
  if (task.kind === 'resume') {
    if (state === undefined) throw new BulkError({ code: 'usage', message: `${folder} holds no export of floe` })
    if (state.phase === 'cancelled')
      throw new BulkError({ code: 'usage', message: `the export in ${folder} was cancelled`, hint: 'Start a new one.' })
    const kept = updated(session, state, options)
    if (state.phase === 'complete' || !needsKickoff(state)) return { state: kept, fresh: false }
    // One export id for each kick-off: the refused one keeps its own in the log.
    const now = session.timing.now()
    return { state: { ...kept, exportId: newExportId(now), startedAt: new Date(now).toISOString() }, fresh: true }
  }
  const request = normalizeRequest(task.request)
  const statusUrl = task.options.statusUrl === undefined ? undefined : decodeStatusUrl(task.options.statusUrl)
  const decision = decide({ state, occupied, fhirUrl: session.fhirUrl, request, statusUrl, folder })
  if (decision !== 'fresh' && state !== undefined) return { state: updated(session, state, options), fresh: false }
  const now = new Date(session.timing.now()).toISOString()
  return {
    fresh: true,
    state: {
      format: 1,
      exportId: task.options.exportId ?? newExportId(session.timing.now()),
      phase: 'kickoff',
      fhirUrl: session.fhirUrl,
      request,
      auth: session.auth?.reference ?? { kind: 'none' },
      trustOrigins: session.trustOrigins,
      caFile: session.caFile ?? null,
      ...vendorOf(session),
      ...additionsOf(options),
      compress: options.compress ?? 'none',
      options: storedOptions(options),
      startedAt: now,
      finishedAt: null,
      job: statusUrl === undefined ? null : { statusUrl, kickedOffAt: now, deleted: false },
      pendingKickoff: null,
      transactionTime: null,
      pages: 0,
      manifestComplete: false,
      files: [],
      exitCode: null,
      // A kick-off of this folder that may have come through, whose answer nobody kept.
      ...lostKickoffOf(session, state, request),
    },
  }
}

/** Options given again override those kept; the compression of files that have names already stays. */
function updated(session: ExportSession, state: ExportState, options: ResumeOptions): ExportState {
  const compress = state.files.length === 0 ? (options.compress ?? state.compress) : state.compress
  const auth = session.auth?.reference ?? state.auth
  const { trustOrigins } = session
  const caFile = session.caFile ?? null
  const kept = { ...state.options, ...storedOptions(options) }
  return { ...state, compress, auth, trustOrigins, caFile, ...vendorOf(session), ...additionsOf(options), options: kept }
}

function lostKickoffOf(
  { fhirUrl }: ExportSession,
  state: ExportState | undefined,
  request: StoredRequest,
): Pick<ExportState, 'kickoffSentAt'> {
  const same = state !== undefined && state.fhirUrl === fhirUrl && sameRequest(state.request, request)
  return same && typeof state.kickoffSentAt === 'string' ? { kickoffSentAt: state.kickoffSentAt } : {}
}

function additionsOf({ additions }: ResumeOptions): Pick<ExportState, 'additions'> {
  return additions === undefined ? {} : { additions }
}

function vendorOf({ vendor }: ExportSession): Pick<ExportState, 'vendor'> {
  return vendor === undefined ? {} : { vendor }
}
