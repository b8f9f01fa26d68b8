import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLake } from '../lake.ts'
import type { Lake } from '../types.ts'

let root: string
let lake: Lake
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-compare-'))
  lake = await openLake({ dir: join(root, 'lake'), create: true, threads: 2 })
})
afterAll(async () => {
  await lake.close()
  await rm(root, { recursive: true })
})

async function load(
  name: string,
  time: string,
  types: Readonly<Record<string, readonly object[]>>,
  since = false,
): Promise<void> {
  const folder = join(root, name)
  await mkdir(folder)
  for (const [type, lines] of Object.entries(types))
    await writeFile(
      join(folder, `${type}.000.ndjson`),
      lines.map((line) => `${JSON.stringify({ resourceType: type, ...line })}\n`).join(''),
    )
  const requestParameters = { _type: 'Patient,Encounter', ...(since ? { _since: '2026-01-01T00:00:00Z' } : {}) }
  const events = [
    ['kickoff', { exportUrl: 'https://ehr/fhir/Group/g/$export', requestParameters }],
    ['status_complete', { transactionTime: time }],
    ['export_complete', {}],
  ] as const
  const log = events.map(([eventId, eventDetail]) => JSON.stringify({ exportId: name, timestamp: time, eventId, eventDetail }))
  await writeFile(join(folder, 'log.ndjson'), `${log.join('\n')}\n`)
  await lake.load({ folders: [folder] })
  await lake.build({ names: ['patient'] })
}

const patients = (count: number, more: object = {}): object[] =>
  Array.from({ length: count }, (_, n) => ({ id: `p${n}`, ...more }))
const compared = async (prefix: string): Promise<unknown[]> =>
  (await lake.quality())
    .filter(({ rule }) => rule.startsWith(prefix))
    .toSorted((a, b) => (a.rule < b.rule ? -1 : 1))
    .map(({ rule, checked, failed }) => [rule, checked, failed])

async function listed(prefix: string): Promise<unknown[]> {
  await using result = await lake.query(
    `select _source, type, id, severity from floe.quality_failures where rule like '${prefix}%' order by all`,
  )
  const rows: unknown[] = []
  for await (const chunk of result.rows) rows.push(...chunk.map((row) => Object.values(row)))
  return rows
}

test('nothing is told of a first export', async () => {
  await load('one', '2026-02-01T00:00:00Z', {
    Patient: patients(10),
    Encounter: [{ id: 'e1', status: 'finished', class: { code: 'AMB' } }],
  })
  expect(await compared('volume')).toEqual([])
  expect(await compared('drift')).toEqual([])
})

test('a full export that is a fifth smaller, or lacks a type, is told; new elements are, too', async () => {
  await load('two', '2026-03-01T00:00:00Z', { Patient: patients(7, { gender: 'female', name: [{ family: 'A' }] }) })
  expect(await compared('volume')).toEqual([
    ['volume-encounter', 1, 1],
    ['volume-patient', 1, 1],
  ])
  expect(await listed('volume')).toEqual([
    ['default', 'Encounter', 'two', 'warning'],
    ['default', 'Patient', 'two', 'warning'],
  ])
  expect(await compared('drift')).toMatchObject([['drift-patient', expect.any(Number), 2]])
  expect(await listed('drift')).toEqual([
    [null, 'Patient', 'gender', 'information'],
    [null, 'Patient', 'name.family', 'information'],
  ])
})

test('an incremental export is compared with nothing, a full one of the same size holds', async () => {
  await load('three', '2026-04-01T00:00:00Z', { Patient: patients(1, { gender: 'male' }) }, true)
  expect(await listed('volume')).toHaveLength(2)
  expect(await listed('drift')).toEqual([])
  await load('four', '2026-05-01T00:00:00Z', { Patient: patients(8) })
  expect(await compared('volume')).toEqual([['volume-patient', 1, 0]])
})

test('a date after the load is told, a partial one that may lie before it is not', async () => {
  const today = new Date().toISOString()
  const dates = ['2020-01-01', today.slice(0, 10), today.slice(0, 7), today.slice(0, 4), '2999-07-01', '2999']
  await load(
    'five',
    '2026-06-01T00:00:00Z',
    {
      Patient: dates.map((birthDate, n) => ({ id: `d${n}`, birthDate })),
      Encounter: [
        { id: 'planned', status: 'planned', period: { start: '2999-12-01' } },
        { id: 'wrong', status: 'finished', period: { start: '2999-06-15T15:00:00+02:00' } },
        { id: 'right', status: 'finished', period: { start: '2026-06-15T13:30:00+02:00' } },
      ],
    },
    true,
  )
  expect((await listed('future')).map((row) => (row as unknown[])[2])).toEqual(['wrong', 'd4', 'd5'])
})
