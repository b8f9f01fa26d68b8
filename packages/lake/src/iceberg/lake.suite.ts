/** A lake in a temporary folder for the tests of this folder: engine, catalog, and one table's life in short calls. */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, openEngine } from '../engine/duckdb.ts'
import { type Catalog, openCatalog } from './catalog.ts'
import { type PlanOptions, planScan, scanSql } from './plan.ts'
import { type Shape, shapeOf } from './shape.ts'
import { type StageOptions, stage } from './stage.ts'
import { currentSchema, evolveTable, type Table } from './table.ts'
import { writeData, writePositionDeletes } from './write.ts'

export interface TestLake extends AsyncDisposable {
  readonly dir: string
  readonly engine: Engine
  readonly catalog: Catalog
  readonly location: string
  /** The table `silver.t`. */
  table(): Promise<Table>
  /** Makes the table, or widens it, and adds the rows of a SELECT. */
  append(sql: string, columns: Readonly<Record<string, Shape>>, more?: StageOptions): Promise<Table>
  /** Deletes by position where a condition on the rows holds. */
  remove(where: string, more?: StageOptions): Promise<Table>
  rows(options?: PlanOptions): Promise<Record<string, unknown>[]>
}

/** One database for all lakes of a test file: to start one takes longer than most tests. */
let database: Promise<Engine> | undefined

export async function testLake(): Promise<TestLake> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'floe-lake-')))
  database ??= openEngine({ tempDir: join(tmpdir(), 'floe-test-engine'), threads: 2 })
  const engine = await (await database).connect()
  const catalog = openCatalog({ file: join(dir, 'catalog.db'), create: true })
  const location = `file://${dir}/warehouse/silver/t`
  const table = async (): Promise<Table> => {
    const found = await catalog.load('silver', 't')
    if (found === undefined) throw new Error('no table yet')
    return found
  }
  return {
    dir,
    engine,
    catalog,
    location,
    table,
    append: async (sql, columns, more = {}) => {
      const known = await catalog.load('silver', 't')
      const identifier = 'id' in columns ? ['id'] : []
      const schema = evolveTable(known, { struct: columns }, { identifier })
      const missing = Object.keys(shapeOf(schema).struct).filter((name) => !(name in columns))
      const nulls = missing.map((name) => `null as "${name}"`).join(', ')
      const append = await writeData(engine, {
        sql: nulls ? `select *, ${nulls} from (${sql})` : sql,
        schema,
        dir: `${location}/data`,
      })
      const target =
        known === undefined ? { create: { namespace: 'silver', name: 't', location, schema } } : { table: known, schema }
      await catalog.commit([await stage({ ...target, ...more, append })])
      return await table()
    },
    remove: async (where, more = {}) => {
      const known = await table()
      const scan = scanSql(await planScan(known), { positions: true })
      const sql = `select _file as file_path, _pos as pos from (${scan}) where ${where}`
      const deletes = await writePositionDeletes(engine, { sql, dir: `${location}/data` })
      await catalog.commit([await stage({ table: known, ...more, deletes: deletes === undefined ? [] : [deletes] })])
      return await table()
    },
    rows: async (options) => {
      const known = await table()
      const key = currentSchema(known).fields[0]?.name ?? ''
      return await engine.all(`select * from (${scanSql(await planScan(known, options))}) order by "${key}"`)
    },
    [Symbol.asyncDispose]: async () => {
      catalog.close()
      await engine[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
