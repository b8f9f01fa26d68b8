import { ident } from '../engine/sql.ts'
import type { DataFile, DeleteFile } from '../iceberg/content-file.ts'
import { planScan, type ScanPlan, scanSql } from '../iceberg/plan.ts'
import type { IcebergSchema } from '../iceberg/schema.ts'
import { duckdbType, shapeOf } from '../iceberg/shape.ts'
import { currentSchema, type Table } from '../iceberg/table.ts'
import { writeData, writePositionDeletes } from '../iceberg/write.ts'
import { dataFolder, discard, type LakeContext } from '../silver/context.ts'
import { changedRows, changedSince } from './changed.ts'
import { type Gate, type Ground, passing } from './ground.ts'
import { compileLookingUp, type Lookups } from './lookups.ts'
import type { MadeOf } from './made-of.ts'

/** Rows of a gold table that go and come; everything else stays where it is. */
export interface Delta {
  readonly append: readonly DataFile[]
  readonly deletes: readonly DeleteFile[]
  readonly added: number
  readonly removed: number
}

export interface DeltaRequest {
  readonly view: unknown
  readonly type: string
  readonly silver: Table
  readonly gold: Table
  readonly schema: IcebergSchema
  readonly was: MadeOf
  readonly lookups: Lookups | undefined
  /** Control columns after those of the view. */
  readonly keep: readonly string[]
  readonly signal: AbortSignal | undefined
}

/** Above this share of changed resources the whole table is made anew: that is cheaper then, and leaves no deletes behind. */
const largestShare = 0.25

/**
 * What has to change in a gold table for it to hold the rows of its view again: the view over the changed resources as they were,
 * less the view over them as they are, as bags. A row names no resource, and need not: equal rows are as good as each other.
 *
 * Undefined where that cannot be told (the former snapshot has expired, somebody else wrote to the table) or is not worth it.
 */
export async function deltaOf(context: LakeContext, ground: Ground, request: DeltaRequest): Promise<Delta | undefined> {
  const { engine } = context
  const { silver, gold, type, was, schema, signal } = request
  const sameGate = was.gate === passing(ground.gate, type, shapeOf(currentSchema(silver)), '').digest
  const then = was.silver === null ? undefined : sameGate ? ground.gate : await ground.earlier(was.gateState)
  if (then === undefined || was.silver === null) return undefined
  const gates = [then, ground.gate] as const
  const change = await changedSince(engine, { table: silver, type, snapshotId: was.silver, gates })
  if (change === undefined || change.resources > change.rows * largestShare) return undefined
  const columns = schema.fields.map(({ name, type: stored }) => `cast(${ident(name)} as ${duckdbType(stored)}) as ${ident(name)}`)
  const rowsOf = (plan: ScanPlan, gate: Gate): string => `select ${columns.join(', ')} from (${viewSql(request, plan, gate)})`
  const run = signal === undefined ? {} : { signal }
  await engine.run(`create or replace temp table floe_before as ${rowsOf(change.before, then)}`, run)
  await engine.run(`create or replace temp table floe_after as ${rowsOf(change.after, ground.gate)}`, run)
  await engine.run(
    `create or replace temp table floe_removed as select *, row_number() over () as floe_row from (
       select *, count(*) as floe_times from (select * from floe_before except all select * from floe_after) group by all)`,
  )
  const dir = dataFolder(context, 'gold', gold.name)
  const removed = await count(context, 'select coalesce(sum(floe_times), 0)::bigint as n from floe_removed')
  const deleted =
    removed === 0 ? undefined : await writePositionDeletes(engine, { sql: await placesSql(gold, schema), dir, ...run })
  const deletes = deleted === undefined ? [] : [deleted]
  if ((deleted?.records ?? 0) !== removed) {
    await discard(deletes)
    return undefined
  }
  try {
    const sql = 'select * from floe_after except all select * from floe_before'
    const append = await writeData(engine, { sql, schema, dir, ...run })
    return { append, deletes, added: append.reduce((sum, { records }) => sum + records, 0), removed }
  } catch (error) {
    await discard(deletes)
    throw error
  }
}

async function count({ engine }: LakeContext, sql: string): Promise<number> {
  const [row] = await engine.all<{ n: number }>(sql)
  return row?.n ?? 0
}

/** The view over the changed resources of a plan. */
function viewSql({ view, type, lookups, keep }: DeltaRequest, plan: ScanPlan, gate: Gate): string {
  const schema = shapeOf(plan.schema)
  const changed = `(select t.* from (${scanSql(plan)}) t semi join ${changedRows} c on c._source = t._source and c.id = t.id)`
  const { relation } = passing(gate, type, schema, changed)
  return compileLookingUp(view, { schema, sql: relation, keep }, lookups).sql
}

/** Where the removed rows lie: of equal rows the first ones. */
async function placesSql(gold: Table, schema: IcebergSchema): Promise<string> {
  const same = schema.fields.map(({ name }) => `g.${ident(name)} is not distinct from r.${ident(name)}`)
  const rows = scanSql(await planScan(gold), { positions: true })
  return `select _file as file_path, _pos as pos from (
    select g._file, g._pos, r.floe_times, row_number() over (partition by r.floe_row order by g._file, g._pos) as n
    from (${rows}) g join floe_removed r on ${same.join(' and ')}) where n <= floe_times`
}
