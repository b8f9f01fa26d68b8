import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { resourceTypes } from '@floe/views/fhir'

/**
 * What the pages of a manifest say of each type: the sum of its counts (null when one is missing), and the number of its files.
 */
export type ManifestTypes = Readonly<Record<string, { readonly count: number | null; readonly files: number }>>

interface Item {
  readonly type?: unknown
  readonly url?: unknown
  readonly count?: unknown
}

/**
 * All pages (`manifest*.json`) of a folder together. An item that stands on two pages counts once. Null: no page, or none that
 * can be read.
 */
export async function readManifests(folder: string, names: readonly string[]): Promise<ManifestTypes | null> {
  const seen = new Set<string>()
  const types: Record<string, { count: number | null; files: number }> = {}
  let pages = 0
  for (const name of names) {
    const output = await outputOf(join(folder, name))
    if (!output) continue
    pages += 1
    for (const item of output) {
      if (typeof item.type !== 'string' || !resourceTypes.has(item.type)) continue
      if (typeof item.url === 'string') {
        if (seen.has(item.url)) continue
        seen.add(item.url)
      }
      const known = types[item.type] ?? { count: 0, files: 0 }
      const count = Number.isSafeInteger(item.count) && known.count !== null ? known.count + (item.count as number) : null
      types[item.type] = { count, files: known.files + 1 }
    }
  }
  return pages === 0 ? null : types
}

async function outputOf(path: string): Promise<readonly Item[] | undefined> {
  const manifest = await readJson(path)
  if (typeof manifest !== 'object' || manifest === null) return undefined
  const { output } = manifest as { output?: unknown }
  return Array.isArray(output) ? output.filter((it) => typeof it === 'object' && it !== null) : undefined
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse((await readFile(path, 'utf8')).replace(/^\ufeff/, ''))
  } catch {
    return undefined
  }
}

interface StateFile {
  readonly path?: unknown
  readonly type?: unknown
  readonly itemType?: unknown
  readonly done?: { readonly bytes?: unknown } | null
}

/** What `floe-export.json` says: whether the download ended, and the types of files that are missing or of another size. */
export async function readExportState(folder: string): Promise<{ finished: boolean; incomplete: string[] } | null> {
  const state = await readJson(join(folder, 'floe-export.json'))
  if (typeof state !== 'object' || state === null) return null
  const { phase, files } = state as { phase?: unknown; files?: unknown }
  if (!Array.isArray(files)) return null
  const incomplete = new Set<string>()
  for (const { path, type, itemType, done } of files as StateFile[]) {
    if (typeof path !== 'string' || typeof type !== 'string' || (itemType !== undefined && itemType !== 'output')) continue
    const size = await stat(join(folder, path)).then(
      (it) => it.size,
      () => -1,
    )
    if (size < 0 || (done && done.bytes !== size)) incomplete.add(type)
    else if (!done) incomplete.add(type)
  }
  return { finished: phase === 'complete', incomplete: [...incomplete] }
}
