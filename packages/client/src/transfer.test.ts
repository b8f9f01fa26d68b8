import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lines, sendBody, startFake } from './bulk-server.suite.ts'
import { attempt, tempBench } from './test-run.suite.ts'

const sha = (body: Buffer): string => createHash('sha256').update(body).digest('hex')

/** Where and when a transfer breaks is chance: bytes are equal all the same, also when the break comes while the first chunk is being taken. */
test('a transfer that breaks anywhere, at any time, several times, is whole in the end', async () => {
  const body = Buffer.from(lines('Patient', 3000, ',"name":[{"family":"Müller"}]'))
  const cut = fc.record({
    bytes: fc.nat(body.length),
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
              const broken = cuts[nth]
              if (broken === undefined) return sendBody(request, response, body)
              const range = /^bytes=(\d+)-$/.exec(String(request.headers.range ?? ''))
              const from = range === null ? 0 : Number(range[1])
              response.writeHead(range === null ? 200 : 206, {
                ...(broken.ranges || range !== null ? { etag: '"v1"' } : {}),
                ...(broken.length ? { 'content-length': String(body.length - from) } : {}),
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
      const { receipt, error } = await attempt(server, bench.dest)
      expect(error).toBeUndefined()
      expect(receipt?.files[0]).toMatchObject({ sha256: sha(body), lines: 3000 })
      expect(sha(await readFile(join(bench.dest, 'Patient.000.ndjson')))).toBe(sha(body))
    }),
    { numRuns: 40 },
  )
})
