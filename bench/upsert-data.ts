/**
 * The data of `bench/upsert`: a lake with ten million Observations, and exports that change some of them.
 * The rows go through floe's own SQL and Parquet writer, only not through NDJSON files: they are made by the engine.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, openEngine } from '../packages/lake/src/engine/duckdb.ts'
import { literal } from '../packages/lake/src/engine/sql.ts'
import { type Catalog, openCatalog } from '../packages/lake/src/iceberg/catalog.ts'
import type { DataFile } from '../packages/lake/src/iceberg/content-file.ts'
import { rowGroupsFor, writeRowGroups } from '../packages/lake/src/iceberg/row-groups.ts'
import { shapeOf } from '../packages/lake/src/iceberg/shape.ts'
import { stage } from '../packages/lake/src/iceberg/stage.ts'
import { currentSchema, type Table } from '../packages/lake/src/iceberg/table.ts'
import { rowsOfLines } from '../packages/lake/src/silver/columns.ts'
import { root } from '../scripts/sources.ts'
import { dataDir } from './data.ts'
import { measure } from './measure.ts'

export const tableRows: number = Number(process.env.FLOE_BENCH_ROWS ?? 10_000_000)
/** Rows of the table that an export changes, and rows that it adds. */
export const changes = { upsert: { changed: 90_000, added: 10_000 }, deletes: { changed: 250_000, added: 0 } } as const

const main = join(root, 'packages/floe/bin/floe.js')
const rowsPerFile = 1_000_000
const base = join(dataDir, `upsert-${tableRows}`)

export interface UpsertData {
  readonly lake: string
  /** Export folders: 100,000 rows, 250,000 changed rows, an incremental export with nothing in it. */
  readonly upsert: string
  readonly deletes: string
  readonly nothing: string
}

/** Made once; `reset` puts the lake back before each measurement. */
export async function upsertData(): Promise<UpsertData> {
  const data = { ...folders(), lake: join(base, 'lake') }
  if (existsSync(join(base, 'done'))) return data
  rmSync(base, { recursive: true, force: true })
  mkdirSync(base, { recursive: true })
  process.stderr.write(`making a table of ${tableRows.toLocaleString('en')} Observations\n`)
  await using engine = await openEngine({ tempDir: join(base, 'tmp'), memoryLimit: '2GB' })
  const seed = join(base, 'seed')
  await exportFolder(engine, { folder: seed, day: 1, lines: linesSql(`range(${tableRows}, ${tableRows + 1000})`, 1) })
  await exportFolder(engine, { folder: data.nothing, day: 2, lines: linesSql('range(0)', 2) })
  for (const name of ['upsert', 'deletes'] as const) {
    // Every so-manieth row, so that the changes touch all files.
    const { changed, added } = changes[name]
    const step = Math.floor(tableRows / changed)
    const ids = `(select range * ${step} from range(${changed}) union all select range + ${tableRows + 1000} from range(${added}))`
    await exportFolder(engine, { folder: data[name], day: 2, lines: linesSql(`${ids} t(range)`, 2) })
  }
  await measure(['node', main, 'load', seed, '--lake', data.lake, '--quiet'])
  using catalog = openCatalog({ file: join(data.lake, 'catalog.db'), create: false })
  await fillTable(engine, catalog)
  copyFileSync(join(data.lake, 'catalog.db'), join(base, 'catalog.db'))
  writeFileSync(join(base, 'files'), dataFiles(data.lake).join('\n'))
  writeFileSync(join(base, 'done'), '')
  return data
}

const folders = (): Omit<UpsertData, 'lake'> => ({
  upsert: join(base, 'upsert'),
  deletes: join(base, 'deletes'),
  nothing: join(base, 'nothing'),
})

const dataFiles = (lake: string): string[] => readdirSync(join(lake, 'warehouse/silver/observation/data'))

/** The lake as it was made: catalog and ledger are small, and files that came since are named by nobody. */
export async function reset({ lake }: Pick<UpsertData, 'lake'>): Promise<void> {
  copyFileSync(join(base, 'catalog.db'), join(lake, 'catalog.db'))
  for (const name of readdirSync(join(lake, 'bronze/default'))) {
    if (name !== 'seed') rmSync(join(lake, 'bronze/default', name), { recursive: true, force: true })
  }
}

export async function observationTable(catalog: Catalog): Promise<Table> {
  const table = await catalog.load('silver', 'observation')
  if (table === undefined) throw new Error('the lake has no Observations')
  return table
}

async function fillTable(engine: Engine, catalog: Catalog): Promise<void> {
  const table = await observationTable(catalog)
  const schema = currentSchema(table)
  const append: DataFile[] = []
  for (let from = 0; from < tableRows; from += rowsPerFile) {
    const sql = rowsOfLines({
      type: 'Observation',
      columns: shapeOf(schema),
      lines: `(${linesSql(`range(${from}, ${Math.min(tableRows, from + rowsPerFile)})`, 1)})`,
      ...{ source: 'default', exportId: 'seed', ingestedAt: '2026-01-01T12:00:00Z' },
    })
    const groups = rowGroupsFor({ average: 600, largest: 700 })
    append.push(...(await writeRowGroups(engine, { sql, schema, dir: `${table.location}/data`, groups, ordered: false })))
  }
  await catalog.commit([await stage({ table, append })])
}

/** Observations with random-looking ids (UUIDs) as lines: a SELECT with the column `json`. */
function linesSql(numbers: string, version: number): string {
  const text = `'{"resourceType":"Observation","id":"' || md5(range::varchar)::uuid::varchar
    || '","meta":{"versionId":"${version}","lastUpdated":"2026-01-0${version}T00:00:00.000Z"},"status":"final"'
    || ',"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}]'
    || ',"code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}],"text":"Heart rate"}'
    || ',"subject":{"reference":"Patient/' || md5('p' || (range % 100000))::uuid::varchar || '"}'
    || ',"effectiveDateTime":"' || strftime(timestamp '2020-01-01' + to_seconds(range * 17), '%Y-%m-%dT%H:%M:%SZ') || '"'
    || ',"valueQuantity":{"value":' || (40 + range % 1200 / 10)::decimal(5, 1) || ',"unit":"/min"}}'`
  return `select (${text})::json as json from ${numbers}`
}

async function exportFolder(
  engine: Engine,
  { folder, day, lines }: { folder: string; day: number; lines: string },
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'Observation.000.ndjson')
  await engine.run(
    `copy (select json::varchar as line from (${lines})) to ${literal(file)} (format csv, header false, quote '', escape '', delimiter '\u0001')`,
  )
  const name = folder.slice(folder.lastIndexOf('/') + 1)
  const time = `2026-01-0${day}T12:00:00.000Z`
  const requestParameters = { _type: 'Observation', ...(day > 1 ? { _since: '2026-01-01T12:00:00.000Z' } : {}) }
  const events = [
    ['kickoff', { exportUrl: 'https://ehr.example.org/fhir/Group/g/$export', requestParameters, errorCode: null }],
    ['status_complete', { transactionTime: time }],
    ['export_complete', {}],
  ]
  const log = events.map(([eventId, eventDetail]) => JSON.stringify({ exportId: name, timestamp: time, eventId, eventDetail }))
  writeFileSync(join(folder, 'log.ndjson'), `${log.join('\n')}\n`)
}
