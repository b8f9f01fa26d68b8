/** CONTRACT §4, rules 18 and 19: rebuild, rollback and diff. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLake } from '@floe/lake'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, stateOf, type TestFolder, writeFolder } from '../../packages/lake/src/replay/folders.suite.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-replay-'))
  for (const spec of Object.values(exports)) await writeFolder(root, spec)
})
afterAll(() => rm(root, { recursive: true }))

const patient = (id: string, more: object = {}): object => ({ id, meta: { lastUpdated: '2025-12-01T00:00:00Z' }, ...more })
const exports = {
  one: {
    name: 'one',
    time: '2026-01-01T00:00:00.000Z',
    types: {
      Patient: [patient('p1', { gender: 'male' }), patient('p2'), patient('p1', { gender: 'male' }), 'no json'],
      Encounter: [{ id: 'e1', status: 'finished', subject: { reference: 'Patient/p1' } }],
    },
  },
  two: {
    name: 'two',
    time: '2026-02-01T00:00:00.000Z',
    types: {
      Patient: [
        patient('p1', { gender: 'female', meta: { lastUpdated: '2026-01-15T00:00:00Z' } }),
        patient('p3', { birthDate: '1970' }),
      ],
      Condition: [{ id: 'c1', subject: { reference: 'Patient/p1' }, encounter: { reference: 'Encounter/e1' } }],
    },
    deleted: [{ url: 'Patient/p2', at: '2026-01-20T00:00:00Z' }],
    parameters: { _since: '2026-01-01T00:00:00.000Z' },
  },
  three: {
    name: 'three',
    time: '2026-03-01T00:00:00.000Z',
    types: { Patient: [patient('p2'), patient('p4')], Encounter: [{ id: 'e2', status: 'planned' }] },
    parameters: { _since: '2026-02-01T00:00:00.000Z' },
  },
} satisfies Record<string, TestFolder>

async function lakeWith(name: string, folders: readonly string[]): ReturnType<typeof openLake> {
  const lake = await openLake({ dir: join(root, name), create: true })
  for (const folder of folders) await lake.load({ folders: [join(root, folder)] })
  return lake
}

describe('rebuild', () => {
  test('gives rows, ledger and every earlier state as they were, in one commit', async () => {
    await using lake = await lakeWith('rebuilt', ['one', 'two', 'three'])
    await lake.load({ folders: [join(root, 'one')], source: 'other' })
    const before = await stateOf(lake, true)
    const asOf = await rowsOf(lake, 'select id, _raw from silver.patient order by all', 'two')
    const receipt = await lake.rebuild()
    expect(await stateOf(lake, true)).toEqual(before)
    expect(await rowsOf(lake, 'select id, _raw from silver.patient order by all', 'two')).toEqual(asOf)
    expect(receipt).toMatchObject({ exports: 4, foreign: 0 })
    expect(receipt.tables.every(({ identical }) => identical)).toBe(true)
    expect(receipt.tables.map(({ table, rows }) => [table, rows])).toEqual([
      ['silver.condition', 1],
      ['silver.encounter', 3],
      ['silver.patient', 5],
    ])
    const [again] = await lake.load({ folders: [join(root, 'two')] })
    expect(again).toMatchObject({ unchanged: true })
  })

  test('a type that completed only when it was looked at again is complete', async () => {
    await using lake = await lakeWith('late', ['two', 'one', 'two'])
    const before = await stateOf(lake, true)
    await lake.rebuild()
    expect(await stateOf(lake, true)).toEqual(before)
  })

  test('after all snapshots of loads are compacted and forgotten', async () => {
    await using lake = await lakeWith('thrifty', ['one', 'two'])
    await lake.maintain({ expireOlderThan: -1000, keepSnapshots: 1, orphansOlderThan: -1000, dropTagsOlderThan: -1000 })
    const before = await stateOf(lake, true)
    await lake.rebuild()
    expect(await stateOf(lake, true)).toEqual(before)
  })

  test('an export whose folder grew keeps its rows, its loads and their equations', async () => {
    const spec = { name: 'grown', time: '2026-01-05T00:00:00.000Z' }
    await writeFolder(root, { ...spec, types: { Patient: [patient('p1'), patient('p2')] } })
    await using lake = await lakeWith('growing', ['grown', 'one'])
    await writeFolder(root, { ...spec, types: { Patient: [patient('p1'), patient('p2')], Condition: [{ id: 'c1' }] } })
    await lake.load({ folders: [join(root, 'grown')] })
    const parts = async () => {
      const { 'silver.patient': patients, 'silver.condition': conditions, ...ledger } = await stateOf(lake)
      return { patients, conditions, loads: ledger.loads, reconciliation: ledger.reconciliation, completion: ledger.completion }
    }
    const before = await parts()
    const ids = 'select load_id, status, started_at from floe.loads order by started_at'
    const loads = await rowsOf(lake, ids)
    await lake.rebuild()
    const after = await parts()
    expect(await rowsOf(lake, ids)).toEqual(loads)
    expect({ patients: after.patients, conditions: after.conditions }).toEqual({
      patients: before.patients,
      conditions: before.conditions,
    })
    expect((await lake.status()).reconciliation.filter(({ holds }) => !holds)).toEqual([])
    expect(after.completion).toHaveLength((before.completion as unknown[]).length)
  })

  test('an export whose folder grew names the lake at the end of its last load', async () => {
    const spec = { name: 'twice', time: '2026-01-05T00:00:00.000Z' }
    await writeFolder(root, { ...spec, types: { Patient: [patient('p1'), patient('p2')] } })
    await using lake = await lakeWith('twice-lake', ['twice', 'two'])
    await writeFolder(root, { ...spec, types: { Patient: [patient('p1'), patient('p2')], Device: [{ id: 'd1' }] } })
    await lake.load({ folders: [join(root, 'twice')] })
    await lake.load({ folders: [join(root, 'three')] })
    const asOf = async (name: string): Promise<unknown[]> => await rowsOf(lake, 'select id from silver.patient order by id', name)
    const states = async (): Promise<unknown[]> => [await asOf('twice'), await asOf('two'), await asOf('three')]
    const before = await states()
    expect(before[0]).toEqual([{ id: 'p1' }, { id: 'p3' }])
    await lake.rebuild()
    expect(await states()).toEqual(before)
  })

  test('without its bronze nothing is touched', async () => {
    await using lake = await lakeWith('lost', ['one'])
    const before = await stateOf(lake, true)
    await rm(join(root, 'lost/bronze/default/one'), { recursive: true })
    await expect(lake.rebuild()).rejects.toMatchObject({ code: 'bronze-missing', exitCode: 1 })
    expect(await stateOf(lake, true)).toEqual(before)
  })
})

describe('rollback', () => {
  test.each([
    ['one', ['two', 'three']],
    ['two', ['one', 'three']],
    ['three', ['one', 'two']],
  ])('%s: as if it had never been loaded, and it may be loaded again', async (name, others) => {
    await using lake = await lakeWith(`without-${name}`, ['one', 'two', 'three'])
    await using expected = await lakeWith(`only-${others.join('-')}`, others)
    const receipt = await lake.rollback(name)
    expect(receipt).toMatchObject({ export: name, source: 'default', replayed: 2 })
    expect(await stateOf(lake)).toEqual(await stateOf(expected))
    const statuses = await rowsOf(lake, "select export_id, status from floe.loads where status = 'rolled back'")
    expect(statuses).toEqual([{ export_id: name, status: 'rolled back' }])
    await expect(lake.query('select 1', { asOf: name })).rejects.toMatchObject({ exitCode: 2 })
    await expect(lake.rollback(name)).rejects.toMatchObject({ exitCode: 2 })
    const [again] = await lake.load({ folders: [join(root, name)] })
    await expected.load({ folders: [join(root, name)] })
    expect(again).toMatchObject({ unchanged: false })
    expect(await stateOf(lake)).toEqual(await stateOf(expected))
  })

  test('of the last export reads nothing of bronze; after maintenance all others are replayed', async () => {
    await using lake = await lakeWith('last', ['one', 'two', 'three'])
    const bronze = (name: string): string => join(root, 'last/bronze/default', name)
    await rename(bronze('one'), join(root, 'aside'))
    await lake.rollback('three')
    await lake.maintain({ expireOlderThan: -1000, keepSnapshots: 1 })
    await expect(lake.rollback('two')).rejects.toMatchObject({ code: 'bronze-missing' })
    await rename(join(root, 'aside'), bronze('one'))
    await lake.rollback('two')
    await using expected = await lakeWith('only-one', ['one'])
    expect(await stateOf(lake)).toEqual(await stateOf(expected))
  })

  test.each(['one', 'two', 'three'])('%s: gold is what silver is, in the same commit', async (name) => {
    await using lake = await lakeWith(`gold-without-${name}`, ['one', 'two', 'three'])
    const views = join(root, `views-${name}`)
    await mkdir(views)
    const columns = [{ name: 'id', path: 'id' }]
    const view = {
      resourceType: 'ViewDefinition',
      name: 'mine',
      resource: 'Patient',
      status: 'active',
      select: [{ column: columns }],
    }
    await writeFile(join(views, 'mine.json'), JSON.stringify(view))
    await lake.build({ names: ['patient', 'mine'], viewsDir: views })
    const { gold, stale } = await lake.rollback(name)
    expect([gold.map(({ table }) => table), stale]).toEqual([['gold.patient'], ['gold.mine']])
    const ids = async (table: string): Promise<unknown[]> => await rowsOf(lake, `select id from ${table} order by id`)
    expect(await ids('gold.patient')).toEqual(await ids('silver.patient'))
    await lake.build({ names: ['patient', 'mine'], viewsDir: views })
    expect(await ids('gold.mine')).toEqual(await ids('silver.patient'))
    expect((await lake.build({ names: ['patient'] })).map(({ unchanged }) => unchanged)).toEqual([true])
  })

  test('of the only export leaves an empty lake', async () => {
    await using lake = await lakeWith('emptied', ['one'])
    await lake.rollback('one')
    expect((await lake.tables()).filter(({ table }) => table.startsWith('silver.'))).toEqual([])
    expect(await rowsOf(lake, 'select status from floe.loads')).toEqual([{ status: 'rolled back' }])
  })

  test('an id of two sources is refused, naming both; an unknown one, too', async () => {
    await using lake = await lakeWith('sources', ['one'])
    await lake.load({ folders: [join(root, 'one')], source: 'other' })
    await expect(lake.rollback('one')).rejects.toMatchObject({ exitCode: 2, hint: 'Say which: default/one or other/one' })
    await expect(lake.rollback('none')).rejects.toMatchObject({ exitCode: 2 })
    await lake.rollback('other/one')
    expect(await rowsOf(lake, 'select distinct _source from silver.patient')).toEqual([{ _source: 'default' }])
  })
})

test('diff tells what changed, per type and element', async () => {
  await using lake = await lakeWith('compared', ['one', 'two', 'three'])
  expect(await lake.diff('one', 'two')).toEqual({
    from: 'one',
    to: 'two',
    types: [
      { type: 'Condition', added: 1, changed: 0, deleted: 0, elements: {} },
      { type: 'Patient', added: 1, changed: 1, deleted: 1, elements: { gender: 1, meta: 1 } },
    ],
  })
  expect((await lake.diff('two', 'two')).types).toEqual([])
  await expect(lake.diff('one', 'none')).rejects.toMatchObject({ exitCode: 2 })
})
