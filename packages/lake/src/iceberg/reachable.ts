import { localPath, localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import type { Manifest } from './manifest.ts'
import type { ManifestFile } from './manifest-list.ts'
import type { Snapshot, TableMetadata } from './metadata.ts'
import type { Table } from './table.ts'
import { loadManifest, loadManifestList } from './table-files.ts'

/** Files that snapshots need, each as a bare path: other engines spell one file in several ways. */
export interface ReachableFiles {
  readonly manifestLists: ReadonlySet<string>
  readonly manifests: ReadonlySet<string>
  /** Data and delete files that are live in at least one of the snapshots. */
  readonly content: ReadonlySet<string>
}

/** Reads every manifest of the snapshots once; the bound of memory is one path per live file. */
export async function reachableFiles(snapshots: readonly Snapshot[], storage: Storage = localStorage): Promise<ReachableFiles> {
  const manifestLists = new Set<string>()
  const manifests = new Map<string, ManifestFile>()
  for (const snapshot of snapshots) {
    manifestLists.add(localPath(snapshot['manifest-list']))
    for (const listed of await loadManifestList(snapshot, storage)) manifests.set(localPath(listed.path), listed)
  }
  const content = new Set<string>()
  for (const listed of manifests.values()) {
    const { entries }: Manifest = await loadManifest(listed, 'none', storage)
    for (const { status, file } of entries) if (status !== 'deleted') content.add(localPath(file.path))
  }
  return { manifestLists, manifests: new Set(manifests.keys()), content }
}

/** Files that the metadata names itself: its own file, the former ones in its log, statistics. */
export function metadataFiles({ metadata, metadataLocation }: Table): ReadonlySet<string> {
  const statistics = ['statistics', 'partition-statistics'].flatMap((key) => {
    const entries = (metadata as TableMetadata & Readonly<Record<string, unknown>>)[key]
    return Array.isArray(entries) ? entries.map((entry: { 'statistics-path'?: string }) => entry['statistics-path']) : []
  })
  const named = [metadataLocation, ...metadata['metadata-log'].map((entry) => entry['metadata-file']), ...statistics]
  return new Set(named.filter((each) => each !== undefined).map(localPath))
}
