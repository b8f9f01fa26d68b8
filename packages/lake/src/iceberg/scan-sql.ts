import { ident, literal, literals } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import { localPath } from '../storage/local.ts'
import type { PlannedFile, ScanPlan } from './plan.ts'
import { mappedSchema, projectColumn, renamedField } from './projection.ts'
import type { NestedField } from './schema.ts'
import { duckdbType } from './shape.ts'

export interface ScanSqlOptions {
  /** Columns of the result, in this order; default: all of the schema. */
  readonly columns?: readonly string[]
  /** Adds `_file` (the data file as manifests name it) and `_pos` (row in it, from 0): what position deletes are made of. */
  readonly positions?: boolean
}

/**
 * A SELECT for DuckDB with the rows of a plan.
 *
 * Files without deletes are plain `read_parquet`; the others lose the deleted positions in an anti join. Files of an older schema
 * are read through a projection by field id, files of unknown writers through `read_parquet(schema = …)`, which costs about twice
 * as much.
 *
 * @example
 * const plan = await planScan(table, { tag: exportId })
 * const rows = await engine.all(`select count(*) as n from (${scanSql(plan, { columns: ['id'] })})`)
 */
export function scanSql(plan: ScanPlan, { columns, positions = false }: ScanSqlOptions = {}): string {
  const fields = columns === undefined ? plan.schema.fields : columns.map((name) => fieldOf(plan, name))
  if (plan.files.length === 0) return emptySql(fields, positions)
  const groups = Map.groupBy(plan.files, ({ written, deletes }) => `${written?.['schema-id'] ?? 'unknown'} ${deletes.length > 0}`)
  const parts = Array.from(groups.values()).flatMap((files) => groupSql({ plan, files, fields, positions }))
  if (parts.length === 1) return parts[0] ?? ''
  // A query that needs no column, as count(*), still reads the first one of a union: this one costs nothing.
  const union = parts.map((part) => `select 1::utinyint as _part, * from (${part})`).join('\nunion all\n')
  return `select ${outerColumns(fields, positions)} from (${union})`
}

function outerColumns(fields: readonly NestedField[], positions: boolean): string {
  return list([...fields.map(({ name }) => ident(name)), ...(positions ? ['_file', '_pos'] : [])])
}

function fieldOf({ schema }: ScanPlan, name: string): NestedField {
  const field = schema.fields.find((each) => each.name === name)
  if (field === undefined) throw new TypeError(`the table has no column ${name}`)
  return field
}

function emptySql(fields: readonly NestedField[], positions: boolean): string {
  const columns = fields.map(({ name, type }) => `null::${duckdbType(type)} as ${ident(name)}`)
  const extra = positions ? ['null::varchar as _file', 'null::bigint as _pos'] : []
  return `select ${list([...columns, ...extra])} where false`
}

interface Group {
  readonly plan: ScanPlan
  readonly files: readonly PlannedFile[]
  readonly fields: readonly NestedField[]
  readonly positions: boolean
}

function groupSql({ plan, files, fields, positions }: Group): string[] {
  const written = files[0]?.written
  const dirty = (files[0]?.deletes.length ?? 0) > 0
  const paths = literals(files.map(({ file }) => localPath(file.path)))
  if (written === undefined) refuseUnreadable(plan)
  const mapping = written === undefined && fields.length > 0 ? `, ${mappedSchema(fields)}` : ''
  const columns = fields.map((field) => (written === undefined ? ident(field.name) : projectColumn(field, written)))
  const outer = outerColumns(fields, positions)
  if (dirty && files.length <= separateFiles) {
    return files.map((file) => oneFileSql(file, { columns, mapping, outer, positions }))
  }
  const place = positions ? [`${fileExpression(files)} as _file`, 'file_row_number as _pos'] : []
  const source = `read_parquet(${paths}${mapping}, filename = '_path')`
  if (!dirty) {
    const plain = positions ? source : `read_parquet(${paths}${mapping})`
    return [`select ${list([...columns, ...place])} from ${plain}`]
  }
  // The join is on the narrow side columns; `file_row_number` and `_path` are made by the reader.
  const inner = list([...columns, ...place, '_path', 'file_row_number as _row'])
  return [
    `select ${outer} from (select ${inner} from ${source}) d
  anti join (${deletedSql(files)}) x on x._path = d._path and x._row = d._row`,
  ]
}

/** So many files with deletes are read one by one: a join on row numbers alone costs half of one on paths and row numbers. */
const separateFiles = 32

interface OneFile {
  readonly columns: readonly string[]
  readonly mapping: string
  readonly outer: string
  readonly positions: boolean
}

function oneFileSql({ file, deletes }: PlannedFile, { columns, mapping, outer, positions }: OneFile): string {
  const path = literal(localPath(file.path))
  const place = positions ? [`${literal(file.path)} as _file`, 'file_row_number as _pos'] : []
  const inner = list([...columns, ...place, 'file_row_number as _row'])
  // The cheap comparison leaves few paths for the one that knows all spellings.
  return `select ${outer} from (select ${inner} from read_parquet(${path}${mapping})) d
  anti join (select pos as _row from read_parquet(${literals(deletes.map((each) => localPath(each.file.path)))})
    where ends_with(file_path, ${path}) and ${barePath} = ${path}) x on x._row = d._row`
}

/** Other engines spell paths `file:/a` or `/a`; the reader's are bare, so both sides of a join are (reference: lakehouse §1.2). */
const barePath = "regexp_replace(file_path, '^file:/+', '/')"

function list(columns: readonly string[]): string {
  return columns.length > 0 ? columns.join(', ') : '1'
}

/** Deleted positions of a group of files, by path. */
function deletedSql(files: readonly PlannedFile[]): string {
  const applied = new Map(files.flatMap(({ deletes }) => deletes.map((each) => [each.file.path, each])))
  const shielded = files.some((file) => file.shielded)
  if (!shielded) return positionsSql(Array.from(applied.keys()))
  // A path that came back after it was deleted: only deletes at least as new as the file count.
  const numbers = Map.groupBy(applied.values(), ({ sequenceNumber }) => sequenceNumber)
  const deletes = Array.from(
    numbers,
    ([number, each]) => `select *, ${number} as number from (${positionsSql(each.map(({ file }) => file.path))})`,
  )
  const data = files.map(({ file, sequenceNumber }) => `(${literal(localPath(file.path))}, ${sequenceNumber})`)
  return `select x._path, x._row from (${deletes.join(' union all ')}) x
    join (values ${data.join(', ')}) f(path, number) on f.path = x._path and x.number >= f.number`
}

function positionsSql(paths: readonly string[]): string {
  return `select ${barePath} as _path, pos as _row from read_parquet(${literals(paths.map(localPath))})`
}

/** The manifest's own spelling of the path, which a delete of this row has to repeat. */
function fileExpression(files: readonly PlannedFile[]): string {
  const odd = files.map(({ file }) => file.path).filter((path) => path !== `file://${localPath(path)}`)
  if (odd.length === 0) return "'file://' || _path"
  const spelt = odd.map((path) => `when ${literal(localPath(path))} then ${literal(path)}`)
  return `case _path ${spelt.join(' ')} else 'file://' || _path end`
}

function refuseUnreadable({ schema, schemas, nameMapped }: ScanPlan): void {
  const renamed = renamedField(schema, schemas)
  if (renamed === undefined && !nameMapped) return
  const what = nameMapped ? 'holds files without field ids' : 'had a nested field renamed or replaced'
  throw new LakeError('unsupported', `This table was changed by another program and ${what}: its files cannot be read safely.`, {
    hint: 'Rewrite the data files with that program (Spark: CALL system.rewrite_data_files), then try again.',
  })
}
