import type { BronzeExport, BronzeType } from '../bronze/types.ts'
import type { Judgement } from './completeness.ts'
import type { Ledger } from './ledger.ts'

export interface TypeCounts {
  readonly rows: number
  readonly duplicates: number
  readonly stale: number
  /** Of the stale ones: not later than their deletion. */
  readonly buried: number
}

/** One load at work: what is the same for all its types. */
export interface LoadRun {
  readonly loadId: string
  readonly bronze: BronzeExport
  readonly startedAt: Date
  readonly ledger: Ledger
  readonly asserted: string | null
  readonly excluded: readonly string[]
  /** Lines of an export that is loaded already, refused then and taken now; undefined for a load. */
  readonly retried?: RetriedRun
}

export interface RetriedRun {
  readonly lines: readonly { readonly file: string; readonly line: number }[]
  /** Encounters are among them. */
  readonly encounters: boolean
}

/** What became of one type. */
export interface TypeOutcome extends TypeCounts, Judgement {
  readonly type: BronzeType
  readonly holds: boolean
  readonly deleted: number
}

/** Temporary table with the ids of all Encounters that came. */
export const encounterIds = 'floe_encounter_ids'
/** Temporary table with the deletions that came: (type, id, deleted_at). */
export const deletionRows = 'floe_deletions'
