import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openCopy, syncFolder } from './copy.ts'
import type { LineReport } from './lines.ts'
import type { BronzeShape, Compression, ExportFile, ExportIdentity, Outcome, PlannedExport, QuarantineEntry } from './types.ts'

/** A file of a registered export. */
export interface StoredFile extends ExportFile {
  readonly sha256: string
  /** Path of the copy inside the export's bronze folder. */
  readonly copy: string
  readonly copyCompression: Compression
  /** Null for deletions and outcomes. Shapes are kept per type, not here. */
  readonly report: Omit<LineReport, 'shapes'> | null
}

/** What the plan knows and the bronze folder must not forget. */
export type StoredPlan = Pick<PlannedExport, 'typeKinds' | 'manifest' | 'incomplete'>

/** `floe-bronze.json`: what registration found, so that the same export is known without reading it again. */
export interface BronzeState {
  readonly format: 1
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

const stateName = 'floe-bronze.json'

/** The state of a bronze folder; undefined where there is none that can be read: the export is then registered anew. */
export async function readBronzeState(dir: string): Promise<BronzeState | undefined> {
  try {
    const state = JSON.parse(await readFile(join(dir, stateName), 'utf8')) as BronzeState
    return state.format === 1 ? state : undefined
  } catch {
    return undefined
  }
}

/** Replaces the state at once, after all else. The commit point of a registration: files without a state are written again. */
export async function writeBronzeState(dir: string, state: BronzeState): Promise<void> {
  const folders = new Set(state.files.map((it) => dirname(join(dir, it.copy))))
  for (const folder of folders) await syncFolder(folder)
  const copy = await openCopy(join(dir, stateName), 'none')
  try {
    await copy.write(Buffer.from(`${JSON.stringify(state)}\n`))
    await copy.finish()
    await syncFolder(dir)
  } catch (error) {
    await copy.abort()
    throw error
  }
}

/** Both shapes together, with the order of the first; what is new stands behind its neighbour in the second. */
export function mergeShapes(a: BronzeShape | undefined, b: BronzeShape): BronzeShape {
  if (a === undefined || a === b) return b
  if (typeof a === 'string' || typeof b === 'string') return a === 'long' || b === 'long' ? 'long' : a
  if ('list' in a) return 'list' in b ? { list: mergeShapes(a.list, b.list) } : a
  return 'struct' in b ? mergeStructs(a, b) : a
}

type Struct = { readonly struct: Readonly<Record<string, BronzeShape>> }

/** `mergeShapes` of two structs. */
export function mergeStructs(a: Struct, b: Struct): Struct {
  const names = Object.keys(a.struct)
  let at = 0
  for (const name of Object.keys(b.struct)) {
    const known = names.indexOf(name)
    if (known < 0) names.splice(at, 0, name)
    at = (known < 0 ? at : known) + 1
  }
  const merged: Record<string, BronzeShape> = {}
  for (const name of names) {
    const other = b.struct[name]
    merged[name] = other === undefined ? (a.struct[name] as BronzeShape) : mergeShapes(a.struct[name], other)
  }
  return { struct: merged }
}
