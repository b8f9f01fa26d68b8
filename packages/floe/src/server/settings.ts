/** How long slow senders are waited for, in ms. */
export interface Patience {
  /** The head of a request. */
  readonly head: number
  /** A small body, as a whole. */
  readonly body: number
  /** An upload may take long, but not stand still. */
  readonly idle: number
}

export const usualPatience: Patience = { head: 10_000, body: 30_000, idle: 60_000 }

/** Another authorization server, whose access tokens are taken (JWTs, RFC 9068). */
export interface Issuer {
  /** `iss` of its tokens. */
  readonly url: string
  readonly jwksUrl: string
  /** Where clients get tokens; told in the discovery document. */
  readonly tokenUrl: string
  /** `aud` of tokens for this server; undefined: its FHIR base. */
  readonly audience: string | undefined
}

/** What `floe serve` is told (CONTRACT §5.3). */
export interface ServerSettings {
  /** Address that clients use, where a proxy stands in between; without it the request's own Host counts. */
  readonly publicUrl: string | undefined
  /** No authentication. */
  readonly open: boolean
  /** Prefixes of addresses that `$import` may fetch from. */
  readonly importAllow: readonly string[]
  readonly issuer: Issuer | undefined
  /** Files want the access token, or have addresses that are good by themselves for a time. */
  readonly fileUrls: 'bearer' | 'signed'
  /** Life of such an address, in ms. */
  readonly fileUrlTtl: number
  /** Write down whose data each export held. */
  readonly disclosures: boolean
  /** How long files of a finished job are kept, in ms. */
  readonly exportTtl: number
  /** Types of no patient that exports of patients and Groups hold as well, whole (Bulk Data: MAY add Practitioner, Organization …). */
  readonly sharedTypes: readonly string[]
  /** Life of an access token in seconds. */
  readonly tokenTtl: number
  readonly patience: Patience
  /** How long requests that are being answered go on when the server stops, in ms. */
  readonly drainTimeout: number
  readonly maxExports: number
  readonly maxExportsPerClient: number
  /** Longest line that an import takes. */
  readonly maxLine: number
  /** Longest uploaded or fetched input of an import, in bytes. */
  readonly maxImport: number
}
