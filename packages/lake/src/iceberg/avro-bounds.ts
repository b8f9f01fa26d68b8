import type { AvroSchema } from './avro.ts'

/** Where a value ends that begins at a position; beyond the bytes when it does not fit into them. */
type Skip = (at: number) => number

/**
 * Whether so many encoded values of a schema are exactly these bytes. avsc believes every count that it reads: of a damaged file
 * it would go on for hours behind the end. Nothing is decoded here.
 */
export function fits(schema: AvroSchema, count: number, data: Uint8Array): boolean {
  const skip = skipperOf(schema, data)
  let at = 0
  for (let index = 0; index < count && at <= data.length; index++) {
    const end = skip(at)
    // A value of no bytes could be there any number of times.
    if (end === at && count > data.length) return false
    at = end
  }
  return at === data.length
}

/** Bytes of Avro's fixed types. */
const fixedSizes: Readonly<Record<string, number>> = { null: 0, boolean: 1, float: 4, double: 8 }

/** A place that no data has. */
const beyondOf = (data: Uint8Array): number => data.length + 1

interface Lengths {
  readonly long: Skip
  /** Behind bytes that tell their number first. */
  readonly sized: Skip
  /** Behind blocks of items. */
  readonly blocks: (item: Skip) => Skip
  /** The number that `long` has read last. */
  readonly value: () => number
}

function lengthsOf(data: Uint8Array): Lengths {
  const beyond = beyondOf(data)
  let value = 0
  /** Reads a number into `value`; most have one byte. */
  const long: Skip = (from) => {
    const first = data[from] ?? 0
    if (first < 0x80 && from < data.length) {
      value = (first >>> 1) ^ -(first & 1)
      return from + 1
    }
    let sum = 0
    for (let at = from, scale = 1; at < data.length && at - from < 10; at++, scale *= 128) {
      const byte = data[at] as number
      sum += (byte & 0x7f) * scale
      if (byte < 0x80) {
        value = sum % 2 === 0 ? sum / 2 : -(sum + 1) / 2
        return at + 1
      }
    }
    return beyond
  }
  const sized: Skip = (at) => {
    const start = long(at)
    return start > data.length || value < 0 ? beyond : start + value
  }
  const blocks = (item: Skip): Skip => {
    return (from) => {
      for (let at = from; ; ) {
        at = long(at)
        let left = value
        if (at > data.length || left === 0) return at
        if (left < 0) {
          at = long(at)
          left = -left
        }
        if (left > data.length) return beyond
        for (; left > 0 && at <= data.length; left--) at = item(at)
        if (at > data.length) return beyond
      }
    }
  }
  return { long, sized, blocks, value: () => value }
}

function skipperOf(schema: AvroSchema, data: Uint8Array): Skip {
  const named = new Map<string, Skip>()
  const beyond = beyondOf(data)
  const { long, sized, blocks, value } = lengthsOf(data)
  const build = (part: AvroSchema): Skip => {
    if (Array.isArray(part)) {
      const branches = part.map(build)
      return (at) => {
        const start = long(at)
        const branch = branches[value()]
        return start > data.length || branch === undefined ? beyond : branch(start)
      }
    }
    if (typeof part === 'string') {
      const size = fixedSizes[part]
      if (size !== undefined) return (at) => at + size
      if (part === 'int' || part === 'long') return long
      if (part === 'bytes' || part === 'string') return sized
      return (at) => named.get(part)?.(at) ?? beyond
    }
    const { type, name, namespace, fields, items, values, size } = part as Readonly<Record<string, unknown>>
    const naming = (skip: Skip): Skip => {
      if (typeof name === 'string') {
        named.set(name, skip)
        if (typeof namespace === 'string') named.set(`${namespace}.${name}`, skip)
      }
      return skip
    }
    switch (type) {
      case 'record': {
        const parts: Skip[] = []
        const skip = naming((from) => {
          let at = from
          for (let index = 0; index < parts.length && at <= data.length; index++) at = (parts[index] as Skip)(at)
          return at
        })
        for (const field of fields as readonly { type: AvroSchema }[]) parts.push(build(field.type))
        return skip
      }
      case 'enum':
        return naming(long)
      case 'fixed':
        return naming((at) => at + Number(size))
      case 'array':
        return blocks(build(items as AvroSchema))
      case 'map': {
        const one = build(values as AvroSchema)
        return blocks((at) => {
          const start = sized(at)
          return start > data.length ? start : one(start)
        })
      }
      default:
        return build(type as AvroSchema)
    }
  }
  return build(schema)
}
