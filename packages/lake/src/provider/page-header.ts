import { CompactReader, type ThriftStruct, type ThriftValue } from '../iceberg/thrift.ts'

/** What a reader of one column needs to know of a Parquet page (parquet.thrift, PageHeader). */
export interface PageHeader {
  readonly type: number
  readonly compressedBytes: number
  readonly bytes: number
  /** Values with nulls; of a dictionary its entries. */
  readonly values: number
  readonly encoding: number
  /** Version 2: bytes of repetition and definition levels, which lie before the compressed part. */
  readonly levels: { readonly repetition: number; readonly definition: number; readonly compressed: boolean } | undefined
  /** Bytes of the header itself. */
  readonly length: number
}

export const pageTypes = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const

/** Reads a page header (Thrift's compact protocol) at the start of `bytes`; undefined when it goes on beyond their end. */
export function pageHeader(bytes: Uint8Array): PageHeader | undefined {
  const reader = new CompactReader(bytes)
  const fields = reader.struct()
  if (reader.at > bytes.length) return undefined
  const data = structOf(fields.get(5))
  const dictionary = structOf(fields.get(7))
  const v2 = structOf(fields.get(8))
  const body = data ?? dictionary ?? v2
  return {
    type: numberOf(fields.get(1)),
    bytes: numberOf(fields.get(2)),
    compressedBytes: numberOf(fields.get(3)),
    values: numberOf(body?.get(1)),
    encoding: numberOf(v2 === undefined ? body?.get(2) : v2.get(4)),
    levels:
      v2 === undefined
        ? undefined
        : { definition: numberOf(v2.get(5)), repetition: numberOf(v2.get(6)), compressed: v2.get(7) !== false },
    length: reader.at,
  }
}

function numberOf(value: ThriftValue): number {
  return typeof value === 'number' ? value : 0
}

function structOf(value: ThriftValue): ThriftStruct | undefined {
  return value instanceof Map ? value : undefined
}
