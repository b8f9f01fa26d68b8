/** What tests of partitioned tables share: floe's own are not partitioned, those of others may be. */
import type { PartitionField } from './metadata.ts'

export const partitionField = (source: number, id: number, name: string, transform: string): PartitionField => ({
  'source-id': source,
  'field-id': id,
  name,
  transform,
})
