import { encodeBound, encodeText } from './bounds.ts'
import type { ColumnMetrics } from './content-file.ts'
import { leafKey, type Statistics } from './copy-parquet.ts'
import { type FieldNode, fieldNodes, type StructType } from './schema.ts'

/** Field ids that the spec reserves for position delete files (spec: Reserved Field IDs). */
export const deletePathId = 2147483546
export const deletePosId = 2147483545

/**
 * Only the first hundred leaves have metrics (`write.metadata.metrics.max-inferred-column-defaults`): keys come first in a
 * schema.
 */
const metricColumns = 100

/** Counts and bounds of a data file; inside lists and maps counts only. */
export function metricsOf(schema: StructType, statistics: Statistics): ColumnMetrics {
  const leaves = fieldNodes(schema).filter(({ type }) => typeof type === 'string')
  return collect(leaves.slice(0, metricColumns), statistics, ({ type, repeated }, text, side) =>
    repeated || typeof type !== 'string' ? undefined : encodeBound(type, text, side),
  )
}

const deleteLeaves: readonly FieldNode[] = [
  { id: deletePathId, path: ['file_path'], type: 'string', required: true, repeated: false },
  { id: deletePosId, path: ['pos'], type: 'long', required: true, repeated: false },
]

/** Paths stay whole in the bounds of a delete file: readers skip by them. */
export function deleteMetrics(statistics: Statistics): ColumnMetrics {
  return collect(deleteLeaves, statistics, ({ id }, text, side) =>
    id === deletePathId ? encodeText(text) : encodeBound('long', text, side),
  )
}

type Bound = (leaf: FieldNode, text: string, side: 'lower' | 'upper') => Uint8Array | undefined

function collect(leaves: readonly FieldNode[], statistics: Statistics, bound: Bound): ColumnMetrics {
  const [columnSizes, valueCounts, nullValueCounts] = [
    new Map<number, number>(),
    new Map<number, number>(),
    new Map<number, number>(),
  ]
  const [lowerBounds, upperBounds] = [new Map<number, Uint8Array>(), new Map<number, Uint8Array>()]
  const counted = [
    [columnSizes, 'column_size_bytes'],
    [valueCounts, 'num_values'],
    [nullValueCounts, 'null_count'],
  ] as const
  for (const leaf of leaves) {
    const values = statistics.get(leafKey(leaf.path))
    if (values === undefined) continue
    for (const [map, key] of counted) {
      const text = values.get(key)
      if (text !== undefined) map.set(leaf.id, Number(text))
    }
    // How many values are NaN is not told, so a column that has one gets no bounds at all.
    if (values.get('has_nan') === 'true') continue
    for (const [map, key, side] of [
      [lowerBounds, 'min', 'lower'],
      [upperBounds, 'max', 'upper'],
    ] as const) {
      const text = values.get(key)
      const bytes = text === undefined ? undefined : bound(leaf, text, side)
      if (bytes !== undefined) map.set(leaf.id, bytes)
    }
  }
  return { columnSizes, valueCounts, nullValueCounts, nanValueCounts: new Map(), lowerBounds, upperBounds }
}
