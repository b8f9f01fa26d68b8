import { ident, literal, literals } from '../engine/sql.ts'
import { localPath } from '../storage/local.ts'
import { antiJoinSql, equalityDeletes, isEquality, keyColumns, numbersSql } from './equality-sql.ts'
import { footerSchemaId } from './parquet-footer.ts'
import type { PlannedFile, ScanPlan } from './plan.ts'
import { mappedSchema, projectColumn } from './projection.ts'
import { refuseFooter, refuseReserved, rowNumber, type ScanNames, scanNames } from './scan-names.ts'
import type { NestedField, StructType } from './schema.ts'
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
 * as much. What another program deleted by equality leaves in one more anti join per set of columns.
 *
 * @example
 * const plan = await planScan(table, { tag: exportId })
 * const rows = await engine.all(`select count(*) as n from (${scanSql(plan, { columns: ['id'] })})`)
 */
export function scanSql(plan: ScanPlan, { columns, positions = false }: ScanSqlOptions = {}): string {
  const fields = columns === undefined ? plan.schema.fields : columns.map((name) => fieldOf(plan, name))
  if (positions) refuseReserved(fields)
  if (plan.files.length === 0) return emptySql(fields, positions)
  const names = scanNames(plan)
  const groups = Map.groupBy(plan.files, groupOf)
  const parts = Array.from(groups.values()).flatMap((files) => groupSql({ plan, names, files, fields, positions }))
  if (parts.length === 1) return parts[0] ?? ''
  // A query that needs no column, as count(*), still reads the first one of a union: this one costs nothing.
  const union = parts.map((part) => `select 1::utinyint as ${names.part}, * from (${part})`).join('\nunion all\n')
  return `select ${outerColumns(fields, positions)} from (${union})`
}

/** Files that one SELECT reads: of one schema, with or without deletes, those by equality of one partition. */
function groupOf({ file, written, deletes }: PlannedFile): string {
  const schema = written?.['schema-id'] === footerSchemaId ? JSON.stringify(written.fields) : written?.['schema-id']
  const local = deletes.some((each) => isEquality(each)) ? [file.specId, ...file.partition.map(String)] : []
  return JSON.stringify([schema ?? 'unknown', deletes.length > 0, ...local])
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
  readonly names: ScanNames
  readonly files: readonly PlannedFile[]
  readonly fields: readonly NestedField[]
  readonly positions: boolean
}

function groupSql(group: Group): string[] {
  const { plan, names, files, fields, positions } = group
  const deletes = files[0]?.deletes ?? []
  const reader = readerOf(group, deletes.length > 0 || positions)
  const columns = fields.map(reader.column)
  const outer = outerColumns(fields, positions)
  const equalities = equalityDeletes(plan, files, names)
  if (deletes.length > 0 && equalities.length === 0 && files.length <= separateFiles) {
    return files.map((file) => oneFileSql(file, { columns, mapping: reader.mapping, outer, positions, names }))
  }
  const place = positions ? [`${fileExpression(files, names)} as _file`, `${rowNumber} as _pos`] : []
  const paths = literals(files.map(({ file }) => localPath(file.path)))
  const source = `read_parquet(${paths}${reader.mapping}, filename = '${names.path}')`
  if (deletes.length === 0) {
    const plain = positions ? source : `read_parquet(${paths}${reader.mapping})`
    return [`select ${list([...columns, ...place])} from ${plain}`]
  }
  // The joins are on the narrow side columns; row number and path are made by the reader.
  const keys = equalities.length === 0 ? [] : keyColumns(equalities, reader.written ?? plan.schema)
  const inner = list([...columns, ...place, ...keys, names.path, `${rowNumber} as ${names.row}`])
  const byPosition = files.some((file) => file.deletes.some((each) => !isEquality(each)))
  const joins = [
    ...(byPosition
      ? [`anti join (${deletedSql(files, names)}) x on x.${names.path} = d.${names.path} and x.${names.row} = d.${names.row}`]
      : []),
    ...equalities.map((each, index) => antiJoinSql(each, names, `e${index}`)),
  ]
  const rows = `(select ${inner} from ${source})`
  const numbered =
    equalities.length === 0
      ? rows
      : `(select r.*, f.number as ${names.number} from ${rows} r join (${numbersSql(files)}) f on f.path = r.${names.path})`
  return [`select ${outer} from ${numbered} d\n  ${joins.join('\n  ')}`]
}

/** How the files of a group are read. */
interface Reader {
  /** Arguments of `read_parquet`. */
  readonly mapping: string
  readonly column: (field: NestedField) => string
  /** What the columns of the files are called, where that is known. */
  readonly written: StructType | undefined
}

/** A column called like the row's number would stand in its place: it is read by its id then, under another name. */
function readerOf({ plan, names, files, fields }: Group, numbered: boolean): Reader {
  const written = files[0]?.written
  const hides = ({ name }: NestedField): boolean => numbered && name.toLowerCase() === rowNumber
  const renamed = (field: NestedField): NestedField => ({ ...field, name: names.column(field.id) })
  if (written === undefined) {
    // A mapping shows the columns that it names and no others; one that is of no use hides them all.
    const read = fields.length > 0 || !numbered ? fields : plan.schema.fields.slice(0, 1).map(renamed)
    const mapping = read.length > 0 ? `, ${mappedSchema(read.map((field) => (hides(field) ? renamed(field) : field)))}` : ''
    const column = (field: NestedField): string =>
      hides(field) ? `${names.column(field.id)} as ${ident(field.name)}` : ident(field.name)
    return { mapping, column, written }
  }
  if (!written.fields.some(hides)) return { mapping: '', column: (field) => projectColumn(field, written), written }
  refuseFooter(written)
  const schema: StructType = { type: 'struct', fields: written.fields.map(renamed) }
  return { mapping: `, ${mappedSchema(schema.fields)}`, column: (field) => projectColumn(field, schema), written: schema }
}

/** So many files with deletes are read one by one: a join on row numbers alone costs half of one on paths and row numbers. */
const separateFiles = 32

interface OneFile {
  readonly columns: readonly string[]
  readonly mapping: string
  readonly outer: string
  readonly positions: boolean
  readonly names: ScanNames
}

function oneFileSql({ file, deletes }: PlannedFile, { columns, mapping, outer, positions, names }: OneFile): string {
  const path = literal(localPath(file.path))
  const place = positions ? [`${literal(file.path)} as _file`, `${rowNumber} as _pos`] : []
  const inner = list([...columns, ...place, `${rowNumber} as ${names.row}`])
  // The cheap comparison leaves few paths for the one that knows all spellings.
  return `select ${outer} from (select ${inner} from read_parquet(${path}${mapping})) d
  anti join (select pos as ${names.row} from read_parquet(${literals(deletes.map((each) => localPath(each.file.path)))})
    where ends_with(file_path, ${path}) and ${barePath} = ${path}) x on x.${names.row} = d.${names.row}`
}

/** Other engines spell paths `file:/a` or `/a`; the reader's are bare, so both sides of a join are (reference: lakehouse §1.2). */
const barePath = "regexp_replace(file_path, '^file:/+', '/')"

function list(columns: readonly string[]): string {
  return columns.length > 0 ? columns.join(', ') : '1'
}

/** Deleted positions of a group of files, by path. */
function deletedSql(files: readonly PlannedFile[], names: ScanNames): string {
  const applied = new Map(
    files.flatMap(({ deletes }) => deletes.filter((each) => !isEquality(each)).map((each) => [each.file.path, each])),
  )
  const shielded = files.some((file) => file.shielded)
  if (!shielded) return positionsSql(Array.from(applied.keys()), names)
  // A path that came back after it was deleted: only deletes at least as new as the file count.
  const numbers = Map.groupBy(applied.values(), ({ sequenceNumber }) => sequenceNumber)
  const deletes = Array.from(
    numbers,
    ([number, each]) =>
      `select *, ${number} as number from (${positionsSql(
        each.map(({ file }) => file.path),
        names,
      )})`,
  )
  const data = files.map(({ file, sequenceNumber }) => `(${literal(localPath(file.path))}, ${sequenceNumber})`)
  return `select x.${names.path}, x.${names.row} from (${deletes.join(' union all ')}) x
    join (values ${data.join(', ')}) f(path, number) on f.path = x.${names.path} and x.number >= f.number`
}

function positionsSql(paths: readonly string[], names: ScanNames): string {
  return `select ${barePath} as ${names.path}, pos as ${names.row} from read_parquet(${literals(paths.map(localPath))})`
}

/** The manifest's own spelling of the path, which a delete of this row has to repeat. */
function fileExpression(files: readonly PlannedFile[], { path: bare }: ScanNames): string {
  const odd = files.map(({ file }) => file.path).filter((path) => path !== `file://${localPath(path)}`)
  if (odd.length === 0) return `'file://' || ${bare}`
  const spelt = odd.map((path) => `when ${literal(localPath(path))} then ${literal(path)}`)
  return `case ${bare} ${spelt.join(' ')} else 'file://' || ${bare} end`
}
