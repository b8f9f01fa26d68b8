import { createHash } from 'node:crypto'
import type { FileSource } from './download.ts'
import { FileNamer, safeType } from './folder/names.ts'
import type { FileState } from './folder/state.ts'
import type { Compression, ManifestItem, OutputManifest } from './types.ts'

export interface PagePlan {
  /** All files of the export so far, those of this page included. */
  files: FileState[]
  /** Files that were not known before. */
  added: FileState[]
  /** Addresses of this page's files by key. */
  sources: Map<string, FileSource>
}

export interface PagePlanOptions {
  known: readonly FileState[]
  page: number
  manifest: OutputManifest
  compress: Compression
}

/**
 * Fits a manifest page to the files that are known: the same page read again brings fresh links and no new file.
 *
 * An item is known again by its address without the query, else by its place; a partial manifest may have grown.
 */
export function planPage({ known, page, manifest, compress }: PagePlanOptions): PagePlan {
  const namer = new FileNamer(known.map(({ path }) => path))
  const ofPage = known.filter(({ key }) => key.startsWith(`${page}/`))
  const bySource = Map.groupBy(ofPage, ({ itemType, source }) => `${itemType} ${source}`)
  const matched = new Set<FileState>()
  const items = manifest.items.map((item) => ({ item, source: sourceHash(item.url), file: undefined as FileState | undefined }))
  for (const entry of items) {
    entry.file = bySource.get(`${entry.item.itemType} ${entry.source}`)?.find((file) => !matched.has(file))
    if (entry.file !== undefined) matched.add(entry.file)
  }
  const byKey = new Map(ofPage.map((file) => [file.key, file]))
  const added: FileState[] = []
  const sources = new Map<string, FileSource>()
  const counters = new Map<string, number>()
  for (const { item, source, file } of items) {
    const index = counters.get(item.itemType) ?? 0
    counters.set(item.itemType, index + 1)
    const key = `${page}/${item.itemType}/${index}`
    const atPlace = byKey.get(key)
    const found =
      file ?? (atPlace !== undefined && !matched.has(atPlace) && sameItem(atPlace, item, manifest) ? atPlace : undefined)
    if (found !== undefined) matched.add(found)
    const state = found ?? newFile({ item, key: freeKey(key, byKey), source, manifest, namer, compress })
    if (found === undefined) {
      added.push(state)
      byKey.set(state.key, state)
    }
    sources.set(state.key, { url: item.url, token: manifest.requiresAccessToken })
  }
  return { files: [...known, ...added], added, sources }
}

interface NewFile {
  item: ManifestItem
  key: string
  source: string
  manifest: OutputManifest
  namer: FileNamer
  compress: Compression
}

function newFile({ item, key, source, manifest, namer, compress }: NewFile): FileState {
  const type = fileType(item, manifest)
  return {
    key,
    source,
    itemType: item.itemType,
    type,
    path: namer.name(item.itemType, type, compress),
    count: item.count,
    done: null,
  }
}

function fileType(item: ManifestItem, { outputOrganizedBy }: OutputManifest): string {
  if (item.itemType === 'deleted') return 'Bundle'
  if (item.itemType === 'error') return 'OperationOutcome'
  const type = safeType(item.type)
  if (type !== undefined) return type
  return outputOrganizedBy !== null && item.type === null ? 'Resources' : 'Unknown'
}

function sameItem(file: FileState, item: ManifestItem, manifest: OutputManifest): boolean {
  return file.type === fileType(item, manifest) && file.count === item.count
}

/** A place that another item holds already: the list was reordered. */
function freeKey(key: string, taken: ReadonlyMap<string, FileState>): string {
  let free = key
  for (let again = 1; taken.has(free); again += 1) free = `${key}+${again}`
  return free
}

/** The address without what changes when a link is signed anew. Hashed: the state keeps no addresses. */
function sourceHash(url: string): string {
  const stable = URL.canParse(url) ? `${new URL(url).origin}${new URL(url).pathname}` : url
  return createHash('sha256').update(stable).digest('hex').slice(0, 16)
}
