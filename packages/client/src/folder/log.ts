import { writeSync } from 'node:fs'
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

/**
 * The rows of `FOLDER/log.ndjson`, in order; empty where there is no log. A row that is not JSON is an error that names its line.
 */
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

  /**
   * Resolves when the row has reached the file; rejects when it could not be written, which does not stop later rows.
   *
   * Written in the caller's turn: with 20,000 files the thread pool would be asked 40,000 times for what takes 10 µs.
   */
  async append(event: ExportEvent): Promise<void> {
    if (unlogged.has(event.eventId)) return
    const row = Buffer.from(`${JSON.stringify({ ...event, ...this.#client })}\n`)
    for (let from = 0; from < row.length; ) from += writeSync(this.#file.fd, row, from)
  }

  /** Makes all rows durable. */
  async close(): Promise<void> {
    await this.#file.sync()
    await this.#file.close()
  }
}
