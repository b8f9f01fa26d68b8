import { Crawl } from './crawl/crawl.ts'
import { defaultSettings, Run, type Settings } from './download/run.ts'
import type { EventDetails } from './events.ts'
import { asBulkError, isWriteError, withHint, writeFailure } from './export-errors.ts'
import { Journal, recoverFiles } from './folder/journal.ts'
import { checkOptions, openFolder, removeLeftovers } from './folder/open-export.ts'
import { readOutcomes } from './folder/outcomes.ts'
import { durationOf, makeReceipt, totalsOf } from './folder/receipt.ts'
import type { ExportState } from './folder/state.ts'
import type { Connection } from './http/connection.ts'
import { deleteJob } from './job/cancel.ts'
import { kickOff } from './job/kickoff.ts'
import { unlistedFilters } from './job/kickoff-parameters.ts'
import { parseManifest } from './job/manifest.ts'
import { kickoffRequest } from './job/parameters.ts'
import { type ManifestPage, safeHeaders } from './job/status.ts'
import { type ExportSession, type ExportTask, startingState } from './start.ts'
import type { ExportReceipt } from './types.ts'

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

async function finishedReceipt(session: ExportSession, folder: string, state: ExportState): Promise<ExportReceipt> {
  await using connection = session.connect({ idleTimeoutMs: defaultSettings.idleTimeoutMs })
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
    await using connection = this.#session.connect({
      idleTimeoutMs: this.#settings.idleTimeoutMs,
      types: journal.state.request.type ?? [],
      onTokenRefresh: ({ expiresAt, scope }) => {
        const expiresInMs = expiresAt === null ? null : expiresAt - this.#session.timing.now()
        void journal.emit('token_refresh', { expiresInMs, scope })
      },
    })
    try {
      connection.redactor.add(journal.state.job?.statusUrl)
      addJobSegment(connection, journal.state.job?.statusUrl)
      const first = fresh ? await this.#kickOff(connection) : await this.#takeUp()
      const onNotice = (message: string): void => this.#notice(message)
      const options = { connection, journal, settings: this.#settings, signal, onNotice }
      if (journal.state.request.mode === 'crawl') await new Crawl(options).finish()
      else await new Run({ ...options, first }).finish()
      return await this.#complete(connection)
    } catch (cause) {
      const error = isWriteError(cause) ? writeFailure(cause) : asBulkError(cause)
      if (error.code === 'server-failed' && !error.retryable) await journal.save({ phase: 'gone' }).catch(() => {})
      await journal.emit('export_incomplete', { code: error.code, message: error.message }).catch(() => {})
      throw error
    }
  }

  /**
   * Sends the kick-off, or starts from the job that the caller named. Returns the manifest of a server that answered with it at
   * once.
   */
  async #kickOff(connection: Connection): Promise<ManifestPage | undefined> {
    const journal = this.#journal
    const { signal } = this.#task.options
    const { request, fhirUrl, job } = journal.state
    // The state comes first: a refused kick-off leaves a folder that says what was asked. What an earlier one left goes.
    await removeLeftovers(journal.folder)
    const lost = job === null ? (journal.state.kickoffSentAt ?? null) : null
    await journal.save()
    if (isInTheClear(fhirUrl)) this.#notice('the FHIR URL is http: credentials and data travel unencrypted')
    if (job !== null || request.mode === 'crawl') {
      const { url, logged } = kickoffRequest(fhirUrl, request)
      const detail = { ...(await this.#software(connection)), ...kickoffRow(url, logged) }
      await journal.emit('kickoff', detail)
      await journal.save({ phase: 'in-progress' })
      return undefined
    }
    if (lost !== null) this.#notice(lostKickoff(lost))
    if (request.typeFilter !== undefined) {
      const known = await connection.discovery.capabilities(signal).catch(() => undefined)
      for (const text of known === undefined ? [] : unlistedFilters(request, known)) this.#notice(text)
    }
    const answer = await kickOff({
      connection,
      request,
      signal,
      takeRunning: lost !== null,
      // Written ahead: a run that ends between the sending and the keeping of the answer leaves a trace.
      beforeSend: () => journal.save({ kickoffSentAt: new Date(this.#session.timing.now()).toISOString() }),
      onDropped: (names) => this.#notice(`the server does not take ${names.join(', ')}: asked again without (lenient)`),
      onNoJob: () => journal.save({ kickoffSentAt: null }),
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
    addJobSegment(connection, answer.statusUrl)
    // From here on the job exists: its address is kept before anything else, the log's row with it until it is written.
    const newJob = answer.statusUrl === null ? null : { statusUrl: answer.statusUrl, kickedOffAt, deleted: false }
    await journal.save({ job: newJob, phase: 'in-progress', kickoffSentAt: null, pendingKickoff: { ...noSoftware, ...row } })
    await journal.emit('kickoff', { ...(await this.#software(connection)), ...row })
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
      const why = asBulkError(cause).message
      this.#notice(`the job could not be deleted at the server: ${why}; floe cancel ${journal.folder} asks again`)
    }
  }

  #notice(message: string): void {
    this.#notices.push(message)
    void this.#journal.emit('notice', { message })
  }
}

/** There is no request of the specification that lists jobs: what can be done is to say so, and to take what the server tells. */
function lostKickoff(sentAt: string): string {
  return (
    `a kick-off was sent at ${sentAt} and its answer was not kept: the server may have a job of it that floe cannot name. ` +
    'The kick-off is sent again; a server that allows one job only answers with that job, or "busy" until it ends'
  )
}

/** Bulk Data asks for TLS on every exchange; a server on this machine may do without. */
function isInTheClear(fhirUrl: string): boolean {
  const { protocol, hostname } = new URL(fhirUrl)
  return protocol === 'http:' && !/^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
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
