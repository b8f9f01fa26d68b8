import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { compile } from './index.ts'

const references = [
  ['Practitioner/p1', 'p1'],
  ['Practitioner/p1/_history/3', 'p1'],
  ['https://ehr.example.org/fhir/Practitioner/p1', 'p1'],
  ['https://ehr.example.org/fhir/Practitioner/p1/_history/3', 'p1'],
  ['Practitioner/a_b:c|d~1', 'a_b:c|d~1'],
  ['https://ehr.example.org/fhir/Practitioner/a[1]=^{2}/_history/3', 'a[1]=^{2}'],
  ['Practitioner/a b', null],
  ['Practitioner/a\\b', null],
  ['Practitioner/é', null],
  ['Practitioner/', null],
  ['urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', null],
  ['#contained', null],
  ['https://ehr.example.org/documents/17', null],
  ['Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|99', 'by-npi'],
  ['Practitioner?identifier=http://hl7.org/fhir/sid/us-npi%7C99', 'by-npi'],
  ['Practitioner?identifier=99', 'by-npi'],
  ['Practitioner?identifier=|local', 'no-system'],
  ['Practitioner?identifier=s|twice', null],
  ['Practitioner?identifier=s|unknown', null],
  ['Organization?identifier=http://hl7.org/fhir/sid/us-npi|99', null],
] as const

const schema = { struct: { id: 'string', performer: { list: { struct: { actor: { struct: { reference: 'string' } } } } } } }
const resolve = `(values ('Practitioner', 'http://hl7.org/fhir/sid/us-npi', '99', 'by-npi'), ('Practitioner', null, 'local', 'no-system'),
  ('Practitioner', 's', 'twice', 'a'), ('Practitioner', 's', 'twice', 'b')) as t(type, system, value, id)`

test.each([
  ['single references', 'performer.first().actor.getReferenceKey(Practitioner)', false],
  ['lists of references', 'performer.actor.getReferenceKey(Practitioner)', true],
])('%s give the id, conditional ones that of their only match', async (_, path, collection) => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const rows = references.map(
    ([reference], at) => `('${String(at).padStart(2, '0')}', [{'actor': {'reference': '${reference}'}}])`,
  )
  await connection.run(
    `create table procedure as select * from (values ${rows.join(', ')}) t(id, performer); create table ids as select * from ${resolve}`,
  )
  const view = {
    resource: 'Procedure',
    select: [
      {
        column: [
          { name: 'id', path: 'id' },
          { name: 'key', path, collection },
        ],
      },
    ],
  }
  const run = async (source: { kind: 'table'; sql: string; resolve?: string }) => {
    const { sql } = compile(view, { schema, source })
    const found = (await connection.runAndReadAll(`select key from (${sql}) order by id`)).getRowObjectsJson()
    return found.map(({ key }) => (Array.isArray(key) ? (key[0] ?? null) : key))
  }
  expect(await run({ kind: 'table', sql: 'procedure', resolve: 'ids' })).toEqual(references.map(([, key]) => key))
  expect(await run({ kind: 'table', sql: 'procedure' })).toEqual(
    references.map(([reference, key]) => (reference.includes('?') ? null : key)),
  )
  connection.closeSync()
  instance.closeSync()
})
