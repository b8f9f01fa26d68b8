import { type ElementDef, elementsOf, type FhirVersion, fhirVersion, resourceTypes } from '@floe/views/fhir'

/**
 * All element names of R4 as byte patterns, so that the scanner recognises a key without making a string of it.
 * A name that R4 does not know has no number: keys of a hostile file never grow anything.
 */
export interface Vocabulary {
  readonly names: readonly string[]
  readonly ids: ReadonlyMap<string, number>
  /** `"name":` of each name as little-endian words, and where each begins in `words`. */
  readonly words: Int32Array
  readonly start: Int32Array
  /** Whole words of the pattern, mask of the last one, length in bytes. */
  readonly full: Int32Array
  readonly mask: Int32Array
  readonly length: Int32Array
  /** Open addressing over the hash of the name; entries are id + 1. */
  readonly table: Int32Array
}

/** First value of the hash; drawn per process, so that nobody can prepare keys that collide. */
export const hashSeed: number = (Math.random() * 0x7fffffff) | 0

/** One step of the hash over the bytes of a key. */
export const hashStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)

/** Spreads a hash over its low bits. */
export const hashEnd = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0

const encoder = new TextEncoder()

/** The hash of a whole key. */
export function hashOf(bytes: Uint8Array): number {
  let hash = hashSeed
  for (const byte of bytes) hash = hashStep(hash, byte)
  return hash
}

const shared = new Map<FhirVersion, Vocabulary>()

/** The vocabulary of the release in use, made once per thread. */
export function vocabulary(): Vocabulary {
  const release = fhirVersion()
  const made = shared.get(release) ?? build(elementNames())
  shared.set(release, made)
  return made
}

function elementNames(): string[] {
  const names = new Set(['resourceType', 'id', 'extension'])
  const visited = new Set<string>()
  const visit = (type: string): void => {
    if (visited.has(type)) return
    visited.add(type)
    for (const element of elementsOf(type)?.values() ?? []) {
      names.add(element.name)
      if (element.kind === 'primitive') names.add(`_${element.name}`)
      if (element.kind === 'complex') visit(element.type)
    }
  }
  for (const type of resourceTypes) visit(type)
  return [...names]
}

function build(names: readonly string[]): Vocabulary {
  const patterns = names.map((name) => encoder.encode(`"${name}":`))
  const start = new Int32Array(names.length)
  const full = new Int32Array(names.length)
  const mask = new Int32Array(names.length)
  const length = new Int32Array(names.length)
  const words: number[] = []
  const table = new Int32Array(1 << 13)
  for (const [id, pattern] of patterns.entries()) {
    start[id] = words.length
    full[id] = pattern.length >> 2
    mask[id] = [0, 0xff, 0xffff, 0xffffff][pattern.length & 3] ?? 0
    length[id] = pattern.length
    for (let at = 0; at <= pattern.length; at += 4) {
      words.push(
        (pattern[at] ?? 0) | ((pattern[at + 1] ?? 0) << 8) | ((pattern[at + 2] ?? 0) << 16) | ((pattern[at + 3] ?? 0) << 24),
      )
    }
    let slot = hashEnd(hashOf(pattern.subarray(1, -2))) & (table.length - 1)
    while (table[slot] !== 0) slot = (slot + 1) & (table.length - 1)
    table[slot] = id + 1
  }
  const ids = new Map(names.map((name, id) => [name, id]))
  return { names, ids, words: Int32Array.from(words), start, full, mask, length, table }
}

/**
 * Types whose elements decide when contained resources of several types share a name with other kinds of value
 * (`name` of a Practitioner is a list, that of an Organization a text). `contained` is one list of structs, so one of them must.
 */
const containedFirst =
  'Medication Practitioner Organization Patient Location Device Coverage ServiceRequest Observation Specimen'.split(' ')

const containedElements = new Map<FhirVersion, ReadonlyMap<string, ElementDef>>()

/** The elements of a contained resource of any type, in one table: `resourceType`, then those of all R4 types. */
export function elementsOfContained(): ReadonlyMap<string, ElementDef> {
  const known = containedElements.get(fhirVersion())
  if (known) return known
  const found = new Map<string, ElementDef>()
  found.set('resourceType', { name: 'resourceType', type: 'code', list: false, kind: 'primitive', primitive: 'code', min: 1 })
  const taken = new Set(['resourcetype'])
  const others = [...resourceTypes].sort().filter((type) => !containedFirst.includes(type))
  for (const type of [...containedFirst, ...others]) {
    for (const element of elementsOf(type)?.values() ?? []) {
      // The engine's names know no case: ChargeItem.bodysite beside bodySite would be one field twice.
      const name = element.name.toLowerCase()
      if (taken.has(name)) continue
      taken.add(name)
      found.set(element.name, element)
    }
  }
  containedElements.set(fhirVersion(), found)
  return found
}
