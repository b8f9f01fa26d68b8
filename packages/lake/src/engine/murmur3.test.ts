import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openEngine } from './duckdb.ts'
import { bucketOfLong, bucketOfText, murmur3 } from './murmur3.ts'

describe('hash values of the specification (Appendix B)', () => {
  const long = (value: bigint) => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, value, true)
    return bytes
  }
  const cases: readonly [name: string, bytes: Uint8Array, hash: number][] = [
    ['int 34', long(34n), 2017239379],
    ['decimal 14.20', Buffer.from('058c', 'hex'), -500754589],
    ['date 2017-11-16', long(17486n), -653330422],
    ['time 22:31:08', long(81068000000n), -662762989],
    ['timestamp 2017-11-16T22:31:08', long(1510871468000000n), -2047944441],
    ['string iceberg', Buffer.from('iceberg'), 1210000089],
    ['uuid', Buffer.from('f79c3e09677c4bbda4793f349cb785e7', 'hex'), 1488055340],
    ['bytes', Buffer.from('00010203', 'hex'), -188683207],
  ]
  test.each(cases)('%s', (_name, bytes, hash) => {
    expect(murmur3(bytes)).toBe(hash)
  })
})

test('the same buckets in SQL', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'floe-buckets-'))
  try {
    await using engine = await openEngine({ tempDir: dir })
    const [row] = await engine.all(
      "select iceberg_bucket_text('iceberg', 16) as a, iceberg_bucket_long(34, 100) as b, iceberg_bucket_text(null, 16) as c",
    )
    expect(row).toEqual({ a: bucketOfText('iceberg', 16), b: bucketOfLong(34n, 100), c: null })
    expect(row).toEqual({ a: 1210000089 % 16, b: 2017239379 % 100, c: null })
    await using second = await engine.connect()
    expect(await second.all('select count(distinct iceberg_bucket_text(range::varchar, 16)) as n from range(100000)')).toEqual([
      { n: 16 },
    ])
  } finally {
    await rm(dir, { recursive: true })
  }
})
