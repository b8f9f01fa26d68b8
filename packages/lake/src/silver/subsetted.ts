import type { IcebergType, StructType } from '../iceberg/schema.ts'

const isStruct = (type: IcebergType | undefined): type is StructType => typeof type === 'object' && type.type === 'struct'
const field = (type: StructType, name: string): IcebergType | undefined => type.fields.find((it) => it.name === name)?.type

/**
 * SQL that tells whether a row holds some elements of its resource only: a server marks what it sends with `_elements` by the tag
 * SUBSETTED (Bulk Data IG, `_elements`). Such a row never takes the place of a whole one.
 */
export function subsettedOf(schema: StructType): string {
  const meta = field(schema, 'meta')
  const tagged = isStruct(meta) && field(meta, 'tag') !== undefined
  return tagged ? `coalesce(contains("meta"."tag"::varchar, 'SUBSETTED'), false)` : 'false'
}
