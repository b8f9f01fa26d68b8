import { randomBytes } from 'node:crypto'
import { realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { check, compile } from '@floe/views'
import { openLakeCatalog } from '../bronze/open-catalog.ts'
import { leaveRelease } from '../bronze/release.ts'
import { openEngine } from '../engine/duckdb.ts'
import type { Engine } from '../engine/engine.ts'
import { ident, literal, literals } from '../engine/sql.ts'
import { identifiersSql } from '../gold/identifiers.ts'
import { rowsOfView, viewFailure } from '../gold/run-view.ts'
import { typeOfTable } from '../gold/visible.ts'
import type { Catalog } from '../iceberg/catalog.ts'
import { planScan, type ScanPlan, scanSql } from '../iceberg/plan.ts'
import { shapeOf } from '../iceberg/shape.ts'
import { currentSchema, currentSnapshot, type Table } from '../iceberg/table.ts'
import { rawColumn } from '../silver/columns.ts'
import { conditionalReferences, relationOf } from '../silver/context.ts'
import { escapeGlob } from '../silver/copy.ts'
import { type LedgerTable, ledgerTables } from '../silver/ledger-tables.ts'
import type { LakeOptions, QueryResult, ViewOptions } from '../types.ts'
import { hasTargets, kept, membersSql, needText, nobody, ownColumns, pinnedSnapshots } from './plans.ts'
import { rawLines } from './raw-lines.ts'
import { checkFilter } from './search.ts'
import {
  instant,
  levelConditions,
  patientLinesSql,
  patientsSql,
  placesSql,
  rowsSql,
  type SelectionPlan,
  type SelectionSources,
} from './selection.ts'
import type { DeletedResource, GroupSummary, LinesOptions, PatientLine, Pin, Provider, Selection, WorkUnit } from './types.ts'

/** Data files are taken together until a unit has this many rows. */
const rowsOfUnit = 100_000
/** Older ones are not looked through for whose a deleted resource was. */
const mostSnapshots = 50

/**
 * Opens a lake to hand its content on.
 *
 * @example
 * await using provider = await openProvider({ dir: './lake' })
 * const pin = await provider.pin()
 * for (const unit of await provider.units(pin, 'Patient')) for await (const lines of provider.lines(pin, unit, { level: { kind: 'system' } })) …
 */
export async function openProvider(options: Omit<LakeOptions, 'create'>): Promise<Provider> {
  const dir = await realpath(options.dir)
  return new LakeProvider(dir, openLakeCatalog(dir), options)
}

interface DeletionsOf {
  readonly pin: Pin
  readonly type: string
  readonly level: Selection['level']
  readonly members: string | undefined
}

class LakeProvider implements Provider {
  readonly #catalog: Catalog
  #closed = false
  readonly #options: Omit<LakeOptions, 'create'>
  readonly #tempDir: string
  #engine: Promise<Engine> | undefined
  /** What does not change as long as a snapshot is there: an export asks for it with every unit. */
  readonly #plans = new Map<string, Promise<ScanPlan | undefined>>()
  readonly #severalSources = new Map<string, Promise<boolean>>()

  constructor(dir: string, catalog: Catalog, options: Omit<LakeOptions, 'create'>) {
    this.#catalog = catalog
    this.#options = options
    this.#tempDir = join(dir, 'tmp', `${process.pid}-${randomBytes(4).toString('hex')}`)
  }

  async pin(): Promise<Pin> {
    const pointers = this.#catalog.listTables().filter(({ namespace }) => namespace === 'silver' || namespace === 'floe')
    const tables = await Promise.all(pointers.map((pointer) => this.#catalog.loadAt(pointer)))
    const newest = tables.flatMap((table) =>
      table.namespace === 'silver' ? (currentSnapshot(table)?.['timestamp-ms'] ?? []) : [],
    )
    const now = Date.now()
    return {
      transactionTime: new Date(newest.length === 0 ? now : Math.min(now, Math.max(...newest))).toISOString(),
      tables: tables.flatMap((table) => {
        const snapshot = currentSnapshot(table)?.['snapshot-id']
        if (snapshot === undefined) return []
        const kept = table.namespace !== 'silver' || currentSchema(table).fields.some(({ name }) => name === rawColumn)
        return [{ namespace: table.namespace, name: table.name, snapshot, ...(kept ? {} : { textless: true as const }) }]
      }),
    }
  }

  types(pin: Pin): readonly string[] {
    return pin.tables.flatMap(({ namespace, name }) => (namespace === 'silver' ? (typeOfTable(name) ?? []) : [])).toSorted()
  }

  textless(pin: Pin): readonly string[] {
    return this.types({ ...pin, tables: pin.tables.filter(({ textless }) => textless === true) })
  }

  async check(_: Pin, { filters = [], limits = [] }: Selection): Promise<void> {
    for (const filter of [...filters, ...limits]) checkFilter(filter)
  }

  async units(pin: Pin, type: string): Promise<WorkUnit[]> {
    const plan = await this.#plan(pin, 'silver', type.toLowerCase())
    const units: { type: string; files: string[]; rows: number }[] = []
    for (const { file } of plan?.files ?? []) {
      const last = units.at(-1)
      const rows = file.records
      if (last !== undefined && last.rows + rows <= rowsOfUnit) {
        last.files.push(file.path)
        last.rows += rows
      } else units.push({ type, files: [file.path], rows })
    }
    return units
  }

  async *lines(pin: Pin, unit: WorkUnit, selection: Selection, options: LinesOptions = {}): AsyncIterable<readonly Uint8Array[]> {
    const plan = await this.#plan(pin, 'silver', unit.type.toLowerCase())
    if (plan === undefined) return
    needText(plan)
    const wanted = new Set(unit.files)
    const part = { ...plan, files: plan.files.filter(({ file }) => wanted.has(file.path)) }
    await using engine = await (await this.#started()).connect()
    const sources = await this.#sources(engine, pin, unit.type, plan, selection)
    yield* rawLines(engine, { part, places: placesSql({ type: unit.type, plan, part, selection, sources }), ...options })
  }

  async *byPatient(
    pin: Pin,
    types: readonly string[],
    selection: Selection,
    signal?: AbortSignal,
  ): AsyncIterable<readonly PatientLine[]> {
    await using engine = await (await this.#started()).connect()
    const parts: string[] = []
    for (const type of types) {
      const plan = await this.#plan(pin, 'silver', type.toLowerCase())
      if (plan === undefined) continue
      needText(plan)
      const sources = await this.#sources(engine, pin, type, plan, selection)
      parts.push(patientLinesSql({ type, plan, part: plan, selection, sources }))
    }
    if (parts.length === 0) return
    const sql = `select patient, raw from (${parts.map((part) => `(${part})`).join(' union all ')}) where patient is not null order by patient`
    yield* engine.stream(sql, signal === undefined ? {} : { signal }) as AsyncIterable<
      readonly PatientLine[] & Record<string, unknown>[]
    >
  }

  async *deleted(
    pin: Pin,
    types: readonly string[],
    { since, until, level }: Selection,
    signal?: AbortSignal,
  ): AsyncIterable<readonly DeletedResource[]> {
    if (since === undefined) return
    const tombstones = await this.#ledger(pin, 'tombstones')
    const loads = await this.#loads(pin)
    const members = level.kind === 'group' ? await this.#members(pin, [level.id]) : undefined
    await using engine = await (await this.#started()).connect()
    for (const type of types) {
      const plan = await this.#plan(pin, 'silver', type.toLowerCase())
      const live = plan === undefined ? '(select null::varchar as id where false)' : `(${scanSql(plan, { columns: ['id'] })})`
      const late = `(d.deleted_at > ${instant(since)} or l.committed > ${instant(since)})`
      const whose = await this.#whoseDeletions({ pin, type, level, members })
      const sql = `select ${literal(type)} as type, d.id, max(d.deleted_at) as "deletedAt" from ${tombstones} d
        left join (select source, export_id, max(committed) as committed from ${loads} group by all) l
          on l.source = d.source and l.export_id = d.export_id
        where d.type = ${literal(type)} and ${late}
          ${until === undefined ? '' : `and d.deleted_at < ${instant(until)}`}
          and not exists (select 1 from ${live} r where r.id = d.id)${whose}
        group by d.id order by max(d.deleted_at), d.id`
      yield* engine.stream(sql, signal === undefined ? {} : { signal }) as AsyncIterable<
        readonly DeletedResource[] & Record<string, unknown>[]
      >
    }
  }

  /** A condition on `d`, a deletion: that the resource belonged to the level. */
  async #whoseDeletions({ pin, type, level, members }: DeletionsOf): Promise<string> {
    if (level.kind === 'system' || level.kind === 'patients') return ''
    if (type === 'Patient') return ` and (${levelConditions({ level }, members, 'd.id').join(' and ')})`
    const rows = await this.#everWritten(pin, type)
    const where = levelConditions({ level }, members).join(' and ')
    return rows === undefined
      ? ' and false'
      : ` and (d.source, d.id) in (select (t._source, t.id) from (${scanSql(rows, { columns: ['id', '_source', '_patient'] })}) t where ${where})`
  }

  /**
   * All rows that the table's live snapshots ever had, the deleted ones included: data files keep them until compaction writes
   * others, and the files before that stay as long as a snapshot names them. Undefined for a type of no patient's.
   */
  async #everWritten(pin: Pin, type: string): Promise<ScanPlan | undefined> {
    const plan = await this.#plan(pin, 'silver', type.toLowerCase())
    const table = await this.#catalog.load('silver', type.toLowerCase())
    if (table === undefined || plan?.schema.fields.some(({ name }) => name === '_patient') !== true) return undefined
    return await kept(this.#plans, `${type} with deleted rows ${plan.snapshot?.['snapshot-id']}`, async () => {
      const files = new Map(plan.files.map((file) => [file.file.path, file]))
      for (const snapshot of table.metadata.snapshots.slice(-mostSnapshots)) {
        const older = await planScan(table, { snapshotId: snapshot['snapshot-id'] }).catch(() => undefined)
        for (const file of older?.files ?? []) files.set(file.file.path, file)
      }
      return { ...plan, files: Array.from(files.values(), (file) => ({ ...file, deletes: [], shielded: false })) }
    })
  }

  async *patients(
    pin: Pin,
    types: readonly string[],
    selection: Selection,
    signal?: AbortSignal,
  ): AsyncIterable<readonly { readonly patient: string }[]> {
    await using engine = await (await this.#started()).connect()
    const parts: string[] = []
    for (const type of types) {
      const taken = await this.#taken(engine, pin, type, selection)
      if (taken !== undefined) parts.push(patientsSql(taken))
    }
    if (parts.length === 0) return
    const sql = `select distinct patient from (${parts.map((part) => `(${part})`).join(' union all ')}) where patient is not null`
    yield* engine.stream(sql, signal === undefined ? {} : { signal }) as AsyncIterable<
      readonly { readonly patient: string }[] & Record<string, unknown>[]
    >
  }

  async parquet(pin: Pin, unit: WorkUnit, selection: Selection, path: string, signal?: AbortSignal): Promise<number> {
    await using engine = await (await this.#started()).connect()
    const taken = await this.#taken(engine, pin, unit.type, selection, unit.files)
    if (taken === undefined) return 0
    const columns = Object.keys(shapeOf(taken.plan.schema).struct).filter((name) => !ownColumns.has(name))
    const [copied] = await engine.all<{ Count: number | string }>(
      `copy (${rowsSql(taken, columns)}) to ${literal(path)} (format parquet, compression zstd)`,
      signal === undefined ? {} : { signal },
    )
    return Number(copied?.Count ?? 0)
  }

  async view(pin: Pin, view: unknown, selection: Selection, options: ViewOptions = {}): Promise<QueryResult> {
    const type = check(view).resource
    const engine = await (await this.#started()).connect()
    try {
      const taken = await this.#taken(engine, pin, type, selection)
      const table = await this.#catalog.load('silver', type.toLowerCase())
      const conditional = taken !== undefined && table?.metadata.properties[conditionalReferences] === 'true'
      const resolve = conditional ? await identifiersSql(await this.#tables(pin), pinnedSnapshots(pin)) : undefined
      const schema = taken === undefined ? { struct: {} } : shapeOf(taken.plan.schema)
      const sql = taken === undefined ? '(select 1 as one where false)' : `(${rowsSql(taken, Object.keys(schema.struct))})`
      const source = { kind: 'table', sql, ...(resolve === undefined ? {} : { resolve }) } as const
      return await rowsOfView(engine, compile(view, { dialect: 'duckdb', schema, source }), options)
    } catch (error) {
      await engine[Symbol.asyncDispose]()
      throw viewFailure(error)
    }
  }

  async groups(pin: Pin, ids?: readonly string[]): Promise<GroupSummary[]> {
    const plan = await this.#plan(pin, 'silver', 'group')
    if (plan === undefined || shapeOf(plan.schema).struct[rawColumn] === undefined) return []
    const where = ids === undefined ? '' : `where list_contains(${literals(ids)}::varchar[], id)`
    const sql = `select id, arg_max(${rawColumn}, coalesce(_last_updated, '-infinity'::timestamptz)) as raw
      from (${scanSql(plan, { columns: ['id', '_last_updated', rawColumn] })}) ${where} group by id order by id`
    return await this.#all<GroupSummary>(sql)
  }

  async held(pin: Pin, type: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const plan = await this.#plan(pin, 'silver', type.toLowerCase())
    if (plan === undefined || ids.length === 0) return new Set()
    const sql = `select distinct id from (${scanSql(plan, { columns: ['id'] })}) where id in (select unnest(${literals(ids)}))`
    return new Set((await this.#all<{ id: string }>(sql)).map(({ id }) => id))
  }

  async *absent(
    pin: Pin,
    { type, source, idsFile }: { readonly type: string; readonly source: string; readonly idsFile: string },
    signal?: AbortSignal,
  ): AsyncIterable<readonly { readonly id: string }[]> {
    const plan = await this.#plan(pin, 'silver', type.toLowerCase())
    if (plan === undefined) return
    await using engine = await (await this.#started()).connect()
    const listed = `select id from read_csv(${literal(escapeGlob(idsFile))}, header = false, delim = ',', columns = {'id': 'varchar'})`
    const sql = `select t.id from (${scanSql(plan, { columns: ['id', '_source'] })}) t
      where t._source = ${literal(source)} and not exists (select 1 from (${listed}) x where x.id = t.id) order by t.id`
    yield* engine.stream(sql, signal === undefined ? {} : { signal }) as AsyncIterable<
      readonly { readonly id: string }[] & Record<string, unknown>[]
    >
  }

  async knownPatients(pin: Pin, ids: readonly string[], groups?: readonly string[]): Promise<ReadonlySet<string>> {
    const plan = await this.#plan(pin, 'silver', 'patient')
    if (plan === undefined) return new Set()
    const members = groups === undefined ? '' : ` and id in (select patient from ${await this.#members(pin, groups)})`
    const sql = `select distinct id from (${scanSql(plan, { columns: ['id'] })}) where list_contains(${literals(ids)}::varchar[], id)${members}`
    return new Set((await this.#all<{ id: string }>(sql)).map(({ id }) => id))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const engine = this.#engine
    this.#engine = undefined
    await (await engine?.catch(() => undefined))?.[Symbol.asyncDispose]()
    if (!this.#closed) leaveRelease()
    this.#closed = true
    this.#catalog.close()
    await rm(this.#tempDir, { recursive: true, force: true })
  }

  async #sources(engine: Engine, pin: Pin, type: string, plan: ScanPlan, selection: Selection): Promise<SelectionSources> {
    const { level, since } = selection
    const several = await kept(this.#severalSources, `${type} ${plan.snapshot?.['snapshot-id']}`, async () => {
      const [counted] = await engine.all<{ n: number }>(
        `select count(distinct _source) as n from (${scanSql(plan, { columns: ['_source'] })})`,
      )
      return (counted?.n ?? 0) > 1
    })
    return {
      loads: several || since !== undefined ? await this.#loads(pin) : '',
      firstCommit: since === undefined ? undefined : await this.#firstCommit(pin),
      members: level.kind === 'group' ? await this.#members(pin, [level.id]) : undefined,
      severalSources: several,
      compartment: type === 'Provenance' && hasTargets(plan) ? await this.#compartment(pin, selection) : undefined,
    }
  }

  /** What a selection takes of a type, of all its data files or of some; undefined when the lake has none. */
  async #taken(
    engine: Engine,
    pin: Pin,
    type: string,
    selection: Selection,
    files?: readonly string[],
  ): Promise<SelectionPlan | undefined> {
    const plan = await this.#plan(pin, 'silver', type.toLowerCase())
    if (plan === undefined) return undefined
    const wanted = files === undefined ? undefined : new Set(files)
    const part = wanted === undefined ? plan : { ...plan, files: plan.files.filter(({ file }) => wanted.has(file.path)) }
    return { type, plan, part, selection, sources: await this.#sources(engine, pin, type, plan, selection) }
  }

  async #tables(pin: Pin): Promise<Table[]> {
    const tables = await Promise.all(pin.tables.map(({ namespace, name }) => this.#catalog.load(namespace, name)))
    return tables.filter((table) => table !== undefined)
  }

  /** (reference): `Type/id` of what belongs to the level; undefined for the whole system. */
  async #compartment(pin: Pin, selection: Selection): Promise<string | undefined> {
    const { level } = selection
    if (level.kind === 'system') return undefined
    const members = level.kind === 'group' ? await this.#members(pin, [level.id]) : undefined
    const parts: string[] = []
    for (const type of this.types(pin)) {
      const plan = type === 'Provenance' ? undefined : await this.#plan(pin, 'silver', type.toLowerCase())
      if (plan === undefined || !plan.schema.fields.some(({ name }) => name === '_patient')) continue
      const where = levelConditions(selection, members).join(' and ')
      parts.push(
        `select ${literal(`${type}/`)} || t.id as reference from (${scanSql(plan, { columns: ['id', '_patient'] })}) t where ${where}`,
      )
    }
    return parts.length === 0 ? '(select null::varchar as reference where false)' : `(${parts.join(' union all ')})`
  }

  /** When each load was published: the time of its snapshots, or, where those have expired, when it finished. */
  async #loads(pin: Pin): Promise<string> {
    const times = new Map<string, number>()
    for (const { namespace, name } of pin.tables) {
      const table = await this.#catalog.load(namespace, name)
      for (const { summary, 'timestamp-ms': time } of table?.metadata.snapshots ?? []) {
        const load = summary['floe.load']
        if (load !== undefined) times.set(load, Math.min(time, times.get(load) ?? time))
      }
    }
    const values = Array.from(times, ([load, time]) => `(${literal(load)}, ${time})`)
    const known =
      values.length === 0 ? `(select null::varchar as load_id, null::bigint as ms where false)` : `(values ${values.join(', ')})`
    return `(select l.source, l.export_id, l.started_at, l.export_time, coalesce(epoch_ms(k.ms::bigint)::timestamp at time zone 'UTC', l.finished_at) as committed
      from ${await this.#ledger(pin, 'loads')} l left join ${known} k(load_id, ms) on k.load_id = l.load_id)`
  }

  async #firstCommit(pin: Pin): Promise<number | undefined> {
    const [row] = await this.#all<{ first: number | null }>(
      `select min(epoch_ms(committed)) as first from ${await this.#loads(pin)}`,
    )
    return row?.first ?? undefined
  }

  /** (patient): active members of these Groups that are patients. */
  async #members(pin: Pin, ids: readonly string[]): Promise<string> {
    const plan = await this.#plan(pin, 'silver', 'group')
    // The newest of all sources only: who left the Group since is no member by an older copy of it.
    await using engine = await (await this.#started()).connect()
    const taken = await this.#taken(engine, pin, 'Group', { level: { kind: 'system' } })
    return plan === undefined || taken === undefined ? nobody : membersSql(plan, rowsSql(taken, ['id', 'member']), ids)
  }

  async #ledger(pin: Pin, name: LedgerTable): Promise<string> {
    const plan = await this.#plan(pin, 'floe', name)
    if (plan === undefined) return await relationOf(undefined, ledgerTables[name])
    const columns = Object.keys(ledgerTables[name].struct)
    return `(select ${columns.map(ident).join(', ')} from (${scanSql(plan)}))`
  }

  async #plan(pin: Pin, namespace: string, name: string): Promise<ScanPlan | undefined> {
    const pinned = pin.tables.find((table) => table.namespace === namespace && table.name === name)
    if (pinned === undefined) return undefined
    return await kept(this.#plans, `${namespace}.${name} ${pinned.snapshot}`, async () => {
      const table: Table | undefined = await this.#catalog.load(namespace, name)
      return table === undefined ? undefined : await planScan(table, { snapshotId: pinned.snapshot })
    })
  }

  async #all<T>(sql: string): Promise<T[]> {
    await using engine = await (await this.#started()).connect()
    return await engine.all<T>(sql)
  }

  #started(): Promise<Engine> {
    // One thread: each holds row groups of its own, and lines of megabytes make these large; the reader of the rows is slower.
    const threads = this.#options.threads ?? 1
    const memoryLimit = this.#options.memoryLimit ?? '512MB'
    this.#engine ??= openEngine({ memoryLimit, threads, tempDir: this.#tempDir })
    return this.#engine
  }
}
