import { ident, literal } from '../engine/sql.ts'
import { LakeError, usageError } from '../errors.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import type { Shape } from '../iceberg/shape.ts'
import { currentSchema, type Table } from '../iceberg/table.ts'
import type { LakeContext } from '../silver/context.ts'
import { type Built, replaced, untouched } from './build-view.ts'
import type { GoldQuery } from './definitions.ts'
import { digestOf } from './ground.ts'
import { readingStatement } from './guard.ts'
import { madeOfProperty } from './made-of.ts'

/**
 * Builds the table of a SQLQuery Library from gold tables, as they will be after this build; as a whole, when one of them
 * changed.
 */
export async function buildQuery(
  context: LakeContext,
  { name, sql, inputs }: GoldQuery,
  { gold, sources, signal }: { gold: ReadonlyMap<string, Table>; sources: readonly string[]; signal: AbortSignal | undefined },
): Promise<Built> {
  const tables = [...inputs].map(([label, input]) => ({ label, table: gold.get(input) }))
  if (tables.some(({ table }) => table === undefined))
    throw new LakeError('view-run', `gold.${name}: a view that it needs failed.`)
  const states = tables.map(({ label, table }) => {
    const { metadata, namespace, name: input } = table as Table
    return [label, `${namespace}.${input}`, metadata['current-snapshot-id'] ?? '', metadata['current-schema-id']].join(' ')
  })
  // Tables of a lake with one source do not say which: a query that asks is told.
  const only = /\b_source\b/i.test(sql) && sources.length < 2 ? `${literal(sources[0] ?? null)}::varchar as _source` : undefined
  const made = digestOf([sql, ...states, only ?? ''])
  const known = gold.get(name)
  if (known?.metadata.properties[madeOfProperty] === made) return untouched(known, false)
  await checkNames(context, { name, sql, labels: new Set([...inputs.keys()].map((label) => label.toLowerCase())) })
  const relations: string[] = []
  for (const { label, table } of tables) {
    const scan = scanSql(await planScan(table as Table))
    const silent = !currentSchema(table as Table).fields.some(({ name: column }) => column === '_source')
    relations.push(`${ident(label)} as (${only !== undefined && silent ? `select *, ${only} from (${scan})` : scan})`)
  }
  const query = `with ${relations.join(',\n')}\nselect * from (${sql}\n)`
  const columns = await context.engine.columns(query).catch((error: unknown) => {
    throw usageError(`gold.${name}: ${error instanceof Error ? error.message : 'the SQL cannot be read'}`)
  })
  const struct = Object.fromEntries(columns.map((column) => [column.name, shapeOfType(column.type)]))
  const select = columns.map(
    (column) => (isNested(column.type) ? `to_json(${ident(column.name)})::varchar as ` : '') + ident(column.name),
  )
  return await replaced(context, {
    ...{ name, known, columns: { struct }, sql: `select ${select.join(', ')} from (${query})` },
    ...{ made, empty: false, signal },
  })
}

/** A query reads its tables and nothing else: no file, no other table. */
async function checkNames(
  { engine }: LakeContext,
  query: { name: string; sql: string; labels: ReadonlySet<string> },
): Promise<void> {
  const { functions, tables, common, statement } = await readingStatement(engine, query.sql)
  if (statement !== query.sql) throw usageError(`gold.${query.name}: EXPLAIN makes no table.`, 'Leave it out.')
  const foreign = [...tables].filter((table) => table !== '' && !query.labels.has(table) && !common.has(table))
  if (foreign.length > 0)
    throw usageError(
      `gold.${query.name}: ${foreign.join(', ')} is not among its tables.`,
      'Name it in relatedArtifact, with type depends-on and a label.',
    )
  const reading = [...functions].filter((each) =>
    /^(read_|scan_|.*_scan$|glob$|sniff_|parquet_|query_table$|getenv$|which_secret|duckdb_)/.test(each),
  )
  if (reading.length > 0) throw usageError(`gold.${query.name}: the function ${reading[0]} reads something else than its tables.`)
}

const scalars: Readonly<Record<string, Shape>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'int',
  SMALLINT: 'int',
  INTEGER: 'int',
  UTINYINT: 'int',
  USMALLINT: 'int',
  UINTEGER: 'long',
  BIGINT: 'long',
  UBIGINT: 'long',
  HUGEINT: 'long',
  FLOAT: 'double',
  DOUBLE: 'double',
  DATE: 'date',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
}

/** Everything else is kept as text. */
function shapeOfType(type: string): Shape {
  return type.startsWith('DECIMAL') ? 'double' : (scalars[type] ?? 'string')
}

function isNested(type: string): boolean {
  return /^(STRUCT|MAP|UNION)\(|\[\d*\]$/.test(type)
}
