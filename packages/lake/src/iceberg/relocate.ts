import { randomUUID } from 'node:crypto'
import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import { fileUri, localPath, localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import { openCatalog } from './catalog.ts'
import type { AnyFile, DeleteFile } from './content-file.ts'
import { type ManifestEntry, writeManifest } from './manifest.ts'
import { type ManifestFile, writeManifestList } from './manifest-list.ts'
import type { Snapshot, TableMetadata } from './metadata.ts'
import { type StagedChange, stageMetadata } from './stage.ts'
import { schemaById, specById, type Table } from './table.ts'
import { loadManifest, loadManifestList } from './table-files.ts'
import { writePositionDeletes } from './write.ts'

export interface Relocation {
  readonly tables: number
  /** False when the lake lies where its tables say. */
  readonly moved: boolean
}

/**
 * Makes a lake that was moved or copied name the folder that it lies in now.
 *
 * Iceberg knows absolute paths only: metadata, manifest lists, manifests and position deletes are written anew beside the old
 * ones, for every snapshot. Data files stay as they are. The commit point is one transaction on the catalog, for all tables;
 * until then the lake is as it was, and the same call starts over. The old metadata is left to orphan removal.
 */
export async function relocate(catalogFile: string, engine: Engine): Promise<Relocation> {
  using catalog = openCatalog({ file: catalogFile, moved: true })
  const [from, to] = [catalog.recordedRoot(), catalog.root]
  if (from === undefined || from === to) return { tables: 0, moved: false }
  const move: Move = { path: mover(from, to), storage: movedStorage(mover(from, to)), engine, rewritten: new Map() }
  const changes: StagedChange[] = []
  for (const pointer of catalog.listTables()) {
    if (move.path(pointer.metadataLocation) === pointer.metadataLocation) continue
    changes.push(await moveTable(await catalog.loadAt(pointer, move.storage), move))
  }
  await catalog.commit(changes, { root: to })
  return { tables: changes.length, moved: true }
}

interface Move {
  /** A location of the old lake as it is now; others as they are. */
  readonly path: (location: string) => string
  /** Reads old locations where they are now. */
  readonly storage: Storage
  readonly engine: Engine
  /** Delete files of all snapshots, by their old path. */
  readonly rewritten: Map<string, AnyFile>
}

function mover(from: string, to: string): (location: string) => string {
  return (location) => {
    const path = /^(file:|\/)/.test(location) ? localPath(location) : undefined
    return path?.startsWith(`${from}/`) ? fileUri(to + path.slice(from.length)) : location
  }
}

function movedStorage(path: (location: string) => string): Storage {
  return { ...localStorage, read: (location) => localStorage.read(path(location)) }
}

async function moveTable(table: Table, move: Move): Promise<StagedChange> {
  const { metadata } = table
  const manifests = new Map<string, ManifestFile>()
  const snapshots: Snapshot[] = []
  for (const snapshot of metadata.snapshots) snapshots.push(await moveSnapshot(metadata, snapshot, manifests, move))
  const moved = { ...(moveStrings(metadata, move.path) as TableMetadata), snapshots }
  const change = await stageMetadata({ ...table, metadata: moved, metadataLocation: move.path(table.metadataLocation) }, moved)
  return { ...change, base: table.metadataLocation }
}

async function moveSnapshot(
  metadata: TableMetadata,
  snapshot: Snapshot,
  manifests: Map<string, ManifestFile>,
  move: Move,
): Promise<Snapshot> {
  const listed: ManifestFile[] = []
  for (const manifest of await loadManifestList(snapshot, move.storage)) {
    const known = manifests.get(manifest.path) ?? (await moveManifest(metadata, manifest, move))
    manifests.set(manifest.path, known)
    listed.push(known)
  }
  const snapshotId = snapshot['snapshot-id']
  const location = `${move.path(metadata.location)}/metadata/snap-${snapshotId}-1-${randomUUID()}.avro`
  const bytes = writeManifestList({
    snapshotId,
    parentSnapshotId: snapshot['parent-snapshot-id'],
    sequenceNumber: snapshot['sequence-number'],
    manifests: listed,
  })
  await localStorage.putIfAbsent(location, bytes)
  return { ...snapshot, 'manifest-list': location }
}

async function moveManifest(metadata: TableMetadata, manifest: ManifestFile, move: Move): Promise<ManifestFile> {
  const { entries, filesSchemaId } = await loadManifest(manifest, 'all', move.storage)
  const moved: ManifestEntry[] = []
  for (const entry of entries) moved.push({ ...entry, file: await moveFile(entry, metadata, move) })
  const { bytes, listed } = writeManifest({
    folder: `${move.path(metadata.location)}/metadata`,
    content: manifest.content,
    entries: moved,
    spec: specById(metadata, manifest.specId),
    schema: schemaById(metadata, metadata['current-schema-id']),
    filesSchemaId,
    snapshotId: manifest.addedSnapshotId,
    sequenceNumber: manifest.sequenceNumber,
  })
  await localStorage.putIfAbsent(listed.path, bytes)
  return { ...manifest, path: listed.path, length: listed.length }
}

async function moveFile({ file, status }: ManifestEntry, metadata: TableMetadata, move: Move): Promise<AnyFile> {
  const path = move.path(file.path)
  if (file.content !== 'position-deletes' || status === 'deleted') return { ...file, path }
  const known = move.rewritten.get(file.path) ?? (await moveDeletes(file, metadata, move))
  move.rewritten.set(file.path, known)
  return known
}

/** Position deletes name their data files by absolute path, so they have to be written anew. */
async function moveDeletes(file: DeleteFile, { location }: TableMetadata, { engine, path }: Move): Promise<DeleteFile> {
  const old = literal(localPath(path(file.path)))
  const names = await engine.all<{ name: string }>(`select distinct file_path as name from read_parquet(${old})`)
  const pairs = names.map(({ name }) => `(${literal(name)}, ${literal(path(name))})`)
  const written = await writePositionDeletes(engine, {
    sql: `select m.new as file_path, d.pos from read_parquet(${old}) d join (values ${pairs.join(', ')}) m(old, new) on m.old = d.file_path`,
    dir: `${path(location)}/data`,
    partition: { specId: file.specId, values: file.partition },
  })
  if (written === undefined) throw new LakeError('metadata', 'A delete file of this lake holds no rows.')
  return written
}

/** Every text that is a location below the old root: the table's, logs, statistics, properties. Numbers stay as they are. */
function moveStrings(value: unknown, path: (location: string) => string): unknown {
  if (typeof value === 'string') return path(value)
  if (Array.isArray(value)) return value.map((each) => moveStrings(each, path))
  if (typeof value !== 'object' || value === null || 'rawJSON' in value) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, moveStrings(each, path)]))
}
