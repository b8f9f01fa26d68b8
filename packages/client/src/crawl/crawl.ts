import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunOptions, Settings } from '../download/run.ts'
import { openSink, type Sink } from '../download/sink.ts'
import { BulkError, throwIfAborted } from '../errors.ts'
import { syncFolder, writeFileAtomic } from '../folder/durable.ts'
import type { Journal } from '../folder/journal.ts'
import { FileNamer, partSuffix } from '../folder/names.ts'
import { keepOutcomes } from '../folder/outcomes.ts'
import type { FileState } from '../folder/state.ts'
import { Slots } from '../http/slots.ts'
import { CrawlSource } from './crawl-source.ts'

/** Patients of one file of each type: what an interruption costs at most, for each slot. */
const unitPatients = 500

/** The patients in order, kept for the next run: a Group may change between the two. Hidden: it is not data to load. */
const patientsFile = '.crawl-patients'

/** An export by FHIR search: for each 500 patients and each type one file, landed and recorded like a downloaded one. */
export class Crawl {
  readonly #options: Omit<RunOptions, 'first'>
  readonly #journal: Journal
  readonly #settings: Settings
  readonly #source: CrawlSource
  readonly #stop = new AbortController()
  /** Two units that name a file of outcomes at the same time would name the same one. */
  readonly #naming = new Slots(1)
  readonly #signal: AbortSignal
  readonly #failures: BulkError[] = []
  #fatal: unknown

  constructor(options: Omit<RunOptions, 'first'>) {
    this.#options = options
    this.#journal = options.journal
    this.#settings = options.settings
    this.#signal = options.signal === undefined ? this.#stop.signal : AbortSignal.any([options.signal, this.#stop.signal])
    const { request } = options.journal.state
    const { retries, pollMaxMs } = options.settings
    this.#source = new CrawlSource({ connection: options.connection, request, retries, pollMaxMs, signal: this.#signal })
  }

  /** Resolves when every file is there; rejects with what stopped it. */
  async finish(): Promise<void> {
    const patients = await this.#plan()
    const slots = new Slots(this.#settings.parallel)
    const open = this.#journal.state.files.filter(({ done }) => done === null)
    await Promise.all(open.map((file) => slots.run(() => this.#produce(file, patients))))
    for (const subfolder of ['.', 'error']) await syncFolder(join(this.#journal.folder, subfolder))
    await this.#journal.save()
    throwIfAborted(this.#options.signal)
    if (this.#fatal !== undefined) throw this.#fatal
    const [first] = this.#failures
    if (first === undefined) return
    const message = `${this.#failures.length} of ${this.#journal.state.files.length} files could not be made. ${first.message}`
    throw new BulkError({ code: 'download-failed', message, retryable: true, cause: first })
  }

  /** Who and what, decided once and kept: the patients, the time, the names of all files. */
  async #plan(): Promise<readonly string[]> {
    const journal = this.#journal
    const path = join(journal.folder, patientsFile)
    if (journal.state.manifestComplete) return (await readFile(path, 'utf8')).split('\n').filter((id) => id !== '')
    const { patients, time, unknown } = await this.#source.patients()
    if (unknown > 0) {
      const text = `Patient: ${unknown} of ${journal.state.request.identifier?.length ?? 0} identifiers belong to no patient that the server shows`
      const issue = [{ severity: 'error', code: 'not-found', diagnostics: text }]
      await this.#keepOutcomes('patients', [JSON.stringify({ resourceType: 'OperationOutcome', issue })])
    }
    await writeFileAtomic(path, `${patients.join('\n')}\n`)
    const transactionTime = time ?? journal.state.startedAt
    const namer = new FileNamer()
    const units = Math.max(1, Math.ceil(patients.length / unitPatients))
    const types = journal.state.request.type ?? []
    const files = Array.from({ length: units }, (_, unit) => unit).flatMap((unit) =>
      types.map((type): FileState => {
        const name = namer.name('output', type, journal.state.compress)
        return { key: `crawl/${type}/${unit}`, source: '', itemType: 'output', type, path: name, count: null, done: null }
      }),
    )
    const counts = { outputFileCount: files.length, deletedFileCount: 0, errorFileCount: 0 }
    await journal.emit('status_page_complete', { transactionTime, ...counts })
    await journal.emit('status_complete', { transactionTime })
    await journal.emit('manifest_complete', {
      transactionTime,
      totalOutputFileCount: files.length,
      totalDeletedFileCount: 0,
      totalErrorFileCount: 0,
      totalManifests: 0,
    })
    // What was said about the patients is there already.
    const known = journal.state.files.filter(({ itemType }) => itemType === 'error')
    await journal.save({ transactionTime, files: [...files, ...known], manifestComplete: true, phase: 'downloading' })
    return patients
  }

  /** Never rejects: one file's failure leaves the others, a fatal one stops them. */
  async #produce(file: FileState, patients: readonly string[]): Promise<void> {
    if (this.#signal.aborted) return
    const { folder } = this.#journal
    const part = `${join(folder, file.path)}${partSuffix}`
    let sink: Sink | undefined
    try {
      sink = await openSink({ path: part, coding: 'identity', compress: this.#journal.state.compress })
      await this.#fill(sink, file, patients)
      sink = undefined
    } catch (cause) {
      await sink?.abandon()
      if (cause instanceof BulkError && cause.code === 'interrupted') return
      if (cause instanceof BulkError && cause.code === 'download-failed') this.#failures.push(cause)
      else {
        this.#fatal ??= cause
        this.#stop.abort()
      }
    }
  }

  async #fill(sink: Sink, file: FileState, patients: readonly string[]): Promise<void> {
    const journal = this.#journal
    const { timing } = this.#options.connection
    const started = timing.now()
    const fileUrl = this.#source.address(file.type)
    const unit = Number(file.key.split('/').at(-1))
    const ids = patients.slice(unit * unitPatients, (unit + 1) * unitPatients)
    await journal.emit('download_request', { fileUrl, itemType: 'output', resourceType: file.type, path: file.path })
    const outcomes: string[] = []
    const seen = new Set<string>()
    for await (const { line, id, outcome } of this.#source.resources(file.type, ids)) {
      if (outcome) outcomes.push(line)
      else if (!seen.has(id)) {
        // Several filters of a type may find the same resource.
        if (id !== '') seen.add(id)
        await sink.write(Buffer.from(`${line}\n`))
      }
    }
    const done = await sink.finish()
    await this.#keepOutcomes(file.key, outcomes)
    await journal.emit('download_complete', {
      fileUrl,
      fileSize: done.contentBytes,
      resourceCount: done.lines,
      path: file.path,
      bytes: done.bytes,
      wireBytes: done.contentBytes,
      sha256: done.sha256,
      contentSha256: done.contentSha256,
      contentEncoding: null,
      lines: done.lines,
      count: null,
      attempts: 1,
      durationMs: timing.now() - started,
    })
    await rename(`${join(journal.folder, file.path)}${partSuffix}`, join(journal.folder, file.path))
    await journal.fileDone(file, done)
  }

  /** What the server said about a unit lands before the unit counts as done, under a name that a second try takes again. */
  async #keepOutcomes(key: string, outcomes: readonly string[]): Promise<void> {
    if (outcomes.length === 0) return
    await this.#naming.run(() => keepOutcomes(this.#journal, `error/${key}`, outcomes))
  }
}
