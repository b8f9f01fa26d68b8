import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DuckDBInstance } from '@duckdb/node-api'
import { type Lake, openLake } from '@floe/lake'
import type { ResultColumn, Shape, TableSchema } from '@floe/views'
import { compile, evaluate } from '@floe/views'
import { elementsOf } from '@floe/views/fhir'

export type Rows = readonly Record<string, unknown>[]
export interface Result {
  readonly columns: readonly string[]
  readonly rows: Rows
}

/** Runs a view over resources given as JSON text, in one of the ways that floe knows. */
export interface Runner {
  readonly name: string
  run(view: unknown, resources: readonly string[]): Promise<Result>
}

/**
 * The ways: in memory; in DuckDB from nested typed tables, NDJSON files and JSON text; and from silver of a lake that the
 * resources were loaded into.
 */
export async function openRunners(): Promise<{ runners: Runner[]; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'floe-views-'))
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  let files = 0
  const written = new Map<readonly string[], string>()
  const fileOf = (resources: readonly string[]): string => {
    const known = written.get(resources)
    if (known) return known
    const file = join(folder, `${++files}.ndjson`)
    writeFileSync(file, resources.map((line) => `${line}\n`).join(''))
    written.set(resources, file)
    return file
  }
  const tables = new Map<string, TableSchema>()
  const runners: Runner[] = [
    { name: 'memory', run: async (view, resources) => inMemory(view, resources) },
    {
      name: 'table',
      run: async (view, resources) => {
        const type = String((view as { resource?: unknown }).resource)
        const table = `"${fileOf(resources).replaceAll('"', '')}:${type}"`
        const schema = tables.get(table) ?? (await createTable(connection, table, type, resources, fileOf(resources)))
        tables.set(table, schema)
        const { sql, columns } = compile(view, { dialect: 'duckdb', schema, source: { kind: 'table', sql: table } })
        return fetch(connection, sql, columns)
      },
    },
    {
      name: 'ndjson',
      run: async (view, resources) => {
        const { sql, columns } = compile(view, {
          dialect: 'duckdb',
          source: { kind: 'ndjson', files: [fileOf(resources)], mixed: true },
        })
        return fetch(connection, sql, columns)
      },
    },
    {
      name: 'json',
      run: async (view, resources) => {
        const lines = `(select json from read_ndjson_objects('${fileOf(resources)}'))`
        const { sql, columns } = compile(view, { dialect: 'duckdb', source: { kind: 'json', sql: lines } })
        return fetch(connection, sql, columns)
      },
    },
  ]
  const lakes = lakeRunner(folder)
  const close = async () => {
    await lakes.close()
    connection.closeSync()
    instance.closeSync()
    rmSync(folder, { recursive: true })
  }
  return { runners: [...runners, lakes.runner], close }
}

/**
 * Resources as a user loads them: a lake for each set of them. A lake refuses lines without an id, so the suite's only one gets
 * an id.
 */
function lakeRunner(folder: string): { runner: Runner; close: () => Promise<void> } {
  const lakes = new Map<readonly string[], Promise<Lake>>()
  const open = async (resources: readonly string[]): Promise<Lake> => {
    const input = join(folder, `input-${lakes.size}`)
    mkdirSync(input)
    const lines = resources.map((line) => ('id' in (JSON.parse(line) as object) ? line : line.replace('{', '{"id":"made-up",')))
    writeFileSync(join(input, 'Resources.ndjson'), lines.map((line) => `${line}\n`).join(''))
    const lake = await openLake({ dir: join(folder, `lake-${lakes.size}`), create: true, threads: 2 })
    const loads = await lake.load({ folders: [input], untracked: true })
    const refused = loads.flatMap(({ types }) => types).filter(({ quarantined }) => quarantined > 0)
    if (refused.length > 0) throw new Error(`resources of the suite were refused: ${JSON.stringify(refused)}`)
    return lake
  }
  const run = async (view: unknown, resources: readonly string[]): Promise<Result> => {
    const lake = lakes.get(resources) ?? open(resources)
    lakes.set(resources, lake)
    await using result = await (await lake).runView(view)
    const rows: Record<string, unknown>[] = []
    for await (const chunk of result.rows) rows.push(...chunk)
    return { columns: result.columns.map(({ name }) => name), rows }
  }
  const close = async (): Promise<void> => {
    for (const lake of lakes.values()) await lake.then(async (opened) => await opened.close()).catch(() => {})
  }
  return { runner: { name: 'silver', run }, close }
}

function inMemory(view: unknown, resources: readonly string[]): Result {
  const { columns, rows } = evaluate(view, resources)
  return { columns: columns.map(({ name }) => name), rows }
}

export async function fetch(connection: DuckDBConnection, sql: string, columns: readonly ResultColumn[]): Promise<Result> {
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson()
  const formatted = rows.map((row) =>
    Object.fromEntries(columns.map((column) => [column.name, fhirValue(row[column.name], column)])),
  )
  return { columns: columns.map(({ name }) => name), rows: formatted }
}

/** A value as FHIR JSON: nested JSON text parsed, absent fields of structs left out, no list for an empty one. */
function fhirValue(value: unknown, { collection, sqlType }: ResultColumn): unknown {
  if (collection)
    return Array.isArray(value) ? value.map((it) => (sqlType.startsWith('json') ? JSON.parse(String(it)) : present(it))) : []
  if (value === null || value === undefined) return null
  return sqlType === 'json' ? present(JSON.parse(String(value))) : present(value)
}

/** Without the fields that are absent. */
export function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([key, field]) => [key, present(field)] as const)
  return Object.fromEntries(fields.filter(([, field]) => field !== null && !(Array.isArray(field) && !field.length)))
}

/** A table as silver has it: the elements that occur, typed from the FHIR definitions, and the line as it was loaded. */
async function createTable(
  connection: DuckDBConnection,
  table: string,
  type: string,
  lines: readonly string[],
  file: string,
): Promise<TableSchema> {
  const struct: Record<string, Shape> = { id: 'string', ...shapeOfResources(type, lines) }
  await connection.run(`create table ${table} as
    select * exclude ("resourceType", json), cast(json as varchar) as "_raw"
    from (select json, unnest(from_json(json, '${JSON.stringify({ resourceType: 'VARCHAR', ...(jsonType({ struct }) as object) })}'))
      from read_ndjson_objects('${file}'))
    where "resourceType" = '${type}'`)
  return { struct: { ...struct, _raw: 'string' } }
}

const SCALARS: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  integer: 'int',
  positiveInt: 'int',
  unsignedInt: 'int',
  decimal: 'double',
}
const TYPES: Readonly<Record<string, string>> = { boolean: 'BOOLEAN', int: 'INTEGER', double: 'DOUBLE' }

/** The columns that resources of a type need, typed from the FHIR definitions. */
export function shapeOfResources(type: string, lines: readonly string[]): Record<string, Shape> {
  const resources = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return shapeOf(
    type,
    resources.filter((it) => it.resourceType === type),
  )
}

/** The shape of the elements of a type that any of the values has. */
function shapeOf(type: string, values: readonly Record<string, unknown>[]): Record<string, Shape> {
  const shapes: Record<string, Shape> = {}
  for (const [name, def] of elementsOf(type) ?? []) {
    const found = values.flatMap((value) => value[name] ?? []) as unknown[]
    if (def.primitive) addSibling(shapes, name, def.list, values)
    if (!found.length) continue
    const shape = def.primitive
      ? (SCALARS[def.primitive] ?? 'string')
      : {
          struct: {
            ...(def.kind === 'resource' && { resourceType: 'string' }),
            ...shapeOf(def.type, found as Record<string, unknown>[]),
          },
        }
    shapes[name] = def.list ? { list: shape } : shape
  }
  return shapes
}

function addSibling(
  shapes: Record<string, Shape>,
  name: string,
  list: boolean,
  values: readonly Record<string, unknown>[],
): void {
  const found = values.flatMap((value) => value[`_${name}`] ?? []) as (Record<string, unknown> | null)[]
  const siblings = found.filter((it) => it !== null)
  if (!siblings.length) return
  const shape: Shape = { struct: shapeOf('Element', siblings) }
  shapes[`_${name}`] = list ? { list: shape } : shape
}

function jsonType(shape: Shape): unknown {
  if (typeof shape === 'string') return TYPES[shape] ?? 'VARCHAR'
  if ('list' in shape) return [jsonType(shape.list)]
  return Object.fromEntries(Object.entries(shape.struct).map(([name, it]) => [name, jsonType(it)]))
}
