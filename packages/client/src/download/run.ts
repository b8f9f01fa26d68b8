import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BulkError, throwIfAborted } from '../errors.ts'
import { syncFolder } from '../folder/durable.ts'
import type { Journal } from '../folder/journal.ts'
import type { FileState } from '../folder/state.ts'
import type { Connection } from '../http/connection.ts'
import { Hosts, RateLimit } from '../http/hosts.ts'
import { Slots } from '../http/slots.ts'
import { unusable } from '../job/manifest.ts'
import { followPages, type PagesOptions, refreshPages, savedPages } from '../job/pages.ts'
import type { ManifestPage } from '../job/status.ts'
import { safeHeaders } from '../job/status.ts'
import type { OutputManifest, TransferOptions } from '../types.ts'
import { DiskSpace } from './disk-space.ts'
import { type DownloadContext, DownloadFailure, downloadFile, type FileSource } from './download.ts'
import { planPage } from './plan.ts'

/** The settings of a run with every default filled in. */
export type Settings = Required<Omit<TransferOptions, 'rateLimit'>> & { rateLimit: number | undefined }

export const defaultSettings: Settings = {
  compress: 'none',
  parallel: 5,
  retries: 8,
  retryMaxTimeMs: 3_600_000,
  idleTimeoutMs: 120_000,
  pollMaxMs: 300_000,
  waitMaxMs: 30 * 86_400_000,
  keepJob: false,
  allowCountMismatch: false,
  rateLimit: undefined,
  minFreeBytes: 64 << 20,
  noRange: false,
}

export interface RunOptions {
  connection: Connection
  journal: Journal
  settings: Settings
  signal: AbortSignal | undefined
  /** A manifest that came with the kick-off itself. */
  first?: ManifestPage | undefined
  onNotice: (message: string) => void
}

/** From a job to a folder that holds all its files: polls, and downloads each page's files while later pages are awaited. */
export class Run {
  readonly #options: RunOptions
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #slots: Slots
  readonly #sources = new Map<string, FileSource>()
  readonly #started = new Set<string>()
  readonly #downloads: Promise<void>[] = []
  readonly #failures: DownloadFailure[] = []
  readonly #space: DiskSpace
  readonly #context: DownloadContext
  #fatal: unknown
  #refreshing: Promise<boolean> | undefined

  constructor(options: RunOptions) {
    this.#options = options
    this.#signal = options.signal === undefined ? this.#stop.signal : AbortSignal.any([options.signal, this.#stop.signal])
    this.#slots = new Slots(options.settings.parallel)
    const { journal, settings, connection } = options
    this.#space = new DiskSpace({ folder: journal.folder, reserve: settings.minFreeBytes, timing: connection.timing })
    this.#context = this.#makeContext()
  }

  /**
   * Resolves when every file of every page is on disk and verified; rejects with what stopped it, after what could be landed has
   * landed.
   */
  async finish(): Promise<void> {
    const { journal, connection, signal } = this.#options
    let polling: unknown
    try {
      const saved = await savedPages(journal, connection.fhirUrl)
      if (saved === undefined) await followPages(this.#pagesOptions())
      else for (const [page, manifest] of saved.entries()) await this.#takePage(page, manifest)
    } catch (cause) {
      polling = cause
      if (signal?.aborted || isFatal(cause)) this.#stop.abort()
    }
    await Promise.all(this.#downloads)
    for (const subfolder of ['.', 'deleted', 'error']) await syncFolder(join(journal.folder, subfolder))
    await journal.save()
    throwIfAborted(signal)
    if (this.#fatal !== undefined) throw this.#fatal
    if (polling !== undefined) throw polling
    if (this.#failures.length > 0) throw downloadsFailed(this.#failures, journal.state.files.length)
    const dropped = journal.state.files.filter(({ done }) => done === null).length
    if (dropped > 0) throw unusable(`it no longer names ${dropped} of the files that it named before`)
  }

  #pagesOptions(): PagesOptions {
    const { connection, journal, settings, first } = this.#options
    const { pollMaxMs, waitMaxMs, retryMaxTimeMs } = settings
    return {
      connection,
      journal,
      statusUrl: journal.state.job?.statusUrl ?? '',
      signal: this.#signal,
      pollMaxMs,
      waitMaxMs,
      retryMaxTimeMs,
      first,
      onPage: (page, manifest) => this.#takePage(page, manifest),
    }
  }

  /** Names what is new on the page, durably and before any of it is fetched, then queues what is missing. */
  async #takePage(page: number, manifest: OutputManifest): Promise<void> {
    const { journal } = this.#options
    const { files, added, recounted, sources } = planPage({
      known: journal.state.files,
      page,
      manifest,
      compress: journal.state.compress,
    })
    for (const [key, source] of sources) this.#sources.set(key, source)
    // The file itself, not a copy: the download that is under way compares with it.
    for (const [file, count] of recounted) file.count = count
    if (added.length > 0) {
      for (const subfolder of ['deleted', 'error'] as const) {
        if (added.some(({ itemType }) => itemType === subfolder)) {
          await mkdir(join(journal.folder, subfolder), { recursive: true, mode: 0o700 })
        }
      }
      await journal.save({ files, phase: 'downloading' })
      if (added.some(({ type }) => type === 'Unknown')) {
        this.#options.onNotice('the manifest names types that cannot be file names: such files are stored as Unknown.NNN.ndjson')
      }
    }
    for (const file of journal.state.files) {
      if (file.done !== null || this.#started.has(file.key) || !this.#sources.has(file.key)) continue
      this.#started.add(file.key)
      this.#downloads.push(this.#slots.run(() => this.#download(file)))
    }
  }

  /** Never rejects: what goes wrong is kept for `finish`, and what is fatal stops the rest. */
  async #download(file: FileState): Promise<void> {
    const { journal, connection } = this.#options
    if (this.#signal.aborted) return
    try {
      const { url } = this.#context.source(file)
      const fileUrl = connection.redactor.fileUrl(url)
      await journal.emit('download_request', { fileUrl, itemType: file.itemType, resourceType: file.type, path: file.path })
      const { done, countMismatch } = await downloadFile(this.#context, file)
      if (countMismatch)
        this.#options.onNotice(
          `${file.path} has ${done.lines} resources, the manifest says ${file.count}; kept${file.itemType === 'error' ? '' : ' as asked'}`,
        )
      await journal.fileDone(file, done)
    } catch (cause) {
      // Stopped because something else failed: that failure is the one to report.
      if (cause instanceof BulkError && cause.code === 'interrupted') return
      const { url } = this.#context.source(file)
      if (cause instanceof DownloadFailure) this.#failures.push(cause)
      else {
        this.#fatal ??= cause
        this.#stop.abort()
      }
      const message = cause instanceof Error ? cause.message : 'failed'
      await journal
        .emit('download_error', {
          fileUrl: connection.redactor.fileUrl(url),
          body: null,
          code: cause instanceof DownloadFailure ? cause.status : null,
          message,
          responseHeaders: cause instanceof DownloadFailure ? safeHeaders(cause.headers) : {},
          path: file.path,
        })
        .catch(() => {})
    }
  }

  #makeContext(): DownloadContext {
    const { connection, journal, settings, onNotice } = this.#options
    const { retries, retryMaxTimeMs, pollMaxMs, allowCountMismatch, noRange, rateLimit } = settings
    return {
      connection,
      hosts: new Hosts(connection.timing, pollMaxMs),
      rateLimit: rateLimit === undefined ? undefined : new RateLimit(rateLimit, connection.timing),
      folder: journal.folder,
      compress: journal.state.compress,
      retries,
      retryMaxTimeMs,
      pollMaxMs,
      allowCountMismatch,
      noRange,
      signal: this.#signal,
      source: (file) => this.#sources.get(file.key) ?? { url: '', token: false },
      refreshSources: (file, usedUrl, reason) => this.#refresh(file, usedUrl, reason),
      ensureSpace: (bytes) => this.#space.ensure(bytes),
      emit: {
        progress: (detail) => void journal.emit('download_progress', detail),
        retry: (detail) => void journal.emit('download_retry', detail),
        resume: (detail) => void journal.emit('download_resume', detail),
        notice: onNotice,
        complete: (detail) => journal.emit('download_complete', detail),
      },
    }
  }

  /** One re-read of the manifest serves all files whose links have ended. */
  async #refresh(file: FileState, usedUrl: string, reason: string): Promise<boolean> {
    if (this.#context.source(file).url !== usedUrl) return true
    if (!this.#options.journal.state.job?.statusUrl) return false
    this.#refreshing ??= this.#readAgain(reason).finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #readAgain(reason: string): Promise<boolean> {
    void this.#options.journal.emit('manifest_refresh', { reason })
    return refreshPages(this.#pagesOptions())
  }
}

function isFatal(cause: unknown): boolean {
  return !(cause instanceof BulkError) || cause.code === 'interrupted' || cause.code === 'auth'
}

function downloadsFailed(failures: readonly DownloadFailure[], total: number): BulkError {
  const [first] = failures
  return new BulkError({
    code: 'download-failed',
    message: `${failures.length} of ${total} files could not be downloaded. ${first?.message ?? ''}`,
    retryable: true,
    cause: first,
  })
}
