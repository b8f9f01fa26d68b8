/** The defects of Cumulus ETL, D1 to D23 of the reference (cumulus §5), each as what floe does instead. */
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { openLake } from '@floe/lake'
import { expect, test } from 'vitest'
import { logLines, openPlace, typeOf } from './folder.ts'

const time = '2026-01-01T00:00:00.000Z'
const later = '2026-02-01T00:00:00.000Z'
const identity = { exportGroup: 'g', exportTimestamp: time }
const group = 'https://ehr.example.org/fhir/Group/g/$export'
const patient = (id: string, more: object = {}): object => ({ resourceType: 'Patient', id, ...more })
const condition = (id: string, more: object = {}): object => ({ resourceType: 'Condition', id, ...more })

test('D1: files of one name in two folders are both loaded', async () => {
  await using place = await openPlace()
  await place.put('a/Patient.000.ndjson', [patient('a')])
  await place.put('b/Patient.000.ndjson', [patient('b')])
  const receipt = await place.load(identity)
  expect(typeOf(receipt, 'Patient')).toMatchObject({ lines: 2, rows: 2, complete: true })
})

test('D2: references by absolute URL or urn without a type keep their resource', async () => {
  await using place = await openPlace()
  const references = ['Patient/a', 'https://ehr.example.org/fhir/Patient/a', 'urn:uuid:7d9c2b1e-0000-4000-8000-000000000000']
  await place.put(
    'Condition.000.ndjson',
    references.map((reference, index) => condition(`c${index}`, { subject: { reference } })),
  )
  expect(typeOf(await place.load(identity), 'Condition')).toMatchObject({ rows: 3, quarantined: 0 })
  expect(await place.rows('select id, _patient from silver.condition order by id')).toEqual([
    { id: 'c0', _patient: 'a' },
    { id: 'c1', _patient: 'a' },
    { id: 'c2', _patient: null },
  ])
})

test('D3: a null in the list of a primitive extension keeps its resource', async () => {
  await using place = await openPlace()
  const unknown = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] }
  await place.put('Location.000.ndjson', [{ resourceType: 'Location', id: 'l', alias: ['a', null], _alias: [null, unknown] }])
  expect(typeOf(await place.load(identity), 'Location')).toMatchObject({ rows: 1, quarantined: 0 })
  expect(await place.rows('select alias, _alias[2].extension[1].valueCode as why from silver.location')).toEqual([
    { alias: ['a', null], why: 'unknown' },
  ])
})

test('D4: a table that cannot be written completes nothing', async () => {
  await using place = await openPlace()
  await place.put('Patient.000.ndjson', [patient('a')])
  await place.load(identity)
  await place.put('Condition.000.ndjson', [condition('c')])
  await writeFile(join(place.dir, 'lake/warehouse/silver/condition'), 'in the way')
  await expect(place.load({ exportGroup: 'g', exportTimestamp: later })).rejects.toThrow()
  expect(await place.rows('select type from floe.completion')).toEqual([{ type: 'Patient' }])
  expect(await place.rows('select table_name from floe.etl__completion')).toEqual([{ table_name: 'patient' }])
})

test('D5: a malformed line is counted, named, and the type is not complete', async () => {
  await using place = await openPlace()
  await place.put('Patient.000.ndjson', [patient('a'), '{"resourceType":"Patient","id":', patient('b')])
  const receipt = await place.load(identity)
  expect(receipt).toMatchObject({ status: 'incomplete', exitCode: 7 })
  expect(typeOf(receipt, 'Patient')).toMatchObject({ lines: 3, rows: 2, quarantined: 1, complete: false })
  expect(await place.rows('select file, line, left(reason, 4) as reason from floe.quarantine')).toEqual([
    { file: 'Patient.000.ndjson', line: 2, reason: 'json' },
  ])
  expect(await place.rows('select * from floe.etl__completion')).toEqual([])
})

test('D6: deletions are applied to a type without a data file', async () => {
  await using place = await openPlace()
  await place.put('Patient.000.ndjson', [patient('a'), patient('b')])
  await place.load(identity)
  await rm(join(place.dir, 'in/Patient.000.ndjson'))
  await place.put('Condition.000.ndjson', [condition('c')])
  const entry = [{ request: { method: 'DELETE', url: 'Patient/a' } }]
  await place.put('deleted/Bundle.000.ndjson', [{ resourceType: 'Bundle', type: 'transaction', entry }])
  await place.load({ exportGroup: 'g', exportTimestamp: later })
  expect(await place.rows('select id from silver.patient')).toEqual([{ id: 'b' }])
})

test('D7: a line of another type is refused without a word of it being shown', async () => {
  await using place = await openPlace()
  const canary = 'Kanarienvogel'
  await place.put('Patient.000.ndjson', [patient('a'), condition(canary, { note: [{ text: canary }] }), `{"${canary}":`])
  const receipt = await place.load(identity)
  expect(typeOf(receipt, 'Patient')).toMatchObject({ rows: 1, quarantined: 2 })
  expect(JSON.stringify(receipt)).not.toContain(canary)
  expect(JSON.stringify(await place.rows('select * from floe.quarantine'))).not.toContain(canary)
})

test.each([
  ['the older version is read last', ['new', 'old']],
  ['the newer version is read last', ['old', 'new']],
])('D8: the newest version wins when %s', async (_, order) => {
  await using place = await openPlace()
  const versions: Record<string, object> = {
    old: patient('a', { meta: { versionId: '9', lastUpdated: '2025-01-01T00:00:00Z' }, gender: 'male' }),
    new: patient('a', { meta: { versionId: '10', lastUpdated: '2025-01-01T00:00:00Z' }, gender: 'female' }),
  }
  await place.put(
    'Patient.000.ndjson',
    order.map((name) => versions[name] ?? {}),
  )
  expect(typeOf(await place.load(identity), 'Patient')).toMatchObject({ rows: 1, duplicates: 1 })
  expect(await place.rows('select gender from silver.patient')).toEqual([{ gender: 'female' }])
})

test('D9: neither a slice nor an export with fatal errors counts as complete', async () => {
  await using place = await openPlace()
  await place.log({ id: 'slice', time, url: `${group}?_type=Observation&_typeFilter=Observation%3Fcategory%3Dlaboratory` })
  await place.put('Observation.000.ndjson', [{ resourceType: 'Observation', id: 'o' }])
  expect(typeOf(await place.load(), 'Observation')).toMatchObject({
    rows: 1,
    complete: false,
    reason: expect.stringContaining('slice'),
  })
  await place.log({ id: 'failed', time: later })
  const issue = [{ severity: 'fatal', code: 'exception' }]
  await place.put('error/OperationOutcome.000.ndjson', [{ resourceType: 'OperationOutcome', issue }])
  const receipt = await place.load()
  expect(receipt.exitCode).toBe(7)
  expect(typeOf(receipt, 'Observation')).toMatchObject({
    complete: false,
    reason: expect.stringContaining('the server reported'),
  })
  expect(await place.rows('select * from floe.etl__completion')).toEqual([])
})

test('D10: two exports in one log are not given one time', async () => {
  await using place = await openPlace()
  const first = logLines({ id: 'first', time, url: `${group}?_type=Patient` })
  await place.put('log.ndjson', [...first, ...logLines({ id: 'second', time: later, url: `${group}?_type=Condition` })])
  await place.put('Patient.000.ndjson', [patient('a')])
  await place.put('Condition.000.ndjson', [condition('c')])
  const times = await place.load().then(
    async () => await place.rows('select type, export_time from floe.completion order by type'),
    (error: { exitCode?: unknown }) => error.exitCode,
  )
  expect([
    2,
    [
      { type: 'Condition', export_time: later },
      { type: 'Patient', export_time: time },
    ],
  ]).toContainEqual(times)
})

test('D11: a resource with an unknown modifierExtension is there, and says so', async () => {
  await using place = await openPlace()
  const modifierExtension = [{ url: 'https://example.org/never-heard-of', valueBoolean: true }]
  await place.put('Patient.000.ndjson', [patient('a', { modifierExtension })])
  expect(typeOf(await place.load(identity), 'Patient')).toMatchObject({ rows: 1 })
  expect(await place.rows('select modifierExtension[1].url as url from silver.patient')).toEqual([
    { url: 'https://example.org/never-heard-of' },
  ])
})

test('D12: decimals are kept as they were written', async () => {
  await using place = await openPlace()
  const line =
    '{"resourceType":"Observation","id":"o","valueQuantity":{"value":1.10},"component":[{"valueQuantity":{"value":1234567890.123456789}}]}'
  await place.put('Observation.000.ndjson', [line])
  await place.load(identity)
  expect(await place.rows('select _raw, valueQuantity.value as value from silver.observation')).toEqual([
    { _raw: line, value: 1.1 },
  ])
})

test('D13: one id in two types, or in two systems, is several resources', async () => {
  await using place = await openPlace()
  await place.put('Patient.000.ndjson', [patient('1')])
  await place.put('Condition.000.ndjson', [condition('1')])
  for (const source of ['north', 'south']) await place.load({ ...identity, source })
  const counts = 'select (select count(*) from silver.patient) as patients, (select count(*) from silver.condition) as conditions'
  expect(await place.rows(counts)).toEqual([{ patients: 2, conditions: 2 }])
})

test('D14: types beyond the twenty of Cumulus are loaded', async () => {
  await using place = await openPlace()
  const types = [
    'Coverage',
    'Claim',
    'CareTeam',
    'Goal',
    'CarePlan',
    'Provenance',
    'ExplanationOfBenefit',
    'MedicinalProductAuthorization',
  ]
  for (const resourceType of types) await place.put(`${resourceType}.000.ndjson`, [{ resourceType, id: 'a' }])
  const receipt = await place.load(identity)
  expect(receipt.types.map(({ type, rows }) => [type, rows])).toEqual(types.toSorted().map((type) => [type, 1]))
})

test('D15: a truncated archive costs its own tail only', async () => {
  await using place = await openPlace()
  const lines = Array.from({ length: 2000 }, (_, index) => `${JSON.stringify(condition(`c${index}`))}\n`).join('')
  await place.put('Condition.000.ndjson.gz', gzipSync(lines, { level: 0 }).subarray(0, 40_000))
  await place.put('Patient.000.ndjson', [patient('a')])
  const receipt = await place.load(identity)
  expect(receipt.exitCode).toBe(7)
  expect(typeOf(receipt, 'Patient')).toMatchObject({ rows: 1, complete: true })
  expect(typeOf(receipt, 'Condition')).toMatchObject({ complete: false })
  expect(typeOf(receipt, 'Condition').rows).toBeGreaterThan(500)
})

test('D16: deletions that cannot be applied fail the load', async () => {
  await using place = await openPlace()
  await place.put('Patient.000.ndjson', [patient('a'), patient('b')])
  await place.load(identity)
  const data = join(place.dir, 'lake/warehouse/silver/patient/data')
  for (const name of await readdir(data)) await rm(join(data, name))
  await rm(join(place.dir, 'in/Patient.000.ndjson'))
  await place.put('Condition.000.ndjson', [condition('c')])
  const entry = [{ request: { method: 'DELETE', url: 'Patient/a' } }]
  await place.put('deleted/Bundle.000.ndjson', [{ resourceType: 'Bundle', type: 'transaction', entry }])
  await expect(place.load({ exportGroup: 'g', exportTimestamp: later })).rejects.toThrow()
  expect(await place.rows('select type from floe.completion')).toEqual([{ type: 'Patient' }])
  // What is damaged is made anew from bronze.
  const rebuilt = await (await place.lake()).rebuild()
  expect(rebuilt.tables).toEqual([{ table: 'silver.patient', rows: 2, rowsBefore: null, identical: false }])
})

test('D17: counts of the manifest and errors of the server are looked at', async () => {
  await using place = await openPlace()
  await place.log({ id: 'short', time })
  const output = [{ type: 'Patient', url: 'https://ehr.example.org/files/1', count: 3 }]
  await place.put('manifest.json', Buffer.from(JSON.stringify({ transactionTime: time, output, deleted: [], error: [] })))
  await place.put('Patient.000.ndjson', [patient('a'), patient('b')])
  const receipt = await place.load()
  expect(receipt.exitCode).toBe(7)
  expect(typeOf(receipt, 'Patient')).toMatchObject({ manifestCount: 3, lines: 2, rows: 2, complete: false })
})

test('D18: every export can be asked for as it was, and a deleted row does not come back', async () => {
  await using place = await openPlace()
  await place.log({ id: 'first', time })
  await place.put('Patient.000.ndjson', [patient('a'), patient('b')])
  await place.load()
  await place.log({ id: 'second', time: later })
  await place.put('Patient.000.ndjson', [patient('b', { gender: 'male' })])
  const entry = [{ request: { method: 'DELETE', url: 'Patient/a' } }]
  await place.put('deleted/Bundle.000.ndjson', [{ resourceType: 'Bundle', type: 'transaction', entry }])
  await place.load()
  await rm(join(place.dir, 'in/deleted'), { recursive: true })
  await place.log({ id: 'archive', time: '2025-06-01T00:00:00.000Z' })
  await place.put('Patient.000.ndjson', [patient('a')])
  await place.load()
  expect(await place.rows('select id from silver.patient order by id', 'first')).toEqual([{ id: 'a' }, { id: 'b' }])
  expect(await place.rows('select id, gender from silver.patient')).toEqual([{ id: 'b', gender: 'male' }])
})

test('D19: what belongs to a hidden Encounter is hidden with it', async () => {
  await using place = await openPlace()
  await place.log({ id: 'encounters', time, url: `${group}?_type=Encounter,Condition,Patient` })
  const subject = { reference: 'Patient/a' }
  await place.put('Patient.000.ndjson', [patient('a')])
  await place.put('Encounter.000.ndjson', [{ resourceType: 'Encounter', id: 'e', status: 'finished', subject }])
  await place.put('Condition.000.ndjson', [
    condition('c', { subject, encounter: { reference: 'Encounter/e' } }),
    condition('d', { subject }),
  ])
  await place.load()
  expect(await place.rows('select type, id from floe.visible order by all')).toEqual([
    { type: 'Condition', id: 'd' },
    { type: 'Patient', id: 'a' },
  ])
  await (await place.lake()).build({ names: ['condition', 'encounter'] })
  expect(
    await place.rows('select (select count(*) from gold.condition) as c, (select count(*) from gold.encounter) as e'),
  ).toEqual([{ c: 1, e: 0 }])
})

test('D20: an increment without what it builds on is not taken for everything', async () => {
  await using place = await openPlace()
  await place.log({ id: 'increment', time: later, url: `${group}?_since=${time}` })
  await place.put('Patient.000.ndjson', [patient('a')])
  expect(typeOf(await place.load(), 'Patient')).toMatchObject({ rows: 1, complete: false })
})

test('D21: a type that was asked for and came empty is complete, so Encounters do not wait for it', async () => {
  await using place = await openPlace()
  await place.log({ id: 'small', time, url: `${group}?_type=Encounter,Specimen` })
  await place.put('Encounter.000.ndjson', [{ resourceType: 'Encounter', id: 'e', status: 'finished' }])
  const receipt = await place.load()
  expect(typeOf(receipt, 'Specimen')).toMatchObject({ lines: 0, rows: 0, complete: true })
  const [encounter] = await place.rows('select blocked_by from floe.encounters')
  expect(encounter?.blocked_by).not.toContain('Specimen')
  expect(encounter?.blocked_by).toContain('Condition')
})

test('D22: completeness is told for each export, also when an Encounter was complete before', async () => {
  await using place = await openPlace()
  await place.log({ id: 'first', time, url: `${group}?_type=Condition,Encounter` })
  await place.put('Condition.000.ndjson', [condition('c')])
  await place.load()
  await place.log({ id: 'second', time: later, url: `${group}?_type=Condition,Encounter` })
  await place.put('Condition.000.ndjson', [condition('c'), 'no json'])
  await place.load()
  expect(
    await place.rows("select export_id, complete from floe.completion where type = 'Condition' order by export_time"),
  ).toEqual([
    { export_id: 'first', complete: true },
    { export_id: 'second', complete: false },
  ])
})

test('D23: two loads at once both land', async () => {
  await using place = await openPlace()
  await place.put('Patient.000.ndjson', [patient('a')])
  const dir = join(place.dir, 'lake')
  await (await place.lake()).load({ folders: [join(place.dir, 'in')], ...identity, source: 'first' })
  await using other = await openLake({ dir, threads: 1 })
  const folders = [join(place.dir, 'in')]
  const [one, two] = await Promise.all([
    (await place.lake()).load({ folders, ...identity, source: 'north' }),
    other.load({ folders, ...identity, source: 'south' }),
  ])
  expect([one[0]?.status, two[0]?.status]).toEqual(['complete', 'complete'])
  expect(await place.rows('select _source from silver.patient order by 1')).toEqual([
    { _source: 'first' },
    { _source: 'north' },
    { _source: 'south' },
  ])
})
