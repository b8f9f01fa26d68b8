/** CONTRACT §4, rule 23: what other programs changed is there after a replay, too. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEngine } from '../engine/duckdb.ts'
import { openCatalog } from '../iceberg/catalog.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { stage } from '../iceberg/stage.ts'
import { currentSchema, evolveTable } from '../iceberg/table.ts'
import { writeData, writePositionDeletes } from '../iceberg/write.ts'
import { openLake } from '../lake.ts'
import type { Lake } from '../types.ts'
import { rowsOf, writeFolder } from './folders.suite.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-foreign-'))
  const patient = (id: string, gender: string, at = '2025-12-01T00:00:00Z'): object => ({ id, gender, meta: { lastUpdated: at } })
  const folder = (name: string, month: number, patients: readonly object[]): Promise<string> =>
    writeFolder(root, { name, time: `2026-0${month}-01T00:00:00Z`, types: { Patient: patients } })
  await folder('one', 1, [patient('a', 'male'), patient('b', 'male'), patient('c', 'male'), patient('d', 'male')])
  await folder('two', 2, [patient('e', 'male')])
  await folder('three', 3, [patient('b', 'other', '2026-02-20T00:00:00Z'), patient('f', 'male')])
})
afterAll(() => rm(root, { recursive: true }))

interface Statement {
  /** Condition on rows that go. */
  readonly gone?: string
  /** SELECT of rows that come; `t` is the table. */
  readonly come?: string
  readonly column?: string
}

/** A commit as another engine makes it: it says nothing of floe's. */
async function change(lake: string, { gone, come, column }: Statement): Promise<void> {
  using catalog = openCatalog({ file: join(lake, 'catalog.db') })
  await using engine = await openEngine({ tempDir: join(root, 'tmp'), threads: 2 })
  const table = await catalog.load('silver', 'patient')
  if (table === undefined) throw new Error('no table')
  const schema = column === undefined ? currentSchema(table) : evolveTable(table, { struct: { [column]: 'string' } })
  const dir = `${table.location}/data`
  const plan = await planScan(table)
  const rows = `(${scanSql(plan, { positions: true })})`
  const names = schema.fields.map(({ name }) => `"${name}"`).join(', ')
  const append =
    come === undefined ? [] : await writeData(engine, { sql: `select ${names} from (with t as ${rows} ${come})`, schema, dir })
  const deletes =
    gone === undefined
      ? undefined
      : await writePositionDeletes(engine, { sql: `select _file as file_path, _pos as pos from ${rows} where ${gone}`, dir })
  await catalog.commit([await stage({ table, schema, append, deletes: deletes === undefined ? [] : [deletes] })])
}

/** An insert, a delete, an update, an update of a row that a later load changes, and a new column with a value. */
async function changeAll(lake: string): Promise<void> {
  await change(lake, { come: `select * replace ('x' as id, null as _export_id, null as _raw) from t where id = 'a'` })
  await change(lake, { gone: `id = 'c'` })
  await change(lake, { gone: `id in ('b', 'd')`, come: `select * replace ('unknown' as gender) from t where id in ('b', 'd')` })
  await change(lake, { gone: `id = 'a'`, come: `select *, 'yes' as seen from t where id = 'a'`, column: 'seen' })
}

const shown = async (lake: Lake): Promise<unknown[]> =>
  (await rowsOf(lake, 'select id, gender, seen, _export_id from silver.patient order by id')).map((row) => Object.values(row))

async function changedLake(name: string): Promise<Lake> {
  const dir = join(root, name)
  const lake = await openLake({ dir, create: true, threads: 2 })
  await lake.load({ folders: [join(root, 'one')] })
  await lake.load({ folders: [join(root, 'two')] })
  await changeAll(dir)
  await lake.load({ folders: [join(root, 'three')] })
  return lake
}

const all = [
  ['a', 'male', 'yes', 'one'],
  ['b', 'other', null, 'three'],
  ['d', 'unknown', null, 'one'],
  ['e', 'male', null, 'two'],
  ['f', 'male', null, 'three'],
  ['x', 'male', null, null],
]

describe('changes of other programs', () => {
  test('stay after a rebuild, and after another one', async () => {
    await using lake = await changedLake('rebuilt')
    expect(await shown(lake)).toEqual(all)
    for (const foreign of [4, 1]) {
      expect(await lake.rebuild()).toMatchObject({
        foreign,
        foreignLost: 0,
        tables: [{ table: 'silver.patient', identical: true }],
      })
      expect(await shown(lake)).toEqual(all)
    }
  })

  test('stay after maintenance and a rebuild', async () => {
    await using lake = await changedLake('maintained')
    await lake.maintain({ expireOlderThan: -1000, keepSnapshots: 1, orphansOlderThan: -1000 })
    expect(await lake.rebuild()).toMatchObject({ foreign: 4, foreignLost: 0 })
    expect(await shown(lake)).toEqual(all)
  })

  test('stay after a rollback, but for those of its own rows', async () => {
    await using lake = await changedLake('rolled-back')
    expect(await lake.rollback('two')).toMatchObject({ foreign: 4, foreignLost: 0 })
    expect(await shown(lake)).toEqual(all.filter(([id]) => id !== 'e'))
    await lake.rollback('one')
    expect((await shown(lake)).map((row) => (row as string[])[0])).toEqual(['b', 'f', 'x'])
  })

  test('that cannot be told any more are counted', async () => {
    await using lake = await changedLake('forgotten')
    await lake.maintain({ expireOlderThan: -1000, keepSnapshots: 3, dropTagsOlderThan: -1000 })
    expect(await lake.rebuild()).toMatchObject({ foreign: 1, foreignLost: 1 })
  })
})
