import type { AuthMethod } from './auth/auth.ts'
import type { ExportCallbacks, ExportEvent } from './events.ts'
import type { StoredAdditions } from './folder/state.ts'
import type { VendorId } from './http/vendors.ts'

/** Whose data: `/$export`, `/Patient/$export`, `/Group/ID/$export`. */
export type ExportLevel = 'system' | 'patient' | 'group'

/** What is asked of the server: the kick-off request as data. Names are those of the Bulk Data IG without the underscore. */
export interface ExportRequest {
  level: ExportLevel
  /**
   * `crawl`: FHIR searches instead of `$export`, for servers without it; needs `type`. Patients are those of `patient`, of the
   * Group, or all. The folder is the same. Default `bulk`.
   */
  mode?: 'bulk' | 'crawl'
  /** Logical id of the Group; needed with level `group`, refused otherwise. */
  groupId?: string
  type?: readonly string[]
  typeFilter?: readonly string[]
  /** FHIR instant (seconds and zone); a `Date` and a plain date (taken as midnight UTC) are completed. */
  since?: string | Date
  until?: string | Date
  elements?: readonly string[]
  includeAssociatedData?: readonly string[]
  /** Patient ids, with or without `Patient/`; sent by POST only and never logged. */
  patient?: readonly string[]
  /** Patients by identifier, `SYSTEM|VALUE`, for a crawl: looked up first, never logged. */
  identifier?: readonly string[]
  outputFormat?: string
  organizeOutputBy?: string
  allowPartialManifests?: boolean
  /** Any other parameter, in order, as given. */
  parameters?: readonly (readonly [name: string, value: string])[]
  /** `auto`: GET, but POST with `patient` or when the server only speaks Bulk Data v4. */
  kickoff?: 'auto' | 'get' | 'post'
  /** `Prefer: handling=lenient`: the server may ignore parameters that it does not know. */
  lenient?: boolean
}

/** How files are stored. */
export type Compression = 'none' | 'gzip' | 'zstd'

/** The list of the manifest that a file stands in; `error` is also v4's `outcome`. */
export type ItemType = 'output' | 'deleted' | 'error'

/** How an export is run. Every duration is in milliseconds. */
export interface TransferOptions {
  /** How files are stored; what the server sends gzipped is kept as sent with `gzip`. Default `none`. */
  compress?: Compression
  /** Downloads at the same time. Default 5. */
  parallel?: number
  /** Attempts after the first for each file; an attempt that went on by Range and made progress does not count. Default 8. */
  retries?: number
  /** How long a failing request (status, page, file) is tried again before it is final. Default 1 h. */
  retryMaxTimeMs?: number
  /** Longest silence of a connection, also before its first byte. Default 120 s. */
  idleTimeoutMs?: number
  /** Longest wait between two status requests, whatever the server asks for. Default 300 s. */
  pollMaxMs?: number
  /** Longest wait for the server to finish the job. Default 30 d. */
  waitMaxMs?: number
  /** Keeps the server's job after a verified download. Default false. */
  keepJob?: boolean
  /** Keeps a file whose lines differ from the manifest's `count`; the export then ends with exit code 7. */
  allowCountMismatch?: boolean
  /** Bytes per second over all downloads together. Default unlimited. */
  rateLimit?: number
  /** Bytes that must stay free on the destination's disk. Default 64 MB. */
  minFreeBytes?: number
  /** Never asks for a byte range. */
  noRange?: boolean
}

/** Where an export goes, how it is run, and who is told. */
export interface ExportOptions extends TransferOptions, ExportCallbacks {
  /** The export folder: absent, empty, or the unfinished folder of the same request. */
  to: string
  /** Aborting leaves a folder that `resume` takes up. */
  signal?: AbortSignal
  /** Takes up this job of the server without a kick-off (raw or percent-encoded URL). */
  statusUrl?: string
  /**
   * What will be added once the files are there, by `attachments()` and `hydrate()`: `export` does not do it, it keeps it in the
   * folder
   * for whoever resumes.
   */
  additions?: StoredAdditions
  /**
   * The id of a new export, `[A-Za-z0-9._-]{1,64}`; for who names the folder after it. Default: random. A resumed export keeps
   * its own.
   */
  exportId?: string
}

/** How an export is gone on with; what is not told again is as the folder keeps it. */
export interface ResumeOptions extends TransferOptions, ExportCallbacks {
  signal?: AbortSignal
  /** As in {@link ExportOptions}. */
  additions?: StoredAdditions
}

/** One verified file of an export folder. */
export interface ExportedFile {
  /** The manifest's resource type; `Unknown` when it was no usable type, `Resources` in organised output. */
  type: string
  itemType: ItemType
  /** Relative to the folder, `/` between parts. */
  path: string
  /** Size on disk. */
  bytes: number
  /** Lines that hold a resource. */
  lines: number
  /** Of the file on disk, lower-case hex. */
  sha256: string
  /** Size of the content once decompressed; equals `bytes` for a plain file. */
  contentBytes: number
  /** SHA-256 of the content once decompressed; null where the server's gzip was kept as sent. */
  contentSha256: string | null
  /** The manifest's `count`, null when it told none. */
  count: number | null
}

/** One issue that the server reported in an `error` file. */
export interface Outcome {
  severity: 'fatal' | 'error' | 'warning' | 'information'
  code: string | null
  /** The server's words: 300 characters, without control characters, URLs and secrets. */
  text: string | null
  /** Resource types that the outcome names. */
  types: readonly string[]
}

/** What an export came to. Exit code 7: verified, but the server reported errors or a count mismatch was allowed. */
export interface ExportReceipt {
  exportId: string
  /** Absolute path. */
  folder: string
  transactionTime: string
  files: readonly ExportedFile[]
  totals: { files: number; resources: number; bytes: number }
  /** From kick-off to the last verified file, over all runs. */
  durationMs: number
  /** At most 1,000; `error/` holds them all. */
  outcomes: readonly Outcome[]
  notices: readonly string[]
  exitCode: 0 | 7
  /** True when the folder was finished before and nothing was done. */
  unchanged: boolean
  /** The resources of one type, parsed one by one in order of file and line; memory is bound by the longest line. */
  resources(type: string): AsyncIterable<Record<string, unknown>>
}

/** The answer of a kick-off. The status URL is a capability: keep it out of logs. */
export interface Job {
  statusUrl: string
  kickedOffAt: string
}

/** One file of an output manifest, as the server tells it. */
export interface ManifestItem {
  itemType: ItemType
  /** As the manifest says; null in organised output or when it is not a string. */
  type: string | null
  url: string
  count: number | null
  /** v4 `fileSize`, bytes. */
  fileSize: number | null
}

/** One page of an output manifest, checked, in one shape for Bulk Data v1 to v4. */
export interface OutputManifest {
  transactionTime: string
  requiresAccessToken: boolean
  request: string | null
  outputOrganizedBy: string | null
  items: readonly ManifestItem[]
  /** Absolute URL of the next page. */
  next: string | null
}

/** One look at a job. */
export type JobStatus =
  | { state: 'in-progress'; xProgress: string | null; retryAfterMs: number | null; partial: OutputManifest | null }
  | { state: 'complete'; manifest: OutputManifest; expires: string | null }

export type { ExportCallbacks, ExportEvent }

/** One server, and how to be let in. A wrong URL is a `usage` error of the constructor. */
export interface BulkClientOptions {
  /** FHIR base URL, without `$export`. */
  fhirUrl: string
  /** Default: no authentication. */
  auth?: AuthMethod
  /** Further origins that may see the token, beside that of the FHIR URL. */
  trustOrigins?: readonly string[]
  /** PEM file of certificate authorities that are trusted beside the system's. */
  caFile?: string
  /** The kind of server, where its CapabilityStatement does not tell. Default `auto`. */
  vendor?: VendorId | 'auto'
  /** How the client names itself in the log and in `User-Agent`. Default: this package. */
  softwareName?: string
  softwareVersion?: string
}
