import { LakeError } from '../errors.ts'
import { localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import { type Manifest, type MetricsLevel, readManifest } from './manifest.ts'
import { type ManifestFile, readManifestList } from './manifest-list.ts'
import type { Snapshot, TableMetadata } from './metadata.ts'
import { parseMetadata } from './metadata-json.ts'

/**
 * Metadata files, manifest lists and manifests never change, so a path is their cache key.
 * The bound: what the least recently used ones weigh, in entries of manifests (about 0.5 kB each).
 */
class ImmutableCache<V> {
  readonly #values = new Map<string, { readonly value: V; readonly weight: number }>()
  readonly #limit: number
  #weight = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: string): V | undefined {
    const found = this.#values.get(key)
    if (found === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, found)
    return found.value
  }

  set(key: string, value: V, weight: number): V {
    if (weight > this.#limit || this.#values.has(key)) return value
    this.#values.set(key, { value, weight })
    this.#weight += weight
    for (const [oldest, entry] of this.#values) {
      if (this.#weight <= this.#limit) break
      this.#values.delete(oldest)
      this.#weight -= entry.weight
    }
    return value
  }
}

const metadataCache = new ImmutableCache<TableMetadata>(64)
const listCache = new ImmutableCache<readonly ManifestFile[]>(20_000)
const manifestCache = new ImmutableCache<Manifest>(100_000)

export async function loadMetadata(location: string, storage: Storage = localStorage): Promise<TableMetadata> {
  const known = metadataCache.get(location)
  if (known !== undefined) return known
  const bytes = await storage.read(location)
  return metadataCache.set(
    location,
    parsed(() => parseMetadata(bytes)),
    1,
  )
}

export async function loadManifestList(snapshot: Snapshot, storage: Storage = localStorage): Promise<readonly ManifestFile[]> {
  const location = snapshot['manifest-list']
  const known = listCache.get(location)
  if (known !== undefined) return known
  const bytes = await storage.read(location)
  const list = parsed(() => readManifestList(bytes))
  return listCache.set(location, list, list.length + 1)
}

export async function loadManifest(
  listed: ManifestFile,
  level: MetricsLevel,
  storage: Storage = localStorage,
): Promise<Manifest> {
  const key = `${level} ${listed.path}`
  const known = manifestCache.get(key)
  if (known !== undefined) return known
  const bytes = await storage.read(listed.path)
  const manifest = parsed(() => readManifest(bytes, listed, level))
  return manifestCache.set(key, manifest, manifest.entries.length + 1)
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (cause instanceof LakeError) throw cause
    throw new LakeError('metadata', "A table's metadata cannot be read: the file is damaged or no Iceberg metadata.", { cause })
  }
}
