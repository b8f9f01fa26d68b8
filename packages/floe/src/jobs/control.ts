import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { FloeError } from '../errors.ts'
import { migrations } from './migrations.ts'

type Row = Readonly<Record<string, unknown>>

/** The control database of a lake: clients, tokens, jobs, audit. Several processes may have it open. */
export interface Control extends Disposable {
  all(sql: string, values?: readonly SQLInputValue[]): Row[]
  one(sql: string, values?: readonly SQLInputValue[]): Row | undefined
  /** Rows that changed. */
  run(sql: string, values?: readonly SQLInputValue[]): number
  /** All of it or nothing; durable when it returns. */
  transaction<T>(action: () => T): T
}

/** Opens `control.db` of a lake's folder, which must be there; the file is its owner's alone. */
export function openControl(lakeDir: string): Control {
  const file = join(lakeDir, 'control.db')
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 10_000, enableForeignKeyConstraints: true })
  const control = new SqliteControl(database)
  control.migrate()
  return control
}

class SqliteControl implements Control {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
    // Readers and the one writer do not wait for each other; a commit is on disk before it is told.
    database.exec('pragma journal_mode = wal; pragma synchronous = full')
  }

  migrate(): void {
    this.transaction(() => {
      const done = Number(this.one('pragma user_version')?.user_version ?? 0)
      if (done > migrations.length) {
        throw new FloeError('usage', 'the control database of this lake was written by a newer floe', { exitCode: 2 })
      }
      for (const sql of migrations.slice(done)) this.#database.exec(sql)
      if (done < migrations.length) this.#database.exec(`pragma user_version = ${migrations.length}`)
    })
  }

  all(sql: string, values: readonly SQLInputValue[] = []): Row[] {
    return this.#database.prepare(sql).all(...values)
  }

  one(sql: string, values: readonly SQLInputValue[] = []): Row | undefined {
    return this.#database.prepare(sql).get(...values)
  }

  run(sql: string, values: readonly SQLInputValue[] = []): number {
    return Number(this.#database.prepare(sql).run(...values).changes)
  }

  transaction<T>(action: () => T): T {
    this.#database.exec('begin immediate')
    try {
      const result = action()
      this.#database.exec('commit')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close()
  }
}
