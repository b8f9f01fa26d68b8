import type { Engine } from '../engine/engine.ts'
import { ident, literal } from '../engine/sql.ts'
import type { AsOf } from '../gold/as-of.ts'
import { typeOfTable } from '../gold/visible.ts'
import { planScan, type ScanPlan, scanSql } from '../iceberg/plan.ts'
import type { Table } from '../iceberg/table.ts'
import { controlColumns, rawColumn } from '../silver/columns.ts'
import type { DiffReport, TypeDiff } from '../types.ts'

/** Two states of a lake. */
export interface DiffSides {
  readonly from: string
  readonly to: string
  readonly chooseFrom: AsOf
  readonly chooseTo: AsOf
}

/** Temporary table with the two texts of every resource that is in both states and reads differently: (before, after). */
const changedRows = 'floe_changed'

/** What the lake held as of one export and as of another (CONTRACT §4, rule 19); types without a difference are not listed. */
export async function diffLake(engine: Engine, tables: readonly Table[], sides: DiffSides): Promise<DiffReport> {
  const types: TypeDiff[] = []
  for (const table of tables) {
    const type = table.namespace === 'silver' ? typeOfTable(table.name) : undefined
    if (type === undefined) continue
    const from = await planScan(table, sides.chooseFrom(table))
    const to = await planScan(table, sides.chooseTo(table))
    if (![from, to].every(isKeyed)) continue
    const diff = await diffType(engine, type, from, to)
    if (diff.added + diff.changed + diff.deleted > 0) types.push(diff)
  }
  return { from: sides.from, to: sides.to, types: types.toSorted((a, b) => (a.type < b.type ? -1 : 1)) }
}

/** Another program may have made a table without floe's columns: nothing tells its rows apart. */
function isKeyed({ schema }: ScanPlan): boolean {
  return ['id', '_source'].every((key) => schema.fields.some(({ name }) => name === key))
}

async function diffType(engine: Engine, type: string, from: ScanPlan, to: ScanPlan): Promise<TypeDiff> {
  const same = from.snapshot?.['snapshot-id'] === to.snapshot?.['snapshot-id']
  if (same) return { type, added: 0, changed: 0, deleted: 0, elements: {} }
  const [before, after] = [keysOf(from), keysOf(to)]
  const [counts] = await engine.all<{ added: number; deleted: number }>(
    `select count(*) filter (where b.id is null) as added, count(*) filter (where a.id is null) as deleted
     from ${before} b full join ${after} a on a.id = b.id and a._source = b._source
     where a.id is null or b.id is null`,
  )
  await engine.run(`create or replace temp table ${changedRows} as
    select b.text as before, a.text as after from ${rowsOf(from)} b join ${rowsOf(to)} a on a.id = b.id and a._source = b._source
    where a.text <> b.text`)
  const elements = await engine.all<{ name: string; n: number }>(`${differing}
    select name, count(*) as n from differing group by name order by name`)
  const [changed] = await engine.all<{ n: number }>(`${differing} select count(distinct row) as n from differing`)
  await engine.run(`drop table ${changedRows}`)
  return {
    type,
    added: counts?.added ?? 0,
    changed: changed?.n ?? 0,
    deleted: counts?.deleted ?? 0,
    elements: Object.fromEntries(elements.map(({ name, n }) => [name, n])),
  }
}

/** JSON pointer to the element `name`, whatever is in it. */
const pointer = "('/' || replace(replace(name, '~', '~0'), '/', '~1'))"

/** One row per changed resource and top-level element that differs; spacing and the order of elements are no difference. */
const differing = `with pairs as (select rowid as row, before::json as before, after::json as after from ${changedRows}),
  names as (select row, before, after, unnest(list_distinct(list_concat(json_keys(before), json_keys(after)))) as name from pairs),
  differing as (
    select row, name from names
    where json_extract(before, ${pointer})::varchar is distinct from json_extract(after, ${pointer})::varchar)`

function keysOf(plan: ScanPlan): string {
  return `(select id, coalesce(_source, '') as _source from (${scanSql(plan, { columns: ['id', '_source'] })}))`
}

/** Each row with its content as JSON text: the line, or where texts are not kept all elements that have a value. */
function rowsOf(plan: ScanPlan): string {
  const names = plan.schema.fields.map(({ name }) => name)
  if (names.includes(rawColumn)) {
    return `(select id, coalesce(_source, '') as _source, ${rawColumn} as text from (${scanSql(plan, { columns: ['id', '_source', rawColumn] })}))`
  }
  const own = names.filter((name) => !Object.hasOwn(controlColumns.struct, name) || name === 'id')
  const fields = own.map((name) => `${literal(name)}, ${ident(name)}`)
  return `(select id, coalesce(_source, '') as _source, json_merge_patch('{}'::json, json_object(${fields.join(', ')}))::varchar as text
    from (${scanSql(plan, { columns: [...new Set([...own, '_source'])] })}))`
}
