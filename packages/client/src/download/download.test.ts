import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { lines, manifestOf, send, sendBody, sendCut, sendJson, startFake } from '../bulk-server.suite.ts'
import { attempt, tempBench } from '../test-run.suite.ts'

const sha = (body: string | Buffer): string => createHash('sha256').update(body).digest('hex')

describe('files', () => {
  const body = lines('Patient', 2000)

  test.each([
    ['a body cut before its length', 1000],
    ['a body cut at a line end', body.indexOf('\n', 5000) + 1],
  ])('%s goes on by range and is whole', async (_, cut) => {
    await using bench = await tempBench()
    await using server = await startFake({
      files: [
        {
          body,
          handler: (request, response, nth) =>
            nth === 0
              ? sendCut(response, Buffer.from(body), cut, { etag: '"v1"' })
              : sendBody(request, response, Buffer.from(body)),
        },
      ],
    })
    const { receipt, events } = await attempt(server, bench.dest)
    expect(receipt?.files[0]?.sha256).toBe(sha(body))
    expect(events.find(({ eventId }) => eventId === 'download_resume')?.eventDetail).toMatchObject({ offset: cut })
    expect(server.seen.filter(({ path }) => path === '/files/0').map(({ headers }) => headers.range)).toEqual([
      undefined,
      `bytes=${cut}-`,
    ])
  })

  test('a file that changed in the middle begins anew', async () => {
    await using bench = await tempBench()
    const newer = lines('Patient', 2100)
    await using server = await startFake({
      files: [
        {
          body,
          handler: (request, response, nth) =>
            nth === 0
              ? sendCut(response, Buffer.from(body), 900, { etag: '"v1"' })
              : sendBody(request, response, Buffer.from(newer), '"v2"'),
        },
      ],
    })
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.files[0]).toMatchObject({ sha256: sha(newer), lines: 2100 })
  })

  test('a compressed body that broke is asked for plain, which can go on', async () => {
    await using bench = await tempBench()
    const zipped = gzipSync(body)
    await using server = await startFake({
      files: [
        {
          handler: (request, response, nth) => {
            if (request.headers['accept-encoding'] === 'gzip')
              return sendCut(response, zipped, zipped.length - 9, { 'content-encoding': 'gzip' })
            if (nth === 1) return sendCut(response, Buffer.from(body), 1000, { etag: '"v1"' })
            sendBody(request, response, Buffer.from(body))
          },
        },
      ],
    })
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.files[0]?.sha256).toBe(sha(body))
    const asked = server.seen.filter(({ path }) => path === '/files/0')
    expect(asked.map(({ headers }) => [headers['accept-encoding'], headers.range])).toEqual([
      ['gzip', undefined],
      ['identity', undefined],
      ['identity', 'bytes=1000-'],
    ])
  })

  test('a chunked body that is cut at a line end is not taken for whole', async () => {
    await using bench = await tempBench()
    await using server = await startFake({
      files: [
        {
          handler: (request, response, nth) => {
            if (nth > 0) return sendBody(request, response, Buffer.from(body))
            response.writeHead(200, {})
            response.write(body.slice(0, body.indexOf('\n', 5000) + 1), () => setTimeout(() => response.destroy(), 5))
          },
        },
      ],
    })
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.files[0]?.sha256).toBe(sha(body))
  })

  test.each([
    ['503', 503],
    ['429', 429],
    ['408', 408],
  ])('%s is asked again', async (_, status) => {
    await using bench = await tempBench()
    await using server = await startFake({
      files: [
        {
          handler: (request, response, nth) =>
            nth < 2 ? send(response, status, '', { 'retry-after': '7' }) : sendBody(request, response, Buffer.from(body)),
        },
      ],
    })
    const { receipt, waits } = await attempt(server, bench.dest)
    expect(receipt?.exitCode).toBe(0)
    expect(waits.filter((ms) => ms === 7000).length).toBeGreaterThanOrEqual(2)
  })

  test("a file that does not match the server's digest is fetched again", async () => {
    await using bench = await tempBench()
    const digest = `sha-256=:${Buffer.from(sha(body), 'hex').toString('base64')}:`
    await using server = await startFake({
      files: [
        {
          handler: (_, response, nth) =>
            send(response, 200, nth === 0 ? body.replace('Patient-7', 'Patient-8') : body, { 'repr-digest': digest }),
        },
      ],
    })
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.files[0]?.sha256).toBe(sha(body))
    expect(server.count('GET /files/0')).toBe(2)
  })

  test('a file that never comes leaves the others, exit 6 and the job', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ handler: (_, response) => send(response, 500) }, { body }] })
    const { error, events } = await attempt(server, bench.dest, { retries: 2 })
    expect(error).toMatchObject({ code: 'download-failed', exitCode: 6, retryable: true })
    expect(error?.message).toContain('1 of 2 files')
    expect(error?.hint).toContain(`floe resume ${bench.dest}`)
    expect(server.count('GET /files/0')).toBe(3)
    expect(server.count('DELETE')).toBe(0)
    expect(events.filter(({ eventId }) => eventId === 'download_error')).toHaveLength(1)
    expect(await readdir(bench.dest)).toContain('Patient.001.ndjson')
    expect(await readdir(bench.dest)).not.toContain('Patient.000.ndjson')
  })

  test('a wrong count is fetched once more, then refused; allowed it is kept with exit 7 and the job', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body, count: 1999 }] })
    const refused = await attempt(server, bench.dest)
    expect(refused.error).toMatchObject({ exitCode: 6 })
    expect(refused.error?.message).toContain('it has 2000 resources, the manifest says 1999')
    expect(server.count('GET /files/0')).toBe(2)
    const allowed = await attempt(server, bench.dest, { allowCountMismatch: true })
    expect(allowed.receipt).toMatchObject({ exitCode: 7 })
    expect(allowed.receipt?.notices[0]).toContain('2000 resources')
    expect(server.count('DELETE')).toBe(0)
    expect(server.count('GET /fhir/$export')).toBe(1)
  })

  test('a file of outcomes whose count is wrong is kept after a second look: exit 7 and the job, but all data', async () => {
    await using bench = await tempBench()
    const issue = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}\n'
    await using server = await startFake({
      files: [{ body: lines('Patient', 2) }, { itemType: 'error', type: 'Patient', body: issue, count: 22 }],
    })
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt).toMatchObject({ exitCode: 7, totals: { files: 2, resources: 2 } })
    expect(receipt?.notices).toEqual(['error/OperationOutcome.000.ndjson has 1 resources, the manifest says 22; kept'])
    expect([server.count('GET /files/1'), server.count('DELETE')]).toEqual([2, 0])
  })

  test.each([
    ['a web page', '<!doctype html><p>Log in</p>'],
    ['an OperationOutcome', '{"resourceType":"OperationOutcome","issue":[]}'],
    ['a Binary', '{"resourceType":"Binary","data":"e30="}'],
  ])('%s with status 200 is not data', async (_, content) => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: content }] })
    const { error } = await attempt(server, bench.dest)
    expect(error).toMatchObject({ exitCode: 6 })
  })

  test('links that have ended are replaced from the manifest', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ requiresAccessToken: false })
    server.options.files = [
      {
        body,
        handler: (request, response) =>
          request.path.endsWith('sig=2') ? sendBody(request, response, Buffer.from(body)) : send(response, 403),
      },
    ]
    server.options.status = (_, response, nth) => {
      sendJson(response, 200, {
        ...manifestOf(server),
        output: [{ type: 'Patient', url: `${server.origin}/files/0?sig=${nth + 1}` }],
      })
    }
    const { receipt, events } = await attempt(server, bench.dest)
    expect(receipt?.files.map(({ path, sha256 }) => [path, sha256])).toEqual([['Patient.000.ndjson', sha(body)]])
    expect(events.map(({ eventId }) => eventId)).toContain('manifest_refresh')
  })

  test('an address that is not http(s) is exit 6', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ url: 'file:///etc/passwd' }] })
    expect((await attempt(server, bench.dest)).error).toMatchObject({ exitCode: 6 })
  })

  test('more files than slots are all fetched', async () => {
    await using bench = await tempBench()
    let open = 0
    let most = 0
    const handler = async (_: unknown, response: import('node:http').ServerResponse): Promise<void> => {
      open += 1
      most = Math.max(most, open)
      await new Promise((resolve) => setTimeout(resolve, 5))
      open -= 1
      send(response, 200, lines('Patient', 1))
    }
    await using server = await startFake({ files: Array.from({ length: 30 }, () => ({ handler })) })
    const { receipt } = await attempt(server, bench.dest, { parallel: 3 })
    expect(receipt?.totals).toMatchObject({ files: 30, resources: 30 })
    expect(most).toBeLessThanOrEqual(3)
  })
})
