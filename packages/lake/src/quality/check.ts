import { createHash } from 'node:crypto'
import { compile } from '@floe/views'
import type { Engine } from '../engine/engine.ts'
import { ident, literal, literals } from '../engine/sql.ts'
import { viewFailure } from '../gold/run-view.ts'
import { silverTables } from '../gold/views.ts'
import { type SilverTable, typeOfTable } from '../gold/visible.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { evolve, type StructShape } from '../iceberg/shape.ts'
import { type StagedChange, stage } from '../iceberg/stage.ts'
import type { Table } from '../iceberg/table.ts'
import { writeData } from '../iceberg/write.ts'
import { dataFolder, discard, type LakeContext, locationOf, rowsSql, tableProperties } from '../silver/context.ts'
import type { QualityRow } from '../types.ts'
import { comparedTables, comparisons, differingRows } from './compare.ts'
import { columnOf, type Rule, viewOf } from './rule.ts'

/** Property of the tables below: what they were made of. */
const madeOf = 'floe.made-of'
/** Of warnings and information so many resources are listed for each rule; of errors all. */
const examples = 100
/** Temporary table of what failed (_source, type, id, rule). */
const failing = 'floe_failing'

/** `floe.quality`: each rule with the number of resources that it looked at and that failed. */
const qualityColumns: StructShape = {
  struct: { rule: 'string', resource: 'string', severity: 'string', message: 'string', checked: 'long', failed: 'long' },
}
/** `floe.quality_failures`: resources that failed; all of an `error` rule, the first hundred of any other. */
const failureColumns: StructShape = {
  struct: { _source: 'string', type: 'string', id: 'string', rule: 'string', severity: 'string' },
}

/**
 * Checks silver against rules, one pass for each type, and stages `floe.quality` and `floe.quality_failures`. Silver is not
 * touched; `stageGold` leaves out what failed an `error` rule. Nothing is done where neither the rules nor silver have changed.
 */
export async function stageQuality(
  context: LakeContext,
  tables: readonly Table[],
  { rules, signal }: { readonly rules: readonly Rule[]; readonly signal?: AbortSignal | undefined },
): Promise<StagedChange[]> {
  const known = (name: string): Table | undefined => tables.find((table) => table.namespace === 'floe' && table.name === name)
  const made = digestOf(tables, rules)
  const before = ['quality', 'quality_failures'].map(known)
  if (before.every((table) => table?.metadata.properties[madeOf] === made)) return []
  const silver = await silverTables(tables.filter(({ name }) => rules.some((rule) => isOf(rule, name))))
  await context.engine.run(`create or replace temp table ${failing} (_source varchar, type varchar, id varchar, rule varchar)`)
  const checked = new Map<string, number>()
  for (const [resource, own] of Map.groupBy(rules, (rule) => rule.resource)) {
    signal?.throwIfAborted()
    const table = silver.find(({ type }) => type === resource)
    if (table === undefined) continue
    const n = await checkType(context, { table, rules: own, silver, now: writtenAt(tables, resource), signal })
    for (const { id } of own) checked.set(id, n)
  }
  const found = await comparisons(context, tables)
  for (const { id, checked: n } of found) checked.set(id, n)
  const differing = rowsSql({ struct: { _source: 'string', type: 'string', id: 'string', rule: 'string' } }, differingRows(found))
  await context.engine.run(`insert into ${failing} ${differing}`)
  const all = [...rules, ...found]
  const sql = rulesSql(all, checked)
  return [
    await write(context, known('quality'), { name: 'quality', columns: qualityColumns, sql, made }),
    await write(context, known('quality_failures'), {
      name: 'quality_failures',
      columns: failureColumns,
      sql: listSql(all),
      made,
    }),
  ]
}

function isOf({ resource, target }: Rule, table: string): boolean {
  const type = typeOfTable(table)
  return type !== undefined && (resource === type || target === type)
}

function digestOf(tables: readonly Table[], rules: readonly Rule[]): string {
  const states = tables
    .filter(({ namespace, name }) =>
      namespace === 'silver' ? typeOfTable(name) !== undefined : namespace === 'floe' && comparedTables.includes(name),
    )
    .map(({ name, metadata }) => [name, metadata['current-snapshot-id'] ?? '', metadata['current-schema-id']])
  return createHash('sha256')
    .update(JSON.stringify([rules, states]))
    .digest('hex')
}

/**
 * When a table of silver was last written: what `%now` is in its rules, so that the same silver always gives the same results.
 */
function writtenAt(tables: readonly Table[], type: string): Date {
  const { metadata } = tables.find(({ namespace, name }) => namespace === 'silver' && name === type.toLowerCase()) as Table
  const current = metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === metadata['current-snapshot-id'])
  return new Date(current?.['timestamp-ms'] ?? metadata['last-updated-ms'])
}

interface TypeToCheck {
  readonly table: SilverTable
  readonly rules: readonly Rule[]
  readonly silver: readonly SilverTable[]
  readonly now: Date
  readonly signal: AbortSignal | undefined
}

/** Adds what fails of one type to `failing`; gives the number of its resources. */
async function checkType({ engine }: LakeContext, { table, rules, silver, now, signal }: TypeToCheck): Promise<number> {
  const { type, relation, shape } = table
  const sources = await engine.all<{ _source: string; n: number }>(
    `select _source, count(*) as n from ${relation} group by _source order by _source`,
  )
  const run = signal === undefined ? {} : { signal }
  for (const { _source: source } of sources) {
    // The compiled view gives no control columns, so each source is read by itself.
    const rows = sources.length === 1 ? relation : `(select * from ${relation} where _source = ${literal(source)})`
    const { sql } = compile(viewOf(rules, now), { dialect: 'duckdb', schema: shape, source: { kind: 'table', sql: rows } })
    await engine
      .run(`insert into ${failing} ${failedSql({ sql, source, type, rules, silver })}`, run)
      .catch((error: unknown) => Promise.reject(viewFailure(error)))
  }
  return sources.reduce((sum, { n }) => sum + n, 0)
}

interface Checked {
  readonly sql: string
  readonly source: string
  readonly type: string
  readonly rules: readonly Rule[]
  readonly silver: readonly SilverTable[]
}

function failedSql({ sql, source, type, rules, silver }: Checked): string {
  const named = rules.map((rule, index) => ({ rule, column: ident(columnOf(rule, index)) }))
  const expressions = named.filter(({ rule }) => rule.target === undefined)
  const references = named.filter(({ rule }) => rule.target !== undefined)
  const control = `${literal(source)} as _source, ${literal(type)} as type, id`
  const parts: string[] = []
  if (expressions.length > 0) {
    const fails = expressions.map(({ rule, column }) => `case when not ${column} then ${literal(rule.id)} end`)
    const any = expressions.map(({ column }) => `not ${column}`).join(' or ')
    parts.push(
      `select ${control}, unnest(list_filter([${fails.join(', ')}], lambda x: x is not null)) as rule from checked where ${any}`,
    )
  }
  if (references.length > 0) {
    const keys = references.map(
      ({ rule, column }) =>
        `list_transform(${column}, lambda x: {'rule': ${literal(rule.id)}, 'target': ${literal(rule.target ?? '')}, 'key': x})`,
    )
    const targets = new Set(references.map(({ rule }) => rule.target))
    const ids = silver
      .filter((table) => targets.has(table.type))
      .map(
        (table) => `select ${literal(table.type)} as target, id as key from ${table.relation} where _source = ${literal(source)}`,
      )
    const there = ids.length === 0 ? 'select null::varchar as target, null::varchar as key where false' : ids.join(' union all ')
    parts.push(`select distinct ${control}, rule
      from (select id, unnest(flatten([${keys.join(', ')}]), recursive := true) from checked) u
      anti join (${there}) t on t.target = u.target and t.key = u.key`)
  }
  return `with checked as (${sql})\n${parts.join('\nunion all\n')}`
}

type Listed = Pick<Rule, 'id' | 'resource' | 'severity' | 'message'>

function rulesSql(rules: readonly Listed[], checked: ReadonlyMap<string, number>): string {
  const rows = rules.map(({ id, resource, severity, message }) => [id, resource, severity, message, checked.get(id) ?? 0, 0])
  return `select r.* replace (coalesce(f.failed, 0) as failed) from (${rowsSql(qualityColumns, rows)}) r
    left join (select rule, count(*) as failed from ${failing} group by rule) f on f.rule = r.rule order by r.rule`
}

function listSql(rules: readonly Listed[]): string {
  const errors = literals(rules.filter(({ severity }) => severity === 'error').map(({ id }) => id))
  const severities = rowsSql(
    { struct: { rule: 'string', severity: 'string' } },
    rules.map(({ id, severity }) => [id, severity]),
  )
  return `select f._source, f.type, f.id, f.rule, s.severity from (
      select * from ${failing}
      qualify list_contains(${errors}::varchar[], rule) or row_number() over (partition by rule order by _source, id) <= ${examples}) f
    join (${severities}) s on s.rule = f.rule order by f.rule, f._source, f.id`
}

/** Rows of `floe.quality`, those that failed most first; none before the first build. */
export async function qualityRows(engine: Engine, tables: readonly Table[]): Promise<QualityRow[]> {
  const table = tables.find(({ namespace, name }) => namespace === 'floe' && name === 'quality')
  if (table === undefined) return []
  const names = Object.keys(qualityColumns.struct).map(ident)
  return await engine.all<QualityRow>(
    `select ${names.join(', ')} from (${scanSql(await planScan(table))}) order by failed desc, rule`,
  )
}

interface ToWrite {
  readonly name: string
  readonly columns: StructShape
  readonly sql: string
  readonly made: string
}

async function write(
  context: LakeContext,
  known: Table | undefined,
  { name, columns, sql, made }: ToWrite,
): Promise<StagedChange> {
  const schema = evolve(undefined, columns)
  const append = await writeData(context.engine, { sql, schema, dir: dataFolder(context, 'floe', name) })
  const common = { append, now: context.now().getTime() }
  try {
    if (known !== undefined) return await stage({ table: known, replaceAll: true, properties: { [madeOf]: made }, ...common })
    const create = { namespace: 'floe', name, location: locationOf(context, 'floe', name), schema }
    return await stage({ create: { ...create, properties: { ...tableProperties, [madeOf]: made } }, ...common })
  } catch (error) {
    await discard(append)
    throw error
  }
}
