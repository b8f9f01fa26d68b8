import type { Engine } from '../engine/engine.ts'
import { literals } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import type { DataFile } from './content-file.ts'
import { type WriteDataOptions, writeData } from './write.ts'

/** How large row groups are: each thread builds one in memory, so rows of megabytes need groups of few. */
export interface RowGroups {
  readonly rows: number
  /** What ends a row group before its rows are full; only where the engine need not keep the order. */
  readonly bytes: number
  /** Where it must, no row group may be too large even if all of its rows are as large as the largest. */
  readonly orderedRows: number
}

/** A row group as its bytes are delivered, on average. */
const usualBytes = 24 * 2 ** 20
/** … and at most, as the engine counts its rows. It takes about four times as much to build one. */
const mostBytes = 64 * 2 ** 20
const mostRows = 122_880

/** Row groups for rows of so many bytes. The engine passes rows on in lots of 2,048 at most, and never splits a lot. */
export function rowGroupsFor({ average, largest }: { readonly average: number; readonly largest: number }): RowGroups {
  const rows = Math.min(mostRows, Math.max(1, Math.floor(usualBytes / Math.max(1, average))))
  const fitting = Math.max(1, Math.floor(mostBytes / 2 / Math.max(1, largest)))
  return { rows, bytes: mostBytes, orderedRows: Math.min(rows, fitting) }
}

const smallest: RowGroups = { rows: 1, bytes: 2 ** 20, orderedRows: 1 }

export interface WriteRowGroups extends Omit<WriteDataOptions, 'rowGroupRows' | 'rowGroupBytes'> {
  readonly groups: RowGroups
  /** Rows stay in the order of the SELECT; without, a third less work is done, in half the memory. */
  readonly ordered: boolean
  /** The same rows, read in less memory and more slowly: for the second try. */
  readonly frugalSql?: string
}

/**
 * `writeData` in bounded memory. When the engine reaches its limit all the same, it is done again on one thread with the smallest
 * row groups, from `frugalSql`: each thread holds a row several times (read, parsed, as columns, packed).
 */
export async function writeRowGroups(engine: Engine, options: WriteRowGroups): Promise<DataFile[]> {
  const { groups, ordered, frugalSql, ...data } = options
  const write = async ({ rows, bytes, orderedRows }: RowGroups, sql: string): Promise<DataFile[]> =>
    ordered
      ? await writeData(engine, { ...data, sql, rowGroupRows: orderedRows })
      : await withSetting(engine, 'preserve_insertion_order', 'false', () =>
          writeData(engine, { ...data, sql, rowGroupRows: rows, rowGroupBytes: bytes }),
        )
  try {
    return await write(groups, data.sql)
  } catch (error) {
    if (!(error instanceof LakeError) || error.code !== 'memory') throw error
    return await withSetting(engine, 'threads', '1', async () => {
      if (frugalSql === undefined) return await write(smallest, data.sql)
      // Where the other way of reading does not do, the first way has the last word.
      return await write(smallest, frugalSql).catch(() => write(smallest, data.sql))
    })
  }
}

async function withSetting<T>(engine: Engine, name: string, value: string, action: () => Promise<T>): Promise<T> {
  const [before] = await engine.all<{ value: unknown }>(`select current_setting('${name}') as value`)
  await engine.run(`set ${name} = ${value}`)
  try {
    return await action()
  } finally {
    await engine.run(`set ${name} = ${String(before?.value)}`)
  }
}

/** Rows larger than this are written in no order, so that the bytes of a row group can be bounded. */
const wideRow = 64 * 2 ** 10

/** How to write rows again that are in these files, by what their footers say. */
export async function rowGroupsOf(engine: Engine, paths: readonly string[]): Promise<Pick<WriteRowGroups, 'groups' | 'ordered'>> {
  const [found] = await engine.all<{ average: number | null; largest: number | null }>(
    `select sum(bytes) / sum(rows) as average, max(bytes / rows) as largest
     from (select max(row_group_num_rows) as rows, sum(total_uncompressed_size) as bytes
           from parquet_metadata(${literals(paths)}) group by file_name, row_group_id)
     where rows > 0`,
  )
  const [average, largest] = [found?.average ?? 0, found?.largest ?? 0]
  return { groups: rowGroupsFor({ average, largest }), ordered: largest < wideRow }
}
