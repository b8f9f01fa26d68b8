import { type FhirVersion, fhirVersion, fhirVersions, resourceTypes, useFhirVersion } from '@floe/views/fhir'
import { usageError } from '../errors.ts'
import type { Catalog } from '../iceberg/catalog.ts'

/** Property of the namespace `silver`: the release of FHIR that a lake holds. A lake without it holds R4. */
const releaseKey = 'floe.fhir-version'

const names = new Map<FhirVersion, ReadonlyMap<string, string>>()

/** The resource type of the release in use that reads so in lower case (`patient`), as tables are called. */
export function typeInLowerCase(name: string): string | undefined {
  const release = fhirVersion()
  const known = names.get(release) ?? new Map([...resourceTypes].map((type) => [type.toLowerCase(), type]))
  names.set(release, known)
  return known.get(name)
}

let open = 0

/** Says which release a lake holds from now on; it is fixed with the first table. */
export function recordRelease(catalog: Catalog, wanted: FhirVersion | undefined): FhirVersion {
  const recorded = catalog.property('silver', releaseKey)
  const release = isRelease(recorded) ? recorded : undefined
  if (wanted === undefined) return release ?? 'R4'
  if (release === undefined && (wanted === 'R4' || catalog.listTables('silver').length === 0)) {
    if (wanted !== 'R4') catalog.setProperty('silver', releaseKey, wanted)
    return wanted
  }
  const holds = release ?? 'R4'
  if (holds !== wanted)
    throw usageError(`This lake holds FHIR ${holds}; that is fixed when it is made.`, `Load ${wanted} into a lake of its own.`)
  return holds
}

function isRelease(text: string | undefined): text is FhirVersion {
  return text !== undefined && Object.hasOwn(fhirVersions, text)
}

/** From now on this process works on lakes of this release, until as many `leaveRelease` followed. */
export function enterRelease(release: FhirVersion): void {
  if (open > 0 && fhirVersion() !== release)
    throw usageError(`A lake of FHIR ${fhirVersion()} is open in this process; one of ${release} needs a process of its own.`)
  useFhirVersion(release)
  open++
}

export function leaveRelease(): void {
  open--
  if (open === 0) useFhirVersion('R4')
}
