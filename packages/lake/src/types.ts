import type { FhirVersion } from '@floe/views/fhir'

/** What a load, a build or a report hands back: plain data, spelt as `--json` prints it (CONTRACT §4, rules 14 to 17). */

export type LoadKind = 'full' | 'incremental' | 'partial' | 'untracked'
export type LoadStatus = 'complete' | 'incomplete' | 'failed' | 'rolled back'
/** What the command that did this exits with: 7 means data was rejected or a type did not complete. */
export type OutcomeCode = 0 | 7

export interface LakeOptions {
  /** The lake's folder. */
  readonly dir: string
  /** Make the lake when it is not there; without it a missing lake is a usage error. */
  readonly create?: boolean
  /** Bound of the engine's memory, as DuckDB spells it (`1GB`). */
  readonly memoryLimit?: string
  /** Threads of the engine; default: the cores. */
  readonly threads?: number
  /** Linked types that an Encounter waits for (CONTRACT §4 rule 11); default: the eleven of Cumulus. */
  readonly requiredTypes?: readonly string[]
  /** The release of FHIR that the lake holds, fixed when it is made; default R4. One process works on lakes of one release. */
  readonly fhirVersion?: FhirVersion
}

export interface LoadOptions {
  readonly folders: readonly string[]
  /** `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`; default `default`. */
  readonly source?: string
  readonly exportGroup?: string
  readonly exportTimestamp?: string
  readonly untracked?: boolean
  /** Types that this site does not have. */
  readonly excludeResources?: readonly string[]
  /** Why a slice counts as complete; kept in `floe.loads.asserted`. */
  readonly assertComplete?: string
  /** Longest line taken, in bytes; default 32 MB. */
  readonly maxLine?: number
  /** False leaves the column `_raw` out of tables that this load creates. */
  readonly raw?: boolean
  /** How bronze keeps what came uncompressed; default `zstd`. */
  readonly compress?: 'none' | 'gzip' | 'zstd'
  readonly onProgress?: (progress: LoadProgress) => void
  readonly signal?: AbortSignal
}

export interface LoadProgress {
  readonly stage: 'bronze' | 'silver' | 'publish'
  /** The resource type or file at work. */
  readonly name?: string
  readonly doneBytes: number
  readonly totalBytes: number
}

/** One type of one load; `lines = rows + duplicates + stale + quarantined`. */
export interface TypeReceipt {
  readonly type: string
  /** From `manifest*.json` only; null without one. */
  readonly manifestCount: number | null
  readonly lines: number
  readonly rows: number
  readonly duplicates: number
  readonly stale: number
  readonly quarantined: number
  readonly deleted: number
  /** Null when the load is untracked. */
  readonly complete: boolean | null
  /** Why the type is not complete; null when it is. */
  readonly reason: string | null
}

export interface LoadReceipt {
  readonly load: string
  readonly export: string
  readonly source: string
  readonly group: string | null
  readonly exportTime: string | null
  readonly kind: LoadKind
  readonly status: LoadStatus
  /** The lake held this export already: nothing was written. */
  readonly unchanged: boolean
  readonly types: readonly TypeReceipt[]
  /** By file, as quarantine names it: refused lines that are counted in `types` and not listed in quarantine. */
  readonly unlisted?: readonly { readonly file: string; readonly lines: number }[]
  /** Sentences for the person: files not read, types that did not complete, why. */
  readonly notices: readonly string[]
  readonly exitCode: OutcomeCode
}

/** A row of `floe.loads`. */
export interface LoadRow {
  readonly load_id: string
  readonly export_id: string
  readonly source: string
  readonly group_name: string | null
  readonly export_time: string | null
  readonly kind: LoadKind
  readonly status: LoadStatus
  readonly asserted: string | null
  readonly started_at: string
  readonly finished_at: string | null
}

/** A row of `floe.reconciliation`. */
export interface ReconciliationRow {
  readonly load_id: string
  readonly export_id: string
  readonly source: string
  readonly type: string
  readonly manifest_count: number | null
  readonly lines: number
  readonly rows: number
  readonly duplicates: number
  readonly stale: number
  readonly quarantined: number
  readonly holds: boolean
}

/** A row of `floe.completion`. */
export interface CompletionRow {
  readonly source: string
  readonly group_name: string | null
  readonly type: string
  readonly export_id: string
  readonly export_time: string | null
  readonly kind: LoadKind
  readonly rows: number
  readonly quarantined: number
  readonly complete: boolean | null
}

export interface BlockedRow {
  readonly source: string
  readonly group: string
  readonly type: string
  /** Newest export time of a complete load of that type, or null. */
  readonly have: string | null
  /** The time it must reach. */
  readonly need: string
  /** Encounters that wait for it. */
  readonly encounters: number
}

export type Severity = 'error' | 'warning' | 'information'

/** A row of `floe.quality`. */
export interface QualityRow {
  readonly rule: string
  readonly resource: string
  readonly severity: Severity
  readonly message: string
  /** Resources that the last build looked at. */
  readonly checked: number
  readonly failed: number
}

/** `floe status --lake`. */
export interface StatusReport {
  readonly loads: readonly LoadRow[]
  readonly reconciliation: readonly ReconciliationRow[]
  readonly completion: readonly CompletionRow[]
  readonly encounters: { readonly visible: number; readonly hidden: number }
  readonly blocked: readonly BlockedRow[]
  /** As of the last build; empty before the first. */
  readonly quality: readonly QualityRow[]
}

/** One table of `floe tables`; ids of snapshots are text. */
export interface TableInfo {
  /** `silver.patient` */
  readonly table: string
  readonly rows: number
  readonly files: number
  readonly deleteFiles: number
  readonly bytes: number
  readonly snapshots: number
  readonly snapshot: string | null
}

export interface SnapshotInfo {
  readonly id: string
  readonly time: string
  readonly operation: string
  /** The export whose load made it; null for builds and foreign engines. */
  readonly export: string | null
  readonly rows: number
}

/** `floe history TABLE`, oldest first. */
export interface HistoryReport {
  readonly table: string
  readonly snapshots: readonly SnapshotInfo[]
}

export interface BuildOptions {
  /** Names of views; none builds all. */
  readonly names?: readonly string[]
  /** A folder with the user's own ViewDefinitions and SQLQuery Libraries (`*.json`). */
  readonly viewsDir?: string
  /** A folder with the user's own validation rules (`*.json`), beside the bundled ones. */
  readonly rulesDir?: string
  readonly signal?: AbortSignal
}

/** Where the views and rules are that gold tables were built with; bundled ones are known. */
export type RefreshOptions = Pick<BuildOptions, 'viewsDir' | 'rulesDir' | 'signal'>

export interface BuildReceipt {
  /** `gold.patient` */
  readonly table: string
  readonly rows: number
  /** It holds the rows that it held. */
  readonly unchanged: boolean
  /** Only these rows were written, since few resources had changed; absent where the table was made as a whole. */
  readonly delta?: { readonly added: number; readonly removed: number }
  /** Silver holds no table of the view's type yet; the gold table is empty. */
  readonly empty: boolean
}

export interface ResultColumn {
  readonly name: string
  /** DuckDB's name of the type. */
  readonly type: string
}

/** Rows as they come; `close` (or `await using`) frees the connection, also before the end. */
export interface QueryResult extends AsyncDisposable {
  readonly columns: readonly ResultColumn[]
  readonly rows: AsyncIterable<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

export interface QueryOptions {
  /** An export id (`SOURCE/ID` where two sources hold it), an instant, or a snapshot id. */
  readonly asOf?: string
  /** Lifts the limits on files and settings, never that on writing to the lake. */
  readonly unsafe?: boolean
  /** Write the rows to this Parquet file; the result then yields none. */
  readonly parquet?: string
  readonly signal?: AbortSignal
}

export interface ViewOptions {
  /** Write the rows to this Parquet file; the result then yields none. */
  readonly parquet?: string
  readonly signal?: AbortSignal
}

/** An open lake; one process may hold several, writers take the lake's lock for the time of a write. */
export interface Lake extends AsyncDisposable {
  readonly dir: string
  /** Folders into bronze and silver; one receipt per export found, in order of loading. */
  load(options: LoadOptions): Promise<LoadReceipt[]>
  /** Checks silver against the rules, then (re)builds gold tables; those whose silver tables have not changed are left alone. */
  build(options?: BuildOptions): Promise<BuildReceipt[]>
  /** What the rules of the last build found. */
  quality(): Promise<QualityRow[]>
  query(sql: string, options?: QueryOptions): Promise<QueryResult>
  /** Runs one ViewDefinition over all rows of silver (no completeness gate). */
  runView(view: unknown, options?: ViewOptions): Promise<QueryResult>
  /** The engine's plan of a view over this lake's silver. */
  explainView(view: unknown): Promise<string>
  tables(): Promise<TableInfo[]>
  /** `silver.patient`, or a name that only one namespace holds. */
  history(table: string): Promise<HistoryReport>
  status(): Promise<StatusReport>
  /** Silver and ledger anew from bronze; published at once. */
  rebuild(options?: RebuildOptions): Promise<RebuildReceipt>
  /** As if an export (`SOURCE/ID` where two sources hold it) had never been loaded, in gold, too; published at once. */
  rollback(name: string, options?: RefreshOptions & RebuildOptions): Promise<RollbackReceipt>
  /** What changed between two exports, instants or snapshots. */
  diff(from: string, to: string): Promise<DiffReport>
  /** Compacts, expires snapshots, removes orphans; loads and queries may run meanwhile. */
  maintain(options?: MaintainOptions): Promise<MaintainReceipt>
  /** Tables for other programs: Cumulus Library, files, PostgreSQL. */
  out(target: OutTarget, options?: OutOptions): Promise<OutReceipt>
  /** The lines that were refused; of one export, or of all. */
  quarantine(name?: string): Promise<QuarantineRow[]>
  /** How many more were refused than `quarantine` lists, where it does not list all. */
  unlisted(name?: string): Promise<UnlistedRow[]>
  /** Tries refused lines again; one receipt per export that has any. */
  replayQuarantine(options?: ReplayOptions): Promise<ReplayReceipt[]>
  close(): Promise<void>
}

export interface RebuildOptions {
  readonly onProgress?: (progress: { readonly doneExports: number; readonly totalExports: number }) => void
  readonly signal?: AbortSignal
}

export interface RebuiltTable {
  /** `silver.patient` */
  readonly table: string
  readonly rows: number
  /** Null where the former table could not be read. */
  readonly rowsBefore: number | null
  /** The same rows with the same texts as before. */
  readonly identical: boolean
}

/** `floe rebuild`. */
export interface RebuildReceipt {
  readonly exports: number
  readonly tables: readonly RebuiltTable[]
  /** Snapshots of silver that other programs had made; what they changed is kept. */
  readonly foreign: number
  /** Of these, the ones that cannot be told from what came before them any more: what they changed is not in the result. */
  readonly foreignLost: number
}

/** `floe rollback EXPORT`. */
export interface RollbackReceipt {
  readonly export: string
  readonly source: string
  /** The loads that are rolled back. */
  readonly loads: readonly string[]
  /** Exports that are in the lake still. */
  readonly replayed: number
  /** Gold tables that were built anew from what silver holds now. */
  readonly gold: readonly BuildReceipt[]
  /** Gold tables that hold the former state still: their views are not known here, or failed. */
  readonly stale: readonly string[]
  /** Snapshots of silver by other programs in what was replayed; what they changed is kept. */
  readonly foreign: number
  /** Of these, the ones that cannot be told from what came before them any more: what they changed is not in the result. */
  readonly foreignLost: number
}

/** What became of one type between two states. */
export interface TypeDiff {
  readonly type: string
  readonly added: number
  readonly changed: number
  readonly deleted: number
  /** Per top-level element, the number of changed resources that differ in it. */
  readonly elements: Readonly<Record<string, number>>
}

/** `floe diff A B`. */
export interface DiffReport {
  readonly from: string
  readonly to: string
  readonly types: readonly TypeDiff[]
}

/** A row of `floe.quarantine`. */
export interface QuarantineRow {
  readonly export_id: string
  readonly source: string
  readonly type: string | null
  /** Relative to the export folder. */
  readonly file: string
  /** From 1, as an editor counts. */
  readonly line: number
  readonly reason: string
  readonly replayed: boolean
}

/** Refused lines of a type that are counted and not in `floe.quarantine`: a file of them is listed up to 100,000 lines. */
export interface UnlistedRow {
  readonly export_id: string
  readonly source: string
  readonly type: string
  readonly lines: number
}

export interface ReplayOptions {
  /** Only this export (`SOURCE/ID` where two sources hold it). */
  readonly export?: string
  /** Longest line taken, in bytes; never less than what the load took. */
  readonly maxLine?: number
  readonly signal?: AbortSignal
}

/** What became of the refused lines of one export. */
export interface ReplayReceipt {
  readonly export: string
  readonly source: string
  /** Lines that are in quarantine still. */
  readonly waiting: number
  /**
   * Of these, the ones that are counted and not listed. Nothing of their file is replayed: load the export again, with a wider
   * bound where size is the reason.
   */
  readonly unlisted?: number
  readonly replayed: number
  /** The load as it counts now; null when no line passed. */
  readonly load: LoadReceipt | null
}

export interface MaintainOptions {
  /** Snapshots older than this many milliseconds go (5 days) … */
  readonly expireOlderThan?: number
  /** … but so many of the newest stay (10), and those that carry the tag of an export. */
  readonly keepSnapshots?: number
  /** Files that no table names and nobody wrote for so long go (3 days). */
  readonly orphansOlderThan?: number
  /** Tags of exports on snapshots older than this go, too; without it none. */
  readonly dropTagsOlderThan?: number
  /**
   * Files of exports whose load is older go from bronze; without it none. Then they cannot be replayed: no rebuild, no general
   * rollback.
   */
  readonly dropBronzeOlderThan?: number
  readonly onProgress?: (progress: { readonly table: string; readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

/** What maintenance did to one table. */
export interface MaintainedTable {
  readonly table: string
  readonly rewrittenFiles: number
  readonly addedFiles: number
  readonly removedDeleteFiles: number
  readonly expiredSnapshots: number
  readonly droppedTags: number
  readonly removedFiles: number
}

/** `floe maintain`. */
export interface MaintainReceipt {
  readonly tables: readonly MaintainedTable[]
  readonly orphans: { readonly files: number; readonly bytes: number }
  /** What went from bronze by policy. */
  readonly bronze: { readonly exports: number; readonly files: number; readonly bytes: number }
}

/** `floe maintain --relocate`. */
export interface RelocationReceipt {
  readonly tables: number
  /** False when the lake lies where its tables say. */
  readonly moved: boolean
}

/** Where tables go, for other programs. */
export type OutTarget =
  | {
      readonly kind: 'cumulus'
      /** A DuckDB file. */
      readonly file: string
      /** Only rows of this source. */
      readonly source?: string
    }
  | {
      readonly kind: 'ndjson' | 'csv' | 'parquet'
      /** Files are `<namespace>/<table>.<format>` below it. */
      readonly dir: string
      /** `silver.patient`; all of silver and gold when left out. */
      readonly tables?: readonly string[]
    }
  | {
      readonly kind: 'postgres'
      /** `postgres://…`; never shown. */
      readonly url: string
      readonly schema?: string
      readonly tables?: readonly string[]
    }

export interface OutOptions {
  /** Replace what is there. */
  readonly overwrite?: boolean
  readonly onProgress?: (progress: { readonly table: string; readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

export interface OutTable {
  readonly table: string
  readonly rows: number
  /** Relative to the target folder. */
  readonly file?: string
}

/** `floe out`. */
export interface OutReceipt {
  readonly format: OutTarget['kind']
  readonly tables: readonly OutTable[]
}
