import type { ViewDefinition } from '../view-definition.ts'
import { clinicalViews } from './clinical.ts'
import { encounterViews } from './encounters.ts'
import { medicationViews } from './medications.ts'
import { observationViews } from './observations.ts'
import { patientViews } from './patients.ts'

/** The views that floe brings along: ViewDefinitions of the Shareable profile over FHIR R4, without collections. */
export const bundledViews: readonly ViewDefinition[] = [
  ...patientViews,
  ...encounterViews,
  ...clinicalViews,
  ...observationViews,
  ...medicationViews,
]
