import { randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync, zstdDecompressSync } from 'node:zlib'
import avro, { type Schema, type Type } from 'avsc'
import { LakeError } from '../errors.ts'
import { fits } from './avro-bounds.ts'

/** An Avro schema as parsed JSON, with Iceberg's `field-id` attributes. */
export type AvroSchema = string | readonly AvroSchema[] | { readonly type: AvroSchema; readonly [key: string]: unknown }

/** A record as `avsc` decodes it. */
export type AvroRecord = Readonly<Record<string, unknown>>

/** Longs with this logical type are decimal text in JavaScript: avsc's own long throws beyond 2^53, and Java's ids go there. */
export const wideLong = 'wide-long'

const wideLongType = avro.types.LongType.__with(
  {
    fromBuffer: readVarint,
    toBuffer: (text: string) => writeVarint(BigInt(text)),
    fromJSON: String,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === 'string' && /^-?\d{1,19}$/.test(value),
    compare: (a: string, b: string) => Number(BigInt(a) - BigInt(b)),
  },
  true,
)

function readVarint(bytes: Uint8Array): string {
  let zigzag = 0n
  for (let index = bytes.length - 1; index >= 0; index--) zigzag = (zigzag << 7n) | BigInt((bytes[index] ?? 0) & 0x7f)
  return String((zigzag >> 1n) ^ -(zigzag & 1n))
}

function writeVarint(value: bigint): Buffer {
  let zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  const bytes: number[] = []
  for (; zigzag > 0x7fn; zigzag >>= 7n) bytes.push(Number(zigzag & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(zigzag)])
}

/** The codec of a schema; attributes that Avro does not know (`field-id`) are ignored by it. */
export function avroType(schema: AvroSchema): Type {
  return avro.Type.forSchema(structuredClone(schema) as Schema, {
    wrapUnions: 'never',
    omitRecordMethods: true,
    typeHook: (each) =>
      typeof each === 'object' && 'logicalType' in each && each.logicalType === wideLong ? wideLongType : undefined,
  })
}

const magic = Buffer.from('Obj\x01', 'latin1')
const headerType = avro.Type.forSchema({ type: 'map', values: 'bytes' })

export interface ContainerInput {
  /** As it goes into the header: `avsc` would drop the `field-id` attributes that every Iceberg reader needs. */
  readonly schema: AvroSchema
  readonly type: Type
  readonly records: readonly AvroRecord[]
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * An Avro object container file, deflated. Made by hand because the header must hold the schema's text as given (spec, Appendix
 * A).
 */
export function writeContainer({ schema, type, records, metadata }: ContainerInput): Buffer {
  const header = { 'avro.schema': JSON.stringify(schema), 'avro.codec': 'deflate', ...metadata }
  const sync = randomBytes(16)
  const parts = [magic, headerType.toBuffer(mapValues(header, (text) => Buffer.from(text))), sync]
  for (let from = 0; from < records.length; from += blockRecords) {
    const block = records.slice(from, from + blockRecords).map((record) => type.toBuffer(record))
    const data = deflateRawSync(Buffer.concat(block))
    parts.push(writeVarint(BigInt(block.length)), writeVarint(BigInt(data.length)), data, sync)
  }
  return Buffer.concat(parts)
}

const blockRecords = 1000

export interface Container {
  readonly schema: AvroSchema
  readonly metadata: Readonly<Record<string, string>>
  /** The decompressed blocks, each with how many records it holds. */
  readonly blocks: readonly { readonly count: number; readonly data: Buffer }[]
}

export function readContainer(bytes: Uint8Array): Container {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!buffer.subarray(0, 4).equals(magic)) throw broken()
  const header = readHeader(buffer, magic.length)
  const { metadata } = header
  const schema = JSON.parse(metadata['avro.schema'] ?? 'null') as AvroSchema
  const blocks: { count: number; data: Buffer }[] = []
  for (let at = header.next + 16; at < buffer.length; at += 16) {
    const count = decodeLong(buffer, at)
    const size = decodeLong(buffer, count.next)
    at = size.next + size.value
    if (size.value < 0 || at + 16 > buffer.length) throw broken()
    const data = decompress(buffer.subarray(size.next, at), metadata['avro.codec'])
    if (count.value < 0 || !fits(schema, count.value, data)) throw broken()
    blocks.push({ count: count.value, data })
  }
  return { schema, metadata, blocks }
}

/** The header's map of texts: blocks of entries, a negative count being followed by the block's size, up to an empty one. */
function readHeader(buffer: Buffer, from: number): { metadata: Record<string, string>; next: number } {
  const entries: [string, string][] = []
  let next = from
  const long = (): number => {
    const read = decodeLong(buffer, next)
    next = read.next
    return read.value
  }
  const text = (): string => {
    const [size, start] = [long(), next]
    if (size < 0 || start + size > buffer.length) throw broken()
    next = start + size
    return buffer.toString('utf8', start, next)
  }
  for (let count = long(); count !== 0; count = long()) {
    if (count < 0) long()
    for (let left = Math.abs(count); left > 0; left--) entries.push([text(), text()])
  }
  return { metadata: Object.fromEntries(entries), next }
}

/** All records of a container; `reader` drops what it does not name. `writer` is the container's own schema, renamed at will. */
export function decodeRecords({ blocks }: Container, writer: Type, reader: Type = writer): AvroRecord[] {
  const resolver = reader === writer ? undefined : reader.createResolver(writer)
  const records: AvroRecord[] = []
  for (const { count, data } of blocks) {
    for (let index = 0, offset = 0; index < count; index++) {
      const decoded = reader.decode(data, offset, resolver) as { value: AvroRecord; offset: number }
      if (decoded.offset < 0) throw broken()
      records.push(decoded.value)
      offset = decoded.offset
    }
  }
  return records
}

function decodeLong(buffer: Buffer, at: number): { value: number; next: number } {
  let next = at
  while (((buffer[next] ?? 0) & 0x80) !== 0) next++
  if (next - at > 9 || next >= buffer.length) throw broken()
  return { value: Number(readVarint(buffer.subarray(at, next + 1))), next: next + 1 }
}

/** What one block may unpack to: writers flush blocks of kilobytes to megabytes. */
const maxBlock = 256 << 20

function decompress(data: Buffer, codec: string | undefined): Buffer {
  switch (codec) {
    case undefined:
    case 'null':
      return data
    case 'deflate':
      return inflateRawSync(data, { maxOutputLength: maxBlock })
    case 'zstandard':
      return zstdDecompressSync(data, { maxOutputLength: maxBlock })
    default:
      throw new LakeError('unsupported', `A table manifest is compressed with ${codec}, which floe does not read.`)
  }
}

function broken(): LakeError {
  return new LakeError('metadata', 'A table manifest is cut short or is no Avro file.')
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
