import { createHash } from 'node:crypto'
import type { Engine } from '../engine/engine.ts'
import { ident, literal } from '../engine/sql.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import type { StructShape } from '../iceberg/shape.ts'
import type { SnapshotChoice, Table } from '../iceberg/table.ts'
import { type Lookups, makeLookups } from './lookups.ts'
import { visibilitySources } from './views.ts'
import { hiddenSql, visibleRows } from './visible.ts'

/** The state of the tables that tell which rows stay out of gold: enough to find the same rows again later. */
export interface GateState {
  /** Snapshots of the tables; null for one that was not there. */
  readonly snapshots: Readonly<Record<string, string | null>>
  readonly required: readonly string[]
}

/** Which rows stay out of gold: hidden Encounters with what refers to them, and rows that failed an `error` rule. */
export interface Gate {
  readonly state: GateState
  /** Temporary table (_source, id) of hidden Encounters. */
  readonly hidden: string
  readonly anyHidden: boolean
  readonly hiddenDigest: string
  /** Temporary table (_source, type, id) of rows that failed. */
  readonly failed: string
  /** Per type, a digest of its failed rows. */
  readonly failedDigests: ReadonlyMap<string, string>
}

/** What all views of a build stand on. */
export interface Ground {
  readonly tables: readonly Table[]
  /**
   * The sources of the lake: where there are several, rows of gold say whose they are, for ids are unique within a source only.
   */
  readonly sources: readonly string[]
  readonly gate: Gate
  /** The gate as it was when a gold table was made; undefined where that cannot be told any more. */
  earlier(state: GateState): Promise<Gate | undefined>
  /** What conditional references are looked up in, made on first use; undefined when there are none. */
  lookups(): Promise<Lookups | undefined>
}

const gateTables = ['loads', 'completion', 'tracked', 'quality_failures']
export async function groundOf(engine: Engine, tables: readonly Table[], required: readonly string[]): Promise<Ground> {
  const gate = await openGate(engine, tables, { snapshots: snapshotsOf(tables), required })
  const sources = await sourcesOf(engine, tables)
  const known = new Map<string, Promise<Gate | undefined>>()
  let lookups: Promise<Lookups | undefined> | undefined
  return {
    tables,
    sources,
    gate,
    earlier: async (state) => {
      const key = JSON.stringify(state)
      if (key === JSON.stringify(gate.state)) return gate
      const found = known.get(key) ?? openGate(engine, tables, state, `_${known.size}`).catch(() => undefined)
      known.set(key, found)
      return await found
    },
    lookups: async () => {
      lookups ??= makeLookups(engine, tables)
      return await lookups
    },
  }
}

async function sourcesOf(engine: Engine, tables: readonly Table[]): Promise<string[]> {
  const loads = tables.find(({ namespace, name }) => namespace === 'floe' && name === 'loads')
  if (loads === undefined) return []
  const rows = await engine.all<{ source: string }>(
    `select distinct source from (${scanSql(await planScan(loads))}) where status in ('complete', 'incomplete') order by source`,
  )
  return rows.map(({ source }) => source)
}

/** What a gold table has after the columns of its view: `_source` in a lake of several sources, nothing in a lake of one. */
export function keptColumns({ sources }: Ground): readonly string[] {
  return sources.length > 1 ? ['_source'] : []
}

function snapshotsOf(tables: readonly Table[]): Record<string, string | null> {
  const idOf = (name: string): string | null =>
    tables.find((table) => table.namespace === 'floe' && table.name === name)?.metadata['current-snapshot-id'] ?? null
  return Object.fromEntries(gateTables.map((name) => [name, idOf(name)]))
}

async function openGate(engine: Engine, tables: readonly Table[], state: GateState, suffix = ''): Promise<Gate> {
  const [hidden, failed] = [`floe_hidden${suffix}`, `floe_failed${suffix}`]
  const then = tables.filter(({ namespace, name }) => namespace !== 'floe' || (state.snapshots[name] ?? null) !== null)
  const choose = ({ namespace, name }: Table): SnapshotChoice => {
    const snapshotId = namespace === 'floe' ? state.snapshots[name] : undefined
    return typeof snapshotId === 'string' ? { snapshotId } : {}
  }
  const sources = await visibilitySources({ tables: then, required: state.required, choose })
  await engine.run(`create or replace temp table ${hidden} as select * from ${hiddenSql(sources)}`)
  const [row] = await engine.all<{ n: number; digest: string }>(
    `select count(*) as n, md5(coalesce(string_agg(_source || ' ' || id, chr(10) order by _source, id), '')) as digest from ${hidden}`,
  )
  const failures = then.find(({ namespace, name }) => namespace === 'floe' && name === 'quality_failures')
  const rows =
    failures === undefined
      ? 'select null::varchar as _source, null::varchar as type, null::varchar as id where false'
      : `select distinct _source, type, id from (${scanSql(await planScan(failures, choose(failures)))}) where severity = 'error'`
  await engine.run(`create or replace temp table ${failed} as ${rows}`)
  const digests = await engine.all<{ type: string; digest: string }>(
    `select type, md5(string_agg(_source || ' ' || id, chr(10) order by _source, id)) as digest from ${failed} group by type`,
  )
  return {
    state,
    ...{ hidden, anyHidden: (row?.n ?? 0) > 0, hiddenDigest: row?.digest ?? '' },
    ...{ failed, failedDigests: new Map(digests.map(({ type, digest }) => [type, digest])) },
  }
}

/** Rows of a type that pass the gate, and what the answer depends on. */
export function passing(
  gate: Gate,
  type: string,
  schema: StructShape,
  relation: string,
): { readonly relation: string; readonly digest: string } {
  // A table that another engine made, without floe's control columns: nothing tells whose a row is.
  if (schema.struct.id === undefined || schema.struct._source === undefined) return { relation, digest: '' }
  const seen = gate.anyHidden ? visibleRows(type, schema, relation, gate.hidden) : relation
  const failed = gate.failedDigests.get(type)
  const passed =
    failed === undefined
      ? seen
      : `(select * from ${seen} t where not exists (
          select 1 from ${gate.failed} f where f._source = t._source and f.type = ${literal(type)} and f.id = t.id))`
  const parts = [seen === relation ? '' : gate.hiddenDigest, failed ?? '']
  return { relation: passed, digest: parts.join('') === '' ? '' : digestOf(parts) }
}

export function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}

/** Keys (_source, id) of the rows that pass one gate and not the other. */
export function flippedSql(before: Gate, after: Gate, type: string, schema: StructShape, relation: string): string | undefined {
  const both = (a: string, b: string, columns: readonly string[], rest: string): string => {
    const list = columns.map(ident).join(', ')
    const side = (one: string, other: string): string =>
      `(select ${list} from ${one} ${rest} except select ${list} from ${other} ${rest})`
    return `(${side(a, b)} union all ${side(b, a)})`
  }
  const parts: string[] = []
  if (before.hiddenDigest !== after.hiddenDigest) {
    const flipped = both(before.hidden, after.hidden, ['_source', 'id'], '')
    const kept = visibleRows(type, schema, relation, flipped)
    if (kept !== relation)
      parts.push(`select _source, id from ${relation} a anti join (select _source, id from ${kept}) b using (_source, id)`)
  }
  if (before.failedDigests.get(type) !== after.failedDigests.get(type)) {
    parts.push(`select * from ${both(before.failed, after.failed, ['_source', 'id'], `where type = ${literal(type)}`)}`)
  }
  return parts.length === 0 ? undefined : parts.join(' union ')
}
