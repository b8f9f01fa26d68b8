/** Engine-neutral shape of the elements that occur: a primitive, a struct or a list (as `Shape` of `iceberg/shape.ts`). */
export type BronzeShape = string | { readonly struct: Readonly<Record<string, BronzeShape>> } | { readonly list: BronzeShape }

/** What an export covers: everything, what changed since a time, or a slice that never counts as complete. */
export type ExportKind = 'full' | 'incremental' | 'partial'

/** How a file on disk is compressed. */
export type Compression = 'none' | 'gzip' | 'zstd'

/** Who an export is. One folder can hold several (subfolders with a log of their own, a log with several finished exports). */
export interface ExportIdentity {
  readonly exportId: string
  readonly source: string
  /** `''` for an export without a group. */
  readonly group: string
  /** ISO 8601 with offset. For an untracked export the time of its first loading. */
  readonly exportTime: string
  /** False: loaded without completion (`--untracked`, or neither log nor options tell who the export is). */
  readonly tracked: boolean
  /** Kind of the whole load; `partial` as soon as one type is. Per type see `BronzeType.kind`. */
  readonly kind: ExportKind
  /** `_since` of the kick-off; null when there is none. */
  readonly since: string | null
  /** The kick-off's URL without query (no poll URL, no token); null when no log tells it. */
  readonly exportUrl: string | null
  /** `_type` of the kick-off; null when it named none. A type in it without any file completes with 0 rows. */
  readonly requestedTypes: readonly string[] | null
}

/**
 * What DuckDB can read as it is: one good resource of one type per line, no BOM (LF or CRLF, blank lines allowed). A file of the
 * export, or many small ones in one.
 */
export interface BronzeFile {
  /** Absolute path to read: the source file, its bronze copy, or a staging file. */
  readonly path: string
  readonly compression: Compression
  /** Good lines in it. */
  readonly lines: number
  /** Uncompressed bytes in it. */
  readonly bytes: number
  /** Longest good line in bytes: `maximum_object_size` must be larger. */
  readonly maxLine: number
  /** Spaces stand around the JSON of some lines. The file is plain, has no CR, and must be read as text to keep them. */
  readonly padded?: boolean
}

/** All files of one resource type in one export. */
export interface BronzeType {
  /** R4 type; `Unknown` collects lines whose type cannot be told (all of them quarantined, `files` empty). */
  readonly type: string
  /** In order of arrival. Empty for a type that was asked for (`_type`) and came without a file. */
  readonly files: readonly BronzeFile[]
  /** All counted lines, the bad ones included. */
  readonly lines: number
  /** Bad lines: exact, also where `BronzeExport.quarantine` was cut off after many entries of one file. */
  readonly quarantined: number
  /** Sum of `output[].count` over all pages of the manifest; null when any of them is missing. */
  readonly manifestCount: number | null
  /** Struct of what occurs in good lines; `resourceType` is not in it, `id` and `meta` only when they occur. */
  readonly shape: { readonly struct: Readonly<Record<string, BronzeShape>> }
  /** A file was cut short (torn last line, truncated archive, other bytes than `floe-export.json` says) or could not be read. */
  readonly torn: boolean
  /** Some resource may refer to others by identifier (`Practitioner?identifier=…`). */
  readonly conditional?: boolean
  readonly kind: ExportKind
  /**
   * Where an incremental type starts: `_since`, or the lower bound of its date filter. Null with `incremental`: unknown, so it
   * never chains.
   */
  readonly since: string | null
}

/** One refused line. Nothing of the line itself is kept. */
export interface QuarantineEntry {
  /** Relative to the export folder, `/` between parts. */
  readonly file: string
  /** The type of the file, else of the line; null when neither tells. */
  readonly type: string | null
  /** From 1, as an editor counts. */
  readonly line: number
  /** Begins with a word of CONTRACT §4.13. */
  readonly reason: string
  /** Where the line begins in the uncompressed bytes. */
  readonly offset: number
  /** Length of the line in bytes, without its line end. */
  readonly bytes: number
}

/** One accepted deletion: a line of `BronzeExport.deletionsFile`. */
export interface Deletion {
  readonly type: string
  readonly id: string
  /** `Bundle.meta.lastUpdated`, else the export's time. */
  readonly deletedAt: string
  readonly file: string
  readonly line: number
}

/** One issue of an OperationOutcome in `error/`. */
export interface Outcome {
  readonly severity: 'fatal' | 'error' | 'warning' | 'information'
  /** R4 types that the issue names; empty: it may concern any type. */
  readonly types: readonly string[]
}

/** An export that is registered in bronze and ready for silver. */
/** A file has a hundred thousand refused lines in quarantine at most; so many more are only counted. */
export interface UnlistedLines {
  readonly file: string
  readonly lines: number
}

export interface BronzeExport {
  readonly identity: ExportIdentity
  /** `LAKE/bronze/<source>/<exportId>`. */
  readonly dir: string
  readonly types: readonly BronzeType[]
  /** NDJSON of `Deletion` (plain), or null when there are none. */
  readonly deletionsFile: string | null
  /** Accepted deletions per type. */
  readonly deletions: Readonly<Record<string, number>>
  /** Entries of reason `deletion` are outside the equation of lines and rows. */
  readonly quarantine: readonly QuarantineEntry[]
  /** Refused lines that `quarantine` has no room for. */
  readonly unlisted: readonly UnlistedLines[]
  readonly outcomes: readonly Outcome[]
  /** For people: files that are no data, a folder without identity, … Never a payload. */
  readonly notices: readonly string[]
  /** Files that were not read (links that lead out, irregular or unreadable files): exit 7. Each is a sentence for people. */
  readonly refused: readonly string[]
  /** SHA-256 over the relative names and contents and the identity: the same export again has the same. */
  readonly fingerprint: string
  /** The same fingerprint was registered before: nothing was read. Whether it was also loaded is the ledger's business. */
  readonly unchanged: boolean
  /**
   * Makes sure that all files of `types` and `deletionsFile` are there (after `unchanged` cleaned copies may be gone); with a
   * type those of this type alone. Call before reading.
   */
  stage(type?: string): Promise<void>
  /**
   * Throws `source-changed` (retryable) when a file that silver read changed since it was scanned. Call after reading, before the
   * commit.
   */
  verify(): Promise<void>
  /** Removes the cleaned copies. Call after the commit. */
  release(): Promise<void>
}

/** What the options of `floe load` say about who an export is. */
export interface PlanOptions {
  readonly source: string
  readonly exportGroup?: string | undefined
  readonly exportTimestamp?: string | undefined
  readonly untracked?: boolean | undefined
}

/** A file of an export folder, not yet read. There may be a million: its path is told by `pathOf`, not kept. */
export interface ExportFile {
  /** The export's folder, absolute. */
  readonly root: string
  /** Path inside the export folder, `/` between parts. */
  readonly relative: string
  /** Where it lies, when that is not `relative` below `root`. */
  readonly real: string | null
  readonly kind: 'output' | 'deleted' | 'error'
  /** The R4 type that stands as a word in its name: every line must be of it. */
  readonly type: string | null
  /** The type that its name hints at in another case (`condition.NDJSON`): lines decide, this is for those that tell none. */
  readonly hint: string | null
  readonly compression: Compression
  readonly size: number
  readonly mtimeMs: number
}

/** An export found in a folder, told apart but not read (`planExports`). */
export interface PlannedExport {
  /** Absolute; one of several for a folder whose subfolders have logs of their own. */
  readonly folder: string
  readonly files: readonly ExportFile[]
  /** Log and manifest files to keep beside the data, relative to the folder. */
  readonly companions: readonly string[]
  readonly source: string
  /** Null until the content is known: nothing tells who the export is. */
  readonly exportId: string | null
  readonly group: string
  /** Null for an untracked export that no option gives a time: that of its first loading. */
  readonly exportTime: string | null
  readonly tracked: boolean
  readonly kind: ExportKind
  readonly since: string | null
  readonly exportUrl: string | null
  readonly requestedTypes: readonly string[] | null
  /** Kinds of the types that a filter names; under `*` that of all others (`coverageOf`). */
  readonly typeKinds: Readonly<Record<string, { readonly kind: ExportKind; readonly since: string | null }>>
  /** Per type of the manifest: sum of counts (null when one is missing) and number of files. */
  readonly manifest: Readonly<Record<string, { readonly count: number | null; readonly files: number }>>
  /** Types that are known to lack a file or a part of one. */
  readonly incomplete: readonly string[]
  readonly notices: readonly string[]
  readonly refused: readonly string[]
}

export interface RegisterOptions {
  /** The lake's folder, absolute. */
  readonly lakeDir: string
  /** How bronze keeps what came uncompressed; default `zstd`. */
  readonly compress?: Compression | undefined
  /** Longest line taken, in bytes; default 32 MiB. */
  readonly maxLine?: number | undefined
  readonly threads?: number | undefined
  readonly now?: (() => Date) | undefined
  readonly onProgress?: ((progress: { readonly doneBytes: number; readonly totalBytes: number }) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

// The two steps: `planExports(folder, PlanOptions): Promise<PlannedExport[]>` (plan.ts; in order of time, writes nothing, throws
// the refusals of CONTRACT §4.2) and `registerExport(planned, RegisterOptions): Promise<BronzeExport>` (register.ts). Later, without
// the source folder: `reopenExport({ lakeDir, source, exportId }, RegisterOptions)`.
