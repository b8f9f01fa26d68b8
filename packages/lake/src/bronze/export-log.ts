import { readFile } from 'node:fs/promises'

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

/** The exports of a log, in the order of their first rows. Undefined for a log that is none. A torn last row is passed over. */
export async function readExportLog(path: string): Promise<LoggedExport[] | undefined> {
  const rows = parseRows(await readFile(path, 'utf8'))
  if (!rows) return undefined
  const byId = Map.groupBy(rows, (row) => (typeof row.exportId === 'string' ? row.exportId : ''))
  return [...byId].map(([exportId, own]) => loggedExport(exportId, own))
}

function parseRows(text: string): Row[] | undefined {
  const lines = text.replace(/^\ufeff/, '').split('\n')
  const rows: Row[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    try {
      const row: unknown = JSON.parse(line)
      if (typeof row !== 'object' || row === null || typeof (row as Row).eventId !== 'string') return undefined
      rows.push(row)
    } catch {
      if (index < lines.length - 1) return undefined
    }
  }
  return rows
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
const timeEvents = ['status_complete', 'manifest_complete', 'status_page_complete', 'export_complete']

function loggedExport(exportId: string, rows: readonly Row[]): LoggedExport {
  const last = (event: string): Detail | undefined => {
    const row = rows.findLast((it) => it.eventId === event)
    return row && detailOf(row)
  }
  const kickoff = last('kickoff')
  const times = timeEvents.map((event) => text(last(event)?.transactionTime))
  const types = new Map<string, string | null>()
  const requested = new Set<string | null>()
  const special = new Set<string>()
  const pending = new Set<string>()
  for (const row of rows) {
    const { fileUrl, itemType, resourceType } = detailOf(row)
    const url = String(fileUrl)
    if (row.eventId === 'download_request') {
      pending.add(url)
      if (itemType === 'deleted' || itemType === 'error') special.add(itemType)
      else {
        types.set(url, text(resourceType))
        requested.add(text(resourceType))
      }
    } else if (row.eventId === 'download_complete') pending.delete(url)
  }
  const pendingTypes = [...pending].map((url) => types.get(url)).filter((it) => typeof it === 'string')
  return {
    exportId,
    exportUrl: text(kickoff?.exportUrl),
    requestParameters: kickoff?.requestParameters,
    transactionTime: times.find((it) => it !== null) ?? null,
    complete: last('export_complete') !== undefined,
    requested: [...requested],
    deleted: special.has('deleted'),
    error: special.has('error'),
    missing: rows.some((it) => it.eventId === 'download_complete') ? [...new Set(pendingTypes)] : [],
  }
}
