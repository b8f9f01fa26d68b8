import type { ViewDefinition } from '../view-definition.ts'
import { administrationViews } from './administration.ts'
import { careViews } from './care.ts'
import { clinicalViews } from './clinical.ts'
import { encounterViews } from './encounters.ts'
import { financialViews } from './financial.ts'
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
  ...careViews,
  ...financialViews,
  ...administrationViews,
]
