import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestLake, testLake } from '../iceberg/lake.suite.ts'
import { stage } from '../iceberg/stage.ts'
import { currentSchema } from '../iceberg/table.ts'
import { writeData } from '../iceberg/write.ts'
import { tableHistory, tableInfo } from './inventory.ts'

let lake: TestLake
beforeEach(async () => {
  lake = await testLake()
})
afterEach(() => lake[Symbol.asyncDispose]())

test('rows that are deleted by equality count neither now nor in the history', async () => {
  await lake.append("select unnest(['a', 'b', 'c']) as id", { id: 'string' })
  const table = await lake.table()
  const schema = currentSchema(table)
  const [file] = await writeData(lake.engine, { sql: "select 'b' as id", schema, dir: `${lake.location}/data` })
  if (file === undefined) throw new Error('no file')
  const { content: _data, schema: _own, ...rest } = file
  await lake.catalog.commit([await stage({ table, deletes: [{ ...rest, content: 'equality-deletes', equalityIds: [1] }] })])
  const engine = async () => lake.engine
  expect(await tableInfo(engine, await lake.table())).toMatchObject({ rows: 2, files: 1, deleteFiles: 1, snapshots: 2 })
  expect((await tableHistory(engine, await lake.table())).snapshots.map(({ rows }) => rows)).toEqual([3, 2])
})
