import { randomUUID } from 'node:crypto'
import type { Engine } from '../engine/engine.ts'
import { ident, literals } from '../engine/sql.ts'
import { localStorage } from '../storage/local.ts'
import type { Storage } from '../storage/storage.ts'
import type { Catalog } from './catalog.ts'
import { commitWithRetry } from './commit.ts'
import { LakeConflictError } from './conflict.ts'
import type { DataFile, DeleteFile } from './content-file.ts'
import { isEquality } from './equality-sql.ts'
import { planScan, type ScanPlan, scanSql } from './plan.ts'
import { stage } from './stage.ts'
import type { Table } from './table.ts'
import { type PartitionTuple, writePositionDeletes } from './write.ts'

export interface DeletesOfFiles {
  /** A SELECT of `file_path` and `pos`. */
  readonly sql: string
  /** All data files that it may name. */
  readonly files: readonly Pick<DataFile, 'path' | 'specId' | 'partition'>[]
  readonly dir: string
  readonly signal?: AbortSignal
}

/** Position deletes, a file for each partition that they touch: one counts only in its own (spec: Scan Planning). */
export async function writeDeletesOf(engine: Engine, { sql, files, ...options }: DeletesOfFiles): Promise<DeleteFile[]> {
  const partitions = Map.groupBy(files, ({ specId, partition }) => JSON.stringify([specId, partition.map(String)]))
  if (partitions.size < 2) {
    const deletes = await writePositionDeletes(engine, { ...options, sql, partition: tupleOf(files) })
    return deletes === undefined ? [] : [deletes]
  }
  const positions = ident(`floe_deletes_${randomUUID()}`)
  await engine.run(`create temp table ${positions} as select file_path, pos from (${sql})`)
  const written: DeleteFile[] = []
  try {
    const named = await engine.all<{ path: string }>(`select distinct file_path as path from ${positions}`)
    const paths = new Set(named.map(({ path }) => path))
    for (const members of partitions.values()) {
      const touched = members.filter(({ path }) => paths.has(path)).map(({ path }) => path)
      if (touched.length === 0) continue
      const own = `select file_path, pos from ${positions} where file_path in (select unnest(${literals(touched)}))`
      const deletes = await writePositionDeletes(engine, { ...options, sql: own, partition: tupleOf(members) })
      if (deletes !== undefined) written.push(deletes)
    }
    return written
  } finally {
    await engine.run(`drop table ${positions}`)
  }
}

function tupleOf([first]: DeletesOfFiles['files']): PartitionTuple {
  return { specId: first?.specId ?? 0, values: first?.partition ?? [] }
}

/** What takes the place of equality deletes in a commit. */
export interface ResolvedDeletes {
  /** Their rows by place, as a SELECT of `file_path` and `pos`; undefined when the table has no equality deletes. */
  readonly sql: string | undefined
  /** The delete files that are needless then. */
  readonly removeFiles: readonly string[]
}

/**
 * Rows that other programs deleted by equality, by their place. floe writes them down by position with the next change of the
 * table, because few programs read the others (pyiceberg refuses such a table), and each read of them costs a join.
 */
export function resolvedDeletes(plan: ScanPlan): ResolvedDeletes {
  const files = plan.files.filter(({ deletes }) => deletes.some(isEquality))
  const needless = new Map(files.flatMap(({ deletes }) => deletes.filter(isEquality).map(({ file }) => [file.path, file])))
  const idle = plan.idleDeletes.filter(({ content }) => content === 'equality-deletes')
  const removeFiles = [...new Set([...needless.keys(), ...idle.map(({ path }) => path)])]
  if (files.length === 0) return { sql: undefined, removeFiles }
  const places = (members: ScanPlan['files']): string =>
    `(${scanSql({ ...plan, files: members }, { columns: [], positions: true })})`
  const before = files.map((file) => ({ ...file, deletes: file.deletes.filter((each) => !isEquality(each)) }))
  return {
    sql: `select b._file as file_path, b._pos as pos from ${places(before)} b
      anti join ${places(files)} a on a._file = b._file and a._pos = b._pos`,
    removeFiles,
  }
}

/** Puts position deletes in the place of all equality deletes of a table; no row changes. */
export async function resolveDeletes(
  catalog: Catalog,
  engine: Engine,
  { namespace, name }: Pick<Table, 'namespace' | 'name'>,
  { storage = localStorage, signal }: { readonly storage?: Storage | undefined; readonly signal?: AbortSignal | undefined },
): Promise<number> {
  const known = await catalog.load(namespace, name)
  if (known === undefined || resolvedDeletes(await planScan(known, { storage })).removeFiles.length === 0) return 0
  const stop = signal === undefined ? {} : { signal }
  let written: DeleteFile[] = []
  let removed = 0
  const discard = async (): Promise<void> => {
    await Promise.allSettled(written.map(({ path }) => storage.delete(path)))
    written = []
  }
  try {
    await commitWithRetry(
      catalog,
      async () => {
        await discard()
        const table = await catalog.load(namespace, name)
        const plan = table === undefined ? undefined : await planScan(table, { storage })
        const { sql, removeFiles } = plan === undefined ? { sql: undefined, removeFiles: [] } : resolvedDeletes(plan)
        removed = removeFiles.length
        if (table === undefined || plan === undefined || removed === 0) return []
        const files = plan.files.map(({ file }) => file)
        if (sql !== undefined) written = await writeDeletesOf(engine, { sql, files, dir: `${table.location}/data`, ...stop })
        return [await stage({ table, deletes: written, removeFiles, operation: 'replace', storage })]
      },
      stop,
    )
  } catch (error) {
    // Any other failure may hide a commit that went through.
    if (error instanceof LakeConflictError) await discard()
    throw error
  }
  return removed
}
