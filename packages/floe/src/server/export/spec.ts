import type { Pin, Selection, TypeFilter } from '@floe/lake'
import type { JobAccess } from '../access.ts'

/** Everything that an export job needs to go on: kept with the job as JSON. */
export interface ExportSpec {
  readonly access: JobAccess
  readonly pin: Pin
  readonly selection: Selection
  readonly types: readonly string[]
  /** Of these the ones that are taken whole, whatever the level: they belong to no patient. */
  readonly shared?: readonly string[]
  /** By type, or `*`: the elements to keep. */
  readonly elements?: Readonly<Record<string, readonly string[]>>
  /** NDJSON where it does not stand here. */
  readonly format?: 'parquet'
  /** Files by patient, not by type. */
  readonly organizedBy?: 'Patient'
  /** Parameters that were not followed, for the outcome file. */
  readonly ignored: readonly string[]
}

/** What an export takes of a type. */
export function selectionOf({ selection, shared = [] }: Pick<ExportSpec, 'selection' | 'shared'>, type: string): Selection {
  return shared.includes(type) ? { ...selection, level: { kind: 'system' } } : selection
}

/** A part of an export: rows of a type, deletions, or what was ignored. */
export type ExportUnit =
  | { readonly kind: 'rows'; readonly type: string; readonly files: readonly string[]; readonly rows: number }
  | { readonly kind: 'organized' }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'ignored' }

export type { Pin, Selection, TypeFilter }
