import { join } from 'node:path'
import type { FhirVersion } from '@floe/views/fhir'
import { LakeError } from '../errors.ts'
import { type Catalog, openCatalog } from '../iceberg/catalog.ts'
import { enterRelease, recordRelease } from './release.ts'

/**
 * Property of the namespace `floe`: which readers a lake needs. A lake without it has the first format. The second may hold
 * states of bronze in lines (`BronzeState.format`); it is noted when the first of these is to be written.
 */
const formatKey = 'floe.format'
const knownFormat = 2

/** Notes that only versions that know this format can read the lake from now on. */
export function requireFormat(catalog: Catalog, format: 1 | 2): void {
  if (Number(catalog.property('floe', formatKey) ?? 1) < format) catalog.setProperty('floe', formatKey, String(format))
}

/**
 * Opens the catalog of a lake that this version understands, and switches the process to the lake's release of FHIR;
 * `leaveRelease` ends that.
 *
 * A lake that a later version has changed beyond what this one knows is refused before anything is read.
 */
export function openLakeCatalog(dir: string, { create = false, fhirVersion }: OpenOptions = {}): Catalog {
  const catalog = openCatalog({ file: join(dir, 'catalog.db'), create })
  try {
    const format = catalog.property('floe', formatKey)
    if (format !== undefined && !(Number(format) <= knownFormat))
      throw new LakeError('lake-newer', 'This lake was written by a later version of floe.', {
        hint: 'Use that version, or a later one.',
      })
    enterRelease(recordRelease(catalog, fhirVersion))
    return catalog
  } catch (error) {
    catalog.close()
    throw error
  }
}

interface OpenOptions {
  readonly create?: boolean
  readonly fhirVersion?: FhirVersion | undefined
}
