import type { BulkError } from './errors.ts'
import type { ExportReceipt, ItemType } from './types.ts'

/** Detail of each event by its `eventId`; the names of the Bulk Data export log v2, floe's additions after them. */
export interface EventDetails {
  kickoff: {
    exportUrl: string
    softwareName: string | null
    softwareVersion: string | null
    softwareReleaseDate: string | null
    fhirVersion: string | null
    requestParameters: Record<string, string>
    errorCode: number | null
    errorBody: string | null
    responseHeaders: Record<string, string>
    logVersion: '2'
  }
  status_progress: {
    body: null
    xProgress: string | null
    retryAfter: string | null
    /** Milliseconds until the next status request. */
    nextPollMs: number
    polls: number
    /** Since the kick-off. */
    elapsedMs: number
  }
  status_error: {
    body: string | null
    code: number | null
    message: string
    responseHeaders: Record<string, string>
    /** Milliseconds until it is tried again; null when it was final. */
    nextPollMs: number | null
  }
  status_page_complete: { transactionTime: string; outputFileCount: number; deletedFileCount: number; errorFileCount: number }
  status_complete: { transactionTime: string }
  manifest_complete: {
    transactionTime: string
    totalOutputFileCount: number
    totalDeletedFileCount: number
    totalErrorFileCount: number
    totalManifests: number
  }
  download_request: { fileUrl: string; itemType: ItemType; resourceType: string; path: string }
  download_complete: {
    fileUrl: string
    /** Bytes of the content once decompressed. */
    fileSize: number
    resourceCount: number
    path: string
    /** Bytes on disk. */
    bytes: number
    wireBytes: number
    sha256: string
    contentSha256: string | null
    contentEncoding: string | null
    lines: number
    count: number | null
    attempts: number
    durationMs: number
  }
  download_error: {
    fileUrl: string
    body: string | null
    code: number | null
    message: string
    responseHeaders: Record<string, string>
    path: string
    /** Absent: one of the export's own files. */
    itemType?: 'attachment'
  }
  export_complete: { files: number; resources: number; bytes: number; attachments: number | null; duration: number }
  /** Not final: the file is tried again after `delayMs`. */
  download_retry: { path: string; attempt: number; code: number | null; message: string; delayMs: number }
  /** A broken transfer went on by Range at `offset` bytes. */
  download_resume: { path: string; offset: number }
  /** At most four a second for a file; never in the log. `totalBytes` is of the transfer and null when unknown. */
  download_progress: {
    path: string
    itemType: ItemType
    resourceType: string
    bytes: number
    totalBytes: number | null
    lines: number
  }
  /** After `export_complete`: what the resources of the folder link to. At most four a second; never in the log. */
  addition_progress: {
    addition: 'attachments'
    /** Lines gone through, and of how many. */
    done: number
    total: number
    fetched: number
    skipped: number
    failed: number
  }
  /** `duration` in milliseconds, here and in the next one. */
  attachments_complete: { mode: 'inline' | 'files'; fetched: number; skipped: number; failed: number; duration: number }
  /** Resources fetched by type; `missing`: references whose target the server does not have or show. */
  hydrate_complete: { fetched: Record<string, number>; missing: number; duration: number }
  token_refresh: { expiresInMs: number | null; scope: string | null }
  manifest_refresh: { reason: string }
  job_deleted: { code: number | null }
  /** The run ended without exit code 0 or 7; the folder can be resumed unless `code` says otherwise. */
  export_incomplete: { code: string; message: string }
  notice: { message: string }
}

/** Names of events: those of the Bulk Data export log v2, and floe's. */
export type EventId = keyof EventDetails

/** One thing that happened, as it stands in log.ndjson and in `--json` output. */
export type ExportEvent = {
  [Id in EventId]: { exportId: string; timestamp: string; eventId: Id; eventDetail: EventDetails[Id] }
}[EventId]

/** Optional listeners; each is called synchronously and must not throw. `onEvent` sees everything the others see. */
export interface ExportCallbacks {
  onEvent?: (event: ExportEvent) => void
  onKickoff?: (detail: EventDetails['kickoff']) => void
  onStatusChecked?: (detail: EventDetails['status_progress']) => void
  onManifest?: (detail: EventDetails['status_page_complete']) => void
  onFileStart?: (detail: EventDetails['download_request']) => void
  onFileProgress?: (detail: EventDetails['download_progress']) => void
  onFileComplete?: (detail: EventDetails['download_complete']) => void
  onRetry?: (detail: EventDetails['download_retry']) => void
  onComplete?: (receipt: ExportReceipt) => void
  onError?: (error: BulkError) => void
}
