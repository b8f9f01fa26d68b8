import { encodeValue } from './bounds.ts'
import type { PartitionValue } from './content-file.ts'
import type { PartitionSummary } from './manifest-list.ts'
import { transformedType } from './manifest-schema.ts'
import type { PartitionSpec } from './metadata.ts'
import { fieldNodes, type IcebergSchema } from './schema.ts'

/** What a manifest list tells of each partition field, so that readers can skip the manifest. */
export function summarizePartitions(
  spec: PartitionSpec,
  schema: IcebergSchema,
  partitions: readonly (readonly PartitionValue[])[],
): PartitionSummary[] {
  const types = new Map(fieldNodes(schema).map(({ id, type }) => [id, type]))
  return spec.fields.map((field, index) => {
    const values = partitions.map((partition) => partition[index] ?? null)
    const type = transformedType(field.transform, types.get(field['source-id']) ?? 'string')
    const sorted = values.filter((value) => value !== null && !Number.isNaN(value)).sort(compare)
    const [lower, upper] = [sorted[0], sorted.at(-1)]
    return {
      containsNull: values.includes(null),
      containsNan: values.some(Number.isNaN),
      lowerBound: lower === undefined ? undefined : encodeValue(type, lower),
      upperBound: upper === undefined ? undefined : encodeValue(type, upper),
    }
  })
}

function compare(a: PartitionValue, b: PartitionValue): number {
  const [x, y] = [sortable(a), sortable(b)]
  if (typeof x === 'object' && typeof y === 'object') return Buffer.compare(x, y)
  return x < y ? -1 : x > y ? 1 : 0
}

/** Texts compare by their UTF-8 bytes, as the spec orders them. */
function sortable(value: PartitionValue): number | bigint | Buffer {
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof Uint8Array) return Buffer.from(value)
  return typeof value === 'bigint' ? value : Number(value)
}
