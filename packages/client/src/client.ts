import { basename, dirname, resolve } from 'node:path'
import { type AdditionListener, type AttachmentReceipt, attachFolder, hydrate } from './additions/after-export.ts'
import type { AttachmentOptions } from './additions/attachment-source.ts'
import type { HydrateOptions, HydrateReceipt } from './additions/hydrate.ts'
import { type AuthMethod, authFromReference } from './auth/auth.ts'
import { type MembersSince, membersSince } from './crawl/group-members.ts'
import { defaultSettings } from './download/run.ts'
import { type DownloadItemOptions, downloadItem } from './download/single.ts'
import { BulkError } from './errors.ts'
import { runExport } from './export.ts'
import { type AuthReference, readState } from './folder/state.ts'
import { type Connection, connect } from './http/connection.ts'
import { Hosts } from './http/hosts.ts'
import { systemTiming, type Timing } from './http/timing.ts'
import { type CancelResult, cancelFolder, deleteJob } from './job/cancel.ts'
import { kickOff } from './job/kickoff.ts'
import { normalizeRequest } from './job/parameters.ts'
import { askStatus } from './job/status.ts'
import { decodeStatusUrl } from './job/status-url.ts'
import { waitForManifest } from './job/wait.ts'
import { followPublished, type PublishedEvent, type PublishedOptions } from './publish.ts'
import type { ExportSession } from './start.ts'
import {
  BulkSubmission,
  type Cohort,
  cohortScope,
  createCohort,
  type MadeCohort,
  postJson,
  type SubmissionIdentity,
  submitScope,
} from './submission.ts'
import type {
  BulkClientOptions,
  ExportedFile,
  ExportOptions,
  ExportReceipt,
  ExportRequest,
  Job,
  JobStatus,
  ManifestItem,
  OutputManifest,
  ResumeOptions,
} from './types.ts'
import { softwareName, softwareVersion } from './version.ts'

/**
 * A Bulk Data client for one FHIR server.
 *
 * `export` does it all and leaves a folder that `resume` can take up after anything; the other methods are its single steps.
 *
 * @example
 * const client = new BulkClient({ fhirUrl: 'https://ehr.example.org/fhir', auth: smartBackendServices({ clientId, privateKey }) })
 * const receipt = await client.export({ level: 'group', groupId: '42', type: ['Patient'] }, { to: './out' })
 * for await (const patient of receipt.resources('Patient')) console.log(patient.id)
 */
export class BulkClient {
  readonly #options: BulkClientOptions
  readonly #timing: Timing

  constructor(options: BulkClientOptions, timing: Timing = systemTiming) {
    if (!/^https?:\/\/[^/]+/i.test(options.fhirUrl) || !URL.canParse(options.fhirUrl)) {
      throw new BulkError({ code: 'usage', message: 'the FHIR URL must begin with http:// or https://' })
    }
    const url = new URL(options.fhirUrl)
    if (url.username !== '' || url.password !== '' || url.search !== '') {
      throw new BulkError({ code: 'usage', message: 'the FHIR URL is a base address, without user name, password and query' })
    }
    this.#options = { ...options, fhirUrl: url.href.replace(/[/#]+$/, '') }
    this.#timing = timing
  }

  /** The client that an export folder was made with: its server and the *references* of its secrets. What is given overrides. */
  static async fromFolder(folder: string, overrides: Partial<BulkClientOptions> = {}): Promise<BulkClient> {
    const state = await readState(resolve(folder))
    if (state === undefined) throw new BulkError({ code: 'usage', message: `${folder} holds no export of floe` })
    const auth = overrides.auth ?? authFromReference(state.auth)
    return new BulkClient({
      fhirUrl: state.fhirUrl,
      trustOrigins: state.trustOrigins,
      ...(state.caFile === null ? {} : { caFile: state.caFile }),
      ...(state.vendor === undefined ? {} : { vendor: state.vendor }),
      ...overrides,
      ...(auth === undefined ? {} : { auth }),
    })
  }

  /**
   * Exports into a folder: kick-off, polling, verified download, DELETE of the job.
   *
   * In an unfinished folder of the same request it goes on without a second kick-off; a finished one is left as it is.
   * Rejects with BulkError; whatever happened, files under their final names are whole.
   */
  async export(request: ExportRequest, options: ExportOptions): Promise<ExportReceipt> {
    const folder = resolve(options.to)
    const client = await this.#withStored(folder)
    return runExport(client.#session(), { kind: 'export', request, options, folder })
  }

  /** Goes on with the export of a folder; a finished one is left as it is. */
  async resume(folder: string, options: ResumeOptions = {}): Promise<ExportReceipt> {
    return runExport(this.#session(), { kind: 'resume', options, folder: resolve(folder) })
  }

  /** Cancels the job of a folder, or of a status URL: one DELETE. A job that is gone already is no error. */
  async cancel(target: string, options: { signal?: AbortSignal } = {}): Promise<CancelResult> {
    await using connection = this.#connect()
    if (/^https?(:|%3a)/i.test(target)) return await deleteJob(connection, decodeStatusUrl(target), options.signal)
    return await cancelFolder({ connection, folder: resolve(target), signal: options.signal, client: this.#name() })
  }

  /** Asks the server for an export and gives its job. */
  async kickOff(request: ExportRequest, options: { signal?: AbortSignal } = {}): Promise<Job> {
    const asked = normalizeRequest(request)
    await using connection = this.#connect(asked.type === undefined ? {} : { types: asked.type })
    const { retryMaxTimeMs, pollMaxMs } = defaultSettings
    const { signal } = options
    const { statusUrl } = await kickOff({ connection, request: asked, signal, retryMaxTimeMs, pollMaxMs })
    if (statusUrl !== null) return { statusUrl, kickedOffAt: new Date(this.#timing.now()).toISOString() }
    throw new BulkError({
      code: 'kickoff-refused',
      message: 'the server answered the kick-off with a manifest at once and made no job',
      hint: 'Use export(), which takes that too.',
    })
  }

  /** Looks at a job once. A failed job rejects; an answer that only says "later" is reported as in progress. */
  async status(job: Job | string, options: { signal?: AbortSignal } = {}): Promise<JobStatus> {
    await using connection = this.#connect()
    const answer = await askStatus(connection, decodeStatusUrl(typeof job === 'string' ? job : job.statusUrl), options.signal)
    switch (answer.kind) {
      case 'complete':
        return { state: 'complete', manifest: answer.page.manifest, expires: answer.expires }
      case 'progress': {
        const { xProgress, retryAfterMs, partial } = answer
        return { state: 'in-progress', xProgress, retryAfterMs, partial: partial?.manifest ?? null }
      }
      case 'later':
        return { state: 'in-progress', xProgress: null, retryAfterMs: answer.retryAfterMs, partial: null }
      case 'failed':
        throw answer.error
    }
  }

  /** Waits for a job and gives all pages of its manifest. */
  async manifest(job: Job | string, options: ResumeOptions = {}): Promise<OutputManifest[]> {
    await using connection = this.#connect(idleOf(options))
    return await waitForManifest(connection, decodeStatusUrl(typeof job === 'string' ? job : job.statusUrl), options)
  }

  /** Downloads one item of a manifest to a path, with the same care as `export`: verified, durable, tried again. */
  async download(item: ManifestItem, options: DownloadItemOptions): Promise<ExportedFile> {
    await using connection = this.#connect(idleOf(options))
    const path = resolve(options.to)
    return await downloadItem({ connection, item, options, folder: dirname(path), name: basename(path) })
  }

  /**
   * Brings in the notes (DocumentReference, DiagnosticReport) that a finished folder links to: into their lines, or as files
   * below `attachments/`. What does not come stays a link and is reported in `error/`. A second run goes on where the first
   * stopped.
   */
  async attachments(folder: string, options: AttachmentOptions & AdditionListener = {}): Promise<AttachmentReceipt> {
    await using connection = this.#connect()
    return await attachFolder({ connection, folder: resolve(folder), options, client: this.#name() })
  }

  /** Fetches what a finished folder refers to and does not hold: medications, practitioners, … */
  async hydrate(folder: string, options: HydrateOptions & AdditionListener): Promise<HydrateReceipt> {
    await using connection = this.#connect()
    return await hydrate({ connection, folder: resolve(folder), options, client: this.#name() })
  }

  /**
   * Who is in a Group now, and who came since an earlier export that kept its members (`keepMembers`).
   *
   * `_since` brings nothing of the history of new members: export them apart, with `patient: added` and without `since`.
   */
  async membersSince(groupId: string, earlier: string, options: { signal?: AbortSignal } = {}): Promise<MembersSince> {
    await using connection = this.#connect()
    const { retries, pollMaxMs } = defaultSettings
    const hosts = new Hosts(this.#timing)
    return await membersSince(connection, groupId, resolve(earlier), { hosts, retries, pollMaxMs, signal: options.signal })
  }

  /**
   * Follows a data set that a server publishes (`$bulk-publish` of the v4 ballot): its pages in order, then what is new. It does
   * not end by itself; leave the loop, or abort. Files are taken with `download`.
   */
  async *published(url: string, options: PublishedOptions = {}): AsyncGenerator<PublishedEvent> {
    await using connection = this.#connect()
    yield* followPublished(connection, url, options)
  }

  /** A submission of files that the server is to fetch (`$bulk-submit` of the v4 ballot). Its methods reject with BulkError. */
  submission(identity: SubmissionIdentity, { signal }: { signal?: AbortSignal } = {}): BulkSubmission {
    return new BulkSubmission(identity, async (path, body, headers = {}) => {
      await using connection = this.#connect({ scope: submitScope })
      return await postJson({ connection, path, body, headers, signal })
    })
  }

  /**
   * Makes a Group whose members are found by searches, for `groupId` of later exports. Rejects with `auth` where the client may
   * not.
   */
  async createCohort(cohort: Cohort, { signal }: { signal?: AbortSignal } = {}): Promise<MadeCohort> {
    await using connection = this.#connect({ scope: cohortScope })
    return await createCohort(connection, cohort, signal)
  }

  /** In an unfinished folder of the same server, what was not given again is what was given first. */
  async #withStored(folder: string): Promise<BulkClient> {
    const state = await readState(folder).catch(() => undefined)
    if (state === undefined || state.phase === 'complete' || state.fhirUrl !== this.#options.fhirUrl) return this
    const auth = this.#options.auth ?? (hasSecret(state.auth) ? authFromReference(state.auth) : undefined)
    const caFile = this.#options.caFile ?? state.caFile ?? undefined
    const vendor = this.#options.vendor ?? state.vendor
    const options = {
      ...this.#options,
      ...(vendor === undefined ? {} : { vendor }),
      trustOrigins: this.#options.trustOrigins ?? state.trustOrigins,
      ...(auth === undefined ? {} : { auth }),
      ...(caFile === undefined ? {} : { caFile }),
    }
    return new BulkClient(options, this.#timing)
  }

  #session(): ExportSession {
    const { auth, trustOrigins = [], caFile, fhirUrl, vendor } = this.#options
    return {
      fhirUrl,
      auth,
      trustOrigins,
      caFile,
      vendor: vendor === 'auto' ? undefined : vendor,
      timing: this.#timing,
      client: this.#name(),
      connect: (options) => this.#connect(options),
    }
  }

  #name(): { name: string; version: string } {
    return { name: this.#options.softwareName ?? softwareName, version: this.#options.softwareVersion ?? softwareVersion }
  }

  #connect({
    idleTimeoutMs = defaultSettings.idleTimeoutMs,
    types,
    scope,
    onTokenRefresh,
  }: Partial<Parameters<ExportSession['connect']>[0]> & { scope?: string } = {}): Connection {
    const { fhirUrl, auth, trustOrigins = [], caFile, vendor } = this.#options
    const { name, version } = this.#name()
    return connect({
      fhirUrl,
      auth: auth satisfies AuthMethod | undefined,
      trustOrigins,
      caFile,
      userAgent: `${name.replace(/^@/, '').replace('/', '-')}/${version}`,
      timing: this.#timing,
      idleTimeoutMs,
      types,
      scope,
      vendor,
      onTokenRefresh,
    })
  }
}

function idleOf({ idleTimeoutMs }: { idleTimeoutMs?: number }): { idleTimeoutMs?: number } {
  return idleTimeoutMs === undefined ? {} : { idleTimeoutMs }
}

function hasSecret(reference: AuthReference): boolean {
  return reference.kind !== 'none' && !Object.values(reference).includes(null)
}
