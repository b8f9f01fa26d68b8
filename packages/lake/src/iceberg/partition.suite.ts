/** What tests of partitioned tables share: floe's own are not partitioned, those of others may be. */
import { randomUUID } from 'node:crypto'
import type { Engine } from '../engine/engine.ts'
import { ident, literals } from '../engine/sql.ts'
import type { DataFile, DeleteFile } from './content-file.ts'
import type { PartitionField } from './metadata.ts'
import { type WriteDeletesOptions, writePositionDeletes } from './write.ts'

export const partitionField = (source: number, id: number, name: string, transform: string): PartitionField => ({
  'source-id': source,
  'field-id': id,
  name,
  transform,
})

/**
 * Position deletes for a table that may be partitioned: one file for each partition touched (a delete file's partition is that of
 * the data). `files` are the data files that the rows may name, new ones of the same commit included.
 */
export async function writeDeletes(
  engine: Engine,
  { files, sql, ...rest }: Omit<WriteDeletesOptions, 'partition'> & { readonly files: readonly DataFile[] },
): Promise<DeleteFile[]> {
  const partitions = Array.from(
    Map.groupBy(files, ({ specId, partition }) => JSON.stringify([specId, partition.map(String)])).values(),
  )
  const positions = ident(`_floe_deletes_${randomUUID()}`)
  if (partitions.length > 1) await engine.run(`create temp table ${positions} as select file_path, pos from (${sql})`)
  const written: DeleteFile[] = []
  for (const members of partitions) {
    const [{ specId = 0, partition: values = [] } = {}] = members
    const part = `select file_path, pos from ${positions} where file_path in (select unnest(${literals(members.map(({ path }) => path))}))`
    const deletes = await writePositionDeletes(engine, {
      ...rest,
      sql: partitions.length > 1 ? part : sql,
      partition: { specId, values },
    })
    if (deletes !== undefined) written.push(deletes)
  }
  if (partitions.length > 1) await engine.run(`drop table ${positions}`)
  return written
}
