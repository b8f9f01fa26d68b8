import type { JSONWebKeySet } from 'jose'
import type { FaultPlan, Issue, Route } from './faults.ts'

/** A registered Backend Services client. */
export interface EhrClient {
  clientId: string
  /** The public keys. Without them the client has to show `secret`. */
  jwks?: JSONWebKeySet
  secret?: string
  /** What may be granted, v1 or v2 grammar; `system/*.rs` by default. */
  scope?: string
}

/** How callers prove who they are. */
export interface EhrAuth {
  clients?: readonly EhrClient[]
  /** Life of an access token in seconds (300). Checked on kick-off, status and files. */
  tokenTtl?: number
  /** What `expires_in` says, when it should lie. */
  claimedTtl?: number
  /** Static bearer tokens that are valid for ever. */
  bearer?: readonly string[]
  /** User and password for Basic authentication on every FHIR request. */
  basic?: { user: string; password: string }
}

/** Settings of the EHR. Only `folder` is needed. */
export interface EhrOptions {
  /** An export folder (`Type.NNN.ndjson[.gz|.zst]`, `manifest.json` or `log.ndjson` for its time): what the EHR holds. */
  folder: string
  /**
   * Later exports of the same population, oldest first. A kick-off with `_since` at or after the present state moves on to the
   * next one.
   */
  later?: string | readonly string[]
  /** Loopback by default. */
  host?: string
  port?: number
  tls?: { key: string; cert: string }
  /** `none` (default): everybody may. */
  auth?: 'none' | EhrAuth
  /** Path of the FHIR base (`/fhir`). */
  basePath?: string
  /** How many status requests are answered with 202 before the export is ready (1). */
  polls?: number
  /** Or: how long it takes, in milliseconds, whatever the number of polls. */
  readyAfterMs?: number
  /** Retry-After while in progress: seconds, any text, a date so many seconds ahead, or `null` for none ('1'). */
  retryAfter?: number | string | { dateIn: number } | null
  /** X-Progress texts, one per poll; `null` for none. */
  progress?: readonly string[] | null
  /** Jobs that may exist at a time; one more kick-off is answered with 429. A job counts until it is deleted. */
  maxJobs?: number
  /** What the manifest says (true with authentication, else false). The string "true" is what one vendor sends. */
  requiresAccessToken?: boolean | string
  /** Whether the manifest tells counts (true). */
  counts?: boolean
  /** Files per manifest page; without it there is one page. */
  pageSize?: number
  /** Outcomes listed under `error`, one file. */
  outcomes?: readonly Issue[]
  /** `other`: files are served from a second origin with signed URLs, as cloud storage does it. */
  files?: 'same' | 'other'
  /** Whether files are compressed for who accepts gzip (true for `.gz` sources, false for plain ones). */
  gzip?: boolean
  /** Whether files answer Range requests (true). */
  ranges?: boolean
  /** `true`: the manifest's URLs change with every poll and the earlier ones stop working. */
  freshLinks?: boolean
  /** `true`: state is told by X-Export-Status and HTTP 200, when the client asks for it with `Prefer: separate-export-status`. */
  separateStatus?: boolean
  /** Ids of groups that exist. By default those of the folder's Group files; where there are none, any id is taken. */
  groups?: readonly string[]
  /** Whether kick-off by POST is taken (true). */
  post?: boolean
  faults?: FaultPlan
}

/** One request as it came in. Never holds a token, a body or the answer. */
export interface RequestRecord {
  /** Milliseconds since the epoch. */
  time: number
  method: string
  route: Route
  /** `other` is the second origin. */
  origin: 'fhir' | 'other'
  /** Path without query. */
  path: string
  authorization: 'none' | 'bearer' | 'basic' | 'unknown'
  /** Number of the access token (1 for the first that was issued), when it was one of ours. */
  token: number | null
  accept: string | null
  acceptEncoding: string | null
  prefer: string | null
  range: string | null
  ifRange: string | null
  /** For files: name in the folder, resource type, kind. */
  file: string | null
  type: string | null
  job: string | null
  page: number | null
  /** For kick-offs: the parameters as they were given. */
  parameters: Record<string, string[]>
  level: 'system' | 'patient' | 'group' | null
  /** Which kinds of fault were applied. */
  faults: string[]
  /** Set when the answer is over (or broken off). */
  status: number | null
  bytesSent: number
  finished: boolean
}

/** A running EHR. */
export interface Ehr extends AsyncDisposable {
  /** FHIR base, e.g. `http://127.0.0.1:41573/fhir`. */
  readonly fhirUrl: string
  readonly tokenUrl: string
  /** Origin that serves files when `files: 'other'`, and the target of `redirect: other`. */
  readonly otherUrl: string
  readonly requests: readonly RequestRecord[]
  /** How many requests of that route have come in (with that status, if given). */
  count(route: Route, status?: number): number
  /** Replaces the plan; all counters start anew. */
  setFaults(plan: FaultPlan): void
  /** Jobs that have not been deleted. */
  readonly jobs: number
  /** Forgets recorded requests. */
  clearRequests(): void
  close(): Promise<void>
}
