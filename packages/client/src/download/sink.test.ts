import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lines } from '../bulk-server.suite.ts'
import { tempBench } from '../test-run.suite.ts'
import type { Compression } from '../types.ts'
import { openSink } from './sink.ts'

const sha = (body: Buffer): string => createHash('sha256').update(body).digest('hex')
const content = Buffer.from(lines('Patient', 20_000, ',"name":[{"family":"Müller 李"}]'))
const zipped = gzipSync(content)

function* pieces(body: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

const unpack: Record<Compression, (body: Buffer) => Buffer> = { none: (body) => body, gzip: gunzipSync, zstd: zstdDecompressSync }

test.each<['identity' | 'gzip', Compression]>([
  ['identity', 'none'],
  ['identity', 'gzip'],
  ['identity', 'zstd'],
  ['gzip', 'none'],
  ['gzip', 'gzip'],
  ['gzip', 'zstd'],
])('%s on the wire, %s on disk: content equal, counted and hashed', async (coding, compress) => {
  await using bench = await tempBench()
  const path = join(bench.root, 'file.part')
  const sink = await openSink({ path, coding, compress })
  for (const chunk of pieces(coding === 'gzip' ? zipped : content, coding === 'gzip' ? 777 : 65_536)) await sink.write(chunk)
  const done = await sink.finish()
  const onDisk = await readFile(path)
  const kept = coding === 'gzip' && compress === 'gzip'
  expect(done).toEqual({
    bytes: onDisk.length,
    sha256: sha(onDisk),
    lines: 20_000,
    contentBytes: content.length,
    contentSha256: kept ? null : sha(content),
  })
  expect(unpack[compress](onDisk).equals(content)).toBe(true)
  if (kept) expect(onDisk.equals(zipped)).toBe(true)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test.each<Compression>(['none', 'gzip', 'zstd'])(
  'gzip that ends early or is damaged is refused with %s on disk',
  async (compress) => {
    await using bench = await tempBench()
    for (const bad of [
      zipped.subarray(0, -9),
      Buffer.concat([zipped.subarray(0, 500), Buffer.alloc(500), zipped.subarray(1000)]),
    ]) {
      const sink = await openSink({ path: join(bench.root, 'x.part'), coding: 'gzip', compress })
      const whole = async (): Promise<unknown> => {
        for (const chunk of pieces(bad, 1000)) await sink.write(chunk)
        return sink.finish()
      }
      await expect(whole()).rejects.toThrow()
      await sink.abandon()
    }
  },
)

test('several gzip members are one file', async () => {
  await using bench = await tempBench()
  const sink = await openSink({ path: join(bench.root, 'x.part'), coding: 'gzip', compress: 'gzip' })
  await sink.write(Buffer.concat([gzipSync('{}\n'), gzipSync('{}\n{}')]))
  expect(await sink.finish()).toMatchObject({ lines: 3, contentBytes: 8 })
})

test('bytes are equal whatever the sizes of the chunks', async () => {
  await using bench = await tempBench()
  const path = join(bench.root, 'x.part')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 1_500_000 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
      const body = Buffer.alloc(
        sizes.reduce((sum, size) => sum + size, 0),
        '{"a":1}\n',
      )
      const sink = await openSink({ path, coding: 'identity', compress: 'none' })
      let at = 0
      for (const size of sizes) {
        const chunk = Buffer.from(body.subarray(at, at + size))
        await sink.write(chunk)
        // A socket may use its memory again as soon as the write returned.
        chunk.fill(0)
        at += size
      }
      const done = await sink.finish()
      expect(done.sha256).toBe(sha(body))
      expect(sha(await readFile(path))).toBe(done.sha256)
    }),
    { numRuns: 15 },
  )
})
