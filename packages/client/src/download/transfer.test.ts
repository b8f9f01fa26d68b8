import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lines, send, startFake } from '../bulk-server.suite.ts'
import { attempt, tempBench } from '../test-run.suite.ts'
import type { Compression } from '../types.ts'

const zipped = (body: Buffer): Buffer => gzipSync(body, { level: 1 })
const sha = (body: Buffer): string => createHash('sha256').update(body).digest('hex')

/**
 * Where and when a transfer breaks is chance: bytes are equal all the same, also when the break comes while the first chunk is
 * being taken.
 */
test.each<[string, Compression]>([
  ['plain', 'none'],
  ['gzip', 'none'],
  ['gzip', 'gzip'],
  ['gzip', 'zstd'],
  ['plain', 'zstd'],
])('a %s transfer to %s that breaks anywhere, at any time, several times, is whole in the end', async (wire, compress) => {
  const content = Buffer.from(lines('Patient', 3000, ',"name":[{"family":"Müller"}]'))
  const cut = fc.record({
    bytes: fc.nat(content.length),
    afterMs: fc.constantFrom(0, 0, 1, 3, 10),
    ranges: fc.boolean(),
    length: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 4 }), async (cuts) => {
      await using bench = await tempBench()
      await using server = await startFake({
        files: [
          {
            handler: (request, response, nth) => {
              const gzip = wire === 'gzip' && request.headers['accept-encoding'] === 'gzip'
              const body = gzip ? zipped(content) : content
              const coding: Record<string, string> = gzip ? { 'content-encoding': 'gzip' } : {}
              const broken = cuts[nth]
              if (broken === undefined) return send(response, 200, body, coding)
              const range = /^bytes=(\d+)-$/.exec(String(request.headers.range ?? ''))
              const from = range === null ? 0 : Number(range[1])
              response.writeHead(range === null ? 200 : 206, {
                ...(broken.ranges || range !== null ? { etag: '"v1"' } : {}),
                ...(broken.length ? { 'content-length': String(body.length - from) } : {}),
                ...coding,
                ...(range === null ? {} : { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }),
              })
              response.flushHeaders()
              response.write(body.subarray(from, Math.max(from, broken.bytes)), () =>
                setTimeout(() => response.destroy(), broken.afterMs),
              )
            },
          },
        ],
      })
      const { receipt, error } = await attempt(server, bench.dest, { compress })
      expect(error).toBeUndefined()
      expect(receipt?.files[0]).toMatchObject({ lines: 3000, contentBytes: content.length })
      const onDisk = await readFile(join(bench.dest, receipt?.files[0]?.path ?? ''))
      expect(sha(onDisk)).toBe(receipt?.files[0]?.sha256)
      const unpacked = compress === 'gzip' ? gunzipSync(onDisk) : compress === 'zstd' ? zstdDecompressSync(onDisk) : onDisk
      expect(unpacked.equals(content)).toBe(true)
    }),
    { numRuns: wire === 'plain' && compress === 'none' ? 25 : 6 },
  )
})
