import { elementsOf } from '@floe/views/fhir'
import { badParameter } from '../refusal.ts'

export type Elements = Readonly<Record<string, readonly string[]>>

/** `_elements` by type; `*` holds for every type. Throws a 400 for what is no element. */
export function elementsParameter(names: readonly string[]): Elements | undefined {
  if (names.length === 0) return undefined
  const byType: Record<string, string[]> = {}
  for (const name of names) {
    const [, type = '*', element = ''] = /^(?:([A-Z][A-Za-z]*)\.)?([a-z][A-Za-z]*)$/.exec(name) ?? []
    const known = type === '*' ? element !== '' : elementsOf(type) !== undefined && hasElement(type, element)
    if (!known)
      throw badParameter('_elements', 'An element of _elements is none of its resource type; only root elements are taken.')
    byType[type] = [...(byType[type] ?? []), element]
  }
  return byType
}

function hasElement(type: string, name: string): boolean {
  const elements = elementsOf(type)
  return elements?.has(name) === true || [...(elements?.values() ?? [])].some(({ choiceOf }) => choiceOf === name)
}

/** Which root elements of a type stay: the listed ones, the mandatory ones, id, meta. Undefined: all. */
export function keptElements(type: string, elements: Elements | undefined): ReadonlySet<string> | undefined {
  const wanted = [...(elements?.['*'] ?? []), ...(elements?.[type] ?? [])]
  if (elements === undefined || wanted.length === 0) return undefined
  const kept = new Set(['resourceType', 'id', 'meta'])
  for (const { name, min, choiceOf } of elementsOf(type)?.values() ?? []) {
    if (min > 0 || wanted.includes(name) || (choiceOf !== undefined && wanted.includes(choiceOf))) kept.add(name)
  }
  return kept
}

const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }

/** A resource with some of its root elements and the tag SUBSETTED; what stays keeps its text, digits of decimals included. */
export function subset(raw: string, kept: ReadonlySet<string>): string {
  const parts: string[] = []
  let meta: { tag?: unknown } = {}
  for (const { key, value } of rootMembers(raw)) {
    if (key === 'meta') meta = JSON.parse(value) as { tag?: unknown }
    else if (kept.has(key.replace(/^_/, ''))) parts.push(`${JSON.stringify(key)}:${value}`)
  }
  const tag = [...(Array.isArray(meta.tag) ? (meta.tag as unknown[]) : []), subsetted]
  const at = parts.findIndex((part) => part.startsWith('"id":')) + 1
  parts.splice(at === 0 ? 1 : at, 0, `"meta":${JSON.stringify({ ...meta, tag })}`)
  return `{${parts.join(',')}}`
}

/** The members of a JSON object with the text of their values; the text is known to be valid JSON. */
export function* rootMembers(text: string): Generator<{ readonly key: string; readonly value: string }> {
  let at = text.indexOf('{') + 1
  for (;;) {
    at = skip(text, at, /[\s,]/)
    if (text[at] !== '"') return
    const keyEnd = stringEnd(text, at)
    const key = JSON.parse(text.slice(at, keyEnd)) as string
    const start = skip(text, keyEnd, /[\s:]/)
    const end = valueEnd(text, start)
    yield { key, value: text.slice(start, end) }
    at = end
  }
}

function skip(text: string, from: number, what: RegExp): number {
  let at = from
  while (at < text.length && what.test(text[at] ?? '')) at++
  return at
}

function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text[at - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return at + 1
  }
  return text.length
}

function valueEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '"') {
      at = stringEnd(text, at) - 1
      if (depth === 0) return at + 1
    } else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (char === ',' && depth === 0) return at
  }
  return text.length
}
