import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SynthesizeReceipt } from './options.ts'
import { linesOf, temporaryFolder } from './population.suite.ts'
import { synthesize } from './synthesize.ts'

const folder = temporaryFolder()
const out = join(folder.path, 'out')
let receipt: SynthesizeReceipt
let lines: readonly string[] = []

beforeAll(async () => {
  receipt = await synthesize({ patients: 100, out })
  lines = [...linesOf(out)].map(({ line }) => line)
}, 60_000)
afterAll(() => folder[Symbol.dispose]())

const of = (type: string): string[] => lines.filter((line) => line.startsWith(`{"resourceType":"${type}"`))

test('the population of the demo has the size that the documentation says', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/synthetic-population.md'), 'utf8')
  const said = Object.fromEntries(
    [...page.matchAll(/^\| ([A-Z][A-Za-z]+) \| ([\d,]+) \|/gm)].map(([, type, count]) => [
      type,
      Number(count?.replaceAll(',', '')),
    ]),
  )
  expect(said).toEqual(receipt.types)
  expect(receipt.duplicates).toBe(24)
})

test.each<[string, string, RegExp, number]>([
  ['decimals with a trailing zero', 'Observation', /"value":\d+\.\d*0,/, 500],
  ['creatinine like 1.10', 'Observation', /"code":"2160-0".*"valueQuantity":\{"value":\d\.\d0,/, 20],
  ['blood pressure with its components', 'Observation', /"85354-9".*"component":\[.*"8480-6".*"8462-4"/, 500],
  ['coded results', 'Observation', /"valueCodeableConcept"/, 50],
  ['results in words', 'Observation', /"valueString"/, 5],
  ['whole numbers as results', 'Observation', /"valueInteger"/, 20],
  ['notes on findings', 'Observation', /"note":\[/, 5],
  ['names beyond ASCII', 'Patient', /[^\x20-\x7e]/, 20],
  ['names outside the Basic Multilingual Plane', 'Patient', /[\u{10000}-\u{10ffff}]/u, 1],
  ['quotation marks within a string', 'Patient', /"text":"[^"]*\\"/, 1],
  ['a primitive extension', 'Patient', /"birthDate":"\d{4}-\d\d-\d\d","_birthDate":\{/, 5],
  ['a primitive extension in a list, with null', 'Patient', /"_given":\[null,\{/, 20],
  ['a primitive extension on a family name', 'Patient', /"_family":\{/, 1],
  ['death with its time', 'Patient', /"deceasedDateTime"/, 2],
  ['partial dates of birth', 'Patient', /"birthDate":"\d{4}(-\d\d)?"/, 1],
  ['onsets of a year', 'Condition', /"onsetDateTime":"\d{4}"/, 20],
  ['onsets of a month', 'Condition', /"onsetDateTime":"\d{4}-\d\d"/, 20],
  ['line breaks within a string', 'Condition', /\\n/, 3],
  [
    'a contained Medication',
    'MedicationRequest',
    /"contained":\[\{"resourceType":"Medication".*"medicationReference":\{"reference":"#med"\}/,
    20,
  ],
  ['a Medication referred to', 'MedicationRequest', /"medicationReference":\{"reference":"Medication\//, 5],
  ['a Medication by its code', 'MedicationRequest', /"medicationCodeableConcept"/, 300],
  ['notes inside', 'DocumentReference', /"data":"[A-Za-z0-9+/]{400,}=*"/, 1000],
  ['notes at an address', 'DocumentReference', /"url":"https:\/\/ehr\.example\.org\/fhir\/Binary\//, 20],
  ['reports with their results', 'DiagnosticReport', /"result":\[\{"reference":"Observation\//, 300],
  ['reports as text', 'DiagnosticReport', /"presentedForm":\[/, 50],
  ['vaccinations without a date', 'Immunization', /"occurrenceString"/, 3],
  ['vaccinations declined', 'Immunization', /"status":"not-done"/, 1],
  ['stays with disposition', 'Encounter', /"hospitalization":\{"admitSource".*"dischargeDisposition"/, 10],
  ['a visit that goes on', 'Encounter', /"status":"in-progress".*"period":\{"start":"[^"]*"\}/, 1],
  ['emergencies', 'Encounter', /"code":"EMER"/, 20],
  ['members', 'Group', /"id":"demo".*"quantity":100,"member":\[/, 1],
])('has %s', (_name, type, pattern, atLeast) => {
  expect(of(type).filter((line) => pattern.test(line)).length).toBeGreaterThanOrEqual(atLeast)
})

test('nothing happened after the export', () => {
  const end = Date.parse(receipt.transactionTime)
  const late = lines.flatMap((line) =>
    [...line.matchAll(/"(\d{4}-\d\d-\d\dT[^"]+)"/g)].filter(([, time = '']) => Date.parse(time) > end),
  )
  expect(late).toEqual([])
})
