import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, readdir, realpath, rm } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '@floe/client/export-folder'
import { openLakeCatalog } from './bronze/open-catalog.ts'
import { leaveRelease } from './bronze/release.ts'
import { openEngine } from './engine/duckdb.ts'
import type { Engine } from './engine/engine.ts'
import { asOf, type LoadedExport } from './gold/as-of.ts'
import { findTable, tableHistory, tableInfo } from './gold/inventory.ts'
import { runQuery } from './gold/query.ts'
import { explainViewOnTables, runViewOnTables } from './gold/run-view.ts'
import { statusReport } from './gold/status.ts'
import { visibilitySources } from './gold/views.ts'
import { requiredTypes } from './gold/visible.ts'
import type { Catalog } from './iceberg/catalog.ts'
import type { Table } from './iceberg/table.ts'
import { loadFolders } from './load-folders.ts'
import { takeLock } from './lock.ts'
import { maintain } from './maintain.ts'
import { outTables } from './out/out.ts'
import { buildLake } from './quality/build-lake.ts'
import { qualityRows } from './quality/check.ts'
import { diffLake } from './replay/diff.ts'
import { listQuarantine, replayQuarantine, unlistedLines } from './replay/quarantine.ts'
import { rebuild } from './replay/rebuild.ts'
import { rollback } from './replay/rollback.ts'
import type { LakeContext } from './silver/context.ts'
import { ledgerRelation } from './silver/ledger.ts'
import { fileUri } from './storage/local.ts'
import type {
  BuildOptions,
  BuildReceipt,
  DiffReport,
  HistoryReport,
  Lake,
  LakeOptions,
  LoadOptions,
  LoadReceipt,
  MaintainOptions,
  MaintainReceipt,
  OutOptions,
  OutReceipt,
  OutTarget,
  QualityRow,
  QuarantineRow,
  QueryOptions,
  QueryResult,
  RebuildOptions,
  RebuildReceipt,
  RefreshOptions,
  ReplayOptions,
  ReplayReceipt,
  RollbackReceipt,
  StatusReport,
  TableInfo,
  UnlistedRow,
  ViewOptions,
} from './types.ts'

/**
 * Opens a lake; with `create` it is made when it is not there.
 *
 * The engine starts with the first step that needs it. One process may open a lake several times; writers wait for each other.
 *
 * @example
 * await using lake = await openLake({ dir: './lake', create: true })
 * const [receipt] = await lake.load({ folders: ['./2026-11-21'] })
 */
export async function openLake(options: LakeOptions): Promise<Lake> {
  const { create = false } = options
  if (create) await makeRoot(options.dir)
  const catalog = openLakeCatalog(options.dir, { create, fhirVersion: options.fhirVersion })
  return new LocalLake(await realpath(options.dir), catalog, options)
}

/** A folder that becomes a lake is its owner's alone from then on (CONTRACT §4, rule 7). */
async function makeRoot(dir: string): Promise<void> {
  await makeFolder(dir)
  if (!existsSync(join(dir, 'catalog.db'))) await chmod(dir, 0o700)
}

class LocalLake implements Lake {
  readonly dir: string
  readonly #catalog: Catalog
  readonly #options: LakeOptions
  readonly #tempDir: string
  #engine: Promise<Engine> | undefined
  #closed = false

  constructor(dir: string, catalog: Catalog, options: LakeOptions) {
    this.dir = dir
    this.#catalog = catalog
    this.#options = options
    this.#tempDir = join(dir, 'tmp', `${process.pid}-${randomBytes(4).toString('hex')}`)
  }

  async load(options: LoadOptions): Promise<LoadReceipt[]> {
    return await this.#write(options.signal, (context) => loadFolders(context, options))
  }

  async build(options: BuildOptions = {}): Promise<BuildReceipt[]> {
    return await this.#write(options.signal, async (context) => await buildLake(context, await this.#tables(), options))
  }

  async quality(): Promise<QualityRow[]> {
    return await qualityRows(await this.#started(), await this.#tables())
  }

  async query(sql: string, options: QueryOptions = {}): Promise<QueryResult> {
    const tables = await this.#tables()
    const choose = options.asOf === undefined ? undefined : asOf(options.asOf, tables, await this.#exports())
    const setting = {
      tables,
      required: this.#required(),
      dir: this.dir,
      ...this.#limits(),
      ...(choose === undefined ? {} : { choose }),
    }
    return await runQuery(sql, setting, options)
  }

  async runView(view: unknown, options: ViewOptions = {}): Promise<QueryResult> {
    return await runViewOnTables(view, await this.#tables(), await openEngine(this.#limits()), options)
  }

  async explainView(view: unknown): Promise<string> {
    return await explainViewOnTables(view, await this.#tables(), await this.#started())
  }

  async tables(): Promise<TableInfo[]> {
    const infos: TableInfo[] = []
    for (const table of await this.#tables()) infos.push(await tableInfo(() => this.#started(), table))
    return infos
  }

  async history(name: string): Promise<HistoryReport> {
    return await tableHistory(() => this.#started(), findTable(name, await this.#tables()))
  }

  async status(): Promise<StatusReport> {
    const sources = await visibilitySources({ tables: await this.#tables(), required: this.#required() })
    return await statusReport(await this.#started(), {
      ...sources,
      reconciliation: await ledgerRelation(await this.#context(), 'reconciliation'),
      quality: await this.quality(),
    })
  }

  async rebuild(options: RebuildOptions = {}): Promise<RebuildReceipt> {
    return await this.#write(options.signal, (context) => rebuild(context, options))
  }

  async rollback(name: string, options: RefreshOptions & RebuildOptions = {}): Promise<RollbackReceipt> {
    return await this.#write(options.signal, (context) => {
      const { viewsDir, rulesDir, signal } = options
      const refresh = Object.fromEntries(Object.entries({ viewsDir, rulesDir, signal }).filter(([, told]) => told !== undefined))
      return rollback(context, name, { ...options, refresh })
    })
  }

  async diff(from: string, to: string): Promise<DiffReport> {
    const [tables, exports] = [await this.#tables(), await this.#exports()]
    const sides = { from, to, chooseFrom: asOf(from, tables, exports), chooseTo: asOf(to, tables, exports) }
    return await diffLake(await this.#started(), tables, sides)
  }

  async maintain(options: MaintainOptions = {}): Promise<MaintainReceipt> {
    return await maintain((step) => this.#write(options.signal, step), options)
  }

  async out(target: OutTarget, options: OutOptions = {}): Promise<OutReceipt> {
    return await outTables(await this.#started(), await this.#tables(), target, options)
  }

  async quarantine(name?: string): Promise<QuarantineRow[]> {
    return await listQuarantine(await this.#context(), name)
  }

  async unlisted(name?: string): Promise<UnlistedRow[]> {
    return await unlistedLines(await this.#context(), name)
  }

  async replayQuarantine(options: ReplayOptions = {}): Promise<ReplayReceipt[]> {
    return await this.#write(options.signal, (context) => replayQuarantine(context, options))
  }

  async close(): Promise<void> {
    if (!this.#closed) leaveRelease()
    this.#closed = true
    const engine = this.#engine
    this.#engine = undefined
    await (await engine?.catch(() => undefined))?.[Symbol.asyncDispose]()
    this.#catalog.close()
    await rm(this.#tempDir, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #write<T>(signal: AbortSignal | undefined, action: (context: LakeContext) => Promise<T>): Promise<T> {
    using _ = await takeLock(join(this.dir, 'lock.db'), signal === undefined ? {} : { signal })
    await removeLeftovers(join(this.dir, 'tmp'))
    return await action(await this.#context())
  }

  async #context(): Promise<LakeContext> {
    return {
      dir: this.dir,
      warehouse: fileUri(join(this.dir, 'warehouse')),
      engine: await this.#started(),
      catalog: this.#catalog,
      requiredTypes: this.#required(),
      now: () => new Date(),
    }
  }

  #started(): Promise<Engine> {
    this.#engine ??= openEngine(this.#limits())
    return this.#engine
  }

  /** All tables as of one instant. */
  async #tables(): Promise<Table[]> {
    return await Promise.all(this.#catalog.listTables().map((pointer) => this.#catalog.loadAt(pointer)))
  }

  async #exports(): Promise<LoadedExport[]> {
    const loads = await ledgerRelation(await this.#context(), 'loads')
    return await (await this.#started()).all<LoadedExport>(
      `select distinct source, export_id from ${loads} where status <> 'rolled back'`,
    )
  }

  #required(): readonly string[] {
    return this.#options.requiredTypes ?? requiredTypes
  }

  #limits(): { memoryLimit: string; threads: number; tempDir: string } {
    const threads = this.#options.threads ?? availableParallelism()
    return { memoryLimit: this.#options.memoryLimit ?? `${defaultMemory(threads)}MB`, threads, tempDir: this.#tempDir }
  }
}

/** Megabytes for the engine: each thread holds buffers of its own, and half of what the machine gives is for others. */
function defaultMemory(threads: number): number {
  const constrained = process.constrainedMemory()
  const most = (constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()) / 2 ** 21
  return Math.max(256, Math.floor(Math.min(Math.max(2, threads) * 512, most)))
}

/** What engines of processes that are gone had spilled. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const pid = Number(/^(\d+)-[0-9a-f]{8}$/.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
