import { createHash } from 'node:crypto'
import { FileNamer, safeType } from '../folder/names.ts'
import type { FileState } from '../folder/state.ts'
import type { Compression, ManifestItem, OutputManifest } from '../types.ts'
import type { FileSource } from './download.ts'
import { type Entry, recognize } from './recognize.ts'

export interface PagePlan {
  /** All files of the export so far, those of this page included. */
  files: FileState[]
  /** Files that were not known before. */
  added: FileState[]
  /** Files that were known with another count than the page gives now. */
  recounted: Map<FileState, number>
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
 * Fits a manifest page to the files that are known: the same page read again brings fresh links and no new file, also where its
 * links have other paths, its list another order or its counts were put right; a partial manifest may have grown.
 */
export function planPage({ known, page, manifest, compress }: PagePlanOptions): PagePlan {
  const namer = new FileNamer(known.map(({ path }) => path))
  const ofPage = known.filter(({ key }) => key.startsWith(`${page}/`))
  const entries = entriesOf(page, manifest)
  recognize(ofPage, entries)
  const keys = new Set(ofPage.map(({ key }) => key))
  const added: FileState[] = []
  const recounted = new Map<FileState, number>()
  const sources = new Map<string, FileSource>()
  for (const { item, type, key, source, file } of entries) {
    const state = file ?? newFile({ item, type, key: freeKey(key, keys), source, namer, compress })
    if (file === undefined) {
      added.push(state)
      keys.add(state.key)
    } else if (item.count !== null && item.count !== file.count && (file.done ?? { lines: item.count }).lines === item.count) {
      recounted.set(file, item.count)
    }
    sources.set(state.key, { url: item.url, token: manifest.requiresAccessToken })
  }
  return { files: [...known, ...added], added, recounted, sources }
}

function entriesOf(page: number, manifest: OutputManifest): Entry[] {
  const counters = new Map<string, number>()
  return manifest.items.map((item) => {
    const index = counters.get(item.itemType) ?? 0
    counters.set(item.itemType, index + 1)
    const key = `${page}/${item.itemType}/${index}`
    return { item, type: fileType(item, manifest), key, source: sourceHash(item.url), file: undefined }
  })
}

interface NewFile {
  item: ManifestItem
  type: string
  key: string
  source: string
  namer: FileNamer
  compress: Compression
}

function newFile({ item, type, key, source, namer, compress }: NewFile): FileState {
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

/** A place that another item holds already: the list was reordered. */
function freeKey(key: string, taken: ReadonlySet<string>): string {
  let free = key
  for (let again = 1; taken.has(free); again += 1) free = `${key}+${again}`
  return free
}

/** Query parameters of links that are signed anew: AWS, Google, Azure (SAS), CloudFront and what else calls itself a token. */
const signing =
  /^(x-(amz|goog|oss|cos|bz)-.*|awsaccesskeyid|googleaccessid|key-pair-id|policy|.*(signature|token|expires|expiry)|si|sig|s[a-z]|sk[a-z]+|exp|hmac|nonce|ts|timestamp)$/i

/**
 * The address without what changes when a link is signed anew; of a query the rest is a part of its own, for servers that name
 * all files in one path. Hashed: the state keeps no addresses.
 */
function sourceHash(url: string): string {
  if (!URL.canParse(url)) return shortHash(url)
  const { origin, pathname, searchParams } = new URL(url)
  const named = [...searchParams].filter(([name]) => !signing.test(name))
  const path = shortHash(`${origin}${pathname}`)
  return named.length === 0 ? path : `${path}.${shortHash(JSON.stringify(named))}`
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
