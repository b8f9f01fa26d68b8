import { textLines } from './text-lines.ts'

/** One export as a log tells it. */
export interface LoggedExport {
  readonly exportId: string
  readonly exportUrl: string | null
  /** As logged, in whatever form the exporter has. */
  readonly requestParameters: unknown
  readonly transactionTime: string | null
  /** `export_complete` was logged. */
  readonly complete: boolean
  /** Types that were asked for by `download_request`, with `null` for a file of mixed types. */
  readonly requested: readonly (string | null)[]
  /** Whether there was a request for a file of deletions or of outcomes. */
  readonly deleted: boolean
  readonly error: boolean
  /** Types with a file that never arrived; empty for a log that does not tell of arrivals at all. */
  readonly missing: readonly string[]
}

interface Row {
  readonly exportId?: unknown
  readonly eventId?: unknown
  readonly eventDetail?: unknown
}

/**
 * The exports of a log, in the order of their first rows. Undefined for a log that is none. A torn last row is passed over. Rows
 * are not kept: a log tells of each file of an export twice.
 */
export async function readExportLog(path: string): Promise<LoggedExport[] | undefined> {
  const found = new Map<string, LogReader>()
  for await (const line of textLines(path)) {
    const text = line.replace(/^\ufeff/, '')
    if (text.trim() === '') continue
    const row = parseRow(text)
    if (row === undefined && !line.endsWith('\n')) break
    if (typeof row !== 'object' || row === null || typeof row.eventId !== 'string') return undefined
    const exportId = typeof row.exportId === 'string' ? row.exportId : ''
    const reader = found.get(exportId) ?? new LogReader()
    found.set(exportId, reader)
    reader.take(row.eventId, detailOf(row))
  }
  return Array.from(found, ([exportId, reader]) => reader.read(exportId))
}

function parseRow(text: string): Row | null | undefined {
  try {
    return JSON.parse(text) as Row | null
  } catch {
    return undefined
  }
}

/** What is read of an event's detail; all of it may be anything. */
interface Detail {
  readonly exportUrl?: unknown
  readonly requestParameters?: unknown
  readonly transactionTime?: unknown
  readonly fileUrl?: unknown
  readonly itemType?: unknown
  readonly resourceType?: unknown
}

const detailOf = (row: Row): Detail => (typeof row.eventDetail === 'object' && row.eventDetail !== null ? row.eventDetail : {})

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** Where the time of an export is told, best first. */
const timeEvents = ['status_complete', 'manifest_complete', 'status_page_complete', 'export_complete'] as const

/** The rows of one export, one after the other. */
class LogReader {
  #kickoff: Detail | undefined
  readonly #times = new Map<string, string | null>()
  readonly #requested = new Set<string | null>()
  readonly #special = new Set<string>()
  /** Files that have not arrived, with their type; null for one that tells none. */
  readonly #pending = new Map<string, string | null>()
  #arrivals = false

  take(event: string, detail: Detail): void {
    const { fileUrl, itemType, resourceType, transactionTime } = detail
    if (event === 'kickoff') this.#kickoff = detail
    else if (event === 'download_request') {
      const other = itemType === 'deleted' || itemType === 'error'
      if (other) this.#special.add(itemType)
      else this.#requested.add(text(resourceType))
      this.#pending.set(String(fileUrl), other ? null : text(resourceType))
    } else if (event === 'download_complete') {
      this.#arrivals = true
      this.#pending.delete(String(fileUrl))
    } else if ((timeEvents as readonly string[]).includes(event)) this.#times.set(event, text(transactionTime))
  }

  read(exportId: string): LoggedExport {
    const missing = [...this.#pending.values()].filter((it) => it !== null)
    return {
      exportId,
      exportUrl: text(this.#kickoff?.exportUrl),
      requestParameters: this.#kickoff?.requestParameters,
      transactionTime: timeEvents.map((event) => this.#times.get(event) ?? null).find((it) => it !== null) ?? null,
      complete: this.#times.has('export_complete'),
      requested: [...this.#requested],
      deleted: this.#special.has('deleted'),
      error: this.#special.has('error'),
      missing: this.#arrivals ? [...new Set(missing)] : [],
    }
  }
}
