import type { Rule } from './rule.ts'

const loinc = 'http://loinc.org'

/** US Core's mandatory elements (min 1, and those that its profiles add); reference: omop-deid-quality §4.1. */
const mandatory: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'code patient',
  CarePlan: 'status intent category subject',
  CareTeam: 'subject participant',
  Condition: 'category code subject',
  DiagnosticReport: 'status category code subject',
  DocumentReference: 'status type category subject content',
  Encounter: 'status class type subject',
  Goal: 'lifecycleStatus description subject',
  Immunization: 'status vaccineCode patient occurrence',
  Location: 'name',
  MedicationRequest: 'status intent medication subject requester',
  Observation: 'status category code subject',
  Organization: 'active name',
  Patient: 'identifier name gender',
  Practitioner: 'identifier name',
  Procedure: 'status code subject',
}

/** Elements that should carry a code with its system. */
const coded: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'code',
  Condition: 'code',
  DiagnosticReport: 'code',
  Immunization: 'vaccineCode',
  Medication: 'code',
  MedicationRequest: 'medication.ofType(CodeableConcept)',
  Observation: 'code',
  Procedure: 'code',
}

/** References that should lead to a resource in the lake. */
const edges: readonly (readonly [string, string, string])[] = [
  ['AllergyIntolerance', 'patient', 'Patient'],
  ['Condition', 'subject', 'Patient'],
  ['Condition', 'encounter', 'Encounter'],
  ['DiagnosticReport', 'subject', 'Patient'],
  ['DiagnosticReport', 'encounter', 'Encounter'],
  ['DiagnosticReport', 'result', 'Observation'],
  ['DocumentReference', 'subject', 'Patient'],
  ['Encounter', 'subject', 'Patient'],
  ['Encounter', 'serviceProvider', 'Organization'],
  ['Immunization', 'patient', 'Patient'],
  ['Immunization', 'encounter', 'Encounter'],
  ['MedicationRequest', 'subject', 'Patient'],
  ['MedicationRequest', 'encounter', 'Encounter'],
  ['MedicationRequest', 'medication.ofType(Reference)', 'Medication'],
  ['Observation', 'subject', 'Patient'],
  ['Observation', 'encounter', 'Encounter'],
  ['Procedure', 'subject', 'Patient'],
  ['Procedure', 'encounter', 'Encounter'],
]

/** Beginnings that come before their ends. */
const orders: readonly (readonly [string, string, string, string])[] = [
  ['Encounter', 'period', 'period.start', 'period.end'],
  ['Condition', 'onset', 'onset.ofType(dateTime)', 'abatement.ofType(dateTime)'],
  ['Observation', 'effective', 'effective.ofType(Period).start', 'effective.ofType(Period).end'],
  ['Procedure', 'performed', 'performed.ofType(Period).start', 'performed.ofType(Period).end'],
  ['Patient', 'birth', 'birthDate', 'deceased.ofType(dateTime)'],
]

/** Dates of what has happened: they lie before the resource was loaded. What is only planned is left out. */
const past: readonly (readonly [string, string, string?])[] = [
  ['AllergyIntolerance', 'onset.ofType(dateTime) recordedDate'],
  ['Condition', 'onset.ofType(dateTime) recordedDate'],
  ['DiagnosticReport', 'effective.ofType(dateTime) effective.ofType(Period).start issued'],
  ['DocumentReference', 'date'],
  ['Encounter', 'period.start', "status = 'planned'"],
  ['Immunization', 'occurrence.ofType(dateTime)', "status = 'not-done'"],
  ['MedicationRequest', 'authoredOn'],
  ['Observation', 'effective.ofType(dateTime) effective.ofType(Period).start issued', "status = 'registered'"],
  ['Patient', 'birthDate deceased.ofType(dateTime)'],
  ['Procedure', 'performed.ofType(dateTime) performed.ofType(Period).start', "status = 'preparation' or status = 'not-done'"],
]

/** Values of vital signs that a living person can have: [LOINC code, what, unit, least, greatest]. */
const ranges: readonly (readonly [string, string, string, number, number])[] = [
  ['8867-4', 'heart-rate', '/min', 0, 400],
  ['9279-1', 'respiratory-rate', '/min', 0, 150],
  ['59408-5', 'oxygen-saturation', '%', 0, 100],
  ['8310-5', 'body-temperature', 'Cel', 20, 46],
  ['29463-7', 'body-weight', 'kg', 0, 700],
  ['8302-2', 'body-height', 'cm', 10, 280],
]

const low = (text: string): string => text.toLowerCase()
const plain = (path: string): string => low(path.replace(/\..*/, ''))

/** The rules that floe brings along. None of them is an `error`: what stays out of gold is the user's to say. */
export const bundledRules: readonly Rule[] = [
  ...Object.entries(mandatory).map(
    ([resource, elements]): Rule => ({
      ...{ id: `us-core-${low(resource)}`, resource, severity: 'warning' },
      expression: elements
        .split(' ')
        .map((name) => `${name}.exists()`)
        .join(' and '),
      message: `US Core: one of these is missing: ${elements.replaceAll(' ', ', ')}`,
    }),
  ),
  ...Object.entries(coded).map(
    ([resource, path]): Rule => ({
      ...{ id: `code-system-${low(resource)}`, resource, severity: 'warning' },
      expression: `${path}.empty() or ${path}.coding.where(system.exists() and code.exists()).exists()`,
      message: 'No coding has both a code and its system',
    }),
  ),
  ...edges.map(
    ([resource, path, target]): Rule => ({
      ...{ id: `reference-${low(resource)}-${plain(path)}`, resource, target, severity: 'warning' },
      expression: `${path}.getReferenceKey(${target})`,
      message: `It refers to a resource of type ${target} that is not in the lake`,
    }),
  ),
  ...orders.map(
    ([resource, name, start, end]): Rule => ({
      ...{ id: `order-${low(resource)}-${name}`, resource, severity: 'warning' },
      expression: `${start} <= ${end}`,
      message: `${start} is after ${end}`,
    }),
  ),
  ...past.map(([resource, paths, except]): Rule => {
    const all = paths.split(' ').map((path) => `(${path} <= %now)`)
    return {
      ...{ id: `future-${low(resource)}`, resource, severity: 'warning' },
      expression: `${except === undefined ? '' : `${except} or `}(${all.join(' and ')})`,
      message: `One of these lies in the future: ${paths
        .replaceAll(/\.ofType\(\w+\)/g, '')
        .split(' ')
        .filter((path, at, list) => list.indexOf(path) === at)
        .join(', ')}`,
    }
  }),
  ...ranges.map(
    ([code, name, unit, least, greatest]): Rule => ({
      ...{ id: `range-${name}`, resource: 'Observation', severity: 'warning' },
      expression: `code.coding.where(system = '${loinc}' and code = '${code}').empty() or value.ofType(Quantity).where(code = '${unit}').empty() or (value.ofType(Quantity).value >= ${least} and value.ofType(Quantity).value <= ${greatest})`,
      message: `Outside of ${least} to ${greatest} ${unit}`,
    }),
  ),
  {
    ...{ id: 'value-observation', resource: 'Observation', severity: 'information' },
    expression: 'value.exists() or dataAbsentReason.exists() or component.exists() or hasMember.exists()',
    message: 'Neither a value nor a reason for its absence',
  },
]
