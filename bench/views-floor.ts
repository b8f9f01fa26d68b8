/**
 * What `bench/views.ts` runs beside floe: DuckDB with hand-written SQL, the reference implementation in JavaScript, and floe's
 * rules alone.
 */
import { readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { openEngine } from '../packages/lake/src/engine/duckdb.ts'
import { openCatalog } from '../packages/lake/src/iceberg/catalog.ts'
import { stageQuality } from '../packages/lake/src/quality/check.ts'
import type { Rule } from '../packages/lake/src/quality/rule.ts'
import { fileUri } from '../packages/lake/src/storage/local.ts'

const [mode = '', one = '', two = '', three = ''] = process.argv.slice(2)

/** `copy SQL_FILE PARQUET` */
async function copy(): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(availableParallelism()),
    preserve_insertion_order: 'false',
  })
  const connection = await instance.connect()
  await connection.run(`copy (${readFileSync(one, 'utf8')}) to '${two}' (format parquet, compression zstd)`)
  connection.closeSync()
}

/** `rules LAKE RULES_FILE`: prints the seconds of one pass, without the start of the process. */
async function rules(): Promise<void> {
  const tempDir = join(tmpdir(), `floe-bench-${process.pid}`)
  await using engine = await openEngine({ tempDir, threads: availableParallelism() })
  using catalog = openCatalog({ file: join(one, 'catalog.db'), create: false })
  const context = {
    dir: one,
    warehouse: fileUri(join(one, 'warehouse')),
    engine,
    catalog,
    requiredTypes: [],
    now: () => new Date(),
  }
  const list = JSON.parse(readFileSync(two, 'utf8')) as Rule[]
  const tables = await Promise.all(catalog.listTables().map((pointer) => catalog.loadAt(pointer)))
  const [started, used] = [performance.now(), process.cpuUsage()]
  // A message of its own each time: the same rules on the same silver would be left alone.
  await stageQuality(context, tables, { rules: list.map((rule) => ({ ...rule, message: `${rule.message} ${Date.now()}` })) })
  const cpu = process.cpuUsage(used)
  process.stderr.write(`rules ${(performance.now() - started) / 1000} ${(cpu.user + cpu.system) / 1e6}\n`)
  rmSync(tempDir, { recursive: true, force: true })
}

/**
 * `reference DIR VIEW NDJSON`: prints the CPU seconds and the number of resources of the implementation in DIR, warm and without
 * the start of the process.
 */
async function reference(): Promise<void> {
  const { evaluate } = (await import(pathToFileURL(join(one, 'src/index.js')).href)) as {
    evaluate: (view: unknown, resources: readonly unknown[], forTest: boolean) => unknown[]
  }
  const view: unknown = JSON.parse(readFileSync(two, 'utf8'))
  const resources = readFileSync(three, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line))
  evaluate(view, resources.slice(0, Math.ceil(resources.length / 10)), false)
  const used = process.cpuUsage()
  const rows = evaluate(view, resources, false)
  const cpu = process.cpuUsage(used)
  process.stderr.write(`reference ${(cpu.user + cpu.system) / 1e6} ${resources.length} ${rows.length}\n`)
}

if (mode === 'copy') await copy()
else if (mode === 'rules') await rules()
else if (mode === 'reference') await reference()
else throw new Error('views-floor.ts copy SQL_FILE PARQUET | rules LAKE RULES_FILE | reference DIR VIEW NDJSON')
