import type { AuthMethod, Authorization } from './auth.ts'
import { deleteJob } from './cancel.ts'
import type { Connection } from './connection.ts'
import { BulkError } from './errors.ts'
import type { EventDetails } from './events.ts'
import type { ExportState } from './folder/state.ts'
import { Journal, recoverFiles } from './journal.ts'
import { kickOff } from './kickoff.ts'
import { parseManifest } from './manifest.ts'
import { checkOptions, decide, needsKickoff, newExportId, openFolder, removeLeftovers, storedOptions } from './open-export.ts'
import { readOutcomes } from './outcomes.ts'
import { exportUrl, normalizeRequest } from './parameters.ts'
import { durationOf, makeReceipt, totalsOf } from './receipt.ts'
import { defaultSettings, Run, type Settings } from './run.ts'
import { type ManifestPage, safeHeaders } from './status.ts'
import { decodeStatusUrl } from './status-url.ts'
import type { Timing } from './timing.ts'
import type { ExportOptions, ExportReceipt, ExportRequest, ResumeOptions } from './types.ts'

/** What an export takes from its client. */
export interface ExportSession {
  fhirUrl: string
  auth: AuthMethod | undefined
  trustOrigins: readonly string[]
  caFile: string | undefined
  timing: Timing
  client: { name: string; version: string }
  connect(idleTimeoutMs: number, onTokenRefresh?: (authorization: Authorization) => void): Connection
}

export type ExportTask =
  | { kind: 'export'; request: ExportRequest; options: ExportOptions; folder: string }
  | { kind: 'resume'; options: ResumeOptions; folder: string }

/** The whole of an export, in order: folder, kick-off, job and files, outcomes, DELETE. */
export async function runExport(session: ExportSession, task: ExportTask): Promise<ExportReceipt> {
  const { options, folder } = task
  try {
    checkOptions(options)
    await using open = await openFolder(folder, { create: task.kind === 'export' })
    const { state, fresh } = startingState(session, task, open)
    if (state.phase === 'complete') return await finishedReceipt(session, folder, state)
    await using journal = await Journal.open({
      folder,
      state,
      callbacks: options,
      timing: session.timing,
      client: session.client,
    })
    return await new Export(session, task, journal).run(fresh)
  } catch (cause) {
    const error = withHint(cause, folder)
    options.onError?.(error)
    throw error
  }
}

/** The state to go on with, and whether it starts with a kick-off. */
function startingState(
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
    },
  }
}

/** Options given again override those kept; the compression of files that have names already stays. */
function updated(session: ExportSession, state: ExportState, options: ResumeOptions): ExportState {
  const compress = state.files.length === 0 ? (options.compress ?? state.compress) : state.compress
  const auth = session.auth?.reference ?? state.auth
  const { trustOrigins } = session
  const caFile = session.caFile ?? null
  return { ...state, compress, auth, trustOrigins, caFile, options: { ...state.options, ...storedOptions(options) } }
}

async function finishedReceipt(session: ExportSession, folder: string, state: ExportState): Promise<ExportReceipt> {
  await using connection = session.connect(defaultSettings.idleTimeoutMs)
  const { outcomes } = await readOutcomes(folder, state.files, connection.redactor)
  return makeReceipt({ folder, state, outcomes, notices: [], unchanged: true })
}

/** One run of an export over an open journal. */
class Export {
  readonly #session: ExportSession
  readonly #task: ExportTask
  readonly #journal: Journal
  readonly #settings: Settings
  readonly #notices: string[] = []

  constructor(session: ExportSession, task: ExportTask, journal: Journal) {
    this.#session = session
    this.#task = task
    this.#journal = journal
    this.#settings = { ...defaultSettings, ...journal.state.options, compress: journal.state.compress }
  }

  async run(fresh: boolean): Promise<ExportReceipt> {
    const journal = this.#journal
    const { signal } = this.#task.options
    await using connection = this.#session.connect(this.#settings.idleTimeoutMs, ({ expiresAt, scope }) => {
      const expiresInMs = expiresAt === null ? null : expiresAt - this.#session.timing.now()
      void journal.emit('token_refresh', { expiresInMs, scope })
    })
    try {
      connection.redactor.add(journal.state.job?.statusUrl)
      addJobSegment(connection, journal.state.job?.statusUrl)
      const first = fresh ? await this.#kickOff(connection) : await this.#takeUp()
      const onNotice = (message: string): void => this.#notice(message)
      await new Run({ connection, journal, settings: this.#settings, signal, first, onNotice }).finish()
      return await this.#complete(connection)
    } catch (cause) {
      const error = isWriteError(cause) ? writeFailure(cause) : asBulkError(cause)
      if (error.code === 'server-failed' && !error.retryable) await journal.save({ phase: 'gone' }).catch(() => {})
      await journal.emit('export_incomplete', { code: error.code, message: error.message }).catch(() => {})
      throw error
    }
  }

  /** Sends the kick-off, or starts from the job that the caller named. Returns the manifest of a server that answered with it at once. */
  async #kickOff(connection: Connection): Promise<ManifestPage | undefined> {
    const journal = this.#journal
    const { signal } = this.#task.options
    const { request, fhirUrl, job } = journal.state
    // The state comes first: a refused kick-off leaves a folder that says what was asked. What an earlier one left goes.
    await removeLeftovers(journal.folder)
    await journal.save()
    if (job !== null) {
      const detail = { ...(await this.#software(connection)), ...kickoffRow(exportUrl(fhirUrl, request), {}) }
      await journal.emit('kickoff', detail)
      await journal.save({ phase: 'in-progress' })
      return undefined
    }
    const answer = await kickOff({
      connection,
      request,
      signal,
      retryMaxTimeMs: this.#settings.retryMaxTimeMs,
      pollMaxMs: this.#settings.pollMaxMs,
      onWait: (message, delayMs) => this.#notice(`${message}; asking again in ${Math.round(delayMs / 1000)} s`),
      onRefused: ({ request: { url, logged }, status, headers, text }) => {
        const row = { ...kickoffRow(url, logged), errorCode: status, errorBody: text, responseHeaders: safeHeaders(headers) }
        void journal.emit('kickoff', { ...noSoftware, ...row })
      },
    })
    const kickedOffAt = new Date(this.#session.timing.now()).toISOString()
    const row = { ...kickoffRow(answer.request.url, answer.request.logged), responseHeaders: safeHeaders(answer.headers) }
    const detail: EventDetails['kickoff'] = { ...(await this.#software(connection)), ...row }
    addJobSegment(connection, answer.statusUrl)
    // From here on the job exists: its address is kept before anything else, the log's row with it until it is written.
    const newJob = answer.statusUrl === null ? null : { statusUrl: answer.statusUrl, kickedOffAt, deleted: false }
    await journal.save({ job: newJob, phase: 'in-progress', pendingKickoff: { ...detail } })
    await journal.emit('kickoff', detail)
    await journal.save({ pendingKickoff: null })
    return answer.manifest === null
      ? undefined
      : { manifest: parseManifest(answer.manifest, `${fhirUrl}/`), text: answer.manifest }
  }

  /** Goes on where an earlier run stopped: files are compared with the disk, an unwritten log row is written. */
  async #takeUp(): Promise<undefined> {
    const journal = this.#journal
    const { pendingKickoff } = journal.state
    if (pendingKickoff !== null) await journal.emit('kickoff', pendingKickoff as unknown as EventDetails['kickoff'])
    const files = await recoverFiles(journal.folder, journal.state)
    await journal.save({ files, pendingKickoff: null, phase: files.length > 0 ? 'downloading' : 'in-progress' })
  }

  async #software(connection: Connection): Promise<Software> {
    const known = await connection.discovery.capabilities(this.#task.options.signal).catch(() => noSoftware)
    const { softwareName, softwareVersion, softwareReleaseDate, fhirVersion } = known
    return { softwareName, softwareVersion, softwareReleaseDate, fhirVersion }
  }

  /** Everything has landed: outcomes are read, the result is made durable, and only then the server's job is released. */
  async #complete(connection: Connection): Promise<ExportReceipt> {
    const journal = this.#journal
    const { state } = journal
    const { outcomes, failed } = await readOutcomes(journal.folder, state.files, connection.redactor)
    const mismatch = state.files.some(({ count, done }) => count !== null && done !== null && count !== done.lines)
    const finishedAt = new Date(this.#session.timing.now()).toISOString()
    const exitCode = failed || mismatch ? 7 : 0
    const complete: ExportState = { ...state, phase: 'complete', finishedAt, exitCode }
    await journal.emit('export_complete', { ...totalsOf(complete), attachments: null, duration: durationOf(complete) })
    await journal.save(complete)
    if (exitCode === 0 && !this.#settings.keepJob) await this.#release(connection)
    const receipt = makeReceipt({
      folder: journal.folder,
      state: journal.state,
      outcomes,
      notices: this.#notices,
      unchanged: false,
    })
    this.#task.options.onComplete?.(receipt)
    return receipt
  }

  /** One DELETE. The data is safe by now: a server that refuses gets a notice, not a failed export. */
  async #release(connection: Connection): Promise<void> {
    const journal = this.#journal
    const { job } = journal.state
    if (job === null || job.deleted) return
    try {
      const { status } = await deleteJob(connection, job.statusUrl, this.#task.options.signal)
      await journal.emit('job_deleted', { code: status })
      await journal.save({ job: { ...job, deleted: true } })
    } catch (cause) {
      this.#notice(`the job could not be deleted at the server: ${asBulkError(cause).message}`)
    }
  }

  #notice(message: string): void {
    this.#notices.push(message)
    void this.#journal.emit('notice', { message })
  }
}

/** Errors of the file system once a job exists: what is there stays, and the export can go on. */
function isWriteError(cause: unknown): cause is NodeJS.ErrnoException {
  const { code, syscall } = (cause ?? {}) as { code?: unknown; syscall?: unknown }
  return !(cause instanceof BulkError) && typeof code === 'string' && typeof syscall === 'string'
}

function writeFailure(cause: NodeJS.ErrnoException): BulkError {
  const message = cause.code === 'ENOSPC' ? 'no space is left on the disk' : `the export folder cannot be written (${cause.code})`
  return new BulkError({ code: 'download-failed', message, retryable: true, cause })
}

type Software = Pick<EventDetails['kickoff'], 'softwareName' | 'softwareVersion' | 'softwareReleaseDate' | 'fhirVersion'>

const noSoftware: Software = { softwareName: null, softwareVersion: null, softwareReleaseDate: null, fhirVersion: null }

function kickoffRow(url: string, logged: Record<string, string>): Omit<EventDetails['kickoff'], keyof Software> {
  return { exportUrl: url, requestParameters: logged, errorCode: null, errorBody: null, responseHeaders: {}, logVersion: '2' }
}

/** The job's id in a status URL is the capability: file URLs of many servers hold it too, and those enter the log. */
function addJobSegment({ redactor }: Connection, statusUrl: string | null | undefined): void {
  if (!statusUrl) return
  const url = new URL(statusUrl)
  const parts = [url.pathname.split('/').at(-1) ?? '', ...url.searchParams.values()]
  for (const part of parts.filter((text) => /\d/.test(text) && !text.startsWith('$'))) redactor.add(part)
}

function asBulkError(cause: unknown): BulkError {
  if (cause instanceof BulkError) return cause
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown }
  const text = typeof code === 'string' ? `${code}` : typeof message === 'string' ? message : 'unknown'
  return new BulkError({ code: 'failed', message: `the export failed (${text})`, cause })
}

const resumable: readonly string[] = ['download-failed', 'wait-exceeded', 'interrupted', 'auth', 'failed']

/** Where going on is possible the hint names the command. */
function withHint(cause: unknown, folder: string): BulkError {
  const error = asBulkError(cause)
  if (!resumable.includes(error.code) && !(error.code === 'server-failed' && error.retryable)) return error
  // A failure that knows better what to do (a folder that cannot be written) has nothing to resume.
  if (error.code === 'failed' && error.hint !== undefined) return error
  const { code, message, retryable, status } = error
  const hint = [error.hint, `Go on with: floe resume ${folder}`].filter((part) => part !== undefined).join(' ')
  return new BulkError({ code, message, retryable, status, cause: error.cause ?? error, hint })
}
