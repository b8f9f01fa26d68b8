import { patientPaths, primitives, resources, types } from './generated/r4.ts'

/** One element of an R4 type, under the name that it has in JSON. */
export interface ElementDef {
  readonly name: string
  /** A FHIR type (`HumanName`, `code`), the path of a backbone (`Patient.contact`), or `Resource` for `contained` and the like. */
  readonly type: string
  readonly list: boolean
  readonly kind: 'primitive' | 'complex' | 'resource'
  /** The name of the primitive type, when `kind` is `primitive`. */
  readonly primitive?: string
  /** The name of the choice (`value`) that this element (`valueQuantity`) is one form of; `min` is then that of the choice. */
  readonly choiceOf?: string
  readonly min: number
}

/** The resource types of R4 (4.0.1); `Resource` and `DomainResource` are not among them. */
export const resourceTypes: ReadonlySet<string> = new Set(resources.split(' '))

const primitiveBases: ReadonlyMap<string, string> = new Map(
  primitives.split(' ').map((pair) => pair.split(':') as [string, string]),
)
const quantityKinds: ReadonlySet<string> = new Set(['Age', 'Count', 'Distance', 'Duration'])

const element = 'id?string extension*Extension'
const resource = 'id?id meta?Meta implicitRules?uri language?code'
const inherited: Readonly<Record<string, string>> = {
  Element: element,
  BackboneElement: `${element} modifierExtension*Extension`,
  Resource: resource,
  DomainResource: `${resource} text?Narrative contained*Resource extension*Extension modifierExtension*Extension`,
}

const lines: ReadonlyMap<string, string> = new Map(
  types
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 2)]),
)
const parsed = new Map<string, ReadonlyMap<string, ElementDef>>()

/**
 * The elements of a type by their JSON names, in the order of the definition, choices expanded (`valueQuantity`, `valueString`).
 * `typeName` is `Patient`, `HumanName`, a backbone path (`Patient.contact`), or an abstract type; anything else gives `undefined`.
 * The sibling `_birthDate` of a primitive is not listed: it exists for every primitive, with the elements of `Element`
 * (for a list, a list with `null` where an item has none).
 */
export function elementsOf(typeName: string): ReadonlyMap<string, ElementDef> | undefined {
  const known = parsed.get(typeName)
  if (known) return known
  const text = inherited[typeName] ?? definitionOf(typeName)
  if (text === undefined) return undefined
  const elements = new Map(text.split(' ').flatMap((token) => elementsIn(token, typeName).map((it) => [it.name, it])))
  parsed.set(typeName, elements)
  return elements
}

function definitionOf(typeName: string): string | undefined {
  const line = lines.get(typeName)
  if (line === undefined) return undefined
  const [base = '', ...own] = line.split(' ')
  return [inherited[base], ...own].join(' ')
}

function elementsIn(token: string, owner: string): ElementDef[] {
  const match = /^(\w+)(\[x\])?([?!*+])(.*)$/.exec(token)
  if (!match) return []
  const [, name = '', choice, mark = '', type = ''] = match
  const shared = { list: mark === '*' || mark === '+', min: mark === '!' || mark === '+' ? 1 : 0 }
  if (!choice) return [{ name, ...typed(type === '@' ? `${owner}.${name}` : type), ...shared }]
  return type.split('|').map((one) => ({ name: name + capital(one), ...typed(one), choiceOf: name, ...shared }))
}

function typed(type: string): Pick<ElementDef, 'type' | 'kind' | 'primitive'> {
  if (primitiveBases.has(type)) return { type, kind: 'primitive', primitive: type }
  return { type, kind: type === 'Resource' ? 'resource' : 'complex' }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const choices = new Map<string, ReadonlyMap<string, readonly ElementDef[]>>()

/** The forms of a choice element: `choiceOf('Observation', 'value')` gives `valueQuantity`, `valueString` …; empty when it is none. */
export function choiceOf(typeName: string, name: string): readonly ElementDef[] {
  let known = choices.get(typeName)
  if (!known) {
    known = Map.groupBy(
      [...(elementsOf(typeName)?.values() ?? [])].filter((it) => it.choiceOf),
      (it) => it.choiceOf ?? '',
    )
    choices.set(typeName, known)
  }
  return known.get(name) ?? []
}

/** Whether the name is that of an R4 primitive type (`code`, `dateTime`). */
export const isPrimitive = (type: string): boolean => primitiveBases.has(type)

/** Whether `type` is `of` or one of its specialisations (`code` is a `string`, `Age` is a `Quantity`). */
export function isSubtype(type: string, of: string): boolean {
  if (type === of) return true
  if (of === 'Resource') return resourceTypes.has(type)
  if (quantityKinds.has(type)) return of === 'Quantity'
  const base = primitiveBases.get(type)
  return base !== undefined && base !== 'Element' && isSubtype(base, of)
}

/** Whether the name is that of any R4 type: resource, data type, primitive, or backbone path. */
export const isType = (name: string): boolean => primitiveBases.has(name) || name in inherited || lines.has(name)

const patients: ReadonlyMap<string, readonly string[]> = new Map(
  patientPaths
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([type = '', ...paths]) => [type, paths]),
)

/**
 * Where a resource refers to its patient, best first: the elements of the search parameters `patient` and `subject`, then those by which the
 * R4 patient compartment takes it in. Paths may pass through lists (`participant.actor`), and the reference found may be to another type.
 * Empty for Patient itself and for types outside of the compartment.
 */
export function patientElements(resourceType: string): readonly string[] {
  return patients.get(resourceType) ?? []
}
