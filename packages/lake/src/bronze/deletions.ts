import { resourceTypes } from '@floe/views/fhir'
import { openCopy } from './copy.ts'
import { instant } from './instant.ts'
import { pathOf } from './paths-of.ts'
import { smallLines } from './small-lines.ts'
import type { Deletion, ExportFile, QuarantineEntry } from './types.ts'

/** What the files of `deleted/` come to. */
export interface Deletions {
  /** Accepted deletions per type. */
  readonly counts: Readonly<Record<string, number>>
  readonly refused: readonly QuarantineEntry[]
}

export interface DeletionOptions {
  /** When a Bundle without `meta.lastUpdated` was made. */
  readonly exportTime: string
  readonly maxLine: number
  /** Where to put the accepted ones, as NDJSON; null: only count. */
  readonly to: string | null
  /** Leaves out all other lines. */
  readonly only?: (file: string, line: number) => boolean
}

const deletedUrl = /^(?:https?:\/\/[^?#\s]*\/|\/)?([A-Z][A-Za-z]+)\/([^/?#\s]{1,64})(?:\/_history\/[^/?#\s]+)?$/

/** Type and id of a deletion's url in the forms of CONTRACT §4.10: relative or absolute, with or without version. */
function deletedResource(url: unknown): { type: string; id: string } | undefined {
  const [, type = '', id = ''] = typeof url === 'string' ? (deletedUrl.exec(url) ?? []) : []
  return resourceTypes.has(type) ? { type, id } : undefined
}

interface BundleEntry {
  readonly request?: { readonly method?: unknown; readonly url?: unknown } | null
}

interface Bundle {
  readonly resourceType?: unknown
  readonly meta?: { readonly lastUpdated?: unknown } | null
  readonly entry?: unknown
}

/** Reads the Bundles of `deleted/`: what is no deletion is quarantined, everything else counted and written down. */
export async function readDeletions(files: readonly ExportFile[], options: DeletionOptions): Promise<Deletions> {
  const counts: Record<string, number> = {}
  const refused: QuarantineEntry[] = []
  const writer = options.to === null ? undefined : await openCopy(options.to, 'none')
  try {
    for (const file of files) {
      for await (const { line, offset, bytes, text } of smallLines(pathOf(file), file.compression, options.maxLine)) {
        if (options.only?.(file.relative, line) === false) continue
        const refuse = (reason: string): void => {
          refused.push({ file: file.relative, type: 'Bundle', line, reason, offset, bytes })
        }
        const bundle = text === undefined ? undefined : parseBundle(text)
        if (!bundle) {
          refuse(text === undefined ? 'deletion size or cut short' : 'deletion not a Bundle')
          continue
        }
        const deletedAt = bundle.lastUpdated ?? options.exportTime
        const accepted: Deletion[] = []
        for (const entry of bundle.entry) {
          const target = entry?.request?.method === 'DELETE' ? deletedResource(entry.request.url) : undefined
          if (target) accepted.push({ ...target, deletedAt, file: file.relative, line })
          else refuse('deletion')
        }
        for (const { type } of accepted) counts[type] = (counts[type] ?? 0) + 1
        if (accepted.length > 0) await writer?.write(Buffer.from(`${accepted.map((it) => JSON.stringify(it)).join('\n')}\n`))
      }
    }
    await writer?.finish()
  } catch (error) {
    await writer?.abort()
    throw error
  }
  return { counts, refused }
}

function parseBundle(text: string): { lastUpdated: string | null; entry: readonly (BundleEntry | null)[] } | undefined {
  try {
    const bundle = JSON.parse(text) as Bundle | null
    if (bundle?.resourceType !== 'Bundle') return undefined
    const { meta, entry = [] } = bundle
    const lastUpdated = typeof meta?.lastUpdated === 'string' ? instant(meta.lastUpdated) : null
    return Array.isArray(entry) ? { lastUpdated, entry } : undefined
  } catch {
    return undefined
  }
}
