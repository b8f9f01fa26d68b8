import { afterEach, expect, test } from 'vitest'
import { choiceOf, elementsOf, type FhirVersion, isSubtype, patientElements, resourceTypes, useFhirVersion } from './index.ts'

afterEach(() => useFhirVersion('R4'))

test.each<[FhirVersion, number]>([
  ['R4', 146],
  ['R4B', 141],
  ['R5', 158],
])('knows every concrete resource type of %s and resolves every type that an element names', (release, count) => {
  useFhirVersion(release)
  expect(resourceTypes.size).toBe(count)
  const open = [...resourceTypes].sort()
  const seen = new Set(open)
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    const elements = elementsOf(type)
    expect(elements, type).toBeDefined()
    for (const element of elements?.values() ?? []) {
      if (element.kind === 'primitive' || seen.has(element.type)) continue
      seen.add(element.type)
      open.push(element.type)
    }
  }
})

test.each([
  ['Patient', 'birthDate', { name: 'birthDate', type: 'date', kind: 'primitive', primitive: 'date', list: false, min: 0 }],
  ['Patient', 'contact', { name: 'contact', type: 'Patient.contact', kind: 'complex', list: true, min: 0 }],
  ['Patient', 'contained', { name: 'contained', type: 'Resource', kind: 'resource', list: true, min: 0 }],
  ['Patient', 'id', { name: 'id', type: 'id', kind: 'primitive', primitive: 'id', list: false, min: 0 }],
  ['HumanName', 'id', { name: 'id', type: 'string', kind: 'primitive', primitive: 'string', list: false, min: 0 }],
  ['Patient.contact', 'modifierExtension', { name: 'modifierExtension', type: 'Extension', kind: 'complex', list: true, min: 0 }],
  ['Questionnaire.item', 'item', { name: 'item', type: 'Questionnaire.item', kind: 'complex', list: true, min: 0 }],
  [
    'Observation',
    'valueQuantity',
    { name: 'valueQuantity', type: 'Quantity', kind: 'complex', list: false, min: 0, choiceOf: 'value' },
  ],
  ['Observation', 'code', { name: 'code', type: 'CodeableConcept', kind: 'complex', list: false, min: 1 }],
])('%s.%s', (type, name, expected) => {
  expect(elementsOf(type)?.get(name)).toEqual(expected)
})

test('a choice has its forms', () => {
  expect(choiceOf('Patient', 'deceased').map(({ name }) => name)).toEqual(['deceasedBoolean', 'deceasedDateTime'])
  expect(choiceOf('Patient', 'name')).toEqual([])
  expect(elementsOf('Nothing')).toBeUndefined()
})

test('types are specialised as in the definitions', () => {
  expect(['code', 'id', 'markdown'].every((it) => isSubtype(it, 'string'))).toBe(true)
  expect(isSubtype('Age', 'Quantity')).toBe(true)
  expect(isSubtype('string', 'code')).toBe(false)
})

test('the patient comes first among the elements of the patient compartment', () => {
  expect(patientElements('Observation')).toEqual(['subject', 'performer'])
  expect(patientElements('Claim')).toEqual(['patient', 'payee.party'])
  expect(patientElements('Patient')).toEqual([])
  expect(patientElements('Organization')).toEqual([])
})

test('elements are those of the release in use', () => {
  const typeOf = (type: string, name: string): { type: string; list: boolean } | undefined => {
    const { type: found, list } = elementsOf(type)?.get(name) ?? {}
    return found === undefined ? undefined : { type: found, list: list === true }
  }
  expect(typeOf('Encounter', 'class')).toEqual({ type: 'Coding', list: false })
  useFhirVersion('R5')
  expect(typeOf('Encounter', 'class')).toEqual({ type: 'CodeableConcept', list: true })
  expect(typeOf('MedicationRequest', 'medication')).toEqual({ type: 'CodeableReference', list: false })
  expect(resourceTypes.has('Transport')).toBe(true)
  useFhirVersion('R4B')
  expect(typeOf('Encounter', 'class')).toEqual({ type: 'Coding', list: false })
  expect(resourceTypes.has('Transport')).toBe(false)
})
