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

type Struct = ReadonlyMap<number, Value>
type Value = number | boolean | bigint | Struct | undefined

const kinds = { true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, set: 10, map: 11, struct: 12 }

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

function numberOf(value: Value): number {
  return typeof value === 'number' ? value : 0
}

function structOf(value: Value): Struct | undefined {
  return value instanceof Map ? value : undefined
}

/** Thrift's compact protocol, as far as reading goes; text and lists are passed over. Past the end it reads zeros. */
class CompactReader {
  at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  struct(): Struct {
    const fields = new Map<number, Value>()
    let id = 0
    for (;;) {
      const head = this.#byte()
      const kind = head & 0x0f
      if (kind === 0) return fields
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4)
      fields.set(id, this.#value(kind, true))
    }
  }

  /** A boolean is in the kind itself where it is a field, a byte of its own where it is in a list. */
  #value(kind: number, field: boolean): Value {
    switch (kind) {
      case kinds.true:
      case kinds.false:
        return field ? kind === kinds.true : this.#byte() === kinds.true
      case kinds.byte:
        return this.#byte()
      case kinds.i16:
      case kinds.i32:
      case kinds.i64:
        return this.#zigzag()
      case kinds.double:
        this.at += 8
        return undefined
      case kinds.binary:
        this.at += this.#varint()
        return undefined
      case kinds.struct:
        return this.struct()
      default:
        return this.#collection(kind)
    }
  }

  #collection(kind: number): undefined {
    if (kind === kinds.map) {
      const size = this.#varint()
      const types = size === 0 ? 0 : this.#byte()
      for (let entry = 0; entry < size && this.#more(); entry++) {
        this.#value(types >> 4, false)
        this.#value(types & 0x0f, false)
      }
      return undefined
    }
    const head = this.#byte()
    const size = head >> 4 === 15 ? this.#varint() : head >> 4
    for (let item = 0; item < size && this.#more(); item++) this.#value(head & 0x0f, false)
    return undefined
  }

  #zigzag(): number {
    const value = this.#varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #varint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  #byte(): number {
    return this.#bytes[this.at++] ?? 0
  }

  #more(): boolean {
    return this.at <= this.#bytes.length
  }
}
