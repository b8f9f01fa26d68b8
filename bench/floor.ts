/**
 * The floor of `bench/load`: `floor.ts shapes LAKE FILE` notes a lake's nested columns, `floor.ts copy FOLDER FILE OUT` lets
 * DuckDB write them.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'

type IcebergType =
  | string
  | { type: 'struct'; fields: { name: string; type: IcebergType }[] }
  | { type: 'list'; element: IcebergType }

/** An Iceberg type in the spelling of DuckDB's `json_transform`. */
function structureOf(type: IcebergType): unknown {
  if (typeof type === 'string') return { string: 'VARCHAR', int: 'INTEGER', long: 'BIGINT' }[type] ?? type.toUpperCase()
  if (type.type === 'list') return [structureOf(type.element)]
  return Object.fromEntries(type.fields.map((field) => [field.name, structureOf(field.type)]))
}

function shapes(lake: string, file: string): void {
  const catalog = new DatabaseSync(join(lake, 'catalog.db'), { readOnly: true })
  const rows = catalog.prepare("select metadata_location from iceberg_tables where table_namespace = 'silver'").all()
  const found: Record<string, unknown> = {}
  for (const row of rows) {
    const metadata = JSON.parse(readFileSync(fileURLToPath(String(row.metadata_location)), 'utf8'))
    const schema = metadata.schemas.find((one: { 'schema-id': number }) => one['schema-id'] === metadata['current-schema-id'])
    const fields = schema.fields.filter(
      (field: { name: string }) =>
        field.name === 'id' || !/^_(source|patient|version_id|last_updated|export_id|ingested_at|raw)$/.test(field.name),
    )
    found[String(metadata.location).split('/').at(-1) ?? ''] = structureOf({ type: 'struct', fields })
  }
  writeFileSync(file, JSON.stringify(found))
}

async function copy(folder: string, file: string, out: string): Promise<void> {
  mkdirSync(out, { recursive: true })
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  for (const [table, structure] of Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)) {
    const files = globSync(join(folder, '*.ndjson'))
      .filter((path) => path.split('/').at(-1)?.split('.')[0]?.toLowerCase() === table)
      .sort()
    if (files.length === 0) continue
    await connection.run(`copy (
      select unnest(columns), raw
      from (
        select json_transform(json, '${JSON.stringify(structure).replaceAll("'", "''")}') as columns, json::varchar as raw
        from read_ndjson_objects([${files.map((path) => `'${path}'`).join(', ')}])
      )
    ) to '${join(out, `${table}.parquet`)}' (format parquet, compression zstd)`)
  }
}

const [, , verb, first = '', second = '', third = ''] = process.argv
if (verb === 'shapes') shapes(first, second)
else await copy(first, second, third)
