import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLake, openProvider, type PatientLine } from '@floe/lake'
import { expect, test } from 'vitest'
import { type Resource, writeExport } from '../fixture.suite.ts'
import { isOfNobody, patientOf } from './compartment.ts'

const references: readonly [string, string | undefined][] = [
  ['Patient/p', 'p'],
  ['Patient/a:b_c', 'a:b_c'],
  ['Patient/p/_history/2', 'p'],
  ['http://ehr.example.org/fhir/Patient/p', 'p'],
  ['http://ehr.example.org/fhir/Patient/p/_history/2', 'p'],
  ['Patient/', undefined],
  ['Patient/p/', undefined],
  ['Patient?identifier=http://x|1', undefined],
  ['Practitioner/p', undefined],
  ['NoPatient/p', undefined],
  ['#Patient/p', undefined],
  ['urn:uuid:6c0e8f9a-1111-4222-8333-444455556666', undefined],
  ['', undefined],
]

const condition = (reference: unknown): object => ({
  resourceType: 'Condition',
  code: { text: '"subject":{ \\' },
  subject: { reference },
})

test.each(references)('a reference %j is to %j', (reference, id) => {
  expect(patientOf('Condition', JSON.stringify(condition(reference)))).toBe(id)
})

const resources: readonly [string, object, string | undefined][] = [
  ['Patient', { id: 'me', link: [{ other: { reference: 'Patient/other' } }] }, 'me'],
  ['Organization', { id: 'o' }, undefined],
  ['Group', { id: 'g', member: [{ entity: { reference: 'Patient/p' } }] }, undefined],
  [
    'Appointment',
    { participant: [{ actor: { reference: 'Practitioner/x' } }, { actor: { reference: 'Patient/second' } }] },
    'second',
  ],
  ['Condition', { contained: [{ resourceType: 'Patient', id: 'p' }], subject: { reference: '#p' } }, undefined],
  ['Condition', { subject: [] }, undefined],
  ['Condition', { subject: null }, undefined],
  ['Provenance', { target: [{ reference: 'Observation/o' }, { reference: 'Patient/p' }] }, 'p'],
]

test.each(resources)('%s %#', (type, rest, id) => {
  expect(patientOf(type, JSON.stringify({ resourceType: type, ...rest }))).toBe(id)
})

test('only what tells of no patient can be shared', () => {
  const shared = ['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'Medication', 'HealthcareService', 'Endpoint']
  const never = [
    'Patient',
    'Condition',
    'RelatedPerson',
    'Device',
    'Group',
    'Person',
    'Binary',
    'Bundle',
    'AuditEvent',
    'Provenance',
  ]
  expect([...shared, ...never].filter(isOfNobody)).toEqual(shared)
})

test('is what the lake says, of whatever resource', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'floe-compartment-'))
  try {
    await writeExport(join(dir, 'odd'), [
      ...references.map(([reference], n) => ({ id: `c${n}`, ...condition(reference) }) as unknown as Resource),
      ...resources.map(([resourceType, rest], n) => ({ id: `r${n}`, ...rest, resourceType }) as Resource),
    ])
    const options = { dir: join(dir, 'lake'), memoryLimit: '512MB' }
    await using lake = await openLake({ ...options, create: true })
    await lake.load({ folders: [join(dir, 'odd')], untracked: true })
    await using provider = await openProvider(options)
    const pin = await provider.pin()
    for (const type of provider.types(pin)) {
      const told: PatientLine[] = []
      for await (const rows of provider.byPatient(pin, [type], { level: { kind: 'patients' } })) told.push(...rows)
      const read: PatientLine[] = []
      for (const unit of await provider.units(pin, type)) {
        for await (const texts of provider.lines(pin, unit, { level: { kind: 'patients' } })) {
          for (const raw of texts.map((text) => Buffer.from(text).toString())) {
            const patient = patientOf(type, raw)
            if (patient !== undefined) read.push({ patient, raw })
          }
        }
      }
      const inOrder = (lines: PatientLine[]): PatientLine[] => lines.toSorted((x, y) => (x.raw < y.raw ? -1 : 1))
      expect(inOrder(read)).toEqual(inOrder(told))
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
