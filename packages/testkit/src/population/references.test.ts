import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linesOf, type Resource, resourcesOf, temporaryFolder } from './population.suite.ts'
import { synthesize } from './synthesize.ts'

const folder = temporaryFolder()
const first = join(folder.path, 'first')
const later = join(folder.path, 'later')
const baseUrl = 'https://fhir.somewhere.example/r4'

let inFirst: readonly Resource[] = []
let inLater: readonly Resource[] = []

beforeAll(async () => {
  await synthesize({ patients: 50, seed: 3, out: first, later, baseUrl })
  inFirst = resourcesOf(first)
  inLater = resourcesOf(later)
}, 60_000)
afterAll(() => folder[Symbol.dispose]())

interface Reference {
  readonly from: Resource
  readonly text: string
}

function* referencesIn(value: unknown, from: Resource): Generator<Reference> {
  if (Array.isArray(value)) for (const item of value) yield* referencesIn(item, from)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (key === 'reference' && typeof item === 'string') yield { from, text: item }
      else yield* referencesIn(item, from)
    }
  }
}

const form = (text: string): string =>
  text.startsWith('#') ? 'contained' : text.startsWith('http') ? 'absolute' : text.includes('?') ? 'conditional' : 'relative'

/** Finds by id and by identifier what a set of resources holds. */
function resolver(resources: readonly Resource[]): (reference: Reference) => boolean {
  const ids = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`))
  const identifiers = new Map<string, Set<string>>()
  for (const { resourceType, id, identifier } of resources) {
    for (const { system, value } of (Array.isArray(identifier) ? identifier : []) as { system: string; value: string }[]) {
      const key = `${resourceType}?identifier=${system}|${value}`
      identifiers.set(key, (identifiers.get(key) ?? new Set()).add(id))
    }
  }
  return ({ from, text }) => {
    switch (form(text)) {
      case 'contained':
        return ((from.contained ?? []) as Resource[]).some(({ id }) => `#${id}` === text)
      case 'absolute':
        return text.startsWith(`${baseUrl}/`) && ids.has(text.slice(baseUrl.length + 1))
      case 'conditional':
        return identifiers.get(text)?.size === 1
      default:
        return ids.has(text)
    }
  }
}

test('every reference leads to a resource of the export, in all four forms', () => {
  const resolves = resolver(inFirst)
  const seen: Record<string, number> = {}
  for (const resource of inFirst) {
    for (const reference of referencesIn(resource, resource)) {
      seen[form(reference.text)] = (seen[form(reference.text)] ?? 0) + 1
      if (!resolves(reference)) expect(reference.text).toBe(`found by ${resource.resourceType}`)
    }
  }
  expect(Object.keys(seen).sort()).toEqual(['absolute', 'conditional', 'contained', 'relative'])
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(20)
})

test('after the second export references still resolve, and nothing refers to what was deleted', () => {
  const state = new Map(inFirst.map((resource) => [`${resource.resourceType}/${resource.id}`, resource]))
  for (const resource of inLater) state.set(`${resource.resourceType}/${resource.id}`, resource)
  let deleted = 0
  for (const { file, line } of linesOf(later)) {
    if (!file.startsWith('deleted')) continue
    const bundle = JSON.parse(line) as { type: string; entry: { request: { method: string; url: string } }[] }
    expect(bundle.type).toBe('transaction')
    for (const { request } of bundle.entry) {
      expect(request.method).toBe('DELETE')
      expect(state.delete(request.url), request.url).toBe(true)
      deleted += 1
    }
  }
  expect(deleted).toBeGreaterThan(50)
  const resolves = resolver([...state.values()])
  for (const resource of state.values()) {
    for (const reference of referencesIn(resource, resource))
      if (!resolves(reference)) expect(reference.text).toBe(`found by ${resource.resourceType}`)
  }
})

test('ids repeat only for older versions, which are older in both version and time', () => {
  const versions = new Map<string, Resource[]>()
  for (const resource of inFirst) {
    const key = `${resource.resourceType}/${resource.id}`
    versions.set(key, [...(versions.get(key) ?? []), resource])
  }
  const repeated = [...versions.values()].filter(({ length }) => length > 1)
  expect(repeated.length).toBe(12)
  for (const [a, b] of repeated) {
    if (a === undefined || b === undefined) continue
    const order = Number(a.meta.versionId) - Number(b.meta.versionId)
    expect(Math.abs(order)).toBe(1)
    expect(Math.sign(Date.parse(a.meta.lastUpdated) - Date.parse(b.meta.lastUpdated))).toBe(Math.sign(order))
  }
  for (const { resourceType, id, meta } of inLater) {
    const before = versions.get(`${resourceType}/${id}`)?.map((resource) => Number(resource.meta.versionId)) ?? [0]
    expect(Number(meta.versionId)).toBeGreaterThan(Math.max(...before))
    expect(meta.lastUpdated > '2026-11-01T06:00:00.000Z').toBe(true)
  }
})
