import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLake } from '../lake.ts'
import { rowsOf, stateOf, writeFolder } from './folders.suite.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-quarantine-'))
})
afterAll(() => rm(root, { recursive: true }))

const long = (type: string, id: string): string =>
  JSON.stringify({ resourceType: type, id, text: { status: 'generated', div: 'x'.repeat(3000) } })

test('lines that pass with a wider bound are loaded, counted anew, and complete their type', async () => {
  const folder = await writeFolder(root, {
    name: 'long',
    time: '2026-01-01T00:00:00.000Z',
    types: {
      Patient: [{ id: 'p1' }, long('Patient', 'p2'), { id: 'p3' }, long('Patient', 'p1')],
      Encounter: [{ id: 'e1', status: 'finished' }, 'no json'],
    },
  })
  // Bytes in an archive are found by their place in what it holds; a line of no type has its own.
  await writeFile(join(folder, 'Resources.000.ndjson.gz'), gzipSync(`${long('Encounter', 'e2')}\n${long('Encounter', 'e3')}`))
  await using lake = await openLake({ dir: join(root, 'lake'), create: true })
  const [receipt] = await lake.load({ folders: [folder], maxLine: 2000 })
  expect(receipt).toMatchObject({ status: 'incomplete', exitCode: 7 })
  const waiting = await lake.quarantine()
  expect(waiting.map(({ file, line, reason }) => [file, line, reason])).toEqual([
    ['Encounter.000.ndjson', 2, expect.stringMatching(/^json/)],
    ['Patient.000.ndjson', 2, 'size'],
    ['Patient.000.ndjson', 4, 'size'],
    ['Resources.000.ndjson.gz', 1, 'size'],
    ['Resources.000.ndjson.gz', 2, 'size'],
  ])
  const before = await rowsOf(lake, 'select id from silver.patient order by all', 'long')

  expect(await lake.replayQuarantine({ maxLine: 2000 })).toMatchObject([{ waiting: 5, replayed: 0, load: null }])
  const [replayed] = await lake.replayQuarantine({ maxLine: 10_000, export: 'long' })
  expect(replayed).toMatchObject({ export: 'long', source: 'default', waiting: 1, replayed: 4 })
  const types = Object.fromEntries(
    (await lake.status()).reconciliation.map(({ type, lines, rows, duplicates, stale, quarantined, holds }) => [
      type,
      [lines, rows, duplicates, stale, quarantined, holds],
    ]),
  )
  expect(types).toEqual({ Patient: [4, 4, 0, 0, 0, true], Encounter: [4, 3, 0, 0, 1, true] })
  expect((await lake.quarantine()).filter((row) => !row.replayed)).toMatchObject([{ file: 'Encounter.000.ndjson', line: 2 }])
  expect(await rowsOf(lake, 'select id, length(_raw) > 3000 as long from silver.patient order by all')).toEqual([
    { id: 'p1', long: true },
    { id: 'p2', long: true },
    { id: 'p3', long: false },
  ])
  const completion = await rowsOf(lake, 'select type, rows, quarantined, complete from floe.completion order by all')
  expect(completion).toEqual([
    { type: 'Encounter', rows: 3, quarantined: 1, complete: false },
    { type: 'Patient', rows: 4, quarantined: 0, complete: true },
  ])
  expect(await rowsOf(lake, 'select encounter_id from floe.etl__completion_encounters order by all')).toHaveLength(3)
  expect(await rowsOf(lake, 'select id from silver.patient order by all', 'long')).toEqual(before)

  const state = await stateOf(lake)
  expect(await lake.replayQuarantine({ maxLine: 10_000 })).toMatchObject([{ waiting: 1, replayed: 0 }])
  const [again] = await lake.load({ folders: [folder], maxLine: 2000 })
  expect(again).toMatchObject({ unchanged: true })
  expect(await stateOf(lake)).toEqual(state)
  await lake.rebuild()
  const { reconciliation: _, ...rebuilt } = await stateOf(lake)
  const { reconciliation: __, ...expected } = state
  expect({ ...rebuilt, completion: [] }).toEqual({ ...expected, completion: [] })
  await expect(lake.quarantine('none')).rejects.toMatchObject({ exitCode: 2 })
})

test('a line that a later load took with a wider bound is marked by it', async () => {
  const folder = await writeFolder(root, {
    name: 'wider',
    time: '2026-01-01T00:00:00.000Z',
    types: { Patient: [long('Patient', 'p1')] },
  })
  await using lake = await openLake({ dir: join(root, 'wider-lake'), create: true })
  await lake.load({ folders: [folder], maxLine: 2000 })
  await lake.load({ folders: [folder], maxLine: 5000 })
  expect(await lake.replayQuarantine({ maxLine: 5000 })).toEqual([])
  expect((await lake.quarantine()).map(({ replayed }) => replayed)).toEqual([true])
  const { reconciliation } = await lake.status()
  expect(reconciliation.every(({ holds }) => holds)).toBe(true)
  expect(await rowsOf(lake, 'select id from silver.patient')).toEqual([{ id: 'p1' }])
})

test('a line that was torn waits no longer when the folder has grown', async () => {
  const folder = await writeFolder(root, { name: 'torn', time: '2026-01-01T00:00:00.000Z', types: { Patient: [{ id: 'p1' }] } })
  const file = join(folder, 'Patient.000.ndjson')
  const lines = (...ids: string[]): string => ids.map((id) => `{"resourceType":"Patient","id":"${id}"}\n`).join('')
  await writeFile(file, `${lines('p1')}no json\n${lines('p2').slice(0, -9)}`)
  await using lake = await openLake({ dir: join(root, 'torn-lake'), create: true })
  await lake.load({ folders: [folder] })
  await writeFile(file, `${lines('p1')}no json\n${lines('p2', 'p3')}`)
  await lake.load({ folders: [folder] })
  expect((await lake.quarantine()).map(({ line, replayed }) => [line, replayed])).toEqual([
    [2, false],
    [3, true],
  ])
  expect(await rowsOf(lake, 'select id from silver.patient order by id')).toEqual([{ id: 'p1' }, { id: 'p2' }, { id: 'p3' }])
})

test('deletions of refused Bundles are made up for, and counted', async () => {
  const folder = await writeFolder(root, {
    name: 'gone',
    time: '2026-02-01T00:00:00.000Z',
    types: {
      Patient: ['p1', 'p2', 'p3', 'p4'].map((id) => ({ id, meta: { lastUpdated: '2026-01-01T00:00:00Z' } })),
      Encounter: [{ id: 'e1', status: 'finished' }],
    },
    deleted: [{ url: 'Patient/p1', at: '2026-01-02T00:00:00Z' }, { url: 'no/resource' }],
  })
  const entries = ['Patient/p2', 'Patient/p3', 'Observation/o1', 'Observation/o1'].map((url) => ({
    request: { method: 'DELETE', url },
  }))
  const pad = (size: number, ...more: object[]): string =>
    `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', id: 'x'.repeat(size), entry: [...entries, ...more] })}\n`
  await writeFile(join(folder, 'deleted', 'Bundle.001.ndjson.gz'), gzipSync(pad(3000) + pad(20_000)))
  await using lake = await openLake({ dir: join(root, 'gone-lake'), create: true })
  const [receipt] = await lake.load({ folders: [folder], maxLine: 2000 })
  expect(receipt).toMatchObject({ status: 'incomplete', notices: expect.arrayContaining(['3 deletions in quarantine.']) })
  const listed = async () => (await lake.quarantine()).map(({ file, line, replayed }) => [file.slice(8, 18), line, replayed])
  expect(await listed()).toEqual([
    ['Bundle.000', 2, false],
    ['Bundle.001', 1, false],
    ['Bundle.001', 2, false],
  ])
  const patients = async () => (await rowsOf(lake, 'select id from silver.patient order by id')).map(({ id }) => id)
  expect(await patients()).toEqual(['p2', 'p3', 'p4'])

  const [replayed] = await lake.replayQuarantine({ maxLine: 10_000 })
  expect(replayed).toMatchObject({
    waiting: 2,
    replayed: 1,
    load: { status: 'incomplete', notices: ['2 deletions in quarantine.'] },
  })
  expect(await patients()).toEqual(['p4'])
  expect((await listed()).map(([, , done]) => done)).toEqual([false, true, false])
  const tombstones = await rowsOf(lake, 'select type, id, deleted_at::varchar as at from floe.tombstones order by all')
  expect(tombstones.map(({ type, id, at }) => `${type}/${id} ${String(at).slice(0, 10)}`)).toEqual([
    'Observation/o1 2026-02-01',
    'Patient/p1 2026-01-02',
    'Patient/p2 2026-02-01',
    'Patient/p3 2026-02-01',
  ])
  const completion = await rowsOf(lake, 'select type, rows, complete from floe.completion order by all')
  expect(completion.map(({ type }) => type)).toEqual(['Encounter', 'Observation', 'Patient'])
  expect((await lake.status()).reconciliation.every(({ holds }) => holds)).toBe(true)

  const state = await stateOf(lake)
  expect(await lake.replayQuarantine({ maxLine: 10_000 })).toMatchObject([{ waiting: 2, replayed: 0, load: null }])
  expect((await lake.load({ folders: [folder], maxLine: 2000 }))[0]).toMatchObject({ unchanged: true })
  expect(await stateOf(lake)).toEqual(state)
  await lake.rebuild()
  const counted = { completion: [], reconciliation: [] }
  expect({ ...(await stateOf(lake)), ...counted }).toEqual({ ...state, ...counted })
  expect(await lake.replayQuarantine({ maxLine: 50_000 })).toMatchObject([{ waiting: 1, replayed: 1 }])
  expect(await patients()).toEqual(['p4'])
})

test.runIf(process.env.FLOE_VOLUME === 'full')(
  'lines beyond those that are listed are counted; their file waits for the export to be loaded again',
  async () => {
    const more = 100_002
    const folder = await writeFolder(root, {
      name: 'many',
      time: '2026-01-01T00:00:00.000Z',
      types: { Patient: [{ id: 'p1' }, long('Patient', 'p2')], Encounter: [long('Encounter', 'e1')] },
    })
    await writeFile(join(folder, 'Patient.001.ndjson'), `{"resourceType":"Patient","id":"p3"}\n${'-\n'.repeat(more)}`)
    await using lake = await openLake({ dir: join(root, 'many-lake'), create: true })
    const [receipt] = await lake.load({ folders: [folder], maxLine: 2000 })
    expect(receipt?.notices).toContain('Patient.001.ndjson: 2 more refused lines are counted, not listed')
    expect(await lake.unlisted()).toEqual([{ export_id: 'many', source: 'default', type: 'Patient', lines: 2 }])
    expect(await lake.replayQuarantine({ maxLine: 5000 })).toMatchObject([{ waiting: more, unlisted: 2, replayed: 2 }])
    expect(await lake.unlisted('many')).toEqual([{ export_id: 'many', source: 'default', type: 'Patient', lines: 2 }])
    expect((await lake.status()).reconciliation.every(({ holds }) => holds)).toBe(true)
  },
)

test('of lines with equal keys the last of the file stays current, also when an earlier one passes later', async () => {
  const folder = await writeFolder(root, {
    name: 'tied',
    time: '2026-01-01T00:00:00.000Z',
    types: { Patient: [long('Patient', 'p1'), { id: 'p1' }, { id: 'p2' }, long('Patient', 'p2')] },
  })
  await using lake = await openLake({ dir: join(root, 'tied-lake'), create: true })
  await lake.load({ folders: [folder], maxLine: 2000 })
  expect(await lake.replayQuarantine({ maxLine: 10_000 })).toMatchObject([{ waiting: 0, replayed: 2 }])
  const rows = async (): Promise<unknown> =>
    await rowsOf(lake, 'select id, length(_raw) > 3000 as long from silver.patient order by id')
  expect(await rows()).toEqual([
    { id: 'p1', long: false },
    { id: 'p2', long: true },
  ])
  const { tables } = await lake.rebuild()
  expect(tables.filter(({ identical }) => !identical)).toEqual([])
})
