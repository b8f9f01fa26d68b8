/**
 * What `bench/upsert` runs in processes of its own; figures go to stdout as JSON. `floor LAKE LINES OUT` and `rewrite LAKE LINES
 * OUT`: DuckDB alone · `idle`: a process that opens DuckDB · `read LAKE` · `commit LAKE COUNT`
 */
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openEngine } from '../packages/lake/src/engine/duckdb.ts'
import type { Engine } from '../packages/lake/src/engine/engine.ts'
import { literal, literals } from '../packages/lake/src/engine/sql.ts'
import { type Catalog, openCatalog } from '../packages/lake/src/iceberg/catalog.ts'
import { planScan, scanSql } from '../packages/lake/src/iceberg/plan.ts'
import { shapeOf } from '../packages/lake/src/iceberg/shape.ts'
import { stage } from '../packages/lake/src/iceberg/stage.ts'
import { currentSchema } from '../packages/lake/src/iceberg/table.ts'
import { writeData } from '../packages/lake/src/iceberg/write.ts'
import { rowsOfLines } from '../packages/lake/src/silver/columns.ts'
import { localPath } from '../packages/lake/src/storage/local.ts'
import { observationTable } from './upsert-data.ts'

const tempDir = join(tmpdir(), `floe-bench-${process.pid}`)

interface Open {
  readonly engine: Engine
  readonly catalog: Catalog
}

async function withLake<T>(lake: string, action: (open: Open) => Promise<T>): Promise<T> {
  const engine = await openEngine({ tempDir, threads: availableParallelism(), memoryLimit: `${availableParallelism() * 512}MB` })
  using catalog = openCatalog({ file: join(lake, 'catalog.db'), create: false })
  try {
    return await action({ engine, catalog })
  } finally {
    await engine[Symbol.asyncDispose]()
    rmSync(tempDir, { recursive: true, force: true })
  }
}

/** The lines as columns, and the table's files, for DuckDB alone. */
async function parts({ catalog }: Open, lines: string): Promise<{ fresh: string; files: string }> {
  const table = await observationTable(catalog)
  const columns = shapeOf(currentSchema(table))
  const source = { source: 'default', exportId: 'upsert', ingestedAt: '2026-01-02T12:00:00Z' }
  const fresh = rowsOfLines({ type: 'Observation', columns, lines: `read_ndjson_objects([${literal(lines)}])`, ...source })
  return { fresh, files: literals((await planScan(table)).files.map(({ file }) => localPath(file.path))) }
}

/**
 * The bare work of an upsert: parse the lines, find the rows of the same id, write the new rows and the positions of the old
 * ones.
 */
async function floor(open: Open, lines: string, out: string): Promise<void> {
  const { fresh, files } = await parts(open, lines)
  mkdirSync(out, { recursive: true })
  await open.engine.run(`copy (${fresh}) to ${literal(join(out, 'new.parquet'))} (format parquet, compression zstd);
    copy (select filename, file_row_number from read_parquet(${files}, filename = true, file_row_number = true)
          where id in (select id from read_parquet(${literal(join(out, 'new.parquet'))})))
      to ${literal(join(out, 'gone.parquet'))} (format parquet, compression zstd)`)
}

/** What one does without a table format: all rows are written again, the old ones left out. */
async function rewrite(open: Open, lines: string, out: string): Promise<void> {
  const { fresh, files } = await parts(open, lines)
  mkdirSync(out, { recursive: true })
  await open.engine.run(`set preserve_insertion_order = false; create temp table fresh as ${fresh};
    copy (from fresh union all by name select * from read_parquet(${files}) where id not in (select id from fresh))
      to ${literal(join(out, 'all.parquet'))} (format parquet, compression zstd, row_group_size 30000)`)
}

const queries = {
  count: (from: string) => `select count(*) as n from (${from})`,
  filtered: (from: string) => `select count(*) as n from (${from}) where _patient < '8'`,
} as const

/** Medians of a query over the files as they are, and through floe's plan, which leaves out deleted rows. */
async function read({ engine, catalog }: Open): Promise<unknown> {
  const plan = await planScan(await observationTable(catalog))
  const bare = { ...plan, files: plan.files.map((file) => ({ ...file, deletes: [] })) }
  const result: Record<string, { plain: Taken; taxed: Taken }> = {}
  for (const [name, query] of Object.entries(queries)) {
    const times = { plain: [] as Taken[], taxed: [] as Taken[] }
    for (let round = 0; round < 8; round++) {
      times.plain.push(await taken(() => engine.all(query(scanSql(bare, { columns: ['_patient'] })))))
      times.taxed.push(await taken(() => engine.all(query(scanSql(plan, { columns: ['_patient'] })))))
    }
    result[name] = { plain: middle(times.plain.slice(1)), taxed: middle(times.taxed.slice(1)) }
  }
  return result
}

interface Taken {
  readonly wall: number
  readonly cpu: number
}

async function taken(action: () => Promise<unknown>): Promise<Taken> {
  const [started, used] = [performance.now(), process.cpuUsage()]
  await action()
  const { user, system } = process.cpuUsage(used)
  return { wall: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 }
}

function middle(list: readonly Taken[]): Taken {
  const of = (key: keyof Taken): number => list.map((each) => each[key]).sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
  return { wall: of('wall'), cpu: of('cpu') }
}

/**
 * Commits of one row each: seconds from the written Parquet file to the moved pointer; beside them as many bytes written, synced
 * and one SQLite update.
 */
async function commits({ engine, catalog }: Open, count: number): Promise<unknown> {
  const [floe, bare]: [number[], number[]] = [[], []]
  const seconds = async (into: number[], action: () => Promise<unknown> | unknown): Promise<void> => {
    const started = performance.now()
    await action()
    into.push((performance.now() - started) / 1000)
  }
  mkdirSync(tempDir, { recursive: true })
  const database = new DatabaseSync(join(tempDir, 'floor.db'))
  database.exec('create table pointers (name text primary key, location text); insert into pointers values (1, 2)')
  for (let n = 0; n < count; n++) {
    const table = await observationTable(catalog)
    const schema = currentSchema(table)
    const columns = schema.fields.map(({ name }) =>
      name === 'id' || name === '_source' ? `'new-${n}' as "${name}"` : `null as "${name}"`,
    )
    const append = await writeData(engine, { sql: `select ${columns.join(', ')}`, schema, dir: `${table.location}/data` })
    let size = 0
    await seconds(floe, async () => {
      const change = await stage({ table, append })
      size = JSON.stringify(change.table.metadata).length
      await catalog.commit([change])
    })
    await seconds(bare, () => {
      for (const [name, bytes] of Object.entries({ manifest: 8000, list: 3000, metadata: size }))
        writeSynced(join(tempDir, name), bytes)
      database.prepare('update pointers set location = ?').run(`${n}`)
    })
  }
  return { floe: p95(floe), bare: p95(bare) }
}

function writeSynced(file: string, bytes: number): void {
  const descriptor = openSync(file, 'w')
  writeSync(descriptor, Buffer.alloc(bytes, 'x'))
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function p95(values: readonly number[]): { median: number; p95: number } {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, p95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0 }
}

const [mode = '', lake = '', one = '', two = ''] = process.argv.slice(2)
if (mode === 'floor') await withLake(lake, (open) => floor(open, one, two))
else if (mode === 'rewrite') await withLake(lake, (open) => rewrite(open, one, two))
else if (mode === 'idle') await withLake(lake, ({ engine }) => engine.all('select 1'))
else if (mode === 'read') process.stdout.write(JSON.stringify(await withLake(lake, read)))
else if (mode === 'commit') process.stdout.write(JSON.stringify(await withLake(lake, (open) => commits(open, Number(one)))))
else throw new Error('upsert-steps.ts floor | rewrite | idle | read | commit')
