import { join } from 'node:path'
import { type Deletions, readDeletions } from './deletions.ts'
import { copyOf } from './paths-of.ts'
import type { WaitingLine } from './retry-lines.ts'
import type { BronzeState } from './state-types.ts'

/** What trying refused Bundles of deletions again came to. */
export interface RetriedDeletions {
  /** All deletions of the export as they count now. */
  readonly all: Deletions
  readonly passed: readonly WaitingLine[]
  /** Accepted deletions of the lines that pass, per type. */
  readonly counts: Readonly<Record<string, number>>
  /** These as NDJSON; null where there are none. */
  readonly file: string | null
}

export interface RetryDeletionsOptions {
  readonly state: BronzeState
  readonly dir: string
  readonly waiting: readonly WaitingLine[]
  readonly maxLine: number
  /** Where to put the accepted ones. */
  readonly to: string
}

/**
 * Reads the Bundles of `deleted/` again of which a line waits; undefined where none does. A line passes when nothing in it is
 * refused any more: quarantine names its entries by the line only.
 */
export async function retryDeletions(options: RetryDeletionsOptions): Promise<RetriedDeletions | undefined> {
  const { state, dir, waiting, maxLine, to } = options
  const bundles = state.files.filter(({ kind }) => kind === 'deleted')
  const names = new Set(bundles.map(({ relative }) => relative))
  const mine = waiting.filter(({ file }) => names.has(file))
  if (mine.length === 0) return undefined
  const files = bundles.map((file) => ({ ...file, real: join(dir, copyOf(file)), compression: file.copyCompression }))
  const { exportTime } = state.identity
  const all = await readDeletions(files, { exportTime, maxLine, to: null })
  const refused = new Set(all.refused.map(keyOf))
  const passed = mine.filter((line) => !refused.has(keyOf(line)))
  if (passed.length === 0) return { all, passed, counts: {}, file: null }
  const lines = new Set(passed.map(keyOf))
  const { counts } = await readDeletions(files, {
    exportTime,
    maxLine,
    to,
    only: (file, line) => lines.has(keyOf({ file, line })),
  })
  return { all, passed, counts, file: to }
}

const keyOf = ({ file, line }: Pick<WaitingLine, 'file' | 'line'>): string => `${line} ${file}`
