import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WrittenFile } from './writer.ts'

/** What an export says about itself. */
export interface ExportRecord {
  readonly folder: string
  readonly exportId: string
  readonly transactionTime: string
  readonly baseUrl: string
  readonly groupId: string
  readonly files: readonly WrittenFile[]
  /** Parameters of the kick-off, `_since` among them for a second export. */
  readonly parameters: Readonly<Record<string, string>>
}

const isDeleted = ({ type }: WrittenFile): boolean => type.startsWith('deleted/')

const typeOf = ({ type }: WrittenFile): string => type.replace(/^.*\//, '')

function fileUrl({ baseUrl, exportId }: ExportRecord, { path }: WrittenFile): string {
  return `${new URL(baseUrl).origin}/bulk/${exportId}/${path.replace(/\.(gz|zst)$/, '')}`
}

function exportUrl({ baseUrl, groupId, parameters }: ExportRecord): string {
  const query = new URLSearchParams(parameters).toString()
  return `${baseUrl}/Group/${groupId}/$export${query === '' ? '' : `?${query}`}`
}

function manifestOf(record: ExportRecord): object {
  const entry = (file: WrittenFile): object => ({ type: typeOf(file), url: fileUrl(record, file), count: file.lines })
  return {
    transactionTime: record.transactionTime,
    request: exportUrl(record),
    requiresAccessToken: true,
    output: record.files.filter((file) => !isDeleted(file)).map(entry),
    deleted: record.files.filter(isDeleted).map(entry),
    error: [],
  }
}

/** The events of an export that ran without incident, in the vocabulary of the Bulk Data Export Log, version 2. */
function eventsOf(record: ExportRecord): object[] {
  const { transactionTime, files, exportId } = record
  let clock = Date.parse(transactionTime) - 1873
  const event = (eventId: string, eventDetail: object, after: number): object => {
    clock += after
    return { exportId, timestamp: new Date(clock).toISOString(), eventId, eventDetail }
  }
  const deleted = files.filter(isDeleted).length
  const kickoff = {
    exportUrl: exportUrl(record),
    softwareName: 'floe synthetic EHR',
    softwareVersion: '1.0.0',
    softwareReleaseDate: '2026-10-01',
    fhirVersion: '4.0.1',
    requestParameters: record.parameters,
    errorCode: null,
    errorBody: null,
    responseHeaders: {},
    logVersion: '2',
  }
  const events = [
    event('kickoff', kickoff, 0),
    event('status_progress', { body: null, xProgress: '40%', retryAfter: '30' }, 4100),
    event(
      'status_page_complete',
      { transactionTime, outputFileCount: files.length - deleted, deletedFileCount: deleted, errorFileCount: 0 },
      30_200,
    ),
    event('status_complete', { transactionTime }, 0),
    event(
      'manifest_complete',
      {
        transactionTime,
        totalOutputFileCount: files.length - deleted,
        totalDeletedFileCount: deleted,
        totalErrorFileCount: 0,
        totalManifests: 1,
      },
      0,
    ),
  ]
  for (const file of files) {
    const url = fileUrl(record, file)
    events.push(
      event(
        'download_request',
        { fileUrl: url, itemType: isDeleted(file) ? 'deleted' : 'output', resourceType: typeOf(file) },
        3,
      ),
    )
    events.push(event('download_complete', { fileUrl: url, resourceCount: file.lines, fileSize: file.bytes }, 20))
  }
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  events.push(
    event(
      'export_complete',
      { files: files.length, resources: lines, bytes, attachments: null, duration: clock - Date.parse(transactionTime) + 1873 },
      0,
    ),
  )
  return events
}

/** Lines per type; Bundles of deletions count under `deleted/Bundle`. */
export function countsOf(files: readonly WrittenFile[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { type, lines } of files) counts[type] = (counts[type] ?? 0) + lines
  return counts
}

const owned = { mode: 0o600, flag: 'wx' } as const

/** Writes `manifest.json`, `counts.json` and, last, `log.ndjson`: with it the folder is a finished export. */
export async function writeExportLog(record: ExportRecord): Promise<void> {
  const { folder } = record
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifestOf(record), null, 2)}\n`, owned)
  await writeFile(join(folder, 'counts.json'), `${JSON.stringify(countsOf(record.files), null, 2)}\n`, owned)
  await writeFile(
    join(folder, 'log.ndjson'),
    `${eventsOf(record)
      .map((event) => JSON.stringify(event))
      .join('\n')}\n`,
    owned,
  )
}
