import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../engine/duckdb.ts'
import { openCatalog } from '../iceberg/catalog.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { fileUri } from '../storage/local.ts'
import type { LoadReceipt } from '../types.ts'
import { type TestExport, testExport } from './bronze.suite.ts'
import type { LakeContext } from './context.ts'
import { loadExport, type SilverOptions } from './load.ts'

/** An empty lake in a temporary folder. */
export interface TestLake extends AsyncDisposable {
  readonly context: LakeContext
  load(spec: TestExport, options?: SilverOptions): Promise<LoadReceipt>
  /** Rows of a table; none when it is not there. */
  rows<T = Record<string, unknown>>(table: string, select?: string, rest?: string): Promise<T[]>
  /** Rows and digest of a type's texts, as the expected states of the shared data have them. */
  digest(type: string): Promise<{ rows: number; digest: string }>
}

export async function openTestLake(): Promise<TestLake> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-silver-'))
  const engine = await openEngine({ tempDir: join(dir, 'tmp'), memoryLimit: '1GB', threads: 2 })
  const catalog = openCatalog({ file: join(dir, 'catalog.db'), create: true })
  const context: LakeContext = {
    dir,
    warehouse: fileUri(join(dir, 'warehouse')),
    engine,
    catalog,
    requiredTypes: [],
    now: () => new Date(),
  }
  const relation = async (name: string): Promise<string | undefined> => {
    const [namespace = '', table = ''] = name.split('.')
    const found = await catalog.load(namespace, table)
    return found === undefined ? undefined : `(${scanSql(await planScan(found))})`
  }
  return {
    context,
    load: async (spec, options = {}) => await loadExport(context, await testExport(join(dir, 'in'), spec), options),
    rows: async (table, select = '*', rest = 'order by all') => {
      const from = await relation(table)
      return from === undefined ? [] : await engine.all(`select ${select} from ${from} ${rest}`)
    },
    digest: async (type) => {
      const hash = createHash('sha256')
      let rows = 0
      const from = await relation(`silver.${type.toLowerCase()}`)
      for await (const chunk of engine.stream(`select id, sha256(_raw) as h from ${from} order by id`)) {
        for (const row of chunk) hash.update(`${row.id}\t${row.h}\n`)
        rows += chunk.length
      }
      return { rows, digest: hash.digest('hex') }
    },
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]()
      catalog.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
