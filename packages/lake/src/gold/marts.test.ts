import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLake } from '../lake.ts'
import type { Lake } from '../types.ts'
import { sqlQueryLibrary, sqlQueryOf } from './library.ts'
import { marts } from './marts.ts'

let root: string
let lake: Lake
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-marts-'))
  await mkdir(join(root, 'in'))
  await mkdir(join(root, 'views'))
  for (const [type, lines] of Object.entries(resources)) {
    const text = lines.map((line) => `${JSON.stringify({ resourceType: type, ...line })}\n`).join('')
    await writeFile(join(root, 'in', `${type}.ndjson`), text)
  }
  lake = await openLake({ dir: join(root, 'lake'), create: true, threads: 2 })
  await lake.load({ folders: [join(root, 'in')], untracked: true })
})
afterAll(async () => {
  await lake.close()
  await rm(root, { recursive: true })
})

const subject = { reference: 'Patient/p1' }
const coded = (code: string, display: string): object => ({ coding: [{ system: 'http://loinc.org', code, display }] })
const lab = (id: string, value: number): object => ({
  ...{ id, status: 'final', code: coded('718-7', 'Hemoglobin'), subject, effectiveDateTime: '2026-02-03' },
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }],
  valueQuantity: { value, unit: 'g/dL', code: 'g/dL' },
})
const resources: Readonly<Record<string, readonly object[]>> = {
  Patient: [
    { id: 'p1', birthDate: '1980-06-15', gender: 'female' },
    { id: 'p2', birthDate: '1990' },
  ],
  Encounter: [
    { id: 'e1', status: 'finished', class: { code: 'AMB' }, subject, period: { start: '2026-01-05T10:00:00Z' } },
    { id: 'e2', status: 'finished', class: { code: 'AMB' }, subject, period: { start: '2026-06-14T10:00:00Z' } },
  ],
  Condition: [
    { id: 'c1', code: coded('1', 'Asthma'), subject, onsetDateTime: '2001', clinicalStatus: { coding: [{ code: 'active' }] } },
  ],
  Observation: [lab('o1', 12), lab('o2', 14)],
  Medication: [{ id: 'm1', code: coded('860975', 'Metformin') }],
  MedicationRequest: [
    {
      id: 'r1',
      status: 'active',
      intent: 'order',
      medicationReference: { reference: 'Medication/m1' },
      subject,
      authoredOn: '2026-01-05',
    },
  ],
}

async function all(sql: string): Promise<Record<string, unknown>[]> {
  await using result = await lake.query(sql)
  const rows: Record<string, unknown>[] = []
  for await (const chunk of result.rows) rows.push(...chunk)
  return rows
}

test('marts are built after the views they need, with the columns that the reference tells', async () => {
  const names = marts.map(({ name }) => name)
  const built = await lake.build({ names })
  expect(built.map(({ table }) => table.slice(5))).toEqual(expect.arrayContaining(names))
  for (const { name, columns } of marts) {
    await using result = await lake.query(`select * from gold.${name}`)
    expect([name, result.columns.map((column) => column.name)]).toEqual([name, Object.keys(columns)])
  }
  expect(await all('select * from gold.patient_demographics order by 1')).toMatchObject([
    {
      ...{ patient_id: 'p1', gender: 'female', is_deceased: false, encounters: 2 },
      ...{ first_encounter: '2026-01-05', last_encounter: '2026-06-14', age_at_last_encounter: 45 },
    },
    { patient_id: 'p2', encounters: 0, age_at_last_encounter: null },
  ])
  expect(await all('select * from gold.last_encounter')).toMatchObject([{ encounter_id: 'e2', encounters: 2 }])
  expect(await all('select * from gold.encounter_counts order by 1')).toEqual([
    { month: '2026-01', class_code: 'AMB', encounters: 1, patients: 1 },
    { month: '2026-06', class_code: 'AMB', encounters: 1, patients: 1 },
  ])
  expect(await all('select * from gold.condition_summary')).toMatchObject([
    { display: 'Asthma', conditions: 1, active: 1, first_onset: '2001' },
  ])
  expect(await all('select * from gold.lab_summary')).toMatchObject([
    { code: '718-7', unit: 'g/dL', results: 2, minimum: 12, median: 13, maximum: 14 },
  ])
  expect(await all('select * from gold.medication_summary')).toMatchObject([
    { code: '860975', display: 'Metformin', requests: 1, active: 1 },
  ])
  expect((await lake.build({ names })).every(({ unchanged }) => unchanged)).toBe(true)
})

test('what another source sent with equal ids is not merged with it', async () => {
  await lake.load({ folders: [join(root, 'in')], untracked: true, source: 'other' })
  const names = marts.map(({ name }) => name)
  await lake.build({ names })
  expect(await all('select patient_id, _source, encounters from gold.patient_demographics order by all')).toEqual([
    { patient_id: 'p1', _source: 'default', encounters: 2 },
    { patient_id: 'p1', _source: 'other', encounters: 2 },
    { patient_id: 'p2', _source: 'default', encounters: 0 },
    { patient_id: 'p2', _source: 'other', encounters: 0 },
  ])
  expect(await all('select patient_id, encounter_id, encounters, _source from gold.last_encounter order by all')).toEqual(
    ['default', 'other'].map((_source) => ({ patient_id: 'p1', encounter_id: 'e2', encounters: 2, _source })),
  )
  expect(await all('select encounters, patients from gold.encounter_counts')).toEqual([
    { encounters: 2, patients: 2 },
    { encounters: 2, patients: 2 },
  ])
  expect(await all('select conditions, patients from gold.condition_summary')).toEqual([{ conditions: 2, patients: 2 }])
  expect(await all('select results, patients from gold.lab_summary')).toEqual([{ results: 4, patients: 2 }])
  expect(await all('select requests, patients from gold.medication_summary')).toEqual([{ requests: 2, patients: 2 }])
  expect(await all('select id, _source from gold.patient order by all')).toHaveLength(4)
})

const library = (name: string, sql: string, dependsOn: readonly string[]): object =>
  sqlQueryLibrary({ name, title: name, description: '', dependsOn, sql })

async function buildOwn(name: string, json: object): Promise<unknown> {
  await rm(join(root, 'views'), { recursive: true })
  await mkdir(join(root, 'views'))
  await writeFile(join(root, 'views', `${name}.json`), JSON.stringify(json))
  return await lake.build({ names: [name], viewsDir: join(root, 'views') }).catch((error: unknown) => error)
}

test('a Library of the user may stand on views and on other queries', async () => {
  await buildOwn(
    'own',
    library('own', 'with x as (select * from last_encounter) select count(*) as n, {a: 1} as s from x, patient;', [
      'last_encounter',
      'patient',
    ]),
  )
  expect(await all('select * from gold.own')).toEqual([{ n: 8, s: '{"a":1}' }])
})

test.each<[string, object, RegExp]>([
  ['a table that it does not name', library('bad', 'select * from condition', ['patient']), /condition is not among its tables/],
  ['a file', library('bad', "select * from 'x.csv'", ['patient']), /not among its tables/],
  ['a function that reads files', library('bad', "select * from read_text('/etc/hosts')", ['patient']), /read_text/],
  ['a statement that writes', library('bad', 'create table x as select 1', []), /does not only read/],
  ['a view that is not there', library('bad', 'select 1', ['nothing']), /there is no view/],
  ['itself', library('bad', 'select 1', ['bad']), /circle/],
  ['a wrong column', library('bad', 'select nothing from patient', ['patient']), /gold\.bad/],
  ['parameters', { ...library('bad', 'select 1', []), parameter: [{ name: 'x', use: 'in', type: 'string' }] }, /parameter/],
])('a Library that names %s is a usage error', async (_, json, message) => {
  expect(await buildOwn('bad', json)).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) })
})

test('a Library tells its SQL by data or by the extension, for DuckDB before any dialect', () => {
  const type = { coding: [{ code: 'sql-query' }] }
  const data = (sql: string): string => Buffer.from(sql).toString('base64')
  const content = [
    { contentType: 'application/sql;dialect=spark', data: data('select 1') },
    {
      contentType: 'application/sql',
      extension: [{ url: 'https://sql-on-fhir.org/ig/StructureDefinition/sql-text', valueString: 'select 2;' }],
    },
  ]
  const relatedArtifact = [{ type: 'depends-on', resource: 'https://example.org/ViewDefinition/a|1.0' }]
  const read = (list: readonly object[]): unknown =>
    sqlQueryOf({ resourceType: 'Library', type, content: list, relatedArtifact }, { where: 'x.json', name: 'X' })
  const dependsOn = [{ label: 'a', resource: 'https://example.org/ViewDefinition/a|1.0' }]
  expect(read(content)).toEqual({ name: 'x', url: undefined, sql: 'select 2', dependsOn })
  expect(read([...content, { contentType: 'application/sql;dialect=duckdb', data: data('select 3') }])).toMatchObject({
    sql: 'select 3',
  })
})
