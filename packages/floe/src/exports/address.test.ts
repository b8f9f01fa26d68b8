import { expect, test } from 'vitest'
import { parseExportAddress } from './address.ts'

const base = { fhirUrl: 'https://ehr.example.org/fhir', request: {} }

test.each<[string, unknown]>([
  ['https://ehr.example.org/fhir', base],
  ['https://ehr.example.org/fhir/', base],
  ['https://ehr.example.org/fhir/Patient', { ...base, level: 'patient' }],
  ['https://ehr.example.org/fhir/Patient/$export', { ...base, level: 'patient' }],
  ['https://ehr.example.org/fhir/$export', { ...base, level: 'system' }],
  ['https://ehr.example.org/fhir/%24export', { ...base, level: 'system' }],
  ['https://ehr.example.org/fhir/Group/42', { ...base, level: 'group', groupId: '42' }],
  ['https://ehr.example.org/fhir/Group/a%20b/$export', { ...base, level: 'group', groupId: 'a b' }],
  [
    'https://ehr.example.org/Group/fhir/Group/42',
    { ...base, fhirUrl: 'https://ehr.example.org/Group/fhir', level: 'group', groupId: '42' },
  ],
  [
    'https://ehr.example.org/fhir/Group/42/$export?_type=Patient,Encounter&_since=2026-01-01T00:00:00Z&_typeFilter=A%3Fb%3Dc,d&vendor=x',
    {
      ...base,
      level: 'group',
      groupId: '42',
      request: {
        type: ['Patient', 'Encounter'],
        since: '2026-01-01T00:00:00Z',
        typeFilter: ['A?b=c,d'],
        parameters: [['vendor', 'x']],
      },
    },
  ],
])('%s', (address, expected) => {
  expect(parseExportAddress(address)).toEqual(expected)
})

test.each([
  ['ehr.example.org', 'ehr.example.org is no address of a FHIR server'],
  ['file:///x', 'file:///x is no address of a FHIR server'],
  ['https://user:secret@ehr.example.org/fhir', 'a FHIR URL carries no user name or password'],
  ['https://ehr.example.org/fhir?x=y', 'the address has parameters but no $export'],
])('%s is refused', (address, message) => {
  expect(() => parseExportAddress(address)).toThrow(expect.objectContaining({ code: 'usage', message }))
})
