import type { BronzeType } from '../bronze/types.ts'
import { ident, literal, literals } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import type { DataFile } from '../iceberg/content-file.ts'
import { planScan } from '../iceberg/plan.ts'
import { type ResolvedDeletes, resolvedDeletes, writeDeletesOf } from '../iceberg/resolve-deletes.ts'
import { rowGroupsOf, writeRowGroups } from '../iceberg/row-groups.ts'
import { isReserved } from '../iceberg/scan-names.ts'
import type { IcebergSchema } from '../iceberg/schema.ts'
import { duckdbType, evolve } from '../iceberg/shape.ts'
import type { StageOptions } from '../iceberg/stage.ts'
import { currentSchema, type Table } from '../iceberg/table.ts'
import { localPath } from '../storage/local.ts'
import { rawColumn, silverShape } from './columns.ts'
import { conditionalReferences, dataFolder, discard, type LakeContext, locationOf, tableProperties } from './context.ts'
import { copyLines, linesOf } from './copy.ts'
import type { LateExport, LoadedExport } from './later.ts'
import { goneRows, lostRows, type MergeResult, merge, newRowsSql } from './merge.ts'
import { namePatients, patientsByIdentifier } from './patients.ts'
import type { TypeCounts } from './run.ts'
import { collectReferences } from './seen-references.ts'

export interface TypeLoad {
  readonly type: BronzeType
  readonly source: string
  readonly exportId: string
  readonly exportTime: string
  readonly ingestedAt: string
  /** Keep `_raw` in a table that this load makes. */
  readonly raw: boolean
  readonly exportTimes: string
  readonly others: readonly LoadedExport[]
  readonly late?: LateExport
  readonly tombstones: string | undefined
  readonly deletions: boolean
  /** Nothing of the type came but deletions: no table is made for it. */
  readonly deletedOnly: boolean
  /** Temporary table that takes the id of every row that came, also of those that lose. */
  readonly idsInto?: string
  readonly onBytes?: (bytes: number) => void
  readonly signal?: AbortSignal
}

export interface TypeLoaded {
  readonly counts: TypeCounts
  /** What is to be staged; undefined when the table stays as it is. */
  readonly staging: StageOptions | undefined
  /** Data and delete files written for it: to be removed when the load is given up. */
  readonly files: readonly Pick<DataFile, 'path'>[]
}

/** More of a new file than this lost: it is written again without them, instead of dragging delete files along. */
const rewriteShare = 0.3

/** Lines of one type into data and delete files that nobody sees yet. */
export async function loadType(context: LakeContext, load: TypeLoad): Promise<TypeLoaded> {
  const { type } = load
  const name = type.type.toLowerCase()
  const table = await context.catalog.load('silver', name)
  const schema = schemaFor(table, load)
  const written: DataFile[] = []
  const deletes: Pick<DataFile, 'path'>[] = []
  try {
    const ordered = !schema.fields.some((field) => field.name === rawColumn)
    written.push(...(type.files.length === 0 ? [] : await copyLines(context, { ...load, schema, ordered })))
    checkCount(type, written)
    if (load.idsInto !== undefined) await collectIds(context, load.idsInto, written)
    const merged = await merge(context, {
      ...load,
      table,
      schema,
      fresh: written,
      lines: ordered ? undefined : linesOf(type.files),
    })
    const kept = await keepCurrent(context, schema, name, written, merged)
    written.push(...kept.filter((file) => !written.includes(file)))
    await collectReferences(context, { type: type.type, files: kept, conditional: type.conditional === true })
    const gone = `select file_path, pos from ${goneRows} union all ${lostIn(kept)}`
    const changed = kept.length > 0 || merged.removed > 0
    const before = changed && table !== undefined ? await planScan(table) : undefined
    const resolved: ResolvedDeletes = before === undefined ? { sql: undefined, removeFiles: [] } : resolvedDeletes(before)
    const removed = await writeDeletesOf(context.engine, {
      sql: resolved.sql === undefined ? gone : `${gone} union all ${resolved.sql}`,
      files: [...kept, ...(before?.files ?? []).map(({ file }) => file)],
      dir: dataFolder(context, 'silver', name),
    })
    deletes.push(...removed)
    await discard(written.filter((file) => !kept.includes(file)))
    const good = type.lines - type.quarantined
    const { duplicates, stale, buried } = merged
    const counts = { duplicates, stale, buried, rows: good - duplicates - stale }
    const unchanged = kept.length === 0 && removed.length === 0 && (table !== undefined || load.deletedOnly)
    // Said once, said for good: views then look identifiers up.
    const conditional = {
      ...(type.conditional === true ? { [conditionalReferences]: 'true' } : {}),
      ...((await namePatients(context.engine, type.type, kept)) ? { [patientsByIdentifier]: 'true' } : {}),
    }
    const target =
      table === undefined
        ? {
            create: {
              namespace: 'silver',
              name,
              location: locationOf(context, 'silver', name),
              schema,
              properties: { ...tableProperties, ...conditional },
            },
          }
        : { table, schema, properties: conditional }
    const staging = unchanged ? undefined : { ...target, append: kept, deletes: removed, removeFiles: resolved.removeFiles }
    return { counts, staging, files: [...kept, ...deletes] }
  } catch (error) {
    await discard([...written, ...deletes])
    throw error
  }
}

/** An existing table decides whether texts are kept; a new one follows the option. */
function schemaFor(table: Table | undefined, { type, raw }: TypeLoad): IcebergSchema {
  if (table === undefined) return evolve(undefined, silverShape(type.shape, raw), { identifier: ['id', '_source'] })
  const current = currentSchema(table)
  const hasRaw = current.fields.some(({ name }) => name === rawColumn)
  return evolve(current, silverShape(type.shape, hasRaw), { lastColumnId: table.metadata['last-column-id'] })
}

/** The engine and bronze must have seen the same lines: else a row would be lost, or made, without anybody noticing. */
function checkCount(type: BronzeType, files: readonly DataFile[]): void {
  const rows = files.reduce((sum, { records }) => sum + records, 0)
  const lines = type.files.reduce((sum, file) => sum + file.lines, 0)
  if (rows === lines) return
  throw new LakeError('lines-lost', `${type.type}: ${lines} lines were checked, but ${rows} rows were read from them.`, {
    hint: 'Was a file changed while it was read? Run the same command again.',
    retryable: true,
  })
}

async function collectIds({ engine }: LakeContext, into: string, files: readonly DataFile[]): Promise<void> {
  const rows =
    files.length === 0
      ? `select null::varchar as id where false`
      : `select distinct id from read_parquet(${literals(files.map(({ path }) => localPath(path)))})`
  await engine.run(`create or replace temp table ${ident(into)} as ${rows}`)
}

/** The new files that go into the table: whole, written again without most of their rows, or not at all. */
async function keepCurrent(
  context: LakeContext,
  schema: IcebergSchema,
  name: string,
  files: readonly DataFile[],
  { lost }: MergeResult,
): Promise<DataFile[]> {
  const kept: DataFile[] = []
  for (const file of files) {
    const gone = lost.get(file.path) ?? 0
    if (gone === file.records) continue
    if (gone < file.records * rewriteShare) kept.push(file)
    else {
      const columns = schema.fields
        .map(({ name: column, type }) => (isReserved(column) ? `null::${duckdbType(type)} as ${ident(column)}` : ident(column)))
        .join(', ')
      kept.push(
        ...(await writeRowGroups(context.engine, {
          ...(await rowGroupsOf(context.engine, [localPath(file.path)])),
          sql: `select ${columns} from (${newRowsSql([file], schema)})
            where _pos not in (select pos from ${lostRows} where file_path = ${literal(file.path)})`,
          schema,
          dir: dataFolder(context, 'silver', name),
        })),
      )
    }
  }
  return kept
}

function lostIn(files: readonly DataFile[]): string {
  const paths = files.map(({ path }) => literal(path))
  return `select file_path, pos from ${lostRows} where ${paths.length === 0 ? 'false' : `file_path in (${paths.join(', ')})`}`
}
