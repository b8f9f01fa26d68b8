import { LakeError } from '../errors.ts'
import { footerSchemaId } from './parquet-footer.ts'
import type { PlannedFile, ScanPlan } from './plan.ts'
import type { IcebergSchema, NestedField, StructType } from './schema.ts'

/** Names of the columns that a scan makes for itself. */
export interface ScanNames {
  /** The data file's bare path. */
  readonly path: string
  /** The row's number in it. */
  readonly row: string
  /** The file's sequence number, or a delete's. */
  readonly number: string
  readonly part: string
  /** A delete column, by its place among those of all delete files. */
  key(place: number): string
  /** A column of a file, by its id, where it cannot keep its name. */
  column(id: number): string
}

/** The engine's own column with the number of a row; a column of the file by this name would hide it. */
export const rowNumber = 'file_row_number'

/** Names that no column of the table, of an older schema or of a file has: a program may call its columns as it likes. */
export function scanNames({ schema, schemas, files }: Pick<ScanPlan, 'schema' | 'schemas' | 'files'>): ScanNames {
  const written = new Set(files.flatMap(writtenSchemas))
  const taken = [schema, ...schemas, ...written].flatMap(({ fields }) => fields.map(({ name }) => name.toLowerCase()))
  let prefix = '_floe'
  while (taken.some((name) => name.startsWith(prefix))) prefix += '_'
  return {
    path: `${prefix}_path`,
    row: `${prefix}_row`,
    number: `${prefix}_number`,
    part: `${prefix}_part`,
    key: (place) => `${prefix}_key_${place}`,
    column: (id) => `${prefix}_column_${id}`,
  }
}

function writtenSchemas({ written, deletes }: PlannedFile): StructType[] {
  const schemas = [written, ...deletes.map((each) => each.written)]
  return schemas.filter((each) => each !== undefined)
}

/** `_file` and `_pos`: reserved by Iceberg, and Spark refuses to read a table with such columns, too. */
export function isReserved(name: string): boolean {
  return ['_file', '_pos'].includes(name.toLowerCase())
}

export function refuseReserved(fields: readonly NestedField[]): void {
  const reserved = fields.find(({ name }) => isReserved(name))
  if (reserved !== undefined) refuseName(reserved.name)
}

/** The engine reads columns by id only where their types are known, which footers do not tell in its words. */
export function refuseFooter(written: IcebergSchema): void {
  if (written['schema-id'] === footerSchemaId) refuseName(rowNumber)
}

function refuseName(name: string): never {
  throw new LakeError('unsupported', `This table has a column ${name}, a reserved name: its rows cannot be told by place.`, {
    hint: `Rename the column with the program that made it (Spark: ALTER TABLE … RENAME COLUMN ${name} TO …), then try again.`,
  })
}
