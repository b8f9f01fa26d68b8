/** CONTRACT §4, rule 8: `_patient` where the patient is named by an identifier. */
import { expect, test } from 'vitest'
import { planScan } from '../iceberg/plan.ts'
import { openTestLake, type TestLake } from './lake.suite.ts'

const mrn = (value: string): object[] => [{ system: 'urn:mrn', value }]
const person = (id: string, value: string): object => ({
  id,
  identifier: mrn(value),
  meta: { lastUpdated: '2026-01-01T00:00:00Z' },
})
const observations = [
  { id: 'literal', subject: { reference: 'Patient/a' } },
  { id: 'conditional', subject: { reference: 'Patient?identifier=urn:mrn|1' } },
  { id: 'escaped', subject: { reference: 'https://ehr.example.org/fhir/Patient?identifier=urn%3Amrn%7C1' } },
  { id: 'bare', subject: { reference: 'Patient?identifier=2' } },
  { id: 'logical', subject: { type: 'Patient', identifier: { system: 'urn:mrn', value: '2' } } },
  { id: 'untyped', subject: { identifier: { system: 'urn:mrn', value: '2' } } },
  { id: 'vague', subject: { identifier: { value: '2' } } },
  { id: 'device', subject: { type: 'Device', identifier: { system: 'urn:mrn', value: '2' } } },
  { id: 'nobody', subject: { reference: 'Patient?identifier=urn:mrn|9' } },
  { id: 'none', status: 'final' },
]

const load = async (
  lake: TestLake,
  exportId: string,
  day: number,
  types: Readonly<Record<string, readonly object[]>>,
  source = 'default',
) =>
  await lake.load({
    identity: { exportId, source, exportTime: `2026-01-0${day}T00:00:00Z` },
    types,
    facts: { Observation: { conditional: true } },
  })
const patients = async (lake: TestLake, rest = "where _source = 'default' order by all"): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    (await lake.rows<{ id: string; _patient: string }>('silver.observation', 'id, _patient', rest)).map((row) => [
      row.id,
      row._patient,
    ]),
  )
const found = {
  ...{ literal: 'a', conditional: 'a', escaped: 'a', bare: 'b', logical: 'b', untyped: 'b' },
  ...{ vague: null, device: null, nobody: null, none: null },
}

test.each([
  ['in one load', [['Patient', 'Observation']]],
  ['patients first', [['Patient'], ['Observation']]],
  ['patients last', [['Observation'], ['Patient']]],
])('%s, the one patient of the source that has it', async (_name, loads) => {
  await using lake = await openTestLake()
  const all: Readonly<Record<string, readonly object[]>> = {
    Patient: [person('a', '1'), person('b', '2')],
    Observation: observations,
  }
  await load(lake, 'other', 1, { Patient: [person('x', '9')] }, 'other')
  for (const [index, types] of loads.entries()) {
    await load(lake, `e${index}`, index + 2, Object.fromEntries(types.map((type) => [type, all[type] ?? []])))
  }
  expect(await patients(lake)).toEqual(found)
  const table = await lake.context.catalog.load('silver', 'observation')
  if (table === undefined) throw new Error('no table')
  const { files } = await planScan(table, { tag: `e${loads.length - 1}` })
  expect(files.length).toBe(2)
  const before = table.metadataLocation
  expect(await load(lake, 'e0', 2, Object.fromEntries((loads[0] ?? []).map((type) => [type, all[type] ?? []])))).toMatchObject({
    unchanged: true,
  })
  expect((await lake.context.catalog.load('silver', 'observation'))?.metadataLocation).toBe(before)
})

test('follows patients that come, change and go', async () => {
  await using lake = await openTestLake()
  const rows = [{ id: 'o', subject: { reference: 'Patient?identifier=urn:mrn|1' } }]
  await load(lake, 'e1', 1, { Observation: rows, Patient: [person('a', '1')] })
  expect(await patients(lake)).toEqual({ o: 'a' })
  await load(lake, 'e2', 2, { Patient: [person('b', '1')] })
  expect(await patients(lake)).toEqual({ o: null })
  await lake.load({
    identity: { exportId: 'e3', exportTime: '2026-01-03T00:00:00Z' },
    deletions: [{ type: 'Patient', id: 'a', deletedAt: '2026-01-03T00:00:00Z' }],
  })
  expect(await patients(lake)).toEqual({ o: 'b' })
  expect(await lake.rows('silver.observation', 'id, _source, _export_id')).toEqual([
    { id: 'o', _source: 'default', _export_id: 'e1' },
  ])
})

test('tables that name every patient by its id are not looked at, and make no more snapshots', async () => {
  await using lake = await openTestLake()
  await load(lake, 'e1', 1, { Observation: observations.slice(0, 1), Patient: [person('a', '1')] })
  const table = await lake.context.catalog.load('silver', 'observation')
  expect([table?.metadata.snapshots.length, table?.metadata.properties['floe.patients-by-identifier']]).toEqual([1, undefined])
})
