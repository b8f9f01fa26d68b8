/** A value of Thrift's compact protocol; text is bytes, and undefined where the reader passes over it. */
export type ThriftValue = number | boolean | Uint8Array | ThriftStruct | readonly ThriftValue[] | undefined
export type ThriftStruct = ReadonlyMap<number, ThriftValue>

const kinds = { true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, set: 10, map: 11, struct: 12 }

/**
 * Reads Thrift's compact protocol, in which Parquet writes its headers and footers. Past the end it reads zeros: look at `at`.
 *
 * Text and lists are passed over unless `keep` is set; doubles and maps always are.
 */
export class CompactReader {
  at = 0
  readonly #bytes: Uint8Array
  readonly #keep: boolean

  constructor(bytes: Uint8Array, { keep = false }: { readonly keep?: boolean } = {}) {
    this.#bytes = bytes
    this.#keep = keep
  }

  /** All fields by id; with `until` the ones up to this id, wherever the struct ends. */
  struct(until: number = Number.POSITIVE_INFINITY): ThriftStruct {
    const fields = new Map<number, ThriftValue>()
    let id = 0
    for (;;) {
      const head = this.#byte()
      const kind = head & 0x0f
      if (kind === 0) return fields
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4)
      fields.set(id, this.#value(kind, true))
      if (id >= until) return fields
    }
  }

  /** A boolean is in the kind itself where it is a field, a byte of its own where it is in a list. */
  #value(kind: number, field: boolean): ThriftValue {
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
        return this.#binary()
      case kinds.struct:
        return this.struct()
      case kinds.map:
        return this.#map()
      default:
        return this.#list()
    }
  }

  #binary(): Uint8Array | undefined {
    const size = this.#varint()
    this.at += size
    return this.#keep ? this.#bytes.subarray(this.at - size, this.at) : undefined
  }

  #map(): undefined {
    const size = this.#varint()
    const types = size === 0 ? 0 : this.#byte()
    for (let entry = 0; entry < size && this.#more(); entry++) {
      this.#value(types >> 4, false)
      this.#value(types & 0x0f, false)
    }
  }

  #list(): readonly ThriftValue[] | undefined {
    const head = this.#byte()
    const size = head >> 4 === 15 ? this.#varint() : head >> 4
    const values: ThriftValue[] = []
    for (let item = 0; item < size && this.#more(); item++) {
      const value = this.#value(head & 0x0f, false)
      if (this.#keep) values.push(value)
    }
    return this.#keep ? values : undefined
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
