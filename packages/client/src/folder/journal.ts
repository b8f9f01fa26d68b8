import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventDetails, EventId, ExportCallbacks, ExportEvent } from '../events.ts'
import type { Timing } from '../http/timing.ts'
import { ExportLog, readExportLog } from './log.ts'
import { partSuffix } from './names.ts'
import { type ExportState, type FileDone, type FileState, writeState } from './state.ts'

/**
 * The state is written this often at most while files complete, and for a twentieth of the time: with 20,000 files each write
 * is megabytes. The log has what is between.
 */
const saveEveryMs = 2000
const saveShare = 20

export interface JournalOptions {
  folder: string
  state: ExportState
  callbacks: ExportCallbacks
  timing: Timing
  client: { name: string; version: string }
}

/** The memory of one run: the state in hand, its file, the log, and the listeners. */
export class Journal implements AsyncDisposable {
  readonly folder: string
  state: ExportState
  readonly #options: JournalOptions
  readonly #log: ExportLog
  #saving: Promise<void> = Promise.resolve()
  #nextSave = 0
  #failure: unknown

  private constructor(options: JournalOptions, log: ExportLog) {
    this.#options = options
    this.#log = log
    this.folder = options.folder
    this.state = options.state
  }

  static async open(options: JournalOptions): Promise<Journal> {
    const log = await ExportLog.open(options.folder, options.client)
    return new Journal(options, log)
  }

  /** Tells the listeners and the log. Resolves when the row is in the log; a row that cannot be written fails the next save. */
  emit<Id extends EventId>(eventId: Id, eventDetail: EventDetails[Id]): Promise<void> {
    const timestamp = new Date(this.#options.timing.now()).toISOString()
    const event = { exportId: this.state.exportId, timestamp, eventId, eventDetail } as unknown as ExportEvent
    notify(this.#options.callbacks, event)
    const written = this.#log.append(event)
    written.catch((cause: unknown) => {
      this.#failure ??= cause
    })
    return written
  }

  /** Changes the state and makes the change durable. */
  async save(change: Partial<ExportState> = {}): Promise<void> {
    this.state = { ...this.state, ...change }
    const { timing } = this.#options
    const started = timing.now()
    this.#nextSave = Number.POSITIVE_INFINITY
    // A write that failed does not stop the next: space may have come free.
    this.#saving = this.#saving.catch(() => {}).then(() => writeState(this.folder, this.state))
    await this.#saving
    this.#nextSave = timing.now() + Math.max(saveEveryMs, (timing.now() - started) * saveShare)
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Records a file that the log already holds as complete. */
  async fileDone(file: FileState, done: FileDone): Promise<void> {
    file.done = done
    if (this.#options.timing.now() >= this.#nextSave) await this.save()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#saving.catch(() => {})
    await this.#log.close().catch(() => {})
  }
}

function notify(callbacks: ExportCallbacks, event: ExportEvent): void {
  callbacks.onEvent?.(event)
  switch (event.eventId) {
    case 'kickoff':
      callbacks.onKickoff?.(event.eventDetail)
      break
    case 'status_progress':
      callbacks.onStatusChecked?.(event.eventDetail)
      break
    case 'status_page_complete':
      callbacks.onManifest?.(event.eventDetail)
      break
    case 'download_request':
      callbacks.onFileStart?.(event.eventDetail)
      break
    case 'download_progress':
      callbacks.onFileProgress?.(event.eventDetail)
      break
    case 'download_complete':
      callbacks.onFileComplete?.(event.eventDetail)
      break
    case 'download_retry':
      callbacks.onRetry?.(event.eventDetail)
      break
  }
}

/**
 * The files of a state as they are on disk: completions that only the log knows are taken over, an interrupted rename is made
 * up for, and files that are missing or of another size are to be fetched again.
 */
export async function recoverFiles(folder: string, state: ExportState): Promise<FileState[]> {
  const logged = new Map<string, FileDone>()
  for (const { exportId, eventId, eventDetail } of await readExportLog(folder).catch(() => [])) {
    const done = eventId === 'download_complete' && exportId === state.exportId ? doneOf(eventDetail) : undefined
    if (done !== undefined) logged.set(String(eventDetail.path), done)
  }
  return Promise.all(
    state.files.map(async (file) => {
      const done = file.done ?? logged.get(file.path) ?? null
      return { ...file, done: done !== null && (await isOnDisk(join(folder, file.path), done)) ? done : null }
    }),
  )
}

async function isOnDisk(path: string, { bytes, sha256 }: FileDone): Promise<boolean> {
  const size = await sizeOf(path)
  if (size !== undefined) return size === bytes
  // The crash came between the log's record and the rename: the part file is whole and was synced before the record.
  const part = `${path}${partSuffix}`
  if ((await sizeOf(part)) !== bytes || (await sha256Of(part)) !== sha256) return false
  await rename(part, path)
  return true
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch {
    return undefined
  }
}

function doneOf(detail: Record<string, unknown>): FileDone | undefined {
  const { bytes, lines, sha256, fileSize, contentSha256 } = detail
  if (typeof bytes !== 'number' || typeof lines !== 'number' || typeof sha256 !== 'string' || typeof fileSize !== 'number')
    return undefined
  return { bytes, lines, sha256, contentBytes: fileSize, contentSha256: typeof contentSha256 === 'string' ? contentSha256 : null }
}
