/** What `bench/views.ts` runs beside floe: DuckDB with hand-written SQL, and floe's rules alone. */
import { readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { openEngine } from '../packages/lake/src/engine/duckdb.ts'
import { openCatalog } from '../packages/lake/src/iceberg/catalog.ts'
import { checkQuality } from '../packages/lake/src/quality/check.ts'
import type { Rule } from '../packages/lake/src/quality/rule.ts'
import { fileUri } from '../packages/lake/src/storage/local.ts'

const [mode = '', one = '', two = ''] = process.argv.slice(2)

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
  await checkQuality(context, tables, { rules: list.map((rule) => ({ ...rule, message: `${rule.message} ${Date.now()}` })) })
  const cpu = process.cpuUsage(used)
  process.stderr.write(`rules ${(performance.now() - started) / 1000} ${(cpu.user + cpu.system) / 1e6}\n`)
  rmSync(tempDir, { recursive: true, force: true })
}

if (mode === 'copy') await copy()
else if (mode === 'rules') await rules()
else throw new Error('views-floor.ts copy SQL_FILE PARQUET | rules LAKE RULES_FILE')
