/** What to synthesize, and where to. */
export interface SynthesizeOptions {
  /** How many people; every one is a member of `Group/demo`. */
  patients: number
  /** Folder of the export; made when missing, refused when it holds anything. */
  out: string
  /** Same seed and options, same bytes. */
  seed?: number
  /**
   * Folder for a second export of the same people, {@link SynthesizeOptions.laterDays} later: changed, new and deleted resources
   * only.
   */
  later?: string
  /** Days between the two exports. */
  laterDays?: number
  /** End of the history and transaction time of the export, ISO 8601. Fixed by default so that the output is deterministic. */
  asOf?: string
  /** Years of history before `asOf`. */
  years?: number
  /** Compression of the NDJSON files at rest. */
  compress?: 'none' | 'gzip' | 'zstd'
  /** FHIR base URL that absolute references and the manifest carry. */
  baseUrl?: string
  /** A type's file is followed by the next one after this many uncompressed bytes. */
  fileBytes?: number
  onProgress?: (progress: SynthesizeProgress) => void
  signal?: AbortSignal
}

/** How far a synthesis is. */
export interface SynthesizeProgress {
  patients: number
  totalPatients: number
  resources: number
  /** Uncompressed NDJSON bytes. */
  bytes: number
}

/** One export folder as written; `types` counts lines, older versions of a resource included. */
export interface SynthesizedExport {
  folder: string
  exportId: string
  transactionTime: string
  /** Lines in all output files. */
  resources: number
  /** Uncompressed bytes of all output files. */
  bytes: number
  files: number
  types: Record<string, number>
  /** Lines that are an older version of a resource that is there too. */
  duplicates: number
  /** Entries in `deleted/`. */
  deleted: number
}

export interface SynthesizeReceipt extends SynthesizedExport {
  patients: number
  groupId: string
  seed: number
  /** The second export, where one was asked for. */
  later?: SynthesizedExport
}
