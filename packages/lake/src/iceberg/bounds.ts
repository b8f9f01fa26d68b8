import type { PartitionValue } from './content-file.ts'
import { decimalOf } from './shape.ts'

/** Strings in bounds keep this many code points (`truncate(16)`, Iceberg's default metrics mode). */
const kept = 16

/**
 * A bound in Iceberg's binary single-value form (spec, Appendix D) from the engine's text; undefined where there is none.
 * Strings are cut by code points; a cut upper bound is raised so that it stays above all values.
 */
export function encodeBound(type: string, text: string, side: 'lower' | 'upper'): Uint8Array | undefined {
  if (type === 'string') return encodeText(side === 'lower' ? cut(text) : raise(text))
  return encodeExact(type, text, side)
}

/** The whole string as a bound: paths of position deletes keep theirs uncut, so that readers skip by them. */
export function encodeText(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'utf8')
}

function encodeExact(type: string, text: string, side: 'lower' | 'upper'): Uint8Array | undefined {
  switch (type) {
    case 'boolean':
      return Buffer.from([text === '1' || text === 'true' ? 1 : 0])
    case 'int':
      return numberBytes(4, (bytes) => bytes.writeInt32LE(Number(text)))
    case 'long':
      return numberBytes(8, (bytes) => bytes.writeBigInt64LE(BigInt(text)))
    case 'float':
    case 'double':
      return encodeFloat(type, Number(text), side)
    case 'date':
      return encodeDays(text)
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return encodeMicros(text)
    case 'uuid':
      return Buffer.from(text.replaceAll('-', ''), 'hex')
    default:
      return encodeDecimal(type, text)
  }
}

function numberBytes(size: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size)
  write(bytes)
  return bytes
}

/** -0 comes before +0 in bounds, and the engine does not tell them apart: zero is widened to hold both. NaN is no bound. */
function encodeFloat(type: 'float' | 'double', value: number, side: 'lower' | 'upper'): Uint8Array | undefined {
  if (Number.isNaN(value)) return undefined
  const exact = value === 0 ? (side === 'lower' ? -0 : 0) : value
  return type === 'float' ? numberBytes(4, (b) => b.writeFloatLE(exact)) : numberBytes(8, (b) => b.writeDoubleLE(exact))
}

function encodeDays(text: string): Uint8Array | undefined {
  const millis = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return Number.isNaN(millis) ? undefined : numberBytes(4, (bytes) => bytes.writeInt32LE(millis / 86_400_000))
}

function encodeMicros(text: string): Uint8Array | undefined {
  const match = /^(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(?:Z|\+00(?::?00)?)?$/.exec(text)
  if (match === null) return undefined
  const [, date = '1970-01-01', time = '', fraction = ''] = match
  const seconds = BigInt(Date.parse(`${date}T${time}Z`)) * 1000n
  return numberBytes(8, (bytes) => bytes.writeBigInt64LE(seconds + BigInt(fraction.padEnd(6, '0'))))
}

/** The unscaled value as the shortest two's complement, big-endian. */
function encodeDecimal(type: string, text: string): Uint8Array | undefined {
  const decimal = decimalOf(type)
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text)
  if (decimal === undefined || match === null) return undefined
  const [, sign = '', whole = '', fraction = ''] = match
  const unscaled = BigInt(`${sign}${whole}${fraction.padEnd(decimal.scale, '0').slice(0, decimal.scale)}` || '0')
  let size = 1
  while (BigInt.asIntN(size * 8, unscaled) !== unscaled) size++
  const hex = BigInt.asUintN(size * 8, unscaled).toString(16)
  return Buffer.from(hex.padStart(size * 2, '0'), 'hex')
}

/** A partition value in the same form; `value` is as Avro carries it (days, microseconds, unscaled bytes). */
export function encodeValue(type: string, value: PartitionValue): Uint8Array | undefined {
  if (value === null) return undefined
  if (value instanceof Uint8Array) return value
  if (type === 'string') return Buffer.from(String(value), 'utf8')
  if (type === 'date') return encodeExact('int', String(value), 'lower')
  return encodeExact(/^time/.test(type) ? 'long' : type, String(value), 'lower')
}

function cut(text: string): string {
  return text.length <= kept
    ? text
    : Array.from(text.slice(0, 2 * kept))
        .slice(0, kept)
        .join('')
}

/**
 * The least string of at most 16 code points above every string that begins as `text` does; none when all of them are the last
 * one.
 */
function raise(text: string): string | undefined {
  const points = Array.from(text.slice(0, 2 * kept + 2), (point) => point.codePointAt(0) ?? 0)
  if (points.length <= kept) return text
  for (let last = kept - 1; last >= 0; last--) {
    const next = (points[last] ?? 0) + 1
    // U+D800 to U+DFFF are no characters: UTF-8 cannot hold them.
    const valid = next >= 0xd800 && next <= 0xdfff ? 0xe000 : next
    if (valid <= 0x10ffff) return String.fromCodePoint(...points.slice(0, last), valid)
  }
  return undefined
}

/** A bound as something to compare: number, bigint or (strings, byte order) a Buffer; undefined for types without order here. */
export function decodeBound(type: string, bytes: Uint8Array): number | bigint | Buffer | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (type) {
    case 'boolean':
      return buffer.readUInt8()
    case 'int':
    case 'date':
      return buffer.readInt32LE()
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      // An int bound stays as it was written when the column becomes long.
      return buffer.length === 4 ? BigInt(buffer.readInt32LE()) : buffer.readBigInt64LE()
    case 'float':
    case 'double':
      return buffer.length === 4 ? buffer.readFloatLE() : buffer.readDoubleLE()
    case 'string':
    case 'uuid':
      return buffer
    default:
      return undefined
  }
}
