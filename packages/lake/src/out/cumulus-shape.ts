import { elementsOf } from '@floe/views/fhir'
import type { Shape, StructShape } from '../iceberg/shape.ts'

/** The tables that Cumulus Library loads itself, and MedicationDispense, which it asks for since 6.3. */
export const cumulusTypes: readonly string[] = [
  'AllergyIntolerance',
  'Condition',
  'Device',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'Immunization',
  'Location',
  'Medication',
  'MedicationDispense',
  'MedicationRequest',
  'Observation',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'ServiceRequest',
  'Specimen',
]

const coding: Shape = struct('id system version code display', { userSelected: 'boolean' })
const concept: Shape = { struct: { id: 'string', coding: { list: coding }, text: 'string' } }

/** Types that are given whole wherever they stand: the Library takes a Coding without `userSelected` for no data. */
const whole: Readonly<Record<string, Shape>> = {
  Coding: coding,
  CodeableConcept: concept,
  Period: struct('id start end'),
  Reference: struct('id reference type display'),
}

const maskedData: Shape = { struct: { extension: { list: struct('url valueCode') } } }
const attachment: Shape = { struct: { ...fields('contentType data url'), _data: maskedData } }
const patientExtension: Shape = {
  list: { struct: { url: 'string', extension: { list: { struct: { ...fields('url valueString'), valueCoding: coding } } } } },
}
const containedMedication: Shape = { list: { struct: { ...fields('id resourceType'), code: concept } } }

/** Nested places that the `core` study asks for, also where no resource has them (reference: cumulus §2). */
const asked: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  Patient: { extension: patientExtension },
  MedicationRequest: { contained: containedMedication },
  DocumentReference: { content: { list: { struct: { attachment, format: coding } } } },
  DiagnosticReport: { presentedForm: { list: attachment } },
}

function fields(names: string): Record<string, Shape> {
  return Object.fromEntries(names.split(' ').map((name) => [name, 'string']))
}

function struct(names: string, more: Readonly<Record<string, Shape>> = {}): StructShape {
  return { struct: { ...fields(names), ...more } }
}

/**
 * The columns of one type as Cumulus ETL makes them: every element of R4 is there, one level of primitives below it, deeper what
 * occurs. Dates are text, and no column is left out because it is empty: either makes the Library fail.
 */
export function cumulusShape(type: string, occurs: StructShape): StructShape {
  const columns: Record<string, Shape> = { resourceType: 'string' }
  for (const [name, element] of elementsOf(type) ?? []) {
    const one = element.kind === 'primitive' ? primitive(element.primitive ?? '') : opened(element.type)
    if (one !== undefined) columns[name] = element.list ? { list: one } : one
  }
  const known = Object.fromEntries(Object.entries(occurs.struct).filter(([name]) => isElement(type, name)))
  const both = union(union({ struct: columns }, { struct: asked[type] ?? {} }), { struct: known }, type)
  return both as StructShape
}

/** Control columns are not of FHIR; `_birthDate` is. */
function isElement(type: string, name: string): boolean {
  const elements = elementsOf(type)
  return elements?.has(name) === true || (name.startsWith('_') && elements?.has(name.slice(1)) === true)
}

function primitive(name: string): Shape {
  if (name === 'boolean') return 'boolean'
  if (name === 'decimal') return 'double'
  return /^(integer|positiveInt|unsignedInt)$/.test(name) ? 'int' : 'string'
}

/** A complex type with its primitives; undefined where nothing below it is known. */
function opened(type: string): Shape | undefined {
  const known = whole[type]
  if (known !== undefined) return known
  const entries = [...(elementsOf(type) ?? [])].filter(([, element]) => element.kind === 'primitive')
  if (entries.length === 0) return undefined
  return {
    struct: Object.fromEntries(
      entries.map(([name, element]) => {
        const one = primitive(element.primitive ?? '')
        return [name, element.list ? { list: one } : one]
      }),
    ),
  }
}

/** Both shapes together; with `type`, what occurs of the types that are given whole is completed on the way. */
function union(a: Shape | undefined, b: Shape, type?: string): Shape {
  if (typeof b === 'string') return a === undefined || typeof a !== 'string' ? (a ?? textual(b)) : a
  if ('list' in b) return a === undefined || (typeof a !== 'string' && 'list' in a) ? { list: union(a?.list, b.list, type) } : a
  if (a !== undefined && (typeof a === 'string' || !('struct' in a))) return a
  const base = a ?? (type === undefined ? undefined : (whole[type] as StructShape | undefined))
  const merged: Record<string, Shape> = { ...base?.struct }
  for (const [name, inner] of Object.entries(b.struct)) {
    const element = type === undefined ? undefined : elementsOf(type)?.get(name)
    const isReference = type === 'Reference' && name === 'identifier'
    if (!isReference) merged[name] = union(merged[name] ?? completed(element?.type, inner), inner, element?.type)
  }
  return { struct: merged }
}

/** The whole of a type that occurs, as a list where it occurs as a list. */
function completed(type: string | undefined, occurs: Shape): Shape | undefined {
  const known = type === undefined ? undefined : whole[type]
  if (known === undefined || typeof occurs === 'string') return undefined
  return 'list' in occurs ? { list: known } : known
}

/** Instants of a table that another program made are text in the Library. */
function textual(shape: string): Shape {
  return shape === 'timestamptz' || shape === 'date' ? 'string' : shape === 'long' ? 'int' : shape
}
