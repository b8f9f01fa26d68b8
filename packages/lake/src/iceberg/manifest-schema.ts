import { type AvroSchema, wideLong } from './avro.ts'
import type { PartitionSpec } from './metadata.ts'
import { fieldNodes, type IcebergSchema, type IcebergType } from './schema.ts'
import { decimalOf } from './shape.ts'

type Field = { readonly name: string; readonly type: AvroSchema; readonly 'field-id': number; readonly default?: null }

const required = (id: number, name: string, type: AvroSchema): Field => ({ name, type, 'field-id': id })
const optional = (id: number, name: string, type: AvroSchema): Field => ({
  name,
  type: ['null', type],
  default: null,
  'field-id': id,
})

/** A map with int keys is an array of pairs in Avro (spec, Appendix A). */
const intMap = (key: number, value: number, type: AvroSchema): AvroSchema => ({
  type: 'array',
  logicalType: 'map',
  items: { type: 'record', name: `k${key}_v${value}`, fields: [required(key, 'key', 'int'), required(value, 'value', type)] },
})

/** `manifest_entry` of format version 2, for files of one partition spec. */
export function entrySchema(spec: PartitionSpec, schema: IcebergSchema): AvroSchema {
  const dataFile = [
    required(134, 'content', 'int'),
    required(100, 'file_path', 'string'),
    required(101, 'file_format', 'string'),
    required(102, 'partition', { type: 'record', name: 'r102', fields: partitionFields(spec, schema) }),
    required(103, 'record_count', 'long'),
    required(104, 'file_size_in_bytes', 'long'),
    optional(108, 'column_sizes', intMap(117, 118, 'long')),
    optional(109, 'value_counts', intMap(119, 120, 'long')),
    optional(110, 'null_value_counts', intMap(121, 122, 'long')),
    optional(137, 'nan_value_counts', intMap(138, 139, 'long')),
    optional(125, 'lower_bounds', intMap(126, 127, 'bytes')),
    optional(128, 'upper_bounds', intMap(129, 130, 'bytes')),
    optional(131, 'key_metadata', 'bytes'),
    optional(132, 'split_offsets', { type: 'array', items: 'long', 'element-id': 133 }),
    optional(135, 'equality_ids', { type: 'array', items: 'int', 'element-id': 136 }),
    optional(140, 'sort_order_id', 'int'),
    optional(143, 'referenced_data_file', 'string'),
  ]
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      required(0, 'status', 'int'),
      optional(1, 'snapshot_id', 'long'),
      optional(3, 'sequence_number', 'long'),
      optional(4, 'file_sequence_number', 'long'),
      required(2, 'data_file', { type: 'record', name: 'r2', fields: dataFile }),
    ],
  }
}

/** `manifest_file`: an entry of a manifest list. */
export const manifestFileSchema: AvroSchema = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    required(500, 'manifest_path', 'string'),
    required(501, 'manifest_length', 'long'),
    required(502, 'partition_spec_id', 'int'),
    required(517, 'content', 'int'),
    required(515, 'sequence_number', 'long'),
    required(516, 'min_sequence_number', 'long'),
    required(503, 'added_snapshot_id', 'long'),
    required(504, 'added_files_count', 'int'),
    required(505, 'existing_files_count', 'int'),
    required(506, 'deleted_files_count', 'int'),
    required(512, 'added_rows_count', 'long'),
    required(513, 'existing_rows_count', 'long'),
    required(514, 'deleted_rows_count', 'long'),
    optional(507, 'partitions', {
      type: 'array',
      'element-id': 508,
      items: {
        type: 'record',
        name: 'r508',
        fields: [
          required(509, 'contains_null', 'boolean'),
          optional(518, 'contains_nan', 'boolean'),
          optional(510, 'lower_bound', 'bytes'),
          optional(511, 'upper_bound', 'bytes'),
        ],
      },
    }),
    optional(519, 'key_metadata', 'bytes'),
  ],
}

function partitionFields(spec: PartitionSpec, schema: IcebergSchema): Field[] {
  const types = new Map(fieldNodes(schema).map(({ id, type }) => [id, type]))
  return spec.fields.map((field) => {
    const type = transformedType(field.transform, types.get(field['source-id']) ?? 'string')
    return optional(field['field-id'], avroName(field.name), avroPrimitive(type))
  })
}

/** The type of a partition value (spec: Partition Transforms). */
export function transformedType(transform: string, source: IcebergType): string {
  if (typeof source !== 'string') throw new TypeError('a partition column is primitive')
  if (/^(bucket\[\d+\]|year|month|hour)$/.test(transform)) return 'int'
  return transform === 'day' ? 'date' : source
}

/** Avro names are `[A-Za-z_][A-Za-z0-9_]*`; others are spelt out as Java does. */
function avroName(name: string): string {
  return name.replace(/^\d|[^A-Za-z0-9_]/g, (char) =>
    /\d/.test(char) ? `_${char}` : `_x${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const avroPrimitives: Readonly<Record<string, AvroSchema>> = {
  boolean: 'boolean',
  int: 'int',
  long: 'long',
  float: 'float',
  double: 'double',
  string: 'string',
  binary: 'bytes',
  date: { type: 'int', logicalType: 'date' },
  time: { type: 'long', logicalType: 'time-micros' },
  timestamp: { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': false },
  timestamptz: { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': true },
  uuid: { type: 'fixed', name: 'uuid_fixed', size: 16, logicalType: 'uuid' },
}

function avroPrimitive(type: string): AvroSchema {
  const known = avroPrimitives[type]
  if (known !== undefined) return known
  const decimal = decimalOf(type)
  if (decimal === undefined) throw new TypeError(`no partition by ${type}`)
  const bits = decimal.precision * Math.log2(10) + 1
  return {
    type: 'fixed',
    name: `decimal_${decimal.precision}_${decimal.scale}`,
    size: Math.ceil(bits / 8),
    logicalType: 'decimal',
    ...decimal,
  }
}

/** Names by field id: writers spell some differently (`added_data_files_count`), ids are what the spec fixes. */
const names = new Map(
  [
    ...fieldsOf(entrySchema({ 'spec-id': 0, fields: [] }, { type: 'struct', 'schema-id': 0, fields: [] })),
    ...fieldsOf(manifestFileSchema),
  ].map((field) => [field['field-id'], field.name]),
)

const ids = new Set([1, 503])

/** Fields of the schema and of the records in it, at any depth. */
function fieldsOf(schema: AvroSchema): Field[] {
  if (typeof schema === 'string') return []
  if (Array.isArray(schema)) return schema.flatMap(fieldsOf)
  const record = schema as { fields?: readonly Field[]; items?: AvroSchema; type: AvroSchema }
  const own = record.fields ?? []
  return [...own, ...own.flatMap(({ type }) => fieldsOf(type)), ...(record.items === undefined ? [] : fieldsOf(record.items))]
}

/**
 * A foreign writer's schema under our names, snapshot ids as `wide-long`, partition fields as `p0, p1 …` in the order of the
 * file. Fields whose ids are in `drop` (metrics that nobody asked for) are left out: the reader's side of a resolver.
 */
export function canonical(schema: AvroSchema, drop: ReadonlySet<number> = new Set()): AvroSchema {
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema)) return schema.map((each) => canonical(each as AvroSchema, drop))
  const object = schema as { readonly type: AvroSchema; readonly fields?: readonly Field[]; readonly items?: AvroSchema }
  if (object.fields !== undefined) {
    return {
      ...object,
      fields: object.fields.filter((field) => !drop.has(field['field-id'])).map((field) => canonicalField(field, drop)),
    }
  }
  if (object.items !== undefined) return { ...object, items: canonical(object.items, drop) }
  return typeof object.type === 'string' ? object : { ...object, type: canonical(object.type, drop) }
}

function canonicalField(field: Field, drop: ReadonlySet<number>): Field {
  const id = field['field-id']
  const name = names.get(id) ?? field.name
  if (id === 102) return { ...field, name, type: canonicalPartition(field.type) }
  return { ...field, name, type: ids.has(id) ? wide(field.type) : canonical(field.type, drop) }
}

function wide(type: AvroSchema): AvroSchema {
  if (Array.isArray(type)) return type.map((each) => wide(each as AvroSchema))
  // DuckDB's extension writes `{"type": "long"}` where others write `"long"`.
  const plain = typeof type === 'object' && 'type' in type ? type.type : type
  return plain === 'long' ? { type: 'long', logicalType: wideLong } : type
}

function canonicalPartition(type: AvroSchema): AvroSchema {
  const record = type as { readonly type: AvroSchema; readonly fields: readonly Field[] }
  return { ...record, fields: record.fields.map((field, index) => ({ ...field, name: `p${index}` })) }
}
