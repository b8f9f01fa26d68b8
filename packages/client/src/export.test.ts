import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  lines,
  manifestOf,
  send,
  sendBody,
  sendCut,
  sendJson,
  sendManifest,
  startFake,
  transactionTime,
} from './bulk-server.suite.ts'
import { BulkClient } from './client.ts'
import { attempt, fakeTiming, logRows, tempBench } from './test-run.suite.ts'

const sha = (body: string | Buffer): string => createHash('sha256').update(body).digest('hex')

describe('a plain export', () => {
  test('leaves a folder of verified files, a log, manifest and state, and releases the job', async () => {
    await using bench = await tempBench()
    const patients = lines('Patient', 3)
    await using server = await startFake({
      files: [
        { type: 'Patient', body: patients, count: 3 },
        { type: 'Observation', body: lines('Observation', 2) },
        { type: 'Observation', body: '', count: 0 },
        { itemType: 'deleted', type: 'Bundle', body: '{"resourceType":"Bundle"}\n' },
      ],
    })
    const { receipt, error } = await attempt(server, bench.dest)
    expect(error).toBeUndefined()
    expect(receipt).toMatchObject({ exitCode: 0, unchanged: false, transactionTime, totals: { files: 4, resources: 5 } })
    expect(receipt?.files[0]).toEqual({
      type: 'Patient',
      itemType: 'output',
      path: 'Patient.000.ndjson',
      bytes: patients.length,
      lines: 3,
      sha256: sha(patients),
      contentBytes: patients.length,
      contentSha256: sha(patients),
      count: 3,
    })
    expect((await readdir(bench.dest)).sort()).toEqual([
      'Observation.000.ndjson',
      'Observation.001.ndjson',
      'Patient.000.ndjson',
      'deleted',
      'floe-export.json',
      'log.ndjson',
      'manifest.json',
    ])
    expect(await readdir(join(bench.dest, 'deleted'))).toEqual(['Bundle.000.ndjson'])
    expect(await readFile(join(bench.dest, 'Patient.000.ndjson'), 'utf8')).toBe(patients)
    expect((await stat(bench.dest)).mode & 0o777).toBe(0o700)
    for (const name of ['floe-export.json', 'log.ndjson', 'manifest.json', 'Patient.000.ndjson', 'deleted/Bundle.000.ndjson']) {
      expect((await stat(join(bench.dest, name))).mode & 0o777, name).toBe(0o600)
    }
    expect(server.count('DELETE /fhir/job/')).toBe(1)
    const rows = (await logRows(bench.dest)).map(({ eventId }) => eventId)
    expect(rows.filter((id) => !String(id).startsWith('download_'))).toEqual([
      'kickoff',
      'status_page_complete',
      'status_complete',
      'manifest_complete',
      'export_complete',
      'job_deleted',
    ])
    expect(rows.filter((id) => id === 'download_request')).toHaveLength(4)
    expect(rows.filter((id) => id === 'download_complete')).toHaveLength(4)
    const ids: string[] = []
    for await (const { id } of receipt?.resources('Patient') ?? []) ids.push(String(id))
    expect(ids).toEqual(['Patient-0', 'Patient-1', 'Patient-2'])
  })

  test('in a finished folder starts nothing', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    await attempt(server, bench.dest)
    const before = server.seen.length
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt).toMatchObject({ exitCode: 0, unchanged: true })
    expect(server.seen.length).toBe(before)
  })

  test('into a folder of another request, or one with other files, is a usage error', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    await attempt(server, bench.dest)
    const other = await attempt(server, bench.dest, { request: { level: 'system', type: ['Patient'] } })
    expect(other.error).toMatchObject({ code: 'usage', exitCode: 2 })
    const foreign = await attempt(server, bench.root)
    expect(foreign.error).toMatchObject({ code: 'usage', exitCode: 2 })
  })

  test('has one exportId in all rows, and no status URL or query of a file in the log', async () => {
    await using bench = await tempBench()
    await using server = await startFake()
    server.options.files = [{ body: lines('Patient', 1), url: `${server.origin}/files/0?X-Amz-Signature=planted-signature` }]
    await attempt(server, bench.dest)
    const text = await readFile(join(bench.dest, 'log.ndjson'), 'utf8')
    expect(new Set((await logRows(bench.dest)).map(({ exportId }) => exportId)).size).toBe(1)
    expect(text).not.toContain('0123456789abcdef')
    expect(text).not.toContain('planted-signature')
  })
})

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

describe('errors of the server', () => {
  test('an error outcome is exit 7 and keeps the job; a warning is exit 0', async () => {
    const outcome = (severity: string): string =>
      `{"resourceType":"OperationOutcome","issue":[{"severity":"${severity}","code":"processing","diagnostics":"Observation \\u001b[31mnot exported"}]}\n`
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ itemType: 'error', type: 'OperationOutcome', body: outcome('error') }] })
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.exitCode).toBe(7)
    expect(receipt?.outcomes).toEqual([
      { severity: 'error', code: 'processing', text: 'Observation [31mnot exported', types: ['Observation'] },
    ])
    expect(server.count('DELETE')).toBe(0)
    server.options.files = [{ itemType: 'error', type: 'OperationOutcome', body: outcome('warning') }]
    const warned = await attempt(server, join(bench.root, 'second'))
    expect(warned.receipt?.exitCode).toBe(0)
    expect(server.count('DELETE')).toBe(1)
  })

  test.each([
    [404, 4],
    [400, 4],
    [401, 3],
    [403, 4],
    [501, 4],
  ])('a kick-off answered with %i is exit %i, with the diagnostics', async (status, exitCode) => {
    await using bench = await tempBench()
    const issue = {
      severity: 'error',
      code: 'forbidden',
      diagnostics: `no such Group at https://secret.example/x?sig=1 ${'x'.repeat(400)}`,
    }
    await using server = await startFake({
      kickoff: (_, response) => sendJson(response, status, { resourceType: 'OperationOutcome', issue: [issue] }),
    })
    const { error } = await attempt(server, bench.dest)
    expect(error?.exitCode).toBe(exitCode)
    expect(error?.message).toContain('no such Group at https://secret.example/…')
    expect(error?.message).not.toContain('sig=1')
    expect(error?.message.length).toBeLessThan(400)
    expect((await logRows(bench.dest))[0]).toMatchObject({ eventId: 'kickoff', eventDetail: { errorCode: status } })
  })

  test('HTML is never shown', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ kickoff: (_, response) => send(response, 404, '<html><body>Not here</body></html>') })
    expect((await attempt(server, bench.dest)).error?.message).toBe('the server refused the kick-off (404)')
  })

  test('a server that is not there is exit 4 within 30 s', async () => {
    await using bench = await tempBench()
    const server = await startFake()
    await server[Symbol.asyncDispose]()
    const { error, waits } = await attempt(server, bench.dest)
    expect(error).toMatchObject({ code: 'unreachable', exitCode: 4 })
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(30_000)
  })

  test('a busy kick-off is asked again', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    server.options.kickoff = (_, response, nth) =>
      nth < 2
        ? send(response, 429, '', { 'retry-after': '30' })
        : send(response, 202, '', { 'content-location': `${server.fhirUrl}/job/0123456789abcdef` })
    const { receipt, waits } = await attempt(server, bench.dest)
    expect(receipt?.exitCode).toBe(0)
    expect(waits.slice(0, 2)).toEqual([30_000, 30_000])
  })
})

describe('polling', () => {
  test.each([
    ['seconds', '10', 10_000],
    ['a date', 'Sat, 21 Nov 2026 03:00:10 GMT', 10_000],
    ['five hours', '18000', 300_000],
    ['zero', '0', 1000],
    ['a past date', 'Sat, 21 Nov 2020 03:00:10 GMT', 2000],
    ['garbage', 'soon 1', 2000],
    ['a negative number', '-5', 2000],
  ])('waits by Retry-After as %s', async (_, header, expected) => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    server.options.status = (_request, response, nth) =>
      nth === 0 ? send(response, 202, '', { 'retry-after': header, 'x-progress': '41 %' }) : sendManifest(server, response)
    const { waits, events } = await attempt(server, bench.dest)
    expect(waits[0]).toBe(expected)
    expect(events.find(({ eventId }) => eventId === 'status_progress')?.eventDetail).toMatchObject({
      xProgress: '41 %',
      nextPollMs: expected,
    })
  })

  test('20 failures of every kind do not end a job', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    server.options.status = (_, response, nth) => {
      if (nth >= 20) return sendManifest(server, response)
      if (nth % 4 === 3) return void response.destroy()
      send(
        response,
        [500, 503, 429][nth % 4] ?? 500,
        nth % 2 ? '' : '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"transient"}]}',
      )
    }
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.exitCode).toBe(0)
  })

  test('trouble that lasts longer than the retry time is exit 5', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_, response) => send(response, 503) })
    const { error } = await attempt(server, bench.dest, { retryMaxTimeMs: 60_000 })
    expect(error).toMatchObject({ exitCode: 5, retryable: true })
  })

  test.each([404, 410])('a job that stays %i is exit 5', async (status) => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_, response) => send(response, status) })
    const { error } = await attempt(server, bench.dest)
    expect(error).toMatchObject({ exitCode: 5, retryable: false })
    expect(server.count('GET /fhir/job')).toBe(4)
  })

  test('the longest wait is exit 6 and keeps the job', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_, response) => send(response, 202) })
    const { error } = await attempt(server, bench.dest, { waitMaxMs: 100_000 })
    expect(error).toMatchObject({ code: 'wait-exceeded', exitCode: 6 })
    expect(server.count('DELETE')).toBe(0)
  })

  test.each([
    ['no JSON', 'hello'],
    ['no transactionTime', '{"output":[]}'],
    ['an output that is no list', `{"transactionTime":"${transactionTime}","output":{}}`],
    ['an item without url', `{"transactionTime":"${transactionTime}","output":[{"type":"Patient"}]}`],
  ])('a manifest with %s is exit 5', async (_, text) => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_request, response) => send(response, 200, text) })
    expect((await attempt(server, bench.dest)).error?.exitCode).toBe(5)
  })
})

describe('pages', () => {
  test('three pages are followed and kept, a loop is exit 5', async () => {
    await using bench = await tempBench()
    await using server = await startFake({
      files: Array.from({ length: 3 }, (_, index) => ({ body: lines('Patient', index + 1) })),
    })
    let last: string | undefined
    const page = (index: number): unknown => ({
      transactionTime,
      requiresAccessToken: false,
      output: [{ type: 'Patient', url: `${server.origin}/files/${index}` }],
      link:
        index < 2
          ? [{ relation: 'next', url: `${server.origin}/page/${index + 1}` }]
          : last === undefined
            ? []
            : [{ relation: 'next', url: last }],
    })
    server.options.status = (_, response) => sendJson(response, 200, page(0))
    server.options.other = ({ path }, response, nth) => {
      if (nth === 0) return send(response, 202)
      sendJson(response, 200, page(Number(path.split('/').at(-1))))
    }
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.totals).toMatchObject({ files: 3, resources: 6 })
    expect((await readdir(bench.dest)).filter((name) => name.startsWith('manifest'))).toEqual([
      'manifest.001.json',
      'manifest.002.json',
      'manifest.json',
    ])
    last = `${server.origin}/page/1`
    expect((await attempt(server, join(bench.root, 'loop'))).error).toMatchObject({ exitCode: 5 })
  })

  test('a partial manifest is downloaded while the job runs', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }, { body: lines('Patient', 2) }] })
    const items = [0, 1].map((index) => ({ type: 'Patient', url: `${server.origin}/files/${index}` }))
    server.options.status = (_, response, nth) =>
      sendJson(response, nth < 3 ? 202 : 200, {
        transactionTime,
        requiresAccessToken: false,
        output: nth < 3 ? items.slice(0, 1) : items,
      })
    const { receipt, events } = await attempt(server, bench.dest, { request: { level: 'system', allowPartialManifests: true } })
    expect(receipt?.files.map(({ path, lines: count }) => [path, count])).toEqual([
      ['Patient.000.ndjson', 1],
      ['Patient.001.ndjson', 2],
    ])
    const order = events.map(({ eventId }) => eventId)
    expect(order.indexOf('download_request')).toBeLessThan(order.indexOf('status_complete'))
    expect(server.seen.some(({ path }) => path.includes('allowPartialManifests=true'))).toBe(true)
  })

  test('names come from checked types only', async () => {
    await using bench = await tempBench()
    const types = ['x/../../../escaped', 'CON', 'Con', 'A'.repeat(300), 'Pat\u0000ient', 42, 'PatieNt', 'Patient']
    await using server = await startFake({ files: types.map((type) => ({ type, body: lines('Patient', 1) })) })
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.files.map(({ path }) => path)).toEqual([
      ...Array.from({ length: 6 }, (_, index) => `Unknown.00${index}.ndjson`),
      'PatieNt.000.ndjson',
      'Patient.001.ndjson',
    ])
    expect(await readdir(bench.root)).toEqual(['out'])
  })
})

describe('going on', () => {
  test('resume after a failed file fetches only that one, without a second kick-off', async () => {
    await using bench = await tempBench()
    let broken = true
    const body = lines('Patient', 5)
    await using server = await startFake({
      files: [
        { body },
        { handler: (request, response) => (broken ? send(response, 404) : sendBody(request, response, Buffer.from(body))) },
      ],
    })
    const first = await attempt(server, bench.dest)
    expect(first.error?.exitCode).toBe(6)
    broken = false
    const client = await BulkClient.fromFolder(bench.dest)
    const receipt = await client.resume(bench.dest)
    expect(receipt).toMatchObject({ exitCode: 0, totals: { files: 2, resources: 10 } })
    expect(server.count('GET /fhir/$export')).toBe(1)
    expect(server.count('GET /files/0')).toBe(1)
    expect(new Set((await logRows(bench.dest)).map(({ exportId }) => exportId)).size).toBe(1)
  })

  test('an abort is exit 130 and leaves a folder that goes on', async () => {
    await using bench = await tempBench()
    const abort = new AbortController()
    await using server = await startFake({ files: [{ body: lines('Patient', 5) }] })
    server.options.status = (_, response, nth) => {
      if (nth === 1) abort.abort()
      if (nth < 2) send(response, 202)
      else sendManifest(server, response)
    }
    const { error } = await attempt(server, bench.dest, { signal: abort.signal })
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 })
    expect(error?.hint).toContain('floe resume')
    expect(server.count('DELETE')).toBe(0)
    const again = await attempt(server, bench.dest)
    expect(again.receipt?.exitCode).toBe(0)
    expect(server.count('GET /fhir/$export')).toBe(1)
  })

  test('a given status URL needs no kick-off, raw or percent-encoded', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    const statusUrl = encodeURIComponent(`${server.fhirUrl}/job/0123456789abcdef`)
    const { receipt } = await attempt(server, bench.dest, { statusUrl })
    expect(receipt?.exitCode).toBe(0)
    expect(server.count('GET /fhir/$export')).toBe(0)
    expect((await logRows(bench.dest))[0]).toMatchObject({ eventId: 'kickoff' })
  })

  test('cancel deletes the job once; the folder is then of no use to export', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_, response) => send(response, 202) })
    await attempt(server, bench.dest, { waitMaxMs: 1000 })
    const client = new BulkClient({ fhirUrl: server.fhirUrl }, fakeTiming())
    expect(await client.cancel(bench.dest)).toEqual({ outcome: 'deleted', status: 202 })
    await expect(client.cancel(bench.dest)).rejects.toMatchObject({ code: 'usage' })
    await expect(client.resume(bench.dest)).rejects.toMatchObject({ code: 'usage' })
    expect(server.count('DELETE')).toBe(1)
  })

  test.each([404, 405, 409, 410, 501, 500])('a DELETE answered with %i does not spoil a verified export', async (status) => {
    await using bench = await tempBench()
    await using server = await startFake({
      files: [{ body: lines('Patient', 1) }],
      remove: (_, response) => send(response, status),
    })
    expect((await attempt(server, bench.dest)).receipt?.exitCode).toBe(0)
  })
})
