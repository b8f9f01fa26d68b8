import type { QueryResult, ViewOptions } from '../types.ts'

/** A silver or ledger table in the snapshot that an export reads. */
export interface PinnedTable {
  readonly namespace: string
  readonly name: string
  /** Snapshot id as text. */
  readonly snapshot: string
  /** It keeps no text of its resources (`--no-raw`): its lines cannot be had. */
  readonly textless?: true
}

/** One state of the whole lake: plain data that outlives the process, so that a job goes on with what it began with. */
export interface Pin {
  /** Newest commit time among the pinned silver tables; of an empty lake the time of pinning. */
  readonly transactionTime: string
  readonly tables: readonly PinnedTable[]
}

/** A `_typeFilter` taken apart: all parameters must hold, one value of each is enough. */
export interface TypeFilter {
  readonly type: string
  readonly parameters: readonly SearchParameter[]
}

export interface SearchParameter {
  readonly name: string
  readonly values: readonly string[]
}

/** What an export takes of the lake. */
export interface Selection {
  /**
   * `system`: everything; `patients`: what belongs to any patient; else what belongs to these patients or members of this Group.
   */
  readonly level:
    | { readonly kind: 'system' }
    | { readonly kind: 'patients' }
    | { readonly kind: 'group'; readonly id: string; readonly patients?: readonly string[] }
    | { readonly kind: 'some'; readonly patients: readonly string[] }
  readonly since?: string
  readonly until?: string
  /** A resource of a type with filters must meet one of them. */
  readonly filters?: readonly TypeFilter[]
  /** Of several Provenance of one resource only the newest (`LatestProvenanceResources`). */
  readonly latestProvenance?: boolean
  /** As `filters`, from the caller's scopes; both must hold. */
  readonly limits?: readonly TypeFilter[]
}

/** A part of an export that is done, or done again, as a whole. */
export interface WorkUnit {
  readonly type: string
  /** Data files of the table. */
  readonly files: readonly string[]
  /** Rows in them before anything is left out. */
  readonly rows: number
}

/** A resource with the patient that it belongs to. */
export interface PatientLine {
  readonly patient: string
  /** The resource as it was loaded. */
  readonly raw: string
}

export interface LinesOptions {
  readonly signal?: AbortSignal
  /** So many resources have no text: another program wrote their rows. They are left out. */
  readonly onMissing?: (rows: number) => void
}

export interface DeletedResource {
  readonly type: string
  readonly id: string
  readonly deletedAt: string
}

export interface GroupSummary {
  readonly id: string
  readonly raw: string
}

/** Reads a lake for others: pinned snapshots as raw lines. It never writes. */
export interface Provider extends AsyncDisposable {
  /** Pins all tables in one read of the catalog. */
  pin(): Promise<Pin>
  /** Types that the pinned lake has a table of. */
  types(pin: Pin): readonly string[]
  /** Of these the types whose lines cannot be had: the pinned lake keeps no text of them. */
  textless(pin: Pin): readonly string[]
  /** Throws `usage` for a filter that cannot be met, naming the parameter. */
  check(pin: Pin, selection: Selection): Promise<void>
  units(pin: Pin, type: string): Promise<WorkUnit[]>
  /**
   * The resources of a unit as they were loaded: UTF-8 without line ends, in batches that are good until the next one is asked
   * for. In memory there is never more than a few megabytes and one resource.
   */
  lines(pin: Pin, unit: WorkUnit, selection: Selection, options?: LinesOptions): AsyncIterable<readonly Uint8Array[]>
  /** The lines of several types, those of one patient together. */
  byPatient(pin: Pin, types: readonly string[], selection: Selection, signal?: AbortSignal): AsyncIterable<readonly PatientLine[]>
  /**
   * Tombstones whose resource is not in the lake again; none without `since`. At the level of a Group or of chosen patients only
   * those whose resource is known to have been theirs: it is, as long as a snapshot holds the data file that it stood in.
   */
  deleted(
    pin: Pin,
    types: readonly string[],
    selection: Selection,
    signal?: AbortSignal,
  ): AsyncIterable<readonly DeletedResource[]>
  /** Whose resources a selection holds, each patient once. */
  patients(
    pin: Pin,
    types: readonly string[],
    selection: Selection,
    signal?: AbortSignal,
  ): AsyncIterable<readonly { readonly patient: string }[]>
  /** Writes the resources of a unit as Parquet, in the columns of their table, and gives their number. */
  parquet(pin: Pin, unit: WorkUnit, selection: Selection, path: string, signal?: AbortSignal): Promise<number>
  /** The rows of a ViewDefinition over what a selection takes; a wrong view is a `ViewError`, before anything runs. */
  view(pin: Pin, view: unknown, selection: Selection, options?: ViewOptions): Promise<QueryResult>
  groups(pin: Pin, ids?: readonly string[]): Promise<GroupSummary[]>
  /** Which of these ids a type has, of any source. */
  held(pin: Pin, type: string, ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Ids of one source that a file, an id in a line, does not have; in their order. */
  absent(
    pin: Pin,
    of: { readonly type: string; readonly source: string; readonly idsFile: string },
    signal?: AbortSignal,
  ): AsyncIterable<readonly { readonly id: string }[]>
  /** Which of these patients the lake holds; with `groups` only their members count. */
  knownPatients(pin: Pin, ids: readonly string[], groups?: readonly string[]): Promise<ReadonlySet<string>>
}
