import type { ChronicKey } from './chronic.ts'
import type { DrugKey } from './drugs.ts'
import type { PanelKey } from './labs.ts'
import type { ProcedureKey } from './procedures.ts'

/** Something that comes and goes. */
export interface AcuteCondition {
  readonly key: string
  readonly snomed: string
  readonly icd10: string
  readonly display: string
  /** Episodes per person and year, by age: `[age, rate]`, ascending. */
  readonly rate: readonly (readonly [number, number])[]
  /** Relative frequency of the twelve months, January first. */
  readonly season: readonly number[]
  readonly female?: number
  readonly risk?: Readonly<Partial<Record<ChronicKey | 'smoker', number>>>
  /** Only people with this condition. */
  readonly needs?: ChronicKey
  /** Where it is treated: office, urgent care, emergency department, ward; shares. */
  readonly care: readonly [office: number, urgent: number, emergency: number, inpatient: number]
  /** Days until it is over. */
  readonly lasts: number
  /** Median nights in hospital where admitted. */
  readonly nights?: number
  readonly drugs?: readonly { readonly chance: number; readonly oneOf: readonly DrugKey[] }[]
  readonly procedures?: readonly { readonly chance: number; readonly procedure: ProcedureKey }[]
  readonly panels?: readonly PanelKey[]
  readonly fever?: number
  readonly saturation?: number
  /** Rapid test: LOINC, display, chance of being done. */
  readonly test?: readonly [loinc: string, display: string, chance: number]
  /** Chance of dying of it when admitted. */
  readonly lethality?: number
}

/** Relative frequency of the twelve months, January first. */
export const seasons: Readonly<Record<'winter' | 'flu' | 'summer' | 'level', readonly number[]>> = {
  winter: [2.1, 1.9, 1.4, 0.9, 0.6, 0.4, 0.3, 0.4, 0.7, 1, 1.2, 1.6],
  flu: [3, 2.6, 1.3, 0.4, 0.1, 0.03, 0.02, 0.02, 0.1, 0.4, 1.1, 2.9],
  summer: [0.5, 0.5, 0.8, 1, 1.3, 1.5, 1.6, 1.5, 1.2, 0.9, 0.6, 0.5],
  level: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
}
