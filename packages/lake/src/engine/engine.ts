/** A row as plain data that `JSON.stringify` takes: see `values.ts` for how each SQL type comes out. */
export type Row = Record<string, unknown>

export interface ColumnInfo {
  readonly name: string
  /** As the engine spells it: `STRUCT("use" VARCHAR)[]`. */
  readonly type: string
}

export interface RunOptions {
  /** Interrupts the statement; the call then fails with code `interrupted`. */
  readonly signal?: AbortSignal
}

/** Columns and rows of one statement; rows come in chunks of at most 2,048. */
export interface QueryRows {
  readonly columns: readonly ColumnInfo[]
  readonly rows: AsyncIterable<readonly Row[]>
}

/**
 * What runs SQL.
 *
 * An engine is one connection: statements on it run one after the other, and a statement ends the rows of a `query` or `stream`
 * that is still being read. Who reads and writes at the same time takes a second one with `connect()`; tables and views (not
 * temporary ones) are seen by all connections. Every failure is a `LakeError`: `memory`, `disk-full`, `interrupted` or `sql`.
 */
export interface Engine extends AsyncDisposable {
  /** Runs one or several statements for their effect. */
  run(sql: string, options?: RunOptions): Promise<void>
  /** All rows at once: for small results. */
  all<T = Row>(sql: string, options?: RunOptions): Promise<T[]>
  /** Columns now, rows as they are read. */
  query(sql: string, options?: RunOptions): Promise<QueryRows>
  /** The rows of `query`. */
  stream(sql: string, options?: RunOptions): AsyncIterable<readonly Row[]>
  /** Names and types of a statement's result, without running it. */
  columns(sql: string): Promise<ColumnInfo[]>
  /** Stops the running statement of this connection. */
  interrupt(): void
  /** A second connection to the same engine; disposed on its own. */
  connect(): Promise<Engine>
}

export interface EngineOptions {
  /** Bound of memory, `2GB`; default: DuckDB's (80 % of the machine). */
  readonly memoryLimit?: string
  readonly threads?: number
  /** Where the engine spills; made (0700) when first needed. */
  readonly tempDir: string
}
