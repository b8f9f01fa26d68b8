import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resourceTypes } from '@floe/views/fhir'
import { textLines } from './text-lines.ts'

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
  const incomplete = new Set<string>()
  const look = ({ path, type, itemType, done }: StateFile): void => {
    if (typeof path !== 'string' || typeof type !== 'string' || (itemType !== undefined && itemType !== 'output')) return
    const size = sizeOf(join(folder, path))
    if (size === undefined || !done || done.bytes !== size) incomplete.add(type)
  }
  const head = await readState(join(folder, 'floe-export.json'), look)
  return head === null ? null : { finished: head.phase === 'complete', incomplete: [...incomplete] }
}

interface State {
  readonly phase?: unknown
  readonly files?: unknown
}

/** floe writes each file of its state on a line of its own, with a comma behind all but the last. */
const fileLine = /^ {2}(\{.*\}),?\n$/

/** The state without its files, which are told one by one: of a million, no text and no list would hold them all. */
async function readState(path: string, onFile: (file: StateFile) => void): Promise<State | null> {
  let rest = ''
  try {
    for await (const line of textLines(path)) {
      const file = fileLine.exec(line)?.[1]
      if (file === undefined) rest += line
      else onFile(JSON.parse(file) as StateFile)
    }
    const state = JSON.parse(rest.replace(/^\ufeff/, '')) as State | null
    if (typeof state !== 'object' || state === null || !Array.isArray(state.files)) return null
    for (const file of state.files as StateFile[]) onFile(file)
    return state
  } catch {
    return null
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size
  } catch {
    return undefined
  }
}
