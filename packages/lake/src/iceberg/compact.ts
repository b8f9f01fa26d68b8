import type { Engine } from '../engine/engine.ts'
import { ident, literals } from '../engine/sql.ts'
import { localPath, localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import type { Catalog } from './catalog.ts'
import { commitWithRetry } from './commit.ts'
import { LakeConflictError } from './conflict.ts'
import type { DataFile, DeleteFile } from './content-file.ts'
import { isEquality } from './equality-sql.ts'
import { type PlannedFile, planScan, type ScanPlan, scanSql } from './plan.ts'
import { resolveDeletes } from './resolve-deletes.ts'
import { rowGroupsOf, writeRowGroups } from './row-groups.ts'
import { stage } from './stage.ts'
import type { Table } from './table.ts'
import { loadManifestList } from './table-files.ts'
import { writePositionDeletes } from './write.ts'

export interface CompactionPolicy {
  /** Size that data files should have; default 128 MB. */
  readonly targetBytes?: number
  /** So many files below 75 % of the target are made into one; default 5. */
  readonly minSmallFiles?: number
  /** A file with this part of its rows deleted is rewritten; default 0.1. */
  readonly maxDeleted?: number
  /** So many delete files are made into one; default 20. */
  readonly maxDeleteFiles?: number
  /** More manifests than this are merged; default 100. */
  readonly maxManifests?: number
  /** Columns that the rewritten rows are sorted by; without it they keep their order. */
  readonly sortBy?: readonly string[]
  readonly storage?: Storage
  readonly signal?: AbortSignal
}

export interface Compaction {
  readonly rewrittenFiles: number
  readonly addedFiles: number
  readonly removedDeleteFiles: number
  readonly rows: number
}

const nothing: Compaction = { rewrittenFiles: 0, addedFiles: 0, removedDeleteFiles: 0, rows: 0 }

/** Deleted positions of one delete file in one data file. */
interface DeletedCount {
  readonly deletes: string
  readonly path: string
  readonly rows: number
}

interface CompactionPlan {
  /** Files that are made into one, each group within one partition. */
  readonly groups: readonly (readonly PlannedFile[])[]
  /** Delete files that nothing needs afterwards. */
  readonly dropped: readonly DeleteFile[]
  /** Delete files of the data files that stay, to be made into one. */
  readonly merged: readonly DeleteFile[]
}

/**
 * Rewrites small files and files with many deleted rows, and drops the delete files that become needless; no row changes. What
 * other programs deleted by equality is written down by position first, in a commit of its own.
 *
 * Runs beside loads: when another commit came first, the result still counts if all its inputs are live and have no new deletes;
 * if they have, it fails with a conflict, and the written files are removed.
 */
export async function compact(
  catalog: Catalog,
  engine: Engine,
  name: Pick<Table, 'namespace' | 'name'>,
  policy: CompactionPolicy = {},
): Promise<Compaction> {
  const { storage, signal } = policy
  const resolved = await resolveDeletes(catalog, engine, name, { storage, signal })
  const compaction = await compactResolved(catalog, engine, name, policy)
  return { ...compaction, removedDeleteFiles: resolved + compaction.removedDeleteFiles }
}

async function compactResolved(
  catalog: Catalog,
  engine: Engine,
  name: Pick<Table, 'namespace' | 'name'>,
  policy: CompactionPolicy,
): Promise<Compaction> {
  const { storage = localStorage, signal } = policy
  const table = await catalog.load(name.namespace, name.name)
  if (table === undefined) return nothing
  const scan = await planScan(table, { storage })
  const chosen = choose(scan, await deletedRows(engine, scan), policy)
  const manifests = scan.snapshot === undefined ? [] : await loadManifestList(scan.snapshot, storage)
  const mergeManifests = manifests.length > (policy.maxManifests ?? 100)
  if (chosen.groups.length + chosen.merged.length + chosen.dropped.length === 0 && !mergeManifests) return nothing
  const written = await rewrite(engine, table, scan, chosen, policy)
  const removeFiles = [...chosen.groups.flat().map(({ file }) => file), ...chosen.dropped, ...chosen.merged].map(
    ({ path }) => path,
  )
  let refused = false
  await commitWithRetry(
    catalog,
    async (attempt) => {
      const head = attempt === 0 ? table : await catalog.load(name.namespace, name.name)
      refused = head === undefined || (attempt > 0 && !(await stillValid(head, scan, chosen, storage)))
      if (head === undefined || refused) return []
      const { data: append, deletes } = written
      return [await stage({ table: head, append, deletes, removeFiles, mergeManifests, operation: 'replace', storage })]
    },
    signal === undefined ? {} : { signal },
  ).catch((error: unknown) => {
    refused = error instanceof LakeConflictError
    // Any other failure may hide a commit that went through: then orphan removal decides.
    if (!refused) throw error
  })
  if (refused) {
    await Promise.allSettled([...written.data, ...written.deletes].map(({ path }) => storage.delete(path)))
    throw new LakeConflictError(`${name.namespace}.${name.name}`)
  }
  return {
    rewrittenFiles: chosen.groups.flat().length,
    addedFiles: written.data.length,
    removedDeleteFiles: chosen.dropped.length + chosen.merged.length,
    rows: written.data.reduce((sum, { records }) => sum + records, 0),
  }
}

/** How many rows each delete file takes from each live data file. */
async function deletedRows(engine: Engine, { files }: ScanPlan): Promise<DeletedCount[]> {
  // Deletes by equality that came since they were resolved wait for the next compaction.
  const deletes = new Set(
    files.flatMap((each) => each.deletes.filter((it) => !isEquality(it)).map(({ file }) => localPath(file.path))),
  )
  if (deletes.size === 0) return []
  return await engine.all<DeletedCount>(`select _deletes as deletes, regexp_replace(file_path, '^file:/+', '/') as path, count(*) as rows
    from read_parquet(${literals([...deletes])}, filename = '_deletes') group by all`)
}

/** Which files to rewrite, as data: nothing is read or written here. */
export function choose(
  { files, idleDeletes }: ScanPlan,
  deleted: readonly DeletedCount[],
  policy: CompactionPolicy,
): CompactionPlan {
  const { targetBytes = 128 * 1024 * 1024, minSmallFiles = 5, maxDeleted = 0.1, maxDeleteFiles = 20 } = policy
  const gone = Map.groupBy(deleted, ({ path }) => path)
  const deletedIn = (path: string): number => (gone.get(localPath(path)) ?? []).reduce((sum, { rows }) => sum + rows, 0)
  const partitions = Map.groupBy(files, ({ file }) => JSON.stringify([file.specId, file.partition.map(String)]))
  const groups = Array.from(partitions.values()).flatMap((members) => {
    const worn = members.filter(({ file }) => deletedIn(file.path) >= maxDeleted * file.records && deletedIn(file.path) > 0)
    const small = members.filter((each) => !worn.includes(each) && each.file.bytes < 0.75 * targetBytes)
    return pack(small.length >= minSmallFiles ? [...worn, ...small] : worn, targetBytes)
  })
  const rewritten = new Set(groups.flat().map(({ file }) => localPath(file.path)))
  const staying = new Set(files.map(({ file }) => localPath(file.path)).filter((path) => !rewritten.has(path)))
  const needed = new Set(deleted.filter(({ path }) => staying.has(path)).map(({ deletes }) => deletes))
  const all = new Map(
    files.flatMap((each) => each.deletes.filter((it) => !isEquality(it)).map(({ file }) => [localPath(file.path), file])),
  )
  const dropped = Array.from(all.values()).filter(({ path }) => !needed.has(localPath(path)))
  const kept = Array.from(all.values()).filter(({ path }) => needed.has(localPath(path)))
  // Deletes of several partitions never share a file, so only those of one are merged; the new one is younger than all data, so none
  // of them may be older than a file that it names.
  const onePartition = new Set(kept.map(({ specId, partition }) => JSON.stringify([specId, partition.map(String)]))).size === 1
  const mergeable = onePartition && !files.some(({ shielded }) => shielded)
  return { groups, dropped: [...dropped, ...idleDeletes], merged: mergeable && kept.length >= maxDeleteFiles ? kept : [] }
}

/** Files in their order, into groups of about the target size. */
function pack(files: readonly PlannedFile[], targetBytes: number): PlannedFile[][] {
  const groups: PlannedFile[][] = []
  let bytes = 0
  for (const file of files.toSorted((a, b) => a.sequenceNumber - b.sequenceNumber)) {
    const last = groups.at(-1)
    if (last === undefined || bytes + file.file.bytes > targetBytes) {
      groups.push([file])
      bytes = file.file.bytes
    } else {
      last.push(file)
      bytes += file.file.bytes
    }
  }
  return groups
}

interface Rewritten {
  readonly data: DataFile[]
  readonly deletes: DeleteFile[]
}

async function rewrite(
  engine: Engine,
  { location }: Table,
  scan: ScanPlan,
  { groups: fileGroups, merged }: CompactionPlan,
  policy: CompactionPolicy,
): Promise<Rewritten> {
  const { sortBy = [], signal } = policy
  const order = sortBy.length > 0 ? ` order by ${sortBy.map(ident).join(', ')}` : ''
  const [dir, stop] = [`${location}/data`, signal === undefined ? {} : { signal }]
  const data: DataFile[] = []
  for (const files of fileGroups) {
    const { specId = 0, partition: values = [] } = files[0]?.file ?? {}
    const sql = `select * from (${scanSql({ ...scan, files })})${order}`
    const { groups, ordered } = await rowGroupsOf(
      engine,
      files.map(({ file }) => localPath(file.path)),
    )
    const written = { sql, schema: scan.schema, dir, partition: { specId, values }, ...stop }
    data.push(...(await writeRowGroups(engine, { ...written, groups, ordered: ordered || sortBy.length > 0 })))
  }
  const [first] = merged
  if (first === undefined) return { data, deletes: [] }
  const staying = scan.files.filter((each) => !fileGroups.some((group) => group.includes(each))).map(({ file }) => file.path)
  const sql = `select file_path, pos from read_parquet(${literals(merged.map(({ path }) => localPath(path)))})
    where regexp_replace(file_path, '^file:/+', '/') in (select unnest(${literals(staying.map(localPath))}))`
  const deletes = await writePositionDeletes(engine, {
    sql,
    dir,
    partition: { specId: first.specId, values: first.partition },
    ...stop,
  })
  return { data, deletes: deletes === undefined ? [] : [deletes] }
}

/** All inputs are live, and no delete file came that may name one of them. */
async function stillValid(head: Table, before: ScanPlan, { groups, merged }: CompactionPlan, storage: Storage): Promise<boolean> {
  const now = new Map((await planScan(head, { storage })).files.map((each) => [each.file.path, each]))
  const inputs = merged.length > 0 ? before.files : groups.flat()
  return inputs.every(({ file, deletes }) => {
    const live = now.get(file.path)
    return (
      live !== undefined &&
      live.deletes.length === deletes.length &&
      live.deletes.every((each) => deletes.some((old) => old.file.path === each.file.path))
    )
  })
}
