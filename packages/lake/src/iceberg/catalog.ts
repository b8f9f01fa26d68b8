import { closeSync, existsSync, openSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { LakeError } from '../errors.ts'
import { localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import { LakeConflictError } from './conflict.ts'
import type { StagedChange } from './stage.ts'
import type { Table } from './table.ts'
import { loadMetadata } from './table-files.ts'

export { LakeConflictError } from './conflict.ts'

export interface TablePointer {
  readonly namespace: string
  readonly name: string
  readonly metadataLocation: string
}

/** What a commit does beside publishing tables, in the same transaction. */
export interface CommitExtras {
  /** The folder that the lake lies in from now on (relocation). */
  readonly root?: string
  /** Tables to forget; a conflict when one has moved on. Their files stay until orphan removal. */
  readonly drop?: readonly TablePointer[]
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
  /** Reads the table that a pointer names, also when the catalog has moved on. */
  loadAt(pointer: TablePointer, storage?: Storage): Promise<Table>
  /** Makes a namespace; nothing happens when it is there. */
  createNamespace(namespace: string): void
  property(namespace: string, key: string): string | undefined
  /** Makes the namespace, too. */
  setProperty(namespace: string, key: string, value: string): void
  /**
   * Publishes several tables at once, or none: the commit point of every write.
   * Throws `LakeConflictError` when a pointer moved; the staged metadata files are removed then (data files are the caller's).
   */
  commit(changes: readonly StagedChange[], also?: CommitExtras): Promise<void>
  /** The folder that the catalog lies in, without links. */
  readonly root: string
  /** The folder that the lake was made in (or relocated to); undefined while it has no namespace. */
  recordedRoot(): string | undefined
  /** Forgets a table; its files stay until orphan removal. */
  drop(namespace: string, name: string): void
  close(): void
}

export interface CatalogOptions {
  /** `catalog.db` of the lake. */
  readonly file: string
  /** Make it when it is not there; without it a missing catalog is an error. */
  readonly create?: boolean
  /** Open a lake that was moved, to relocate it. */
  readonly moved?: boolean
  readonly storage?: Storage
  /** How long to wait for another process' commit. */
  readonly timeout?: number
}

/** Part of the key in every row: readers find the tables under this name only (reference: interop §2). */
const catalogName = 'floe'
const rootKey = 'floe.root'

/** The JDBC catalog's layout that Iceberg calls V1: pyiceberg, Spark and Trino open it as it is. */
const layout = `
create table if not exists iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name));
create table if not exists iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255) NOT NULL,
  property_value VARCHAR(1000),
  PRIMARY KEY (catalog_name, namespace, property_key));`

/**
 * Opens the catalog of a lake on local disk.
 *
 * The file holds pointers only, and no transaction on it waits for anything: a write lock of three seconds fails a commit of
 * Spark. It keeps SQLite's rollback journal, so that readers need no side files. A lake whose folder was moved or copied is
 * refused.
 */
export function openCatalog({
  file,
  create = false,
  moved = false,
  storage = localStorage,
  timeout = 10_000,
}: CatalogOptions): Catalog {
  if (!existsSync(file)) {
    if (!create) throw new LakeError('no-lake', 'There is no lake in this folder.', { exitCode: 2 })
    closeSync(openSync(file, 'a', 0o600))
  }
  const root = realpathSync(dirname(file))
  const catalog = guarded(() => {
    const database = new DatabaseSync(join(root, basename(file)), { timeout })
    return new SqliteCatalog(database, root, storage)
  })
  if (!moved) catalog.refuseMoved()
  return catalog
}

class SqliteCatalog implements Catalog {
  readonly #database: DatabaseSync
  readonly root: string
  readonly #storage: Storage

  constructor(database: DatabaseSync, root: string, storage: Storage) {
    this.#database = database
    this.root = root
    this.#storage = storage
    if (this.#all("select name from sqlite_master where name in ('iceberg_tables', 'iceberg_namespace_properties')").length < 2) {
      database.exec(layout)
    }
  }

  recordedRoot(): string | undefined {
    const roots = this.#all(
      'select distinct property_value as root from iceberg_namespace_properties where catalog_name = ? and property_key = ?',
      [catalogName, rootKey],
    )
    return roots.map(({ root }) => text(root)).find((root) => root !== this.root) ?? (roots.length > 0 ? this.root : undefined)
  }

  refuseMoved(): void {
    const root = this.recordedRoot()
    if (root === undefined || root === this.root) return
    this.close()
    throw new LakeError('lake-moved', 'This lake was moved or copied: its tables still name the folder that it was made in.', {
      hint: 'Run: floe maintain --relocate',
      exitCode: 2,
    })
  }

  listTables(namespace?: string): TablePointer[] {
    const where = namespace === undefined ? '' : ' and table_namespace = ?'
    return this.#all(
      `select table_namespace as namespace, table_name as name, metadata_location as location from iceberg_tables
        where catalog_name = ? and (iceberg_type is null or iceberg_type = 'TABLE')${where} order by 1, 2`,
      namespace === undefined ? [catalogName] : [catalogName, namespace],
    ).map((row) => ({ namespace: text(row.namespace), name: text(row.name), metadataLocation: text(row.location) }))
  }

  listNamespaces(): string[] {
    return this.#all(
      `select distinct namespace as name from iceberg_namespace_properties where catalog_name = ?
        union select distinct table_namespace from iceberg_tables where catalog_name = ? order by 1`,
      [catalogName, catalogName],
    ).map(({ name }) => text(name))
  }

  async load(namespace: string, name: string): Promise<Table | undefined> {
    const metadataLocation = this.#pointer(namespace, name)
    return metadataLocation === undefined ? undefined : await this.loadAt({ namespace, name, metadataLocation })
  }

  async loadAt({ namespace, name, metadataLocation }: TablePointer, storage: Storage = this.#storage): Promise<Table> {
    const metadata = await loadMetadata(metadataLocation, storage)
    return { namespace, name, location: metadata.location, metadataLocation, metadata }
  }

  createNamespace(namespace: string): void {
    guarded(() => this.#transaction(() => this.#addNamespace(namespace)))
  }

  property(namespace: string, key: string): string | undefined {
    const [row] = this.#all(
      'select property_value as value from iceberg_namespace_properties where catalog_name = ? and namespace = ? and property_key = ?',
      [catalogName, namespace, key],
    )
    return row === undefined ? undefined : text(row.value)
  }

  setProperty(namespace: string, key: string, value: string): void {
    guarded(() =>
      this.#transaction(() => {
        this.#addNamespace(namespace)
        this.#run(
          `insert into iceberg_namespace_properties (catalog_name, namespace, property_key, property_value) values (?, ?, ?, ?)
            on conflict do update set property_value = excluded.property_value`,
          [catalogName, namespace, key, value],
        )
      }),
    )
  }

  async commit(changes: readonly StagedChange[], { root, drop = [] }: CommitExtras = {}): Promise<void> {
    try {
      guarded(() =>
        this.#transaction(() => {
          for (const change of changes) this.#swap(change)
          for (const pointer of drop) this.#forget(pointer)
          if (root !== undefined) this.#setRoot(root)
        }),
      )
    } catch (error) {
      if (error instanceof LakeConflictError) await discard(changes)
      if (error instanceof LakeConflictError || !this.#published(changes)) throw error
    }
    // The tables are published; what follows is tidying, and orphan removal does it again.
    await Promise.allSettled(changes.flatMap(({ obsolete, storage }) => obsolete.map((location) => storage.delete(location))))
  }

  drop(namespace: string, name: string): void {
    this.#run('delete from iceberg_tables where catalog_name = ? and table_namespace = ? and table_name = ?', [
      catalogName,
      namespace,
      name,
    ])
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Compare and swap: no row changes when another writer moved the pointer (spec: optimistic concurrency). */
  #swap({ namespace, name, base, table }: StagedChange): void {
    if (table.metadataLocation === base) {
      if (this.#pointer(namespace, name) !== base) throw new LakeConflictError(`${namespace}.${name}`)
      return
    }
    const changed = base === undefined ? this.#insert(namespace, name, table) : this.#update(namespace, name, table, base)
    if (changed !== 1) throw new LakeConflictError(`${namespace}.${name}`)
  }

  #insert(namespace: string, name: string, { metadataLocation }: Table): number {
    this.#addNamespace(namespace)
    return this.#run(
      `insert into iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, previous_metadata_location, iceberg_type)
        values (?, ?, ?, ?, null, 'TABLE') on conflict do nothing`,
      [catalogName, namespace, name, metadataLocation],
    )
  }

  #update(namespace: string, name: string, { metadataLocation }: Table, base: string): number {
    return this.#run(
      `update iceberg_tables set metadata_location = ?, previous_metadata_location = ?
        where catalog_name = ? and table_namespace = ? and table_name = ? and metadata_location = ?`,
      [metadataLocation, base, catalogName, namespace, name, base],
    )
  }

  #forget({ namespace, name, metadataLocation }: TablePointer): void {
    const changed = this.#run(
      'delete from iceberg_tables where catalog_name = ? and table_namespace = ? and table_name = ? and metadata_location = ?',
      [catalogName, namespace, name, metadataLocation],
    )
    if (changed !== 1) throw new LakeConflictError(`${namespace}.${name}`)
  }

  #addNamespace(namespace: string): void {
    for (const [key, value] of [
      ['exists', 'true'],
      [rootKey, this.root],
    ] as const) {
      this.#run(
        `insert into iceberg_namespace_properties (catalog_name, namespace, property_key, property_value)
          values (?, ?, ?, ?) on conflict do nothing`,
        [catalogName, namespace, key, value],
      )
    }
  }

  #setRoot(root: string): void {
    this.#run('update iceberg_namespace_properties set property_value = ? where catalog_name = ? and property_key = ?', [
      root,
      catalogName,
      rootKey,
    ])
  }

  #pointer(namespace: string, name: string): string | undefined {
    const [row] = this.#all(
      `select metadata_location as location from iceberg_tables
        where catalog_name = ? and table_namespace = ? and table_name = ? and (iceberg_type is null or iceberg_type = 'TABLE')`,
      [catalogName, namespace, name],
    )
    return row === undefined ? undefined : text(row.location)
  }

  /**
   * After an error of COMMIT itself the pointers tell the outcome. While they cannot be read it is unknown, and nothing is
   * removed.
   */
  #published(changes: readonly StagedChange[]): boolean {
    const moving = changes.filter(({ base, table }) => table.metadataLocation !== base)
    return (
      moving.length > 0 && moving.every(({ namespace, name, table }) => this.#pointer(namespace, name) === table.metadataLocation)
    )
  }

  #transaction(action: () => void): void {
    this.#database.exec('begin immediate')
    try {
      action()
      this.#database.exec('commit')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  #all(sql: string, values: SQLInputValue[] = []): Record<string, unknown>[] {
    return guarded(() => this.#database.prepare(sql).all(...values))
  }

  #run(sql: string, values: SQLInputValue[]): number {
    return Number(guarded(() => this.#database.prepare(sql).run(...values)).changes)
  }
}

/** Only after a definite conflict: what nobody refers to may go. */
async function discard(changes: readonly StagedChange[]): Promise<void> {
  await Promise.allSettled(changes.flatMap(({ written, storage }) => written.map((location) => storage.delete(location))))
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new LakeError('metadata', 'A row of the catalog names no metadata file.')
  return value
}

function guarded<T>(action: () => T): T {
  try {
    return action()
  } catch (cause) {
    if (cause instanceof LakeError) throw cause
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === 5) {
      throw new LakeError('lake-busy', 'Another process holds the catalog of this lake.', {
        hint: 'Run the same command again.',
        retryable: true,
        cause,
      })
    }
    throw new LakeError('catalog', 'The catalog of this lake cannot be read or written.', { cause })
  }
}
