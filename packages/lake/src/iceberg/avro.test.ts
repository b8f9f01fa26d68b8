import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AvroSchema, avroType, decodeRecords, readContainer, wideLong, writeContainer } from './avro.ts'

const schema = (fields: readonly object[]): AvroSchema => ({ type: 'record', name: 'r', fields })
const ids = schema([
  { name: 'id', type: ['null', { type: 'long', logicalType: wideLong }], default: null, 'field-id': 1 },
  { name: 'n', type: 'long', 'field-id': 2 },
])

const container = (records: readonly Record<string, unknown>[]) =>
  writeContainer({ schema: ids, type: avroType(ids), records, metadata: { key: 'value' } })

describe('longs of 64 bits', () => {
  test('come back as they went in, as text', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), { maxLength: 20 }), (values) => {
        const records = values.map((value) => ({ id: value === null ? null : String(value), n: 1 }))
        const read = readContainer(container(records))
        expect(decodeRecords(read, avroType(ids)).map(({ id }) => id)).toEqual(records.map(({ id }) => id))
      }),
    )
  })

  test('are Avro longs on disk: another decoder reads the small ones as numbers', () => {
    const plain = schema([
      { name: 'id', type: ['null', 'long'] },
      { name: 'n', type: 'long' },
    ])
    const read = readContainer(container([{ id: '-5000000000', n: 7 }]))
    expect(decodeRecords(read, avroType(plain))).toEqual([{ id: -5000000000, n: 7 }])
  })
})

test('more records than one block holds, and the file metadata', () => {
  const records = Array.from({ length: 2500 }, (_, n) => ({ id: null, n }))
  const read = readContainer(container(records))
  expect(read.blocks.map(({ count }) => count)).toEqual([1000, 1000, 500])
  expect(read.metadata.key).toBe('value')
  expect(decodeRecords(read, avroType(ids)).map(({ n }) => n)).toEqual(records.map(({ n }) => n))
  expect(decodeRecords(readContainer(container([])), avroType(ids))).toEqual([])
})

/** The header of a container, and a block that begins with these bytes. */
function withBlock(bytes: readonly number[]): Buffer {
  const empty = container([])
  return Buffer.concat([empty, Buffer.from(bytes), empty.subarray(-16)])
}

describe('what is no whole Avro file is said to be one', () => {
  const whole = container([{ id: '1', n: 1 }])
  const cases: readonly [name: string, bytes: Uint8Array][] = [
    ['nothing', new Uint8Array()],
    ['another format', Buffer.from('PAR1 and more of it')],
    ['cut in the header', whole.subarray(0, 20)],
    ['cut in a block', whole.subarray(0, -18)],
    ['a block of negative size', withBlock([2, 3])],
    ['a negative number of records', withBlock([1, 4, 3, 0])],
    ['more records than bytes', withBlock([0xfe, 0xff, 0xff, 0xff, 0xff, 0x07, 4, 3, 0])],
    ['a header of more entries than bytes', Buffer.from([...whole.subarray(0, 4), 0xfe, 0xff, 0xff, 0xff, 0xff, 0x07, 0, 0])],
    ['a number without an end', withBlock([...Array(30).fill(0xff), 1])],
  ]
  test.each(cases)('%s', (_name, bytes) => {
    expect(() => decodeRecords(readContainer(bytes), avroType(ids))).toThrow(expect.objectContaining({ code: 'metadata' }))
  })
})

test('other codecs: none and zstandard are read, the rest is refused by name', () => {
  const record = avroType(ids).toBuffer({ id: '5', n: 5 })
  const file = (codec: string, data: Buffer) => {
    const bytes = container([])
    const header = bytes
      .subarray(0, bytes.length - 16)
      .toString('latin1')
      .replace('\x0edeflate', `${String.fromCharCode(codec.length * 2)}${codec}`)
    const sync = bytes.subarray(-16)
    return Buffer.concat([Buffer.from(header, 'latin1'), sync, Buffer.from([2, data.length * 2]), data, sync])
  }
  expect(decodeRecords(readContainer(file('null', record)), avroType(ids))).toEqual([{ id: '5', n: 5 }])
  expect(decodeRecords(readContainer(file('zstandard', zstdCompressSync(record))), avroType(ids))).toEqual([{ id: '5', n: 5 }])
  expect(() => readContainer(file('snappy', record))).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('snappy') }),
  )
})
