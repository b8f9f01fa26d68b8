import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportEvent } from '../events.ts'
import { folderNames } from './names.ts'

/** One row of an export log, ours or another client's: only the first four keys may be relied on. */
export interface ExportLogEntry {
  exportId: string
  timestamp: string
  eventId: string
  eventDetail: Record<string, unknown>
  [key: string]: unknown
}

/** The rows of `FOLDER/log.ndjson`, in order; empty where there is no log. A row that is not JSON is an error that names its line. */
export async function readExportLog(folder: string): Promise<ExportLogEntry[]> {
  let text: string
  try {
    text = await readFile(join(folder, folderNames.log), 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cause
  }
  return text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => {
      try {
        return JSON.parse(line) as ExportLogEntry
      } catch (cause) {
        throw new SyntaxError(`log.ndjson line ${number} is not JSON`, { cause })
      }
    })
}

/** Events that are drawn, not kept: they would swell the log of a three-week job. */
const unlogged: ReadonlySet<ExportEvent['eventId']> = new Set(['download_progress', 'addition_progress', 'notice'])

/** Appends events to `log.ndjson`, one write for each, in the order of the calls. */
export class ExportLog {
  readonly #file: FileHandle
  readonly #client: { _client: string; _clientVersion: string }
  #tail: Promise<void> = Promise.resolve()

  private constructor(file: FileHandle, client: { _client: string; _clientVersion: string }) {
    this.#file = file
    this.#client = client
  }

  /** Opens the log for appending; a last row that a crash cut short is removed. */
  static async open(folder: string, client: { name: string; version: string }): Promise<ExportLog> {
    const path = join(folder, folderNames.log)
    const file = await open(path, 'a+', 0o600)
    const text = await file.readFile()
    const whole = text.lastIndexOf(10) + 1
    if (whole < text.length) await file.truncate(whole)
    return new ExportLog(file, { _client: client.name, _clientVersion: client.version })
  }

  /** Resolves when the row has reached the file; rejects when it could not be written. */
  append(event: ExportEvent): Promise<void> {
    if (unlogged.has(event.eventId)) return this.#tail
    const row = `${JSON.stringify({ ...event, ...this.#client })}\n`
    const written = this.#tail.then(async () => {
      await this.#file.appendFile(row)
    })
    // A failed write must not stop later rows; its caller sees the rejection.
    this.#tail = written.catch(() => {})
    return written
  }

  /** Waits for all rows, then makes them durable. */
  async close(): Promise<void> {
    await this.#tail
    await this.#file.sync()
    await this.#file.close()
  }
}
