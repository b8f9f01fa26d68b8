import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLake } from '../lake.ts'
import type { BuildReceipt, Lake } from '../types.ts'

let root: string
let lake: Lake
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-delta-'))
  await mkdir(join(root, 'views'))
  for (const one of views) await writeFile(join(root, 'views', `${one.name}.json`), JSON.stringify(one))
  lake = await openLake({ dir: join(root, 'lake'), create: true, threads: 2, requiredTypes: ['Condition'] })
})
afterAll(async () => {
  await lake.close()
  await rm(root, { recursive: true })
})

const view = (name: string, resource: string, select: readonly object[], where: readonly string[] = []): { name: string } =>
  ({ resourceType: 'ViewDefinition', name, resource, status: 'active', where: where.map((path) => ({ path })), select }) as never
const column = (name: string, path: string, more: object = {}): object => ({ name, path, ...more })

/** None of them but the first tells of whom a row is; equal rows come from several resources. */
const views = [
  view('d_encounter', 'Encounter', [{ column: [column('id', 'id'), column('status', 'status')] }]),
  view('d_status', 'Encounter', [{ column: [column('status', 'status')] }]),
  view('d_names', 'Patient', [
    { forEach: 'name', column: [column('family', 'family'), column('given', 'given', { collection: true })] },
  ]),
  view('d_whole', 'Patient', [{ column: [column('name', 'name', { collection: true }), column('active', 'active')] }]),
  view(
    'd_condition',
    'Condition',
    [{ column: [column('code', 'code.text'), column('of', 'encounter.reference')] }],
    ["code.text != 'x3'"],
  ),
]

async function exportFolder(
  name: string,
  time: string,
  lines: Readonly<Record<string, readonly object[]>>,
  deleted: readonly string[] = [],
): Promise<string> {
  const folder = join(root, name)
  await mkdir(folder)
  for (const [type, list] of Object.entries(lines)) {
    await writeFile(
      join(folder, `${type}.000.ndjson`),
      list.map((line) => `${JSON.stringify({ resourceType: type, ...line })}\n`).join(''),
    )
  }
  if (deleted.length > 0) {
    await mkdir(join(folder, 'deleted'))
    const entry = deleted.map((url) => ({ request: { method: 'DELETE', url } }))
    const bundle = { resourceType: 'Bundle', type: 'transaction', meta: { lastUpdated: time }, entry }
    await writeFile(join(folder, 'deleted', 'Bundle.000.ndjson'), `${JSON.stringify(bundle)}\n`)
  }
  const since = lines.Patient === undefined || name === 'one' ? {} : { _since: '2026-01-01T00:00:00.000Z' }
  const requestParameters = { ...since, _type: 'Patient,Encounter,Condition' }
  const events = [
    ['kickoff', { exportUrl: 'https://ehr/fhir/Group/g/$export', requestParameters }],
    ['status_complete', { transactionTime: time }],
    ['export_complete', {}],
  ] as const
  await writeFile(
    join(folder, 'log.ndjson'),
    events
      .map(([eventId, eventDetail]) => `${JSON.stringify({ exportId: name, timestamp: time, eventId, eventDetail })}\n`)
      .join(''),
  )
  return folder
}

async function all(sql: string): Promise<unknown[]> {
  await using result = await lake.query(sql)
  const rows: unknown[] = []
  for await (const chunk of result.rows) rows.push(...chunk)
  return rows
}

const names = views.map(({ name }) => name)
const build = async (): Promise<BuildReceipt[]> => await lake.build({ names, viewsDir: join(root, 'views') })
const tables = async (): Promise<Record<string, string[]>> => {
  const found: Record<string, string[]> = {}
  for (const name of names) found[name] = (await all(`select * from gold.${name}`)).map((row) => JSON.stringify(row)).sort()
  return found
}
const deltas = (receipts: readonly BuildReceipt[]): unknown =>
  Object.fromEntries(
    receipts.map(({ table, unchanged, delta }) => [table.slice(5), unchanged ? 'unchanged' : (delta ?? 'whole')]),
  )

/** The same views, all made as a whole: another name is another table. */
async function wholes(): Promise<Record<string, string[]>> {
  const folder = await mkdtemp(join(root, 'whole-'))
  for (const one of views) await writeFile(join(folder, `${one.name}.json`), JSON.stringify({ ...one, name: `w${one.name}` }))
  const fresh = await lake.build({ names: names.map((name) => `w${name}`), viewsDir: folder })
  expect(fresh.every(({ delta }) => delta === undefined)).toBe(true)
  const found: Record<string, string[]> = {}
  for (const name of names) found[name] = (await all(`select * from gold.w${name}`)).map((row) => JSON.stringify(row)).sort()
  // Next time they are made as a whole again.
  for (const name of names) {
    await writeFile(
      join(folder, `w${name}.json`),
      JSON.stringify({ ...view(`w${name}`, 'Patient', [{ column: [column('id', 'id')] }]) }),
    )
  }
  await lake.build({ names: names.map((name) => `w${name}`), viewsDir: folder })
  return found
}

const patient = (n: number, more: object = {}): object => ({
  id: `p${n}`,
  name: [{ family: `F${n % 5}`, given: ['A', 'B'] }],
  active: true,
  ...more,
})
const encounter = (n: number, status = 'finished'): object => ({
  id: `e${n}`,
  status,
  class: { code: 'AMB' },
  subject: { reference: `Patient/p${n % 40}` },
})
const condition = (n: number, encounterId: number, text = `x${n % 7}`): object => ({
  ...{
    id: `c${n}`,
    code: { text },
    subject: { reference: `Patient/p${n % 40}` },
    encounter: { reference: `Encounter/e${encounterId}` },
  },
})
const range = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

test('the first build makes whole tables', async () => {
  const lines = {
    Patient: range(40, (n) => patient(n)),
    Encounter: range(60, (n) => encounter(n)),
    Condition: range(80, (n) => condition(n, n % 60)),
  }
  await lake.load({ folders: [await exportFolder('one', '2026-01-01T00:00:00.000Z', lines)] })
  expect(deltas(await build())).toEqual(Object.fromEntries(names.map((name) => [name, 'whole'])))
  expect(deltas(await build())).toEqual(Object.fromEntries(names.map((name) => [name, 'unchanged'])))
})

test('an incremental load writes the rows that changed, and no others', async () => {
  const lines = {
    Patient: [
      patient(1, {
        name: [
          { family: 'New', given: ['A'] },
          { family: 'F1', given: ['A', 'B'] },
        ],
      }),
      patient(41),
    ],
    Encounter: [encounter(2, 'cancelled'), encounter(3, 'cancelled')],
    Condition: [condition(4, 4, 'x3'), condition(100, 5)],
  }
  await lake.load({ folders: [await exportFolder('two', '2026-02-01T00:00:00.000Z', lines)] })
  expect(deltas(await build())).toEqual({
    d_encounter: { added: 2, removed: 2 },
    d_status: { added: 2, removed: 2 },
    // Patient 1 keeps a name that is as it was.
    d_names: { added: 2, removed: 0 },
    // The row that patient 1 no longer gives is the one that patient 41 gives now.
    d_whole: { added: 1, removed: 0 },
    d_condition: { added: 1, removed: 1 },
  })
  expect(await tables()).toEqual(await wholes())
  const built = await build()
  expect(built.map(({ table, rows }) => [table, rows])).toEqual(
    await Promise.all(names.map(async (name) => [`gold.${name}`, (await tables())[name]?.length])),
  )
})

test('deleted resources lose their rows', async () => {
  const folder = await exportFolder('three', '2026-03-01T00:00:00.000Z', { Patient: [patient(42)] }, [
    'Encounter/e7',
    'Condition/c11',
    'Patient/p9',
  ])
  await lake.load({ folders: [folder] })
  expect(deltas(await build())).toMatchObject({
    d_encounter: { added: 0, removed: 1 },
    d_names: { added: 1, removed: 1 },
    d_condition: { added: 0, removed: 1 },
  })
  expect(await tables()).toEqual(await wholes())
})

test('encounters that become hidden take what refers to them along, and bring it back', async () => {
  const before = await tables()
  // Of another group, in which no Condition was ever loaded.
  const folder = await exportFolder('four', '2026-04-01T00:00:00.000Z', { Encounter: range(5, (n) => encounter(200 + n)) })
  const log = (group: string, types: string, id: string, time: string): string =>
    [
      ['kickoff', { exportUrl: `https://ehr/fhir/Group/${group}/$export`, requestParameters: { _type: types } }],
      ['status_complete', { transactionTime: time }],
      ['export_complete', {}],
    ]
      .map(([eventId, eventDetail]) => `${JSON.stringify({ exportId: id, timestamp: time, eventId, eventDetail })}\n`)
      .join('')
  await writeFile(join(folder, 'log.ndjson'), log('h', 'Encounter', 'four', '2026-04-01T00:00:00.000Z'))
  await lake.load({ folders: [folder] })
  expect(deltas(await build())).toMatchObject({ d_encounter: 'unchanged', d_condition: 'unchanged' })
  expect(await tables()).toEqual(before)
  const late = await exportFolder('five', '2026-05-01T00:00:00.000Z', { Condition: [condition(300, 201)] })
  await writeFile(join(late, 'log.ndjson'), log('h', 'Condition', 'five', '2026-05-01T00:00:00.000Z'))
  await lake.load({ folders: [late] })
  expect(deltas(await build())).toMatchObject({ d_encounter: { added: 5, removed: 0 }, d_condition: { added: 1, removed: 0 } })
  expect(await tables()).toEqual(await wholes())
})

test('files that maintenance rewrote change nothing; many changes make the table anew', async () => {
  await lake.maintain({ expireOlderThan: 0, keepSnapshots: 1, orphansOlderThan: 0 })
  const before = await tables()
  await build()
  expect(await tables()).toEqual(before)
  const folder = await exportFolder('six', '2026-06-01T00:00:00.000Z', {
    Patient: range(30, (n) => patient(n, { active: false })),
  })
  await lake.load({ folders: [folder] })
  expect(deltas(await build())).toMatchObject({ d_whole: 'whole' })
  expect(await tables()).toEqual(await wholes())
})
