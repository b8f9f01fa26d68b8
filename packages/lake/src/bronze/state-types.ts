import type { LineReport } from './lines.ts'
import type { BronzeShape, Compression, ExportFile, ExportIdentity, Outcome, PlannedExport, QuarantineEntry } from './types.ts'

/** A file of a registered export. */
export interface StoredFile extends ExportFile {
  readonly sha256: string
  /** Path of the copy inside the export's bronze folder; null where it is the usual one (`copyOf`). */
  readonly copy: string | null
  readonly copyCompression: Compression
  /** Null for deletions and outcomes. Shapes are kept per type, not here. Shared by files that are alike. */
  readonly report: Omit<LineReport, 'shapes'> | null
}

/** What the plan knows and the bronze folder must not forget. */
export type StoredPlan = Pick<PlannedExport, 'typeKinds' | 'manifest' | 'incomplete'>

/** What registration found, so that the same export is known without reading it again: `floe-bronze.json`. */
export interface BronzeState {
  /**
   * How it is written. 1: one JSON document. 2: a line that says everything but the files, then a line for each file: for exports
   * of more files than fit into one text.
   */
  readonly format: 1 | 2
  readonly identity: ExportIdentity
  readonly fingerprint: string
  readonly maxLine: number
  readonly plan: StoredPlan
  readonly files: readonly StoredFile[]
  readonly shapes: Readonly<Record<string, { readonly struct: Readonly<Record<string, BronzeShape>> }>>
  readonly deletions: Readonly<Record<string, number>>
  readonly refusedDeletions: readonly QuarantineEntry[]
  readonly outcomes: readonly Outcome[]
  readonly refused: readonly string[]
  /** Since when its files are gone from bronze by policy; absent while they are there. */
  readonly dropped?: string
}
