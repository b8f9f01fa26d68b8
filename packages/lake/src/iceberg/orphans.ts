import { basename, dirname } from 'node:path'
import { localPath, localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import type { Catalog } from './catalog.ts'
import { metadataFiles, reachableFiles } from './reachable.ts'

export interface OrphanPolicy {
  /** Folder of all tables, a `file:` URI; nothing outside it is looked at. */
  readonly warehouse: string
  /**
   * Only files last written before (ms since 1970) go. It must lie further back than the longest load: what a running one has
   * written, but not yet committed, looks like an orphan.
   */
  readonly olderThan: number
  readonly storage?: Storage
}

export interface Orphans {
  readonly files: number
  readonly bytes: number
}

/** Removes files that no table of the catalog needs: what failed commits, crashes and dropped tables leave behind. */
export async function removeOrphans(
  catalog: Catalog,
  { warehouse, olderThan, storage = localStorage }: OrphanPolicy,
): Promise<Orphans> {
  const old: { location: string; size: number }[] = []
  for await (const { location, size, modified } of storage.list(warehouse)) {
    if (modified < olderThan) old.push({ location, size })
  }
  // The tables are read after the files were listed: what was committed meanwhile is newer than the list.
  const needed = new Set<string>()
  for (const pointer of catalog.listTables()) {
    const table = await catalog.loadAt(pointer)
    const { manifestLists, manifests, content } = await reachableFiles(table.metadata.snapshots, storage)
    for (const set of [metadataFiles(table), manifestLists, manifests, content]) for (const path of set) needed.add(path)
  }
  let [files, bytes] = [0, 0]
  for (const { location, size } of old) {
    if (needed.has(subject(localPath(location)))) continue
    await storage.delete(location)
    files++
    bytes += size
  }
  return { files, bytes }
}

/** Spark writes a checksum `.NAME.crc` beside NAME, which lives as long as NAME does; a version hint belongs to its table. */
function subject(path: string): string {
  const name = /^\.(.+)\.crc$/.exec(basename(path))?.[1]
  return name === undefined ? path : `${dirname(path)}/${name}`
}
