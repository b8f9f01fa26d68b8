import { expect, test } from 'vitest'
import type { TestExport } from './bronze.suite.ts'
import { openTestLake } from './lake.suite.ts'

const at = (day: number, time = '00:00:00Z'): string => `2026-01-${String(day).padStart(2, '0')}T${time}`
const patient = (v: string, meta: object = {}): object => ({ id: 'p', gender: v, meta })
const full = (exportId: string, day: number, ...patients: (object | string)[]): TestExport => ({
  identity: { exportId, exportTime: at(day) },
  types: { Patient: patients },
})
const deletion = (exportId: string, day: number, deletedAt: string): TestExport => ({
  identity: { exportId, exportTime: at(day) },
  deletions: [{ type: 'Patient', id: 'p', deletedAt }],
})

/** What the export of a day says about one patient: a version of it, or the time of its deletion. */
type Said = readonly [gender: string, meta?: object] | { readonly deletedAt: string }

const cases: readonly (readonly [string, Readonly<Record<number, Said>>, string | undefined])[] = [
  [
    'the later lastUpdated wins, also in an older export',
    { 5: ['old', { lastUpdated: at(1) }], 4: ['new', { lastUpdated: at(2) }] },
    'new',
  ],
  [
    'instants are compared, not texts',
    { 5: ['new', { lastUpdated: '2026-01-01T01:00:00+01:00' }], 6: ['old', { lastUpdated: '2025-12-31T23:59:59.999Z' }] },
    'new',
  ],
  ['a missing lastUpdated counts as the time of its export', { 5: ['new'], 6: ['old', { lastUpdated: at(4) }] }, 'new'],
  [
    'versions are numbers',
    { 5: ['new', { lastUpdated: at(1), versionId: '10' }], 6: ['old', { lastUpdated: at(1), versionId: '9' }] },
    'new',
  ],
  [
    'a version that is no number counts as 0',
    { 5: ['new', { lastUpdated: at(1), versionId: '1' }], 6: ['old', { lastUpdated: at(1), versionId: 'W/"9"' }] },
    'new',
  ],
  ['then the export decides', { 6: ['new', { lastUpdated: at(1) }], 5: ['old', { lastUpdated: at(1) }] }, 'new'],
  ['a deletion removes', { 4: ['x'], 5: { deletedAt: at(5) } }, undefined],
  ['a deletion that is older than the row does not', { 4: ['x', { lastUpdated: at(3) }], 6: { deletedAt: at(2) } }, 'x'],
  ['a deletion is remembered', { 4: ['x'], 6: { deletedAt: at(4) } }, undefined],
  ['an equal time is not later than the deletion', { 4: { deletedAt: at(2) }, 5: ['x', { lastUpdated: at(2) }] }, undefined],
  [
    'a later version comes back',
    { 4: ['x', { lastUpdated: at(1) }], 5: { deletedAt: at(2) }, 6: ['back', { lastUpdated: at(2, '00:00:01Z') }] },
    'back',
  ],
]

test.each([[[4, 5, 6]], [[6, 5, 4]], [[5, 6, 4]]])('newest wins, exports loaded in the order of the days %j', async (days) => {
  await using lake = await openTestLake()
  for (const day of days) {
    const said = cases.map(([, exports], id) => ({ id: `p${id}`, said: exports[day] }))
    await lake.load({
      identity: { exportId: `d${day}`, exportTime: at(day) },
      types: { Patient: said.flatMap(({ id, said }) => (Array.isArray(said) ? [{ id, gender: said[0], meta: said[1] }] : [])) },
      deletions: said.flatMap(({ id, said }) =>
        said !== undefined && 'deletedAt' in said ? [{ type: 'Patient', id, ...said }] : [],
      ),
    })
  }
  const rows = new Map((await lake.rows('silver.patient', 'id, gender')).map(({ id, gender }) => [id, gender]))
  expect(Object.fromEntries(cases.map(([name], id) => [name, rows.get(`p${id}`)]))).toEqual(
    Object.fromEntries(cases.map(([name, , expected]) => [name, expected])),
  )
})

test('older versions in one load are duplicates, in whatever order they come; the last of equals wins', async () => {
  await using lake = await openTestLake()
  const receipt = await lake.load(
    full(
      'a',
      5,
      patient('old', { lastUpdated: at(1) }),
      { id: 'q', gender: 'first' },
      patient('new', { lastUpdated: at(2) }),
      patient('older'.slice(0, 3), { lastUpdated: at(1) }),
      { id: 'q', gender: 'last' },
    ),
  )
  expect(receipt.types).toMatchObject([{ type: 'Patient', lines: 5, rows: 2, duplicates: 3, stale: 0, complete: true }])
  expect(await lake.rows('silver.patient', 'id, gender')).toEqual([
    { id: 'p', gender: 'new' },
    { id: 'q', gender: 'last' },
  ])
})

test('equal content is no change: no snapshot, and the row keeps its export', async () => {
  await using lake = await openTestLake()
  await lake.load(full('a', 1, patient('x'), { id: 'q' }))
  const before = await lake.context.catalog.load('silver', 'patient')
  const receipt = await lake.load(full('b', 2, patient('x'), { id: 'q' }))
  expect(receipt).toMatchObject({ status: 'complete', unchanged: false, types: [{ lines: 2, rows: 0, stale: 2 }] })
  expect((await lake.context.catalog.load('silver', 'patient'))?.metadataLocation).toBe(before?.metadataLocation)
  expect(await lake.rows('silver.patient', 'id, _export_id')).toEqual([
    { id: 'p', _export_id: 'a' },
    { id: 'q', _export_id: 'a' },
  ])
})

test('without texts, elements tell whether anything changed', async () => {
  await using lake = await openTestLake()
  await lake.load(full('a', 1, patient('x'), { id: 'q', name: [{ family: 'A' }] }), { raw: false })
  const receipt = await lake.load(full('b', 2, patient('x'), { id: 'q', name: [{ family: 'A', given: ['B'] }] }), { raw: false })
  expect(receipt.types).toMatchObject([{ rows: 1, stale: 1 }])
  expect(await lake.rows('silver.patient', 'id, name')).toEqual([
    { id: 'p', name: null },
    { id: 'q', name: [{ family: 'A', given: ['B'] }] },
  ])
})

test('the same export again changes nothing; a grown one is loaded on', async () => {
  await using lake = await openTestLake()
  const first = await lake.load(full('a', 1, patient('x')))
  const tables = lake.context.catalog.listTables()
  expect(await lake.load(full('a', 1, patient('x')))).toEqual({ ...first, unchanged: true })
  expect(lake.context.catalog.listTables()).toEqual(tables)
  const grown = await lake.load(full('a', 1, patient('x'), { id: 'q' }))
  expect(grown).toMatchObject({ unchanged: false, types: [{ lines: 2, rows: 1, stale: 1 }] })
  expect(await lake.rows('floe.completion', 'export_id, type, rows')).toEqual([{ export_id: 'a', type: 'Patient', rows: 1 }])
})

test('sources do not touch each other, and tags tell their exports apart', async () => {
  await using lake = await openTestLake()
  await lake.load(full('a', 1, patient('one')))
  await lake.load({ ...full('a', 2, patient('two')), identity: { exportId: 'a', exportTime: at(2), source: 'other' } })
  await lake.load({ ...deletion('b', 3, at(3)), identity: { exportId: 'b', exportTime: at(3), source: 'other' } })
  expect(await lake.rows('silver.patient', '_source, gender')).toEqual([{ _source: 'default', gender: 'one' }])
  const table = await lake.context.catalog.load('silver', 'patient')
  expect(
    Object.keys(table?.metadata.refs ?? {})
      .filter((name) => name !== 'main')
      .toSorted(),
  ).toEqual(['a', 'b', 'other/a'])
})

test('a load that loses most of its rows leaves no delete file behind', async () => {
  await using lake = await openTestLake()
  const many = (gender: string): object[] => Array.from({ length: 10 }, (_, i) => ({ id: `p${i}`, gender }))
  await lake.load(full('b', 2, ...many('new')))
  const receipt = await lake.load(full('a', 1, ...many('old'), { id: 'only', gender: 'old' }))
  expect(receipt.types).toMatchObject([{ rows: 1, stale: 10 }])
  expect((await lake.context.catalog.load('silver', 'patient'))?.metadata.snapshots.at(-1)?.summary).toMatchObject({
    'total-records': '11',
    'total-position-deletes': '0',
  })
})

test('control columns come first, the exact text last, and the patient of a row is told by its reference', async () => {
  await using lake = await openTestLake()
  const line = '{"resourceType":"Observation" , "id":"o1", "valueQuantity":{"value":1.10},"subject":{"reference":"Patient/p1"}}'
  await lake.load({
    types: {
      Observation: [
        line,
        { id: 'o2', subject: { reference: 'https://ehr.example.org/fhir/Patient/p2/_history/3' } },
        { id: 'o3', subject: { reference: 'Group/g' } },
        { id: 'o4', subject: { reference: 'Patient?identifier=x|1' } },
        { id: 'o6', subject: { reference: 'https://ehr.example.org/fhir/Patient/p_6' } },
        { id: 'o7', subject: { reference: 'Patient/' } },
        {
          id: 'o5',
          subject: { reference: 'Location/l' },
          performer: [{ reference: 'Practitioner/d' }, { reference: 'Patient/p5' }],
        },
      ],
    },
  })
  const [first] = await lake.rows('silver.observation')
  expect(Object.keys(first ?? {})).toEqual(
    'id _source _patient _version_id _last_updated _export_id _ingested_at valueQuantity subject performer _raw'.split(' '),
  )
  expect(first).toMatchObject({ valueQuantity: { value: 1.1 }, _raw: line })
  expect((await lake.rows('silver.observation', 'id, _patient')).map((row) => row._patient)).toEqual([
    'p1',
    'p2',
    null,
    null,
    'p5',
    'p_6',
    null,
  ])
})

test('a lastUpdated that is no instant counts as none', async () => {
  await using lake = await openTestLake()
  const texts = ['2026-01-02T02:00:01.5Z', 'infinity', '-infinity', 'epoch', 'now', '290000-01-01', '2026-02-30T00:00:00Z']
  await lake.load({
    types: { Patient: texts.map((lastUpdated, index) => ({ id: `p${index}`, meta: { lastUpdated } })) },
  })
  const read = await lake.rows('silver.patient', 'id, _last_updated')
  expect(read.map((row) => row._last_updated)).toEqual(['2026-01-02T02:00:01.500Z', ...Array(6).fill(null)])
})

test('an assertion completes a slice that was loaded before, without touching its rows', async () => {
  await using lake = await openTestLake()
  const slice: TestExport = { identity: { kind: 'partial' }, types: { Patient: [patient('x')] } }
  expect(await lake.load(slice)).toMatchObject({
    status: 'incomplete',
    exitCode: 7,
    types: [{ complete: false, reason: /slice/ }],
  })
  const silver = lake.context.catalog.listTables('silver')
  expect(await lake.load(slice, { assertComplete: 'all of them' })).toMatchObject({
    status: 'complete',
    exitCode: 0,
    unchanged: false,
    types: [{ rows: 1, complete: true }],
  })
  expect(lake.context.catalog.listTables('silver')).toEqual(silver)
  expect(await lake.rows('floe.loads', 'status, asserted')).toEqual([{ status: 'complete', asserted: 'all of them' }])
  expect(await lake.load(slice)).toMatchObject({ unchanged: true, status: 'complete' })
})

test('what is rejected stands in the ledger, without the line', async () => {
  await using lake = await openTestLake()
  const receipt = await lake.load({
    types: { Patient: [patient('x')] },
    facts: { Patient: { lines: 2, quarantined: 1 } },
    quarantine: [{ file: 'Patient.000.ndjson', type: 'Patient', line: 2, reason: 'json', offset: 40, bytes: 12 }],
  })
  expect(receipt).toMatchObject({
    status: 'incomplete',
    exitCode: 7,
    types: [{ lines: 2, rows: 1, quarantined: 1, complete: false }],
  })
  expect(await lake.rows('floe.quarantine')).toEqual([
    {
      export_id: 'e1',
      source: 'default',
      type: 'Patient',
      file: 'Patient.000.ndjson',
      line: 2,
      reason: 'json',
      replayed: false,
      byte_offset: 40,
      bytes: 12,
    },
  ])
  expect(await lake.rows('floe.reconciliation', 'type, lines, rows, quarantined, holds')).toEqual([
    { type: 'Patient', lines: 2, rows: 1, quarantined: 1, holds: true },
  ])
})

test('Encounters are tracked from their first export in each group, together with their rows', async () => {
  await using lake = await openTestLake()
  const encounters = (exportId: string, group: string, day: number): TestExport => ({
    identity: { exportId, group, exportTime: at(day) },
    types: { Encounter: [{ id: 'e' }] },
  })
  await lake.load(encounters('a', 'g', 1))
  await lake.load(encounters('b', 'g', 2))
  await lake.load(encounters('c', 'h', 3), { excludeResources: ['Specimen'] })
  await lake.load({ ...encounters('d', '', 4), identity: { exportId: 'd', tracked: false, exportTime: at(4) } })
  expect(await lake.rows('floe.etl__completion_encounters')).toEqual([
    { encounter_id: 'e', group_name: 'g', export_time: at(1), excluded_resources: '' },
    { encounter_id: 'e', group_name: 'h', export_time: at(3), excluded_resources: 'Specimen' },
  ])
  expect(
    (await lake.rows('floe.etl__completion', 'table_name, group_name, export_time')).map((row) => Object.values(row).join(' ')),
  ).toEqual([`encounter g ${at(1)}`, `encounter g ${at(2)}`, `encounter h ${at(3)}`])
})

test('a failed load leaves neither rows nor files, but its name in the ledger until it is tried again', async () => {
  await using lake = await openTestLake()
  const good: TestExport = { types: { Patient: [patient('x')] } }
  const bad = { types: { ...good.types, Observation: ['{"resourceType":"Observation"}'] } }
  await expect(lake.load(bad)).rejects.toMatchObject({ code: 'null-in-required' })
  await expect(lake.load(bad)).rejects.toMatchObject({ code: 'null-in-required' })
  const tables = (): string[] => lake.context.catalog.listTables().map(({ namespace, name }) => `${namespace}.${name}`)
  expect(tables()).toEqual(['floe.loads'])
  expect(await lake.rows('floe.loads', 'export_id, status')).toEqual([{ export_id: 'e1', status: 'failed' }])
  const files = `select count(*) as n from glob('${lake.context.dir}/warehouse/silver/**/*.parquet')`
  expect(await lake.context.engine.all(files)).toEqual([{ n: 0 }])
  await lake.load(good)
  expect(await lake.rows('floe.loads', 'export_id, status')).toEqual([{ export_id: 'e1', status: 'complete' }])
})

const whole = (gender: string, lastUpdated: string) => ({ id: 'p', gender, birthDate: '1950-01-01', meta: { lastUpdated } })
const subsetted = (gender: string, lastUpdated: string) => ({
  id: 'p',
  gender,
  meta: { lastUpdated, tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }] },
})

test.each([
  ['that is loaded later', [full('a', 1, whole('x', at(1))), full('b', 2, subsetted('y', at(2)))]],
  ['that was loaded before', [full('b', 2, subsetted('y', at(2))), full('a', 1, whole('x', at(1)))]],
  ['of the same load', [full('a', 1, whole('x', at(1)), subsetted('y', at(2)))]],
])('C-47: a row with some elements only %s does not take the place of a whole one', async (_, exports) => {
  await using lake = await openTestLake()
  for (const one of exports) await lake.load(one)
  expect(await lake.rows('silver.patient', 'gender, "birthDate"')).toEqual([{ gender: 'x', birthDate: '1950-01-01' }])
})

test('C-47: where nothing whole is there, newest wins among what is', async () => {
  await using lake = await openTestLake()
  await lake.load(full('a', 1, subsetted('x', at(1))))
  await lake.load(full('b', 2, subsetted('y', at(2))))
  expect(await lake.rows('silver.patient', 'gender')).toEqual([{ gender: 'y' }])
})
