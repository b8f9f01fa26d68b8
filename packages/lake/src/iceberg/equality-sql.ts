import { literals } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import { localPath } from '../storage/local.ts'
import type { AppliedDelete, PlannedFile, ScanPlan } from './plan.ts'
import { leafOf } from './projection.ts'
import type { ScanNames } from './scan-names.ts'
import { fieldNodes, type StructType } from './schema.ts'
import { duckdbType } from './shape.ts'

/** Delete files that name rows by the same columns. */
export interface EqualityDeletes {
  readonly columns: readonly DeleteColumn[]
  readonly deletes: readonly AppliedDelete[]
}

/** A column that deletes are told by; it may have been dropped from the table since, and still counts (spec: Equality Delete Files). */
interface DeleteColumn {
  readonly id: number
  readonly type: string
  /** What the scan calls it. */
  readonly name: string
}

/** The equality deletes of files, by their columns. */
export function equalityDeletes(plan: ScanPlan, files: readonly PlannedFile[], names: ScanNames): EqualityDeletes[] {
  const applied = new Map(files.flatMap(({ deletes }) => deletes.filter(isEquality).map((each) => [each.file.path, each])))
  const alike = Map.groupBy(applied.values(), ({ file }) => [...(file.equalityIds ?? [])].sort((a, b) => a - b).join(' '))
  const ids = [...new Set(Array.from(alike.values(), ([first]) => first?.file.equalityIds ?? []).flat())]
  const columns = new Map(ids.map((id, place) => [id, { id, type: typeOf(plan, id), name: names.key(place) }]))
  return Array.from(alike.values(), (deletes) => ({
    columns: (deletes[0]?.file.equalityIds ?? []).flatMap((id) => columns.get(id) ?? []),
    deletes,
  }))
}

export function isEquality({ file }: AppliedDelete): boolean {
  return file.content === 'equality-deletes'
}

function typeOf({ schema, schemas }: ScanPlan, id: number): string {
  const node = [schema, ...schemas.toReversed()].flatMap((each) => fieldNodes(each).filter((field) => field.id === id))[0]
  if (node !== undefined && typeof node.type === 'string' && !node.repeated) return duckdbType(node.type)
  throw new LakeError('metadata', 'A delete file of this table names a column that no schema of the table holds.')
}

/** The delete columns of a data file; one that was added later is null in it. */
export function keyColumns(equalities: readonly EqualityDeletes[], written: StructType): string[] {
  const columns = new Map(equalities.flatMap(({ columns }) => columns.map((column) => [column.id, column])))
  return Array.from(columns.values(), ({ id, type, name }) => `cast(${leafOf(written, id) ?? 'null'} as ${type}) as ${name}`)
}

/**
 * The rows of `d` that no equality delete names: null equals null, and a delete counts for older data only (spec: Scan Planning).
 * Of several deletes of one key the newest says it all.
 */
export function antiJoinSql({ columns, deletes }: EqualityDeletes, names: ScanNames, alias: string): string {
  const keys = columns.map(({ name }) => name)
  const files = Map.groupBy(deletes, ({ written }) => JSON.stringify(written))
  const rows = Array.from(files.values(), (alike) => deletedKeys(alike, columns, names)).join(' union all ')
  const same = keys.map((key) => `${alias}.${key} is not distinct from d.${key}`)
  return `anti join (select ${keys.join(', ')}, max(${names.number}) as ${names.number} from (${rows}) group by ${keys.join(', ')}) ${alias}
    on ${[...same, `${alias}.${names.number} > d.${names.number}`].join(' and ')}`
}

function deletedKeys(deletes: readonly AppliedDelete[], columns: readonly DeleteColumn[], names: ScanNames): string {
  const written = deletes[0]?.written ?? { type: 'struct', fields: [] }
  const keys = columns.map(({ id, type, name }) => {
    const leaf = leafOf(written, id)
    if (leaf !== undefined) return `cast(${leaf} as ${type}) as ${name}`
    throw new LakeError('metadata', 'A delete file of this table lacks a column that it deletes by.')
  })
  const paths = literals(deletes.map(({ file }) => localPath(file.path)))
  return `select ${columns.map(({ name }) => `k.${name}`).join(', ')}, f.number as ${names.number}
    from (select ${[...keys, names.path].join(', ')} from read_parquet(${paths}, filename = '${names.path}')) k
    join (${numbersSql(deletes)}) f on f.path = k.${names.path}`
}

/** Sequence numbers by bare path. */
export function numbersSql(files: readonly (AppliedDelete | PlannedFile)[]): string {
  const paths = literals(files.map(({ file }) => localPath(file.path)))
  return `select unnest(${paths}) as path, unnest(${literals(files.map(({ sequenceNumber }) => sequenceNumber))}) as number`
}
