import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runViewOnFolder } from './gold/run-view.ts'
import { openLake } from './lake.ts'
import type { Lake, QueryResult } from './types.ts'

let root: string
let lake: Lake
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-lake-'))
  lake = await openLake({ dir: join(root, 'lake'), create: true })
  await exportFolder('one', '2026-01-01T00:00:00.000Z', {
    Patient: [
      { id: 'p1', gender: 'female' },
      { id: 'p2', gender: 'male' },
    ],
    Encounter: [{ id: 'e1', status: 'finished', subject: { reference: 'Patient/p1' } }],
    Condition: [{ id: 'c1', subject: { reference: 'Patient/p1' }, encounter: { reference: 'Encounter/e1' } }],
  })
  await exportFolder('two', '2026-02-01T00:00:00.000Z', {
    Patient: [
      { id: 'p1', gender: 'other' },
      { id: 'p3', birthDate: '1970' },
    ],
  })
  await lake.load({ folders: [join(root, 'one')] })
  await lake.load({ folders: [join(root, 'two')] })
})
afterAll(async () => {
  await lake.close()
  await rm(root, { recursive: true })
})

async function exportFolder(
  name: string,
  transactionTime: string,
  types: Record<string, object[]>,
  parameters: object = {},
): Promise<string> {
  const folder = join(root, name)
  await mkdir(folder, { recursive: true })
  const event = (eventId: string, eventDetail: object): string =>
    `${JSON.stringify({ exportId: name, timestamp: transactionTime, eventId, eventDetail })}\n`
  const kickoff = { exportUrl: 'https://ehr.example.org/fhir/Group/g/$export', requestParameters: parameters, errorCode: null }
  await writeFile(
    join(folder, 'log.ndjson'),
    [event('kickoff', kickoff), event('status_complete', { transactionTime }), event('export_complete', {})].join(''),
  )
  for (const [type, resources] of Object.entries(types)) {
    const lines = resources.map((each) => `${JSON.stringify({ resourceType: type, ...each })}\n`)
    await writeFile(join(folder, `${type}.000.ndjson`), lines.join(''))
  }
  return folder
}

async function rows(result: Promise<QueryResult>): Promise<Record<string, unknown>[]> {
  await using open = await result
  const all: Record<string, unknown>[] = []
  for await (const chunk of open.rows) all.push(...chunk)
  return all
}

const genders = 'select id, gender from silver.patient order by id'

test('queries see the newest rows, and those of any export, instant or snapshot', async () => {
  const now = [
    { id: 'p1', gender: 'other' },
    { id: 'p2', gender: 'male' },
    { id: 'p3', gender: null },
  ]
  const first = [
    { id: 'p1', gender: 'female' },
    { id: 'p2', gender: 'male' },
  ]
  expect(await rows(lake.query(genders))).toEqual(now)
  expect(await rows(lake.query(genders, { asOf: 'one' }))).toEqual(first)
  expect(await rows(lake.query(genders, { asOf: 'default/one' }))).toEqual(first)
  expect(await rows(lake.query(genders, { asOf: 'two' }))).toEqual(now)
  const { snapshots } = await lake.history('silver.patient')
  expect(snapshots.map(({ operation, export: id, rows: count }) => [operation, id, count])).toEqual([
    ['append', 'one', 2],
    ['overwrite', 'two', 3],
  ])
  expect(await rows(lake.query(genders, { asOf: snapshots[0]?.id ?? '' }))).toEqual(first)
  expect(await rows(lake.query(genders, { asOf: snapshots[0]?.time ?? '' }))).toEqual(first)
  expect(await rows(lake.query('select export_id from floe.loads', { asOf: 'one' }))).toEqual([{ export_id: 'one' }])
  expect(await rows(lake.query(genders, { asOf: '2020-01-01' }))).toEqual([])
  await expect(lake.query(genders, { asOf: 'three' })).rejects.toMatchObject({ exitCode: 2 })
})

test('columns come before rows, and nested values are plain data', async () => {
  await using result = await lake.query('select id, subject from silver.condition')
  expect(result.columns).toEqual([
    { name: 'id', type: 'VARCHAR' },
    { name: 'subject', type: 'STRUCT("reference" VARCHAR)' },
  ])
  for await (const chunk of result.rows) expect(chunk).toEqual([{ id: 'c1', subject: { reference: 'Patient/p1' } }])
})

test('ledger tables are there in an empty lake, too', async () => {
  await using empty = await openLake({ dir: join(root, 'empty'), create: true })
  for (const table of [
    'loads',
    'completion',
    'quarantine',
    'reconciliation',
    'tombstones',
    'etl__completion',
    'etl__completion_encounters',
    'encounters',
    'visible',
  ]) {
    expect(await rows(empty.query(`select count(*) as n from floe.${table}`))).toEqual([{ n: 0 }])
  }
  expect(await empty.tables()).toEqual([])
  expect(await empty.status()).toMatchObject({
    loads: [],
    reconciliation: [],
    completion: [],
    encounters: { visible: 0, hidden: 0 },
    blocked: [],
  })
})

describe('a query only reads, and only the lake', () => {
  const outside = (): string => join(root, 'secret.csv')
  beforeAll(() => writeFileSync(outside(), 'a\n1\n'))

  test.each([
    ['another file', () => `from '${outside()}'`],
    ['a function on another file', () => `select * from read_csv('${outside()}')`],
    ['its text', () => `select * from read_text('${outside()}')`],
    ['a pattern', () => `select * from glob('${root}/*')`],
    ['the control database', () => `select * from read_blob('${root}/lake/lock.db')`],
    ['a way around', () => `select * from read_text('${root}/lake/warehouse/../../secret.csv')`],
    ['an address', () => `select * from read_csv('https://example.org/x.csv')`],
    ['no table', () => 'select * from silver.nothing'],
    ['no column', () => 'select nothing from silver.patient'],
    ['two statements', () => 'select 1; select 2'],
    ['a setting', () => 'set threads = 1'],
    ['a write', () => 'delete from silver.patient'],
    ['a copy', () => `copy (select 1) to '${root}/lake/warehouse/x.csv'`],
  ])('%s: exit 2', async (_, sql) => {
    await expect(rows(lake.query(sql()))).rejects.toMatchObject({ code: 'usage', exitCode: 2 })
  })

  test('unsafe: other files and settings, but no writing', async () => {
    expect(await rows(lake.query(`set threads = 1; from '${outside()}'`, { unsafe: true }))).toEqual([{ a: 1 }])
    for (const sql of [
      `copy (select 1) to '${root}/lake/warehouse/x.csv'`,
      `attach '${root}/lake/warehouse/x.db'`,
      `set profiling_output = '${root}/lake/catalog.db'; select 1`,
      `select * from enable_logging(storage = 'file', storage_path = '${root}/lake/warehouse')`,
      'select 1; drop view silver.patient',
    ]) {
      await expect(rows(lake.query(sql, { unsafe: true }))).rejects.toMatchObject({ exitCode: 2 })
    }
  })
})

test('rows can go to a Parquet file instead, also in place of an older one', async () => {
  const file = join(root, 'out.parquet')
  for (const sql of [genders, `${genders} -- all of them`, `${genders}; -- all`]) {
    expect(await rows(lake.query(sql, { parquet: file }))).toEqual([])
    expect(await rows(lake.query(`select count(*) as n from '${file}'`, { unsafe: true }))).toEqual([{ n: 3 }])
  }
})

test('status names what hidden encounters wait for', async () => {
  const { encounters, blocked, loads, reconciliation } = await lake.status()
  expect(encounters).toEqual({ visible: 0, hidden: 1 })
  expect(blocked.map(({ type }) => type)).toContain('Specimen')
  expect(blocked.map(({ type }) => type)).not.toContain('Condition')
  expect(blocked[0]).toMatchObject({ source: 'default', group: 'g', have: null, need: '2026-01-01T00:00:00.000Z', encounters: 1 })
  expect(loads.map(({ export_id: id, status }) => [id, status])).toEqual([
    ['one', 'complete'],
    ['two', 'complete'],
  ])
  expect(reconciliation.every(({ holds }) => holds)).toBe(true)
})

const view = (name: string, resource: string): object => ({
  resourceType: 'ViewDefinition',
  ...{ name, resource, status: 'active' },
  select: [{ column: [{ name: 'id', path: 'id' }] }],
})

test('gold leaves out hidden encounters and what refers to them; a view on the lake does not', async () => {
  await mkdir(join(root, 'views'))
  for (const [name, resource] of [
    ['my_encounters', 'Encounter'],
    ['my_conditions', 'Condition'],
    ['my_patients', 'Patient'],
    ['my_devices', 'Device'],
  ]) {
    await writeFile(join(root, 'views', `${name}.json`), JSON.stringify(view(String(name), String(resource))))
  }
  const names = ['my_encounters', 'my_conditions', 'my_patients', 'my_devices']
  const options = { names, viewsDir: join(root, 'views') }
  const counts = (receipts: readonly { table: string; rows: number; unchanged: boolean }[]): unknown =>
    Object.fromEntries(receipts.map(({ table, rows: count, unchanged }) => [table, [count, unchanged]]))
  expect(counts(await lake.build(options))).toEqual({
    'gold.my_encounters': [0, false],
    'gold.my_conditions': [0, false],
    'gold.my_patients': [3, false],
    'gold.my_devices': [0, false],
  })
  expect(await rows(lake.runView(view('x', 'Encounter')))).toEqual([{ id: 'e1' }])
  expect(await rows(lake.runView(view('x', 'Device')))).toEqual([])
  // The types that were missing come: the gate opens, and only what depends on it is built again.
  await exportFolder(
    'three',
    '2026-03-01T00:00:00.000Z',
    {},
    {
      _type:
        'AllergyIntolerance,Condition,DiagnosticReport,DocumentReference,EpisodeOfCare,MedicationDispense,MedicationRequest,Observation,Procedure,ServiceRequest,Specimen',
    },
  )
  await lake.load({ folders: [join(root, 'three')] })
  expect(counts(await lake.build(options))).toEqual({
    'gold.my_encounters': [1, false],
    'gold.my_conditions': [1, false],
    'gold.my_patients': [3, true],
    'gold.my_devices': [0, true],
  })
  expect(await rows(lake.query('select id from gold.my_conditions'))).toEqual([{ id: 'c1' }])
  await expect(lake.build({ names: ['nothing'] })).rejects.toMatchObject({ exitCode: 2 })
})

test('a view that changed replaces its table, columns and all', async () => {
  const build = async (path: string, type?: string): Promise<void> => {
    const changed = {
      ...view('changing', 'Patient'),
      select: [{ column: [{ name: 'value', path, ...(type === undefined ? {} : { type }) }] }],
    }
    await writeFile(join(root, 'views', 'changing.json'), JSON.stringify(changed))
    await lake.build({ names: ['changing'], viewsDir: join(root, 'views') })
  }
  await build('gender')
  expect(await rows(lake.query('select value from gold.changing order by all'))).toEqual([
    { value: 'male' },
    { value: 'other' },
    { value: null },
  ])
  await build('gender.exists()')
  expect(await rows(lake.query('select value from gold.changing order by all'))).toEqual([
    { value: false },
    { value: true },
    { value: true },
  ])
})

test('a view runs over a folder without a lake; types are told by the lines', async () => {
  const folder = await exportFolder('plain', '2026-01-01T00:00:00Z', { Patient: [{ id: 'a' }] })
  await writeFile(
    join(folder, 'Observation.000.ndjson'),
    '{"resourceType":"Patient","id":"b"}\n{"resourceType":"Observation","id":"c"}\n',
  )
  expect((await rows(runViewOnFolder(view('x', 'Patient'), folder))).map(({ id }) => id).toSorted()).toEqual(['a', 'b'])
  expect(await rows(runViewOnFolder(view('x', 'Device'), folder))).toEqual([])
})

test.each<[name: string, content: Buffer, said: RegExp]>([
  [
    'Patient.ndjson',
    Buffer.from('{"resourceType":"Patient"}\n{"resourceType":\n'),
    /^Patient.ndjson holds a line that is no JSON$/,
  ],
  ['Patient.ndjson.gz', gzipSync('{"resourceType":"Patient"}\n').subarray(0, -9), /^Patient.ndjson.gz was cut short/],
  ['Patient.ndjson.zst', zstdCompressSync('{"resourceType":"Patient"}\n').subarray(0, -1), /^Patient.ndjson.zst was cut short/],
  ['Patient.ndjson.zst', Buffer.from('not packed'), /^Patient.ndjson.zst is damaged/],
])('a view over %s that is not whole fails and names it', async (name, content, said) => {
  const folder = await mkdtemp(join(root, 'broken-'))
  await writeFile(join(folder, name), content)
  const failure = { code: 'file-unreadable', exitCode: 1, message: expect.stringMatching(said) }
  await expect(rows(runViewOnFolder(view('x', 'Patient'), folder))).rejects.toMatchObject(failure)
})

test('collections and complex values of a view are those of FHIR JSON, from a folder and from a lake', async () => {
  const name = { family: 'A', given: ['x', null], _given: [null, { extension: [{ url: 'u', valueString: 's' }] }] }
  const folder = await exportFolder('values', '2026-01-01T00:00:00Z', {
    Patient: [{ id: 'a', name: [name, { use: 'usual' }], maritalStatus: { text: 'm' } }, { id: 'b' }],
  })
  const column = [
    { name: 'id', path: 'id' },
    { name: 'given', path: 'name.given', collection: true },
    { name: 'names', path: 'name', collection: true },
    { name: 'marital', path: 'maritalStatus' },
  ]
  const values = { ...view('x', 'Patient'), select: [{ column }] }
  await using small = await openLake({ dir: join(root, 'small'), create: true })
  await small.load({ folders: [folder] })
  for (const found of [await rows(runViewOnFolder(values, folder)), await rows(small.runView(values))])
    expect(found.toSorted((a, b) => String(a.id).localeCompare(String(b.id)))).toEqual([
      { id: 'a', given: ['x'], names: [name, { use: 'usual' }], marital: { text: 'm' } },
      { id: 'b', given: [], names: [], marital: null },
    ])
})

test('elements of other depth in one column of a union are JSON without nulls, too', async () => {
  const [text, coded] = [{ text: 'm' }, { coding: [{ code: 'c' }] }]
  const folder = await exportFolder('union', '2026-01-01T00:00:00Z', {
    Patient: [
      { id: 'a', maritalStatus: text, contact: [{ relationship: [text] }] },
      { id: 'b', maritalStatus: coded },
    ],
  })
  const unionAll = [
    { column: [{ name: 'v', path: 'maritalStatus' }] },
    { forEach: 'contact.relationship', column: [{ name: 'v', path: '$this' }] },
  ]
  await using small = await openLake({ dir: join(root, 'union-lake'), create: true })
  await small.load({ folders: [folder] })
  const found = await rows(small.runView({ ...view('x', 'Patient'), select: [{ unionAll }] }))
  expect(found.map(({ v }) => JSON.stringify(v)).toSorted()).toEqual([coded, text, text].map((v) => JSON.stringify(v)))
})

test('data that does not fit a view names the column, and quotes nothing', async () => {
  const folder = await exportFolder('wrong', '2026-01-01T00:00:00Z', {
    Patient: [{ id: 'a', name: [{ family: 'Geheim' }, { family: 'Zwei' }] }],
  })
  const names = { ...view('x', 'Patient'), select: [{ column: [{ name: 'family', path: 'name.family' }] }] }
  await expect(rows(runViewOnFolder(names, folder))).rejects.toMatchObject({
    code: 'view-run',
    exitCode: 1,
    message: expect.stringMatching(/^column family: several values/),
  })
})

test('a lake that is not there, or was moved, is refused', async () => {
  await expect(openLake({ dir: join(root, 'nowhere') })).rejects.toMatchObject({ exitCode: 2 })
  await cp(lake.dir, join(root, 'copied'), { recursive: true })
  await expect(openLake({ dir: join(root, 'copied') })).rejects.toMatchObject({ code: 'lake-moved', exitCode: 2 })
  await rename(join(root, 'copied'), join(root, 'moved'))
  await expect(openLake({ dir: join(root, 'moved') })).rejects.toMatchObject({ code: 'lake-moved' })
})

test('folders are the owner’s alone', async () => {
  const open = join(root, 'open')
  await mkdir(open)
  chmodSync(open, 0o755)
  await using fresh = await openLake({ dir: open, create: true })
  await fresh.load({ folders: [join(root, 'one')] })
  const modes = new Set<string>()
  for (const entry of [{ parentPath: root, name: 'open' }, ...(await readdir(open, { recursive: true, withFileTypes: true }))]) {
    const info = statSync(join(entry.parentPath, entry.name))
    modes.add(`${info.isDirectory() ? 'folder' : 'file'} ${(info.mode & 0o777).toString(8)}`)
  }
  expect([...modes].toSorted()).toEqual(['file 600', 'folder 700'])
})

test('two loads at once both land', async () => {
  await using shared = await openLake({ dir: join(root, 'shared'), create: true })
  await using other = await openLake({ dir: join(root, 'shared') })
  await Promise.all([shared.load({ folders: [join(root, 'one')] }), other.load({ folders: [join(root, 'two')] })])
  expect(await rows(shared.query(genders))).toHaveLength(3)
})

test('a load that is aborted leaves nothing, and the same load again ends as if undisturbed', async () => {
  await using aborted = await openLake({ dir: join(root, 'aborted'), create: true })
  const controller = new AbortController()
  const folders = [join(root, 'one')]
  await expect(
    aborted.load({ folders, signal: controller.signal, onProgress: ({ stage }) => stage === 'silver' && controller.abort() }),
  ).rejects.toThrow()
  expect(await aborted.tables()).toEqual([])
  expect(await aborted.load({ folders })).toMatchObject([{ status: 'complete', unchanged: false }])
})

test('an older export that is loaded late does not win over what a newer one sent again, unchanged', async () => {
  const folders: string[] = []
  for (const [day, genders] of [
    ['01', 'a b c'],
    ['02', 'x y z'],
    ['03', 'a b z'],
  ]) {
    const patients = String(genders)
      .split(' ')
      .map((gender, index) => ({ id: `p${index}`, gender }))
    folders.push(await exportFolder(`day${day}`, `2026-01-${day}T00:00:00.000Z`, { Patient: patients }))
  }
  // Between the first and the last: the last still has the patient.
  const deletion = await exportFolder('deletion', '2026-01-02T12:00:00.000Z', {})
  await mkdir(join(deletion, 'deleted'))
  const entry = [{ request: { method: 'DELETE', url: 'Patient/p0' } }]
  await writeFile(
    join(deletion, 'deleted/Bundle.000.ndjson'),
    `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })}\n`,
  )
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    await using late = await openLake({ dir: join(root, `late${order.join('')}`), create: true })
    for (const index of order) await late.load({ folders: [folders[index] ?? ''] })
    await late.load({ folders: [deletion] })
    expect((await rows(late.query(genders))).map(({ gender }) => gender)).toEqual(['a', 'b', 'z'])
  }
})

test('an excluded type is told in any case; one that R4 does not know is refused before anything is written', async () => {
  const folder = await exportFolder('excluded', '2026-01-01T00:00:00Z', { Patient: [{ id: 'p' }] })
  await using site = await openLake({ dir: join(root, 'site'), create: true })
  const load = site.load({ folders: [folder], excludeResources: ['Specimens'] })
  await expect(load).rejects.toMatchObject({ code: 'usage', exitCode: 2, message: '"Specimens" is no resource type of R4' })
  expect(await site.tables()).toEqual([])
  await site.load({ folders: [folder], excludeResources: ['specimen', ' EpisodeOfCare'] })
  const told = site.query('select excluded_resources from floe.loads')
  expect(await rows(told)).toEqual([{ excluded_resources: 'EpisodeOfCare,Specimen' }])
})

test.each([
  { name: 'equal times and versions', day: '02', same: { versionId: '1', lastUpdated: '2026-01-01T00:00:00Z' } },
  { name: 'no time, and one between the two sendings', day: '04', other: { lastUpdated: '2026-01-02T00:00:00Z' } },
])('a row that was sent again, unchanged, is as new as its last sending in every order: $name', async ({ day, same, other }) => {
  const send = async (on: string, gender: string, meta: object | undefined): Promise<string> =>
    await exportFolder(`again${day}-${on}`, `2026-01-${on}T00:00:00Z`, { Patient: [{ id: 'p', gender, ...(meta && { meta }) }] })
  const folders = [await send('01', 'a', same), await send('03', 'a', same), await send(day, 'b', same ?? other)]
  for (const order of ['012', '201', '120']) {
    await using again = await openLake({ dir: join(root, `again${day}-${order}`), create: true })
    for (const index of order) await again.load({ folders: [folders[Number(index)] ?? ''] })
    expect(await rows(again.query(genders))).toEqual([{ id: 'p', gender: 'a' }])
  }
})

test('a conditional reference is the id of its only match', async () => {
  const identifier = (value: string): object => ({ identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value }] })
  const to = (value: string): object => ({ subject: { reference: `Patient?identifier=http://hl7.org/fhir/sid/us-npi|${value}` } })
  const folder = await exportFolder('conditional', '2026-01-01T00:00:00.000Z', {
    Patient: [
      { id: 'a', ...identifier('1') },
      { id: 'b', ...identifier('2') },
      { id: 'c', ...identifier('2') },
    ],
    Observation: [
      { id: 'x', ...to('1') },
      { id: 'y', ...to('2') },
      { id: 'z', subject: { reference: 'Patient/c' } },
    ],
  })
  const references = {
    ...view('subjects', 'Observation'),
    select: [
      {
        column: [
          { name: 'id', path: 'id' },
          { name: 'patient', path: 'subject.getReferenceKey(Patient)' },
        ],
      },
    ],
  }
  const views = join(root, 'reference-views')
  await mkdir(views)
  await writeFile(join(views, 'subjects.json'), JSON.stringify(references))
  await using fresh = await openLake({ dir: join(root, 'conditional-lake'), create: true })
  await fresh.load({ folders: [folder] })
  const expected = [
    { id: 'x', patient: 'a' },
    { id: 'y', patient: null },
    { id: 'z', patient: 'c' },
  ]
  const byId = (a: Record<string, unknown>, b: Record<string, unknown>): number => (String(a.id) < String(b.id) ? -1 : 1)
  expect((await rows(fresh.runView(references))).toSorted(byId)).toEqual(expected)
  await fresh.build({ names: ['subjects'], viewsDir: views })
  expect(await rows(fresh.query('select id, patient from gold.subjects order by id'))).toEqual(expected)
  expect(await fresh.build({ names: ['subjects'], viewsDir: views })).toMatchObject([{ unchanged: true }])
})

test('the text of a line is kept, spaces around it and all, without BOM and line end', async () => {
  const folder = await exportFolder('spaces', '2026-01-01T00:00:00.000Z', { Patient: [{ id: 'plain' }] })
  const line = (id: string): string => `{"resourceType":"Patient", "id":"${id}","multipleBirthInteger" : 1}`
  const texts = [`  ${line('a')}`, `${line('b')}\t `, line('c'), ` ${line('d')} `, `\t${line('e')}`]
  await writeFile(
    join(folder, 'Patient.001.ndjson'),
    `\uFEFF${texts.slice(0, 2).join('\r\n')}\n\n\uFEFF${texts.slice(2).join('\n')}`,
  )
  await writeFile(join(folder, 'Patient.002.ndjson'), '{"resourceType":"Patient","id":"f"}\r\n')
  await using fresh = await openLake({ dir: join(root, 'spaces-lake'), create: true })
  expect(await fresh.load({ folders: [folder] })).toMatchObject([{ status: 'complete', types: [{ lines: 7, rows: 7 }] }])
  expect((await rows(fresh.query('select _raw from silver.patient order by id'))).map((row) => row._raw)).toEqual([
    ...texts,
    '{"resourceType":"Patient","id":"f"}',
    '{"resourceType":"Patient","id":"plain"}',
  ])
})
