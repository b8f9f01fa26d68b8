import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import type { Engine, Row } from '../engine/engine.ts'
import { ident, literal } from '../engine/sql.ts'
import { LakeError, usageError } from '../errors.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { type Shape, shapeOf } from '../iceberg/shape.ts'
import type { Table } from '../iceberg/table.ts'
import type { OutOptions, OutReceipt, OutTable } from '../types.ts'

export interface PostgresTarget {
  readonly url: string
  /** One schema for all tables; without it they go to schemas named as their namespaces. */
  readonly schema?: string | undefined
  readonly tables: readonly Table[]
}

/**
 * Tables into PostgreSQL by its own COPY, all in one transaction: whoever reads there sees all of it or nothing. Nested columns
 * are `jsonb`. NUL characters, which PostgreSQL has no place for, are left out.
 */
export async function outPostgres(engine: Engine, target: PostgresTarget, options: OutOptions): Promise<OutReceipt> {
  const client = await connect(target.url)
  try {
    const written: OutTable[] = []
    await client.query('begin')
    const places = placesOf(target)
    await checkTarget(client, places, options.overwrite === true)
    for (const [index, place] of places.entries()) {
      options.signal?.throwIfAborted()
      const name = `${place.table.namespace}.${place.table.name}`
      options.onProgress?.({ table: name, done: index, total: places.length })
      written.push({ table: name, rows: await copyTable(engine, client, place, options) })
    }
    await client.query('commit')
    return { format: 'postgres', tables: written }
  } catch (error) {
    throw error instanceof LakeError || options.signal?.aborted === true ? error : failure(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function connect(url: string): Promise<Client> {
  const { default: pg } = await import('pg').catch((cause: unknown) => {
    throw new LakeError('postgres-missing', 'The package pg is not installed.', {
      hint: 'npm install pg pg-copy-streams',
      cause,
      exitCode: 2,
    })
  })
  try {
    const client = new pg.Client({ connectionString: url, application_name: 'floe' })
    // A connection that breaks says so to whoever waits for it, too.
    client.on('error', () => undefined)
    await client.connect()
    return client
  } catch (error) {
    throw failure(error)
  }
}

interface Place {
  readonly table: Table
  readonly schema: string
  readonly name: string
}

/** In one schema a name that several namespaces have carries its own (`silver_patient`, `gold_patient`). */
function placesOf({ tables, schema }: PostgresTarget): Place[] {
  const count = Map.groupBy(tables, ({ name }) => name)
  return tables.map((table) => {
    const shared = schema !== undefined && (count.get(table.name)?.length ?? 0) > 1
    return { table, schema: schema ?? table.namespace, name: shared ? `${table.namespace}_${table.name}` : table.name }
  })
}

async function checkTarget(client: Client, places: readonly Place[], overwrite: boolean): Promise<void> {
  for (const schema of new Set(places.map((place) => place.schema)))
    await client.query(`create schema if not exists ${ident(schema)}`)
  for (const { schema, name } of places) {
    const { rows } = await client.query<{ known: boolean }>('select to_regclass($1) is not null as known', [
      `${ident(schema)}.${ident(name)}`,
    ])
    if (rows[0]?.known !== true) continue
    if (!overwrite)
      throw usageError(
        `The database holds ${schema}.${name} already.`,
        'Add --overwrite to replace it, or choose another --schema.',
      )
    await client.query(`drop table ${ident(schema)}.${ident(name)}`)
  }
}

const types: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'boolean',
  int: 'integer',
  long: 'bigint',
  float: 'real',
  double: 'double precision',
  timestamptz: 'timestamptz',
  timestamp: 'timestamp',
  date: 'date',
}

function typeOf(shape: Shape): string {
  return typeof shape === 'string' ? (types[shape] ?? 'text') : 'jsonb'
}

async function copyTable(
  engine: Engine,
  client: Client,
  { table, schema, name }: Place,
  { signal }: OutOptions,
): Promise<number> {
  const plan = await planScan(table)
  const columns = Object.entries(shapeOf(plan.schema).struct)
  const target = `${ident(schema)}.${ident(name)}`
  await client.query(
    `create table ${target} (${columns.map(([column, shape]) => `${ident(column)} ${typeOf(shape)}`).join(', ')})`,
  )
  const { from: copyFrom } = await import('pg-copy-streams')
  const select = columns.map(([column, shape]) => `${withoutNul(ident(column), shape)} as ${ident(column)}`)
  const run = signal === undefined ? {} : { signal }
  const chunks = engine.stream(`select ${select.join(', ')} from (${scanSql(plan)})`, run)
  const copy = client.query(copyFrom(`copy ${target} from stdin (format csv)`))
  const names = columns.map(([column]) => column)
  let rows = 0
  async function* lines(): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      rows += chunk.length
      yield chunk.map((row) => `${csvLine(row, names)}\n`).join('')
    }
  }
  await pipeline(Readable.from(lines()), copy, run)
  return rows
}

/** In JSON text a NUL is the escape `\u0000`, unless its backslash is escaped itself. */
function withoutNul(column: string, shape: Shape): string {
  if (typeof shape !== 'string')
    return `regexp_replace(to_json(${column})::varchar, ${literal(String.raw`((?:^|[^\\])(?:\\\\)*)\\u0000`)}, ${literal(String.raw`\1`)}, 'g')`
  return shape === 'string' ? `replace(${column}, chr(0), '')` : `${column}::varchar`
}

function csvLine(row: Row, names: readonly string[]): string {
  return names.map((name) => (row[name] === null ? '' : `"${String(row[name]).replaceAll('"', '""')}"`)).join(',')
}

/** The server's code tells what failed; its text may quote values. */
function failure(cause: unknown): LakeError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  const lost = /^(E[A-Z]+|08|57P|53)/.test(code)
  return new LakeError('postgres', `PostgreSQL cannot be reached or refused the tables (${code}).`, {
    hint: 'Look at the address, the rights of its user, and the log of the database.',
    retryable: lost,
    cause,
  })
}
