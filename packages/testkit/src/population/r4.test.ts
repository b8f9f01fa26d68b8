import { join } from 'node:path'
import { type ElementDef, elementsOf, resourceTypes } from '@floe/views/fhir'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesOf, type Resource, resourcesOf, temporaryFolder } from './population.suite.ts'
import { synthesize } from './synthesize.ts'

const folder = temporaryFolder()
const first = join(folder.path, 'first')
const later = join(folder.path, 'later')

const parsed: Record<string, Resource[]> = {}

beforeAll(async () => {
  await synthesize({ patients: 32, seed: 7, out: first, later })
  for (const path of [first, later]) parsed[path] = resourcesOf(path)
}, 60_000)
afterAll(() => folder[Symbol.dispose]())

const patterns: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}(-\d\d(-\d\d)?)?$/,
  dateTime: /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?$/,
  instant: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  code: /^\S+( \S+)*$/,
  id: /^[A-Za-z0-9.-]{1,64}$/,
  uri: /^\S+$/,
  url: /^\S+$/,
  canonical: /^\S+$/,
  base64Binary: /^[A-Za-z0-9+/]+=*$/,
}
const numbers = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt'])

/** What is wrong with a value, by the definition of its element. */
function problemsIn(value: unknown, element: ElementDef, path: string): string[] {
  if (element.list !== Array.isArray(value)) return [`${path}: ${element.list ? 'a list' : 'one value'} expected`]
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${path}: empty list`]
    return value.flatMap((item) => problemsIn(item, { ...element, list: false }, path))
  }
  if (element.kind === 'primitive') return problemsInPrimitive(value, element.primitive ?? 'string', path)
  if (typeof value !== 'object' || value === null) return [`${path}: an object expected`]
  const type = element.kind === 'resource' ? String((value as Resource).resourceType) : element.type
  return problemsInObject(value as Record<string, unknown>, type, path)
}

function problemsInPrimitive(value: unknown, primitive: string, path: string): string[] {
  const kind = primitive === 'boolean' ? 'boolean' : numbers.has(primitive) ? 'number' : 'string'
  if (typeof value !== kind) return [`${path}: ${kind} expected for ${primitive}`]
  if (value === '') return [`${path}: empty`]
  const pattern = patterns[primitive]
  return pattern === undefined || pattern.test(String(value)) ? [] : [`${path}: no ${primitive}`]
}

function problemsInObject(value: Record<string, unknown>, type: string, path: string): string[] {
  const elements = elementsOf(type)
  if (elements === undefined) return [`${path}: unknown type ${type}`]
  const problems: string[] = []
  const keys = Object.keys(value)
  if (keys.length === 0) problems.push(`${path}: empty object`)
  for (const key of keys) {
    if (key === 'resourceType') continue
    const primitive = key.startsWith('_')
    const element = elements.get(primitive ? key.slice(1) : key)
    if (element === undefined || (primitive && element.kind !== 'primitive')) problems.push(`${path}.${key}: unknown in ${type}`)
    else if (primitive) problems.push(...problemsInSibling(value[key], element, `${path}.${key}`))
    else problems.push(...problemsIn(value[key], element, `${path}.${key}`))
  }
  for (const [name, { min, choiceOf }] of elements) {
    if (min === 0 || name in value || `_${name}` in value) continue
    const others = [...elements.values()].filter((other) => choiceOf !== undefined && other.choiceOf === choiceOf)
    if (!others.some((other) => other.name in value)) problems.push(`${path}.${choiceOf ?? name}: required in ${type}`)
  }
  return problems
}

/** `_birthDate` and the like: objects with extensions, in lists with null where an item has none. */
function problemsInSibling(value: unknown, element: ElementDef, path: string): string[] {
  if (element.list !== Array.isArray(value)) return [`${path}: ${element.list ? 'a list' : 'one value'} expected`]
  const items = Array.isArray(value) ? value.filter((item) => item !== null) : [value]
  return items.flatMap((item) => problemsInObject(item as Record<string, unknown>, 'Element', path))
}

describe.each([
  ['first', first],
  ['later', later],
])('%s export', (_name, path) => {
  test('is one JSON object a line, resourceType and id first', () => {
    for (const { file, line } of linesOf(path)) {
      const type = /([A-Za-z]+)\.\d+\.ndjson$/.exec(file)?.[1]
      if (!line.startsWith(`{"resourceType":"${type}","id":"`)) expect(line.slice(0, 80)).toBe(`${type} and id`)
      const text = JSON.stringify(JSON.parse(line))
      // Compact: nothing but the trailing zeros of decimals is lost when it is written anew.
      if (!/\d\.\d*0[,}]/.test(line)) expect(text).toBe(line)
    }
  })

  test('holds elements of R4 only, in their kinds and cardinalities', () => {
    const problems = new Set<string>()
    for (const resource of parsed[path] ?? []) {
      if (!resourceTypes.has(resource.resourceType)) problems.add(resource.resourceType)
      for (const problem of problemsInObject(resource, resource.resourceType, resource.resourceType)) problems.add(problem)
    }
    expect([...problems]).toEqual([])
  })

  test('names the US Core profile of what US Core profiles', () => {
    const without = new Set(['Claim', 'ExplanationOfBenefit', 'Group', 'EpisodeOfCare'])
    for (const { resourceType, meta, ...rest } of parsed[path] ?? []) {
      if (resourceType === 'Observation' && meta.profile === undefined) expect(rest.category).toBeDefined()
      else if (!without.has(resourceType))
        expect(meta.profile?.[0]).toMatch(/^http:\/\/hl7\.org\/fhir\/us\/core\/StructureDefinition\/us-core-/)
    }
  })
})

/** Elements that US Core 6.1 requires beyond R4, or that a chart cannot do without. */
const required: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['clinicalStatus', 'verificationStatus', 'code', 'patient'],
  Condition: ['clinicalStatus', 'verificationStatus', 'category', 'code', 'subject', 'recordedDate'],
  Coverage: ['identifier', 'status', 'type', 'subscriberId', 'beneficiary', 'relationship', 'period', 'payor', 'class'],
  DiagnosticReport: ['status', 'category', 'code', 'subject', 'effectiveDateTime', 'issued'],
  DocumentReference: ['status', 'type', 'category', 'subject', 'date', 'author', 'content', 'context'],
  Encounter: ['identifier', 'status', 'class', 'type', 'subject', 'participant', 'period', 'location', 'serviceProvider'],
  Immunization: ['status', 'vaccineCode', 'patient', 'primarySource'],
  Location: ['status', 'name', 'managingOrganization', 'address'],
  Medication: ['code'],
  MedicationDispense: ['status', 'medicationCodeableConcept', 'subject', 'quantity', 'daysSupply'],
  MedicationRequest: ['status', 'intent', 'category', 'subject', 'encounter', 'authoredOn', 'requester', 'dosageInstruction'],
  Observation: ['status', 'category', 'code', 'subject', 'effectiveDateTime'],
  Organization: ['identifier', 'active', 'name', 'telecom', 'address'],
  Patient: ['identifier', 'name', 'gender', 'birthDate', 'address', 'telecom', 'communication', 'extension'],
  Practitioner: ['identifier', 'name'],
  PractitionerRole: ['practitioner', 'organization', 'specialty', 'location', 'telecom'],
  Procedure: ['status', 'code', 'subject', 'encounter'],
  ServiceRequest: ['status', 'intent', 'category', 'code', 'subject', 'occurrenceDateTime', 'authoredOn', 'requester'],
  Specimen: ['type', 'subject', 'collection'],
}

test('what US Core requires is there', () => {
  const missing = new Set<string>()
  for (const resource of parsed[first] ?? []) {
    for (const element of required[resource.resourceType] ?? [])
      if (!(element in resource)) missing.add(`${resource.resourceType}.${element}`)
  }
  expect([...missing]).toEqual([])
})

test('a second export has paths that the first one lacks, so that schemas must grow', () => {
  const paths = (resources: readonly Resource[]): Set<string> => {
    const found = new Set<string>()
    for (const resource of resources) {
      if (resource.resourceType !== 'Patient') continue
      for (const key of Object.keys(resource)) found.add(key)
      for (const name of resource.name as readonly object[]) for (const key of Object.keys(name)) found.add(`name.${key}`)
    }
    return found
  }
  const known = paths(parsed[first] ?? [])
  const fresh = [...paths(parsed[later] ?? [])].filter((path) => !known.has(path))
  expect(fresh.sort()).toEqual(['contact', 'name.suffix'])
})
