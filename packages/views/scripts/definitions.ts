/** The parts of StructureDefinition and SearchParameter that the generator reads. */
export interface ElementDefinition {
  path: string
  min: number
  max: string
  type?: { code: string; targetProfile?: string[]; extension?: { url: string; valueUrl?: string; valueUri?: string }[] }[]
  contentReference?: string
}

export interface StructureDefinition {
  resourceType: string
  name: string
  kind: string
  abstract: boolean
  derivation?: string
  fhirVersion: string
  baseDefinition?: string
  snapshot: { element: ElementDefinition[] }
}

export interface SearchParameter {
  resourceType: string
  code: string
  base?: string[]
  expression?: string
}

export interface CompartmentDefinition {
  resource: { code: string; param?: string[] }[]
}

/** The resources of one type in a FHIR Bundle. */
export function bundleOf<T extends { resourceType: string }>(bundle: unknown, resourceType: string): T[] {
  const { entry } = bundle as { entry: { resource: T }[] }
  return entry.map(({ resource }) => resource).filter((resource) => resource.resourceType === resourceType)
}
