import { expect, test } from 'vitest'
import { type AvroSchema, avroType, writeContainer } from './avro.ts'
import { readManifestList } from './manifest-list.ts'
import { canonical, manifestFileSchema } from './manifest-schema.ts'

/** `"long"` as `{"type": "long"}`, the way DuckDB's extension writes it. */
function spelledOut(schema: AvroSchema): AvroSchema {
  if (schema === 'long' || schema === 'int' || schema === 'string') return { type: schema }
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema)) return schema.map(spelledOut)
  const { fields, items, ...rest } = schema as { type: AvroSchema; fields?: { type: AvroSchema }[]; items?: AvroSchema }
  return {
    ...rest,
    ...(fields === undefined ? {} : { fields: fields.map((field) => ({ ...field, type: spelledOut(field.type) })) }),
    ...(items === undefined ? {} : { items: spelledOut(items) }),
  }
}

test('ids of 63 bits are read where types are spelled out', () => {
  const schema = spelledOut(manifestFileSchema)
  const counts = Object.fromEntries(
    ['added', 'existing', 'deleted'].flatMap((what) => [
      [`${what}_files_count`, 1],
      [`${what}_rows_count`, 2],
    ]),
  )
  const record = {
    ...{
      manifest_path: 'file:///a',
      manifest_length: 1,
      partition_spec_id: 0,
      content: 0,
      sequence_number: 3,
      min_sequence_number: 3,
    },
    ...{ added_snapshot_id: '3897239156463060542', ...counts, partitions: null, key_metadata: null },
  }
  const bytes = writeContainer({ schema, type: avroType(canonical(schema)), records: [record], metadata: {} })
  expect(readManifestList(bytes)).toMatchObject([{ path: 'file:///a', addedSnapshotId: '3897239156463060542', partitions: [] }])
})
