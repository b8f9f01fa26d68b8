import type { DrugKey } from './drugs.ts'
import type { PanelKey } from './labs.ts'
import type { ProcedureKey } from './procedures.ts'

export type ChronicKey =
  | 'obesity'
  | 'hypertension'
  | 'diabetes'
  | 'prediabetes'
  | 'hyperlipidaemia'
  | 'asthma'
  | 'copd'
  | 'ckd'
  | 'depression'
  | 'anxiety'
  | 'hypothyroidism'
  | 'osteoarthritis'
  | 'gerd'
  | 'coronary'
  | 'atrialFibrillation'
  | 'heartFailure'
  | 'rhinitis'
  | 'migraine'
  | 'osteoporosis'
  | 'adhd'
  | 'sleepApnea'

/** A condition that stays, with what it brings along. */
export interface ChronicCondition {
  readonly key: ChronicKey
  readonly snomed: string
  readonly icd10: string
  readonly display: string
  /** Share of people who have it, from an age on: `[age, share]`, ascending. */
  readonly prevalence: readonly (readonly [number, number])[]
  /** Factor for women; men get 2 less this. */
  readonly female?: number
  /** Other conditions that multiply the chance. */
  readonly risk?: Readonly<Partial<Record<ChronicKey | 'smoker', number>>>
  readonly excludes?: ChronicKey
  /** Follow-up visits a year that it asks for. */
  readonly visits: number
  readonly panels: readonly PanelKey[]
  /** One drug of each row, with the chance that the row is prescribed. */
  readonly drugs: readonly { readonly chance: number; readonly oneOf: readonly DrugKey[] }[]
  readonly procedures?: readonly { readonly chance: number; readonly procedure: ProcedureKey }[]
}
