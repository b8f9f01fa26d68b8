import { ident } from '../engine/sql.ts'
import { LakeError } from '../errors.ts'
import type { PartitionValue } from './content-file.ts'
import { transformedType } from './manifest-schema.ts'
import type { PartitionField, PartitionSpec } from './metadata.ts'
import { fieldNodes, type IcebergSchema } from './schema.ts'

const days = (expression: string): string => `(cast(${expression} as date) - date '1970-01-01')`

/**
 * SQL for a partition value in the form in which Avro carries it: days for dates, microseconds for instants, years since 1970 …
 * (spec: Partition Transforms). Throws `unsupported` for what floe does not write.
 */
export function transformSql(transform: string, type: string, expression: string): string {
  const bucket = /^bucket\[(\d+)\]$/.exec(transform)?.[1]
  if (bucket !== undefined) return bucketSql(type, expression, bucket)
  const width = /^truncate\[(\d+)\]$/.exec(transform)?.[1]
  if (width !== undefined) return truncateSql(type, expression, width)
  switch (transform) {
    case 'void':
      return 'null'
    case 'identity':
      return identitySql(type, expression)
    case 'year':
      return `(year(${expression}) - 1970)`
    case 'month':
      return `((year(${expression}) - 1970) * 12 + month(${expression}) - 1)`
    case 'day':
      return days(expression)
    case 'hour':
      return `(floor(epoch_us(${expression}) / 3600000000.0)::bigint)`
    default:
      throw new LakeError(
        'unsupported',
        `The partition transform ${transform} is not known to floe: it does not write this table.`,
      )
  }
}

function bucketSql(type: string, expression: string, buckets: string): string {
  switch (type) {
    case 'string':
      return `iceberg_bucket_text(${expression}, ${buckets})`
    case 'int':
    case 'long':
      return `iceberg_bucket_long(${expression}, ${buckets})`
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return `iceberg_bucket_long(${identitySql(type, expression)}, ${buckets})`
    default:
      throw unsupported(`bucket of ${type}`)
  }
}

function truncateSql(type: string, expression: string, width: string): string {
  if (type === 'string') return `left(${expression}, ${width})`
  if (type === 'int' || type === 'long') return `(${expression} - (((${expression} % ${width}) + ${width}) % ${width}))`
  throw unsupported(`truncate of ${type}`)
}

function identitySql(type: string, expression: string): string {
  switch (type) {
    case 'date':
      return days(expression)
    case 'timestamp':
    case 'timestamptz':
      return `epoch_us(${expression})`
    case 'string':
    case 'boolean':
    case 'int':
    case 'long':
      return expression
    default:
      throw unsupported(`identity of ${type}`)
  }
}

function unsupported(what: string): LakeError {
  return new LakeError('unsupported', `A partition by ${what} is not written by floe.`)
}

export interface PartitionColumn {
  readonly sql: string
  /** The engine's text of a value as Avro takes it. */
  readonly parse: (text: string | null) => PartitionValue
}

/** How to compute each field of a spec, in its order. */
export function partitionColumns(spec: PartitionSpec, schema: IcebergSchema): PartitionColumn[] {
  return spec.fields.map((field) => {
    const { type, expression } = sourceOf(field, schema)
    const result = transformedType(field.transform, type)
    return { sql: transformSql(field.transform, type, expression), parse: (text) => parseValue(result, text) }
  })
}

function sourceOf(field: PartitionField, schema: IcebergSchema): { type: string; expression: string } {
  const node = fieldNodes(schema).find(({ id }) => id === field['source-id'])
  // A partition whose column was dropped stays in the spec as void.
  if (node === undefined) return { type: 'string', expression: 'null' }
  if (typeof node.type !== 'string' || node.repeated) throw unsupported('a column that is no single value')
  return { type: node.type, expression: node.path.map(ident).join('.') }
}

function parseValue(type: string, text: string | null): PartitionValue {
  if (text === null || type === 'string') return text
  return type === 'boolean' ? text === 'true' : Number(text)
}
