/** Text fragments of JSON. What is built here goes into lines as it is: whoever passes free text quotes it first. */

/** A JSON string with its quotes, escaped. */
export const quote = (text: string): string => JSON.stringify(text)

export const systems = {
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  cvx: 'http://hl7.org/fhir/sid/cvx',
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  ucum: 'http://unitsofmeasure.org',
  npi: 'http://hl7.org/fhir/sid/us-npi',
  cpt: 'http://www.ama-assn.org/go/cpt',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  nucc: 'http://nucc.org/provider-taxonomy',
  mrn: 'http://hospital.example.org/mrn',
  facility: 'http://hospital.example.org/facility',
  act: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
} as const

export const terminology = (name: string): string => `http://terminology.hl7.org/CodeSystem/${name}`

export const usCore = (name: string): string => `http://hl7.org/fhir/us/core/StructureDefinition/us-core-${name}`

export function coding(system: string, code: string, display?: string): string {
  const shown = display === undefined ? '' : `,"display":${quote(display)}`
  return `{"system":"${system}","code":"${code}"${shown}}`
}

/** A CodeableConcept of codings that are JSON already. */
export function concept(codings: string, text?: string): string {
  return text === undefined ? `{"coding":[${codings}]}` : `{"coding":[${codings}],"text":${quote(text)}}`
}

/** A CodeableConcept of one coding of terminology.hl7.org. */
export const hl7 = (name: string, code: string, display?: string): string => concept(coding(terminology(name), code, display))

/** A decimal with exactly `digits` digits after the point, trailing zeros kept: `fixed(1.1, 2)` is `1.10`. */
export const fixed = (value: number, digits: number): string => (digits === 0 ? String(Math.round(value)) : value.toFixed(digits))

export function quantity(value: string, unit: string, code: string = unit): string {
  return `{"value":${value},"unit":"${unit}","system":"http://unitsofmeasure.org","code":"${code}"}`
}

export const money = (amount: number): string => `{"value":${amount.toFixed(2)},"currency":"USD"}`

export const period = (start: string, end: string | undefined): string =>
  end === undefined ? `{"start":"${start}"}` : `{"start":"${start}","end":"${end}"}`

export const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
