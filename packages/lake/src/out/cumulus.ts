import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import { fhirVersion } from '@floe/views/fhir'
import type { Engine } from '../engine/engine.ts'
import { ident, literal } from '../engine/sql.ts'
import { usageError } from '../errors.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { duckdbType, type Shape, type StructShape, shapeOf } from '../iceberg/shape.ts'
import type { Table } from '../iceberg/table.ts'
import { rawColumn, structure } from '../silver/columns.ts'
import { relationOf } from '../silver/context.ts'
import { ledgerTables } from '../silver/ledger-tables.ts'
import type { OutReceipt, OutTable } from '../types.ts'
import { cumulusShape, cumulusTypes } from './cumulus-shape.ts'

export interface CumulusOptions {
  readonly file: string
  readonly overwrite: boolean
  /** Only this source; needed where several hold a resource of the same type and id, which Cumulus cannot tell apart. */
  readonly source?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * A DuckDB file as Cumulus Library builds on it without NDJSON (reference: cumulus §2): all tables in `main`, in lower case, also
 * those that nothing was loaded of. The file has its name when it is whole.
 */
export async function outCumulus(engine: Engine, tables: readonly Table[], options: CumulusOptions): Promise<OutReceipt> {
  const { file, overwrite, signal } = options
  if (fhirVersion() !== 'R4') throw usageError(`Cumulus Library reads R4; this lake holds ${fhirVersion()}.`)
  if (existsSync(file) && !overwrite) throw usageError('The target file is there already.', 'Add --overwrite to replace it.')
  const part = `${file}.${randomBytes(4).toString('hex')}.part`
  const run = signal === undefined ? {} : { signal }
  try {
    // DuckDB 1.4, which the Library pins, opens this version.
    await engine.run(`attach ${literal(part)} as cumulus (storage_version 'v1.0.0')`)
    const written: OutTable[] = []
    try {
      for (const type of cumulusTypes) {
        const name = type.toLowerCase()
        const sql = await selectType(engine, type, tables, options.source)
        await engine.run(`create table cumulus.main.${ident(name)} as ${sql}`, run)
        written.push({ table: name, rows: await countOf(engine, name) })
      }
      for (const name of ['etl__completion', 'etl__completion_encounters'] as const) {
        const table = tables.find((each) => each.namespace === 'floe' && each.name === name)
        const rows = await relationOf(table, ledgerTables[name])
        await engine.run(`create table cumulus.main.${ident(name)} as select * from ${rows}`, run)
        written.push({ table: name, rows: await countOf(engine, name) })
      }
      // The Library's parallel stages read its cache of NDJSON folders; there is none.
      await engine.run('create table cumulus.main.pyarrow_cache (table_name varchar, file_array varchar, schema varchar)')
    } finally {
      await engine.run('detach cumulus')
    }
    await chmod(part, 0o600)
    await rename(part, file)
    return { format: 'cumulus', tables: written }
  } finally {
    for (const path of [part, `${part}.wal`]) await rm(path, { force: true })
  }
}

async function countOf(engine: Engine, name: string): Promise<number> {
  const [row] = await engine.all<{ n: number }>(`select count(*) as n from cumulus.main.${ident(name)}`)
  return row?.n ?? 0
}

/** Rows are parsed from their texts once more: elements, names and order are then those of the Library's own reader. */
async function selectType(engine: Engine, type: string, tables: readonly Table[], source: string | undefined): Promise<string> {
  const table = tables.find(({ namespace, name }) => namespace === 'silver' && name === type.toLowerCase())
  if (table === undefined) return emptyOf(cumulusShape(type, { struct: {} }))
  const plan = await planScan(table)
  const occurs = shapeOf(plan.schema)
  const shape = cumulusShape(type, occurs)
  const names = Object.keys(occurs.struct)
  const wanted = source === undefined || !names.includes('_source') ? '' : `where _source = ${literal(source)}`
  if (source === undefined && names.includes('_source')) await refuseSharedIds(engine, type, scanSql(plan, { columns: ['id'] }))
  const text = names.includes(rawColumn) ? rawColumn : textOf(type, names)
  return `select unnest(r) from (select ${parsed(text, shape)} as r from (${scanSql(plan)}) ${wanted})`
}

const parsed = (text: string, shape: StructShape): string => `json_transform(${text}::json, ${literal(structure(shape))})`

/** Without texts the elements make up the JSON; those that are not there stay out. */
function textOf(type: string, names: readonly string[]): string {
  const own = names.filter(
    (name) =>
      name === 'id' || !['_source', '_patient', '_version_id', '_last_updated', '_export_id', '_ingested_at'].includes(name),
  )
  return `json_object('resourceType', ${literal(type)}, ${own.map((name) => `${literal(name)}, ${ident(name)}`).join(', ')})`
}

async function refuseSharedIds(engine: Engine, type: string, ids: string): Promise<void> {
  const [row] = await engine.all<{ n: number; d: number }>(`select count(*) as n, count(distinct id) as d from (${ids})`)
  if (row === undefined || row.n === row.d) return
  throw usageError(
    `Several sources hold a ${type} of the same id, and Cumulus knows no sources.`,
    'One file per source: floe out cumulus --only-source NAME --to FILE.duckdb',
  )
}

function emptyOf({ struct }: StructShape): string {
  const columns = Object.entries(struct).map(([name, shape]: [string, Shape]) => `null::${duckdbType(shape)} as ${ident(name)}`)
  return `select ${columns.join(', ')} where false`
}
