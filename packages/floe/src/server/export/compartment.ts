import { patientElements } from '@floe/views/fhir'
import { rootMembers } from './elements.ts'

/** Types that name several patients: none of them is the resource's. */
const ofNobody = new Set(['Group', 'Person'])
/** Types outside of every compartment that may tell of patients all the same. */
const aboutPatients = new Set([
  ...ofNobody,
  'Binary',
  'Bundle',
  'Parameters',
  'AuditEvent',
  'Provenance',
  'Linkage',
  'MessageHeader',
])

/** Whether resources of the type belong to a patient. */
export function inCompartment(type: string): boolean {
  return type === 'Patient' || (!ofNobody.has(type) && patientElements(type).length > 0)
}

/** Whether resources of the type are about no patient at all: neither in a compartment, nor a list of patients, nor a log. */
export function isOfNobody(type: string): boolean {
  return !inCompartment(type) && !aboutPatients.has(type)
}

/**
 * The id of the patient that a resource belongs to, read from its text as the lake reads it on loading: of the first element in
 * the order of `patientElements` that refers to one. Undefined where none does.
 */
export function patientOf(type: string, text: string): string | undefined {
  if (!inCompartment(type)) return undefined
  const paths = type === 'Patient' ? ['id'] : patientElements(type)
  const wanted = new Set(paths.map((path) => path.split('.')[0] ?? ''))
  const found = new Map<string, unknown>()
  for (const { key, value } of rootMembers(text)) {
    if (!wanted.has(key)) continue
    found.set(key, JSON.parse(value))
    if (found.size === wanted.size) break
  }
  if (type === 'Patient') return typeof found.get('id') === 'string' ? (found.get('id') as string) : undefined
  for (const path of paths) {
    const [first = '', ...rest] = path.split('.')
    const id = patientAt(found.get(first), rest.at(-1) === 'reference' ? rest.slice(0, -1) : rest)
    if (id !== undefined) return id
  }
  return undefined
}

/** The first reference to a patient at a path, through lists. */
function patientAt(value: unknown, path: readonly string[]): string | undefined {
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      const id = patientAt(item, path)
      if (id !== undefined) return id
    }
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const [name, ...rest] = path
  if (name !== undefined) return patientAt((value as Readonly<Record<string, unknown>>)[name], rest)
  const { reference } = value as { readonly reference?: unknown }
  return typeof reference === 'string' ? patientId(reference) : undefined
}

/** Relative, absolute, with a version or without. */
function patientId(reference: string): string | undefined {
  const [, id] = /^Patient\/([^/?]+)$/.exec(reference) ?? absolute.exec(reference) ?? []
  return id
}

const absolute = /(?:^|\/)Patient\/([^\t\n\f\r "<>\\/?#]{1,64})(?:\/_history\/[^\t\n\f\r /?#]{1,64})?$/
