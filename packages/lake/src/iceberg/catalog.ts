import { LakeError } from '../errors.ts'
import type { StagedChange } from './stage.ts'
import type { Table } from './table.ts'

/** Another writer was first. Read the tables again, plan again, stage again (`commitWithRetry`). */
export class LakeConflictError extends LakeError {
  constructor(table: string) {
    super('lake-conflict', `Another writer changed ${table} meanwhile.`, {
      hint: 'Run the same command again.',
      retryable: true,
    })
    this.name = 'LakeConflictError'
  }
}

export interface TablePointer {
  readonly namespace: string
  readonly name: string
  readonly metadataLocation: string
}

/**
 * Names and pointers of tables. A commit is one short transaction; readers never wait for it.
 * The metadata itself lies beside the tables.
 */
export interface Catalog extends Disposable {
  /** All tables (of a namespace) as of one instant: what pins a whole lake. */
  listTables(namespace?: string): TablePointer[]
  listNamespaces(): string[]
  /** Reads a table's metadata; undefined when there is no such table. */
  load(namespace: string, name: string): Promise<Table | undefined>
  /** Makes a namespace; nothing happens when it is there. */
  createNamespace(namespace: string, properties?: Readonly<Record<string, string>>): void
  /**
   * Publishes several tables at once, or none: the commit point of every write.
   * Throws `LakeConflictError` when a pointer moved; the staged metadata files are removed then (data files are the caller's).
   */
  commit(changes: readonly StagedChange[]): Promise<void>
  /** Forgets a table; its files stay until orphan removal. */
  drop(namespace: string, name: string): void
  close(): void
}
