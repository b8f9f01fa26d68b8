/** What `floe serve` is told (CONTRACT §5.3). */
export interface ServerSettings {
  /** Address that clients use, where a proxy stands in between; without it the request's own Host counts. */
  readonly publicUrl: string | undefined
  /** No authentication. */
  readonly open: boolean
  /** Prefixes of addresses that `$import` may fetch from. */
  readonly importAllow: readonly string[]
  /** How long files of a finished job are kept, in ms. */
  readonly exportTtl: number
  /** Life of an access token in seconds. */
  readonly tokenTtl: number
  readonly maxExports: number
  readonly maxExportsPerClient: number
  /** Longest line that an import takes. */
  readonly maxLine: number
  /** Longest uploaded or fetched input of an import, in bytes. */
  readonly maxImport: number
}
