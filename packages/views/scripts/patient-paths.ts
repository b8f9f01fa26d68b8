import type { CompartmentDefinition, SearchParameter } from './definitions.ts'

/**
 * `Type path path…`: where a resource refers to its patient; the search parameters patient and subject before the other
 * compartment ones.
 */
export function patientPaths(
  resources: readonly string[],
  compartment: CompartmentDefinition,
  parameters: readonly SearchParameter[],
): string[] {
  const compartmentParams = new Map(compartment.resource.map(({ code, param }) => [code, param ?? []]))
  return resources
    .filter((type) => type !== 'Patient')
    .map((type) => [type, ...pathsOf(type, ['patient', 'subject', ...(compartmentParams.get(type) ?? [])], parameters)].join(' '))
    .filter((line) => line.includes(' '))
}

const NO_PATIENT = /^(MedicinalProduct|Device(Metric|Definition)|ResearchStudy)/

function pathsOf(type: string, codes: readonly string[], parameters: readonly SearchParameter[]): string[] {
  if (NO_PATIENT.test(type)) return []
  const paths = codes.flatMap((code) =>
    parameters
      .filter((it) => it.code === code && it.base?.includes(type))
      .flatMap(({ expression }) => (expression ?? '').split('|'))
      .map((part) =>
        part
          .trim()
          .replace(/^\((.*)\)$/, '$1')
          .replace(/\.where\(.*\)$| as \w+$/g, ''),
      )
      .filter((part) => part.startsWith(`${type}.`))
      .map((part) => part.slice(type.length + 1)),
  )
  return [...new Set(paths)]
}
