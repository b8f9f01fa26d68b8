import * as r4 from './generated/r4.ts'
import * as r4b from './generated/r4b.ts'
import * as r5 from './generated/r5.ts'

/** One element of an R4 type, under the name that it has in JSON. */
export interface ElementDef {
  readonly name: string
  /**
   * A FHIR type (`HumanName`, `code`), the path of a backbone (`Patient.contact`), or `Resource` for `contained` and the like.
   */
  readonly type: string
  readonly list: boolean
  readonly kind: 'primitive' | 'complex' | 'resource'
  /** The name of the primitive type, when `kind` is `primitive`. */
  readonly primitive?: string
  /** The name of the choice (`value`) that this element (`valueQuantity`) is one form of; `min` is then that of the choice. */
  readonly choiceOf?: string
  readonly min: number
}

export type FhirVersion = 'R4' | 'R4B' | 'R5'

/** The releases of FHIR that are known, with what each calls itself in `fhirVersion`. */
export const fhirVersions: Readonly<Record<FhirVersion, string>> = {
  R4: r4.fhirVersion,
  R4B: r4b.fhirVersion,
  R5: r5.fhirVersion,
}

interface Definitions {
  readonly version: FhirVersion
  readonly primitiveBases: ReadonlyMap<string, string>
  readonly lines: ReadonlyMap<string, string>
  readonly patients: ReadonlyMap<string, readonly string[]>
  readonly parsed: Map<string, ReadonlyMap<string, ElementDef>>
  readonly choices: Map<string, ReadonlyMap<string, readonly ElementDef[]>>
}

const texts = { R4: r4, R4B: r4b, R5: r5 }
const known = new Map<FhirVersion, Definitions>()

function definitionsOf(version: FhirVersion): Definitions {
  const found = known.get(version)
  if (found !== undefined) return found
  const { primitives, types, patientPaths } = texts[version]
  const split = (text: string): string[] => text.trim().split('\n')
  const made: Definitions = {
    version,
    primitiveBases: new Map(primitives.split(' ').map((pair) => pair.split(':') as [string, string])),
    lines: new Map(split(types).map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 2)])),
    patients: new Map(
      split(patientPaths)
        .map((line) => line.split(' '))
        .map(([type = '', ...paths]) => [type, paths]),
    ),
    parsed: new Map(),
    choices: new Map(),
  }
  known.set(version, made)
  return made
}

let current = definitionsOf('R4')
const currentTypes = new Set(r4.resources.split(' '))

/** The resource types of the release in use (R4 unless told otherwise); `Resource` and `DomainResource` are not among them. */
export const resourceTypes: ReadonlySet<string> = currentTypes

/** The release in use. */
export function fhirVersion(): FhirVersion {
  return current.version
}

/**
 * Makes everything here, the compiler and the evaluator speak of another release, in this thread: one process works on data of
 * one release. What was derived from the definitions before (a table of names, a scanner) is the caller's to make anew.
 */
export function useFhirVersion(version: FhirVersion): void {
  if (current.version === version) return
  current = definitionsOf(version)
  currentTypes.clear()
  for (const type of texts[version].resources.split(' ')) currentTypes.add(type)
}

const quantityKinds: ReadonlySet<string> = new Set(['Age', 'Count', 'Distance', 'Duration'])

const element = 'id?string extension*Extension'
const resource = 'id?id meta?Meta implicitRules?uri language?code'
const inherited: Readonly<Record<string, string>> = {
  Element: element,
  BackboneElement: `${element} modifierExtension*Extension`,
  Resource: resource,
  DomainResource: `${resource} text?Narrative contained*Resource extension*Extension modifierExtension*Extension`,
}

/**
 * The elements of a type by their JSON names, in the order of the definition, choices expanded (`valueQuantity`, `valueString`).
 * `typeName` is `Patient`, `HumanName`, a backbone path (`Patient.contact`), or an abstract type; anything else gives
 * `undefined`. The sibling `_birthDate` of a primitive is not listed: it exists for every primitive, with the elements of
 * `Element` (for a list, a list with `null` where an item has none).
 */
export function elementsOf(typeName: string): ReadonlyMap<string, ElementDef> | undefined {
  const { parsed } = current
  const found = parsed.get(typeName)
  if (found) return found
  const text = inherited[typeName] ?? definitionOf(typeName)
  if (text === undefined) return undefined
  const elements = new Map(text.split(' ').flatMap((token) => elementsIn(token, typeName).map((it) => [it.name, it])))
  parsed.set(typeName, elements)
  return elements
}

function definitionOf(typeName: string): string | undefined {
  const line = current.lines.get(typeName)
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
  if (current.primitiveBases.has(type)) return { type, kind: 'primitive', primitive: type }
  return { type, kind: type === 'Resource' ? 'resource' : 'complex' }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/**
 * The forms of a choice element: `choiceOf('Observation', 'value')` gives `valueQuantity`, `valueString` …; empty when it is
 * none.
 */
export function choiceOf(typeName: string, name: string): readonly ElementDef[] {
  const { choices } = current
  let found = choices.get(typeName)
  if (!found) {
    found = Map.groupBy(
      [...(elementsOf(typeName)?.values() ?? [])].filter((it) => it.choiceOf),
      (it) => it.choiceOf ?? '',
    )
    choices.set(typeName, found)
  }
  return found.get(name) ?? []
}

/** Whether the name is that of an R4 primitive type (`code`, `dateTime`). */
export const isPrimitive = (type: string): boolean => current.primitiveBases.has(type)

/** Whether `type` is `of` or one of its specialisations (`code` is a `string`, `Age` is a `Quantity`). */
export function isSubtype(type: string, of: string): boolean {
  if (type === of) return true
  if (of === 'Resource') return resourceTypes.has(type)
  if (quantityKinds.has(type)) return of === 'Quantity'
  const base = current.primitiveBases.get(type)
  return base !== undefined && base !== 'Element' && isSubtype(base, of)
}

/** Whether the name is that of any R4 type: resource, data type, primitive, or backbone path. */
export const isType = (name: string): boolean => current.primitiveBases.has(name) || name in inherited || current.lines.has(name)

/**
 * Where a resource refers to its patient, best first: the elements of the search parameters `patient` and `subject`, then those
 * by which the R4 patient compartment takes it in. Paths may pass through lists (`participant.actor`), and the reference found
 * may be to another type. Empty for Patient itself and for types outside of the compartment.
 */
export function patientElements(resourceType: string): readonly string[] {
  return current.patients.get(resourceType) ?? []
}
