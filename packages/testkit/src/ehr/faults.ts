/** What a request asks for: the word by which faults are matched and requests are counted. */
export type Route =
  | 'discovery'
  | 'metadata'
  | 'token'
  | 'kickoff'
  /** A status request while the export is in progress. */
  | 'status'
  /** A status request that is answered with the output manifest, or one of its further pages. */
  | 'manifest'
  | 'file'
  | 'delete'
  /** GET of one resource, Binary included, below the FHIR base. */
  | 'read'
  | 'search'
  | 'other'

/** An OperationOutcome issue in short: severity, code, text. */
export interface Issue {
  severity: 'fatal' | 'error' | 'warning' | 'information'
  code?: string
  diagnostics?: string
}

/** What a fault does to the answer. All sizes count bytes of the body as it is before transfer coding. */
export type FaultAction =
  /** Another answer altogether. An object as body is sent as JSON; `issue` makes an OperationOutcome. */
  | {
      kind: 'answer'
      status: number
      headers?: Record<string, string>
      body?: string | Record<string, unknown>
      issue?: Issue | readonly Issue[]
    }
  /** The usual answer with other headers; `null` takes one away. */
  | { kind: 'headers'; set: Record<string, string | null> }
  /** A header that holds a URL (Content-Location, Location) is sent without scheme and host, or names the second origin. */
  | { kind: 'readdress'; header: string; to: 'relative' | 'other' }
  /** Waits before anything is sent. */
  | { kind: 'delay'; ms: number }
  /** Headers and the first bytes, then silence with the connection open. `beforeHeaders`: not even those. */
  | { kind: 'stall'; afterBytes?: number; beforeHeaders?: boolean }
  /**
   * The body ends early. `closed`: Content-Length promises all of it, the connection is closed; `chunked`: without a length, with
   * a clean end; `gzip`: a well-formed gzip stream of the beginning only; `short`: Content-Length tells the short size. `atLine`
   * moves the cut back to the end of a line, where no parser notices it.
   */
  | { kind: 'truncate'; afterBytes: number; as: 'closed' | 'chunked' | 'gzip' | 'short'; atLine?: boolean }
  /** The connection is reset (RST) after so many bytes of body, or before any answer when left out. */
  | { kind: 'reset'; afterBytes?: number }
  /** The body trickles: so many bytes every so many milliseconds. */
  | { kind: 'drip'; bytes: number; everyMs: number }
  /** Every access token issued so far stops working, this request's first: it is answered with 401. */
  | { kind: 'expire-tokens' }
  /** All file URLs handed out so far answer `status` from now on; the next manifest carries new ones. */
  | { kind: 'expire-links'; status?: number }
  /** `other`: to the second origin, which serves the file and records whether a token came along. Anything else is a URL. */
  | { kind: 'redirect'; status?: 301 | 302 | 303 | 307 | 308; to: 'same' | 'other' | (string & {}) }
  /**
   * Any change of the output manifest (wrong counts, hostile types, loops, foreign URLs …). Not for `spawnEhr`: it is a function.
   */
  | { kind: 'manifest'; patch: (manifest: Manifest, page: number) => unknown }

/** One output manifest as the EHR is about to send it. */
export interface Manifest {
  transactionTime: string
  request: string
  requiresAccessToken: boolean | string
  output: ManifestItem[]
  deleted?: ManifestItem[]
  error: ManifestItem[]
  link?: { relation: string; url: string }[]
  [key: string]: unknown
}

export interface ManifestItem {
  type: string
  url: string
  count?: number
  [key: string]: unknown
}

/**
 * One entry of a fault plan: which requests, and what happens to them.
 *
 * Counting starts at 1 and is deterministic: each fault counts the requests that match its `on`, `type`, `name` and `page`;
 * with `per: 'file'` it counts for each file on its own. Without `nth`, `from`, `to` or `every` it hits all of them.
 *
 * @example
 * { on: 'file', type: 'Observation', nth: 1, do: { kind: 'reset', afterBytes: 100_000 } }
 */
export interface Fault {
  on: Route | readonly Route[]
  /** Resource type of the file. */
  type?: string
  /** Name of the file in the EHR's folder, e.g. `Patient.000.ndjson`. */
  name?: string
  /** Page of the manifest, from 1. */
  page?: number
  per?: 'all' | 'file'
  nth?: number | readonly number[]
  from?: number
  to?: number
  every?: number
  do: FaultAction | readonly FaultAction[]
}

export type FaultPlan = readonly Fault[]
