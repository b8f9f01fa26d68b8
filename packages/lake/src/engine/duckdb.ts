import { mkdir } from 'node:fs/promises'
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api'
import { LakeError } from '../errors.ts'
import type { ColumnInfo, Engine, EngineOptions, QueryRows, Row, RunOptions } from './engine.ts'
import { registerFunctions } from './functions.ts'
import { converterOf } from './values.ts'

export type { ColumnInfo, Engine, EngineOptions, QueryRows, Row, RunOptions } from './engine.ts'

/**
 * Opens DuckDB in memory: UTC, input order kept, no extension ever fetched or loaded by itself.
 *
 * @example
 * await using engine = await openEngine({ tempDir: '/lake/tmp', memoryLimit: '1GB' })
 * const rows = await engine.all<{ n: number }>('select 42 as n')
 */
export async function openEngine({ memoryLimit, threads, tempDir }: EngineOptions): Promise<Engine> {
  const spills = await canMake(tempDir)
  const instance = await DuckDBInstance.create(':memory:', {
    temp_directory: spills ? tempDir : '',
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
    ...(threads === undefined ? {} : { threads: String(threads) }),
  }).catch((cause: unknown) => {
    throw engineError(cause)
  })
  return await connection({ instance, connections: 0 }, registerFunctions)
}

/** Where nothing can be written, a read-only copy of a lake, the engine works in memory alone: resources go to no other folder. */
async function canMake(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    // Of a disk that is read-only Node tells ENOENT here: it looks for the folder above.
    if (['EROFS', 'EACCES', 'EPERM', 'ENOENT'].includes(code)) return false
    throw error
  }
}

interface SharedInstance {
  readonly instance: DuckDBInstance
  connections: number
}

async function connection(shared: SharedInstance, prepare?: (duck: DuckDBConnection) => void): Promise<Engine> {
  const duck = await shared.instance.connect()
  shared.connections++
  prepare?.(duck)
  await duck.run("set TimeZone = 'UTC'")
  return new DuckDBEngine(duck, shared)
}

/** The last connection closed closes the database. */
class DuckDBEngine implements Engine {
  readonly #duck: DuckDBConnection
  readonly #shared: SharedInstance
  #open = true

  constructor(duck: DuckDBConnection, shared: SharedInstance) {
    this.#duck = duck
    this.#shared = shared
  }

  async run(sql: string, options?: RunOptions): Promise<void> {
    await this.#guard(options, () => this.#duck.run(sql))
  }

  async all<T = Row>(sql: string, options?: RunOptions): Promise<T[]> {
    return await this.#guard(options, async () => {
      const result = await this.#duck.run(sql)
      const convert = rowsOf(result)
      return (await result.fetchAllChunks()).flatMap(convert) as T[]
    })
  }

  async query(sql: string, options?: RunOptions): Promise<QueryRows> {
    const result = await this.#guard(options, () => this.#duck.stream(sql))
    const types = result.columnTypes()
    const columns = result.deduplicatedColumnNames().map((name, index) => ({ name, type: String(types[index]) }))
    return { columns, rows: this.#chunks(result, options) }
  }

  async *stream(sql: string, options?: RunOptions): AsyncIterable<readonly Row[]> {
    yield* (await this.query(sql, options)).rows
  }

  async columns(sql: string): Promise<ColumnInfo[]> {
    return await this.#guard(undefined, async () => {
      const prepared = await this.#duck.prepare(sql)
      try {
        return Array.from({ length: prepared.columnCount }, (_, index) => ({
          name: prepared.columnName(index),
          type: String(prepared.columnType(index)),
        }))
      } finally {
        prepared.destroySync()
      }
    })
  }

  interrupt(): void {
    if (this.#open) this.#duck.interrupt()
  }

  async connect(): Promise<Engine> {
    return await connection(this.#shared)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#duck.closeSync()
    if (--this.#shared.connections === 0) this.#shared.instance.closeSync()
  }

  async *#chunks(result: DuckDBResult, options: RunOptions | undefined): AsyncIterable<readonly Row[]> {
    const convert = rowsOf(result)
    for (;;) {
      const chunk = await this.#guard(options, () => result.fetchChunk())
      if (chunk === null || chunk.rowCount === 0) return
      yield convert(chunk)
    }
  }

  async #guard<T>(options: RunOptions | undefined, action: () => Promise<T>): Promise<T> {
    const signal = options?.signal
    if (signal?.aborted) throw interrupted(signal.reason)
    const stop = (): void => this.interrupt()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      return await action()
    } catch (cause) {
      throw signal?.aborted ? interrupted(signal.reason) : engineError(cause)
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }
}

function rowsOf(result: DuckDBResult): (chunk: DuckDBDataChunk) => Row[] {
  const names = result.deduplicatedColumnNames()
  const converters = result.columnTypes().map(converterOf)
  return (chunk) => {
    const columns = chunk.getColumns().map((values, index) => values.map(converters[index] ?? String))
    return Array.from({ length: chunk.rowCount }, (_, row) =>
      Object.fromEntries(names.map((name, index) => [name, columns[index]?.[row]])),
    )
  }
}

function interrupted(cause: unknown): LakeError {
  return new LakeError('interrupted', 'Interrupted.', { cause, exitCode: 130 })
}

/**
 * Sorts DuckDB's messages into our codes; DuckDB quotes values of the data in some of them, so only `cause` keeps the text in
 * those.
 */
function engineError(cause: unknown): LakeError {
  const text = cause instanceof Error ? cause.message : String(cause)
  if (/No space left|disk is full|max_temp_directory_size|failed to offload/i.test(text)) {
    return new LakeError('disk-full', 'The disk is full, or the temporary folder reached its limit.', {
      hint: 'Free space on the disk that holds the lake, then run the same command again: nothing half-written is visible.',
      retryable: true,
      cause,
    })
  }
  if (/Out of Memory Error|failed to allocate|could not allocate/i.test(text)) {
    return new LakeError('memory', 'The engine reached its memory limit.', {
      hint: 'Raise the memory limit, or use fewer threads: each thread holds buffers of its own.',
      cause,
    })
  }
  if (/^INTERRUPT Error|Interrupted!/i.test(text)) return interrupted(cause)
  if (/^(Parser|Binder|Catalog|Permission) Error/.test(text)) return new LakeError('sql', text, { cause })
  return new LakeError('sql', `The engine failed: ${text.split(':', 1)[0] ?? 'error'}.`, { cause })
}
