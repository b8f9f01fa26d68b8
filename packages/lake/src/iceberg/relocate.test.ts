import { cp, mkdtemp, readdir, realpath, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCatalog } from './catalog.ts'
import { type TestLake, testLake } from './lake.suite.ts'
import { type PlanOptions, planScan, scanSql } from './plan.ts'
import { relocate } from './relocate.ts'
import { stage } from './stage.ts'

let lake: TestLake
let elsewhere: string
beforeEach(async () => {
  lake = await testLake()
  elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'floe-elsewhere-')))
})
afterEach(async () => {
  await lake[Symbol.asyncDispose]()
  await rm(elsewhere, { recursive: true, force: true })
})

test('a copied lake reads and writes its own files, every snapshot included; the original stays as it was', async () => {
  await lake.append("select 'a' as id union all select 'b'", { id: 'string' }, { tag: 'e1', now: 1_000 })
  await lake.remove("id = 'a'", { now: 2_000 })
  await lake.append("select 'c' as id, 1 as n", { id: 'string', n: 'int' }, { tag: 'e2', now: 3_000 })
  const copy = join(elsewhere, 'co py [1]')
  await cp(lake.dir, copy, { recursive: true })
  const file = join(copy, 'catalog.db')

  expect(await relocate(file, lake.engine)).toEqual({ tables: 1, moved: true })
  expect(await relocate(file, lake.engine)).toEqual({ tables: 0, moved: false })

  using catalog = openCatalog({ file })
  const load = async () => (await catalog.load('silver', 't')) ?? expect.fail('no table')
  const ids = async (options?: PlanOptions) => {
    const rows = await lake.engine.all<{ id: string; _file: string }>(
      `select * from (${scanSql(await planScan(await load(), options), { positions: true })}) order by id`,
    )
    for (const { _file } of rows) expect(_file).toMatch(/^file:\/\/.*\/co py \[1\]\/warehouse\/silver\/t\/data\//)
    return rows.map(({ id }) => id)
  }
  expect(await ids()).toEqual(['b', 'c'])
  expect(await ids({ tag: 'e1' })).toEqual(['a', 'b'])
  expect(await ids({ at: 2_000 })).toEqual(['b'])
  expect(JSON.stringify((await load()).metadata)).not.toContain(`${lake.dir}/`)
  await catalog.commit([await stage({ table: await load(), removeFiles: [], replaceAll: true })])
  expect(await ids()).toEqual([])
  expect(await lake.rows()).toHaveLength(2)
})

test('a moved lake works again, and starts over after a crash', async () => {
  await lake.append("select 'a' as id union all select 'b'", { id: 'string' })
  await lake.remove("id = 'a'")
  lake.catalog.close()
  const moved = join(elsewhere, 'moved')
  await rename(lake.dir, moved)
  const file = join(moved, 'catalog.db')
  // A first attempt that did not come to its commit leaves new files only.
  const before = await readdir(join(moved, 'warehouse/silver/t/metadata'))
  await cp(join(moved, 'warehouse/silver/t/metadata', before[0] ?? ''), join(moved, 'warehouse/silver/t/metadata/half-made'))
  expect(await relocate(file, lake.engine)).toEqual({ tables: 1, moved: true })
  using catalog = openCatalog({ file })
  const table = (await catalog.load('silver', 't')) ?? expect.fail('no table')
  expect(await lake.engine.all(scanSql(await planScan(table)))).toEqual([{ id: 'b' }])
})
