import type { Compression, ItemType } from '../types.ts'

/** The fixed names of an export folder. */
export const folderNames = {
  state: 'floe-export.json',
  log: 'log.ndjson',
  manifest: 'manifest.json',
  lock: '.floe-export.lock',
  /** The members of a Group whose history is at hand; hidden, because it is no data to load. */
  members: '.group-members',
  /** Notes and other attachments as files. */
  attachments: 'attachments',
} as const

/** What a file is called while it is being written. */
export const partSuffix = '.part'

/** Ends of file names by compression. */
export const compressionSuffix: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', zstd: '.zst' }

const deviceNames = new Set(['CON', 'PRN', 'AUX', 'NUL'])

/** A manifest's `type` when it may become part of a file name, else undefined. Guards against traversal and device names. */
export function safeType(type: unknown): string | undefined {
  if (typeof type !== 'string' || !/^[A-Z][A-Za-z]{0,63}$/.test(type)) return undefined
  return deviceNames.has(type.toUpperCase()) ? undefined : type
}

/** Name of manifest page `page`, from 0: `manifest.json`, `manifest.001.json`, … */
export function manifestName(page: number): string {
  return page === 0 ? folderNames.manifest : `manifest.${String(page).padStart(3, '0')}.json`
}

/**
 * Gives out the names of an export's files: `Type.NNN.ndjson`, `deleted/Bundle.NNN.ndjson`, `error/OperationOutcome.NNN.ndjson`.
 *
 * Nothing of the server enters a name but a checked resource type. Types that differ only by case share one counter, so that
 * names stay apart on file systems that fold case.
 */
export class FileNamer {
  readonly #next = new Map<string, number>()

  /** `taken`: names given out by an earlier run. */
  constructor(taken: Iterable<string> = []) {
    for (const path of taken) {
      const match = /^(.+)\.(\d+)\.ndjson/.exec(path)
      const key = match?.[1]?.toLowerCase()
      if (key !== undefined) this.#next.set(key, Math.max(this.#next.get(key) ?? 0, Number(match?.[2]) + 1))
    }
  }

  name(itemType: ItemType, type: string, compression: Compression): string {
    const stem = itemType === 'output' ? type : itemType === 'deleted' ? 'deleted/Bundle' : 'error/OperationOutcome'
    const key = stem.toLowerCase()
    const index = this.#next.get(key) ?? 0
    this.#next.set(key, index + 1)
    return `${stem}.${String(index).padStart(3, '0')}.ndjson${compressionSuffix[compression]}`
  }
}
