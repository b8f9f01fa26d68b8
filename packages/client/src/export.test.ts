import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lines, send, sendBody, sendJson, sendManifest, startFake, transactionTime } from './bulk-server.suite.ts'
import { BulkClient } from './client.ts'
import { readState } from './folder/state.ts'
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

  test('a file that the manifest names no more is missing: the export is not complete', async () => {
    await using bench = await tempBench()
    await using server = await startFake({
      files: [{ body: lines('Patient', 5) }, { handler: (_, response) => send(response, 404) }],
    })
    server.options.status = (_, response, nth) =>
      nth === 0
        ? sendManifest(server, response)
        : sendJson(response, 200, { transactionTime, output: [{ type: 'Patient', url: `${server.origin}/files/0` }] })
    expect((await attempt(server, bench.dest)).error?.exitCode).toBe(6)
    const client = await BulkClient.fromFolder(bench.dest)
    await expect(client.resume(bench.dest)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('no longer names 1 of the files'),
    })
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

  test.each([
    ['the same file', '"v1"', 1],
    ['a file that changed', '"v2"', 2],
  ])('what an abort left of a large file is kept: of %s the rest is fetched', async (_, etag, requests) => {
    await using bench = await tempBench()
    const body = Buffer.from(lines('Patient', 60_000))
    const newer = Buffer.from(lines('Patient', 60_001))
    const abort = new AbortController()
    await using server = await startFake()
    server.options.files = [
      {
        handler: (request, response, nth) => {
          if (nth > 0) return sendBody(request, response, etag === '"v1"' ? body : newer, etag)
          response.writeHead(200, { 'content-length': String(body.length), etag: '"v1"' })
          response.write(body.subarray(0, 1_500_000))
        },
      },
    ]
    const first = await attempt(server, bench.dest, {
      signal: abort.signal,
      onFileProgress: ({ bytes }) => void (bytes > 0 && setTimeout(() => abort.abort(), 100)),
    })
    expect(first.error?.exitCode).toBe(130)
    const kept = (await readState(bench.dest))?.files[0]?.partial
    expect(kept?.bytes).toBeGreaterThan(1_000_000)
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.files[0]).toMatchObject({
      sha256: sha(etag === '"v1"' ? body : newer),
      lines: etag === '"v1"' ? 60_000 : 60_001,
    })
    const asked = server.seen.filter(({ path }) => path === '/files/0').slice(1)
    expect(asked.map(({ headers }) => headers.range)).toEqual([`bytes=${kept?.bytes}-`, undefined].slice(0, requests))
    expect((await readState(bench.dest))?.files[0]?.partial).toBeUndefined()
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

describe('folders that were used before', () => {
  test('what a run leaves that was killed before its first state is no hindrance; a log with rows is', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    const leftovers = async (dest: string, log: string): Promise<void> => {
      await mkdir(dest)
      await writeFile(join(dest, 'log.ndjson'), log)
      await writeFile(join(dest, 'floe-export.json.part'), '{"form')
      await writeFile(join(dest, '.floe-export.lock'), '')
    }
    await leftovers(bench.dest, '')
    expect((await attempt(server, bench.dest)).receipt?.exitCode).toBe(0)
    await leftovers(join(bench.root, 'other'), '{"exportId":"somebody"}\n')
    expect((await attempt(server, join(bench.root, 'other'))).error?.code).toBe('usage')
  })

  test('after a refused kick-off another request may use the folder, with an id of its own', async () => {
    await using bench = await tempBench()
    await using server = await startFake({
      kickoff: (_, response) => send(response, 400),
      files: [{ body: lines('Patient', 1) }],
    })
    await attempt(server, bench.dest, { request: { level: 'system', type: ['Patient'] } })
    delete server.options.kickoff
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.exitCode).toBe(0)
    const kickoffs = (await logRows(bench.dest)).filter(({ eventId }) => eventId === 'kickoff')
    expect(kickoffs).toHaveLength(2)
    expect(new Set(kickoffs.map(({ exportId }) => exportId)).size).toBe(2)
  })

  test('after a job that came to nothing a new one starts, and no page of the old manifest stays', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    server.options.status = (_, response) =>
      sendJson(response, 200, { transactionTime, output: [], link: [{ relation: 'next', url: `${server.origin}/p1` }] })
    server.options.other = (_, response) =>
      sendJson(response, 200, { transactionTime, output: [], link: [{ relation: 'next', url: `${server.origin}/p1` }] })
    expect((await attempt(server, bench.dest)).error?.exitCode).toBe(5)
    expect(await readdir(bench.dest)).toContain('manifest.001.json')
    delete server.options.status
    expect((await attempt(server, bench.dest)).receipt?.exitCode).toBe(0)
    expect(await readdir(bench.dest)).not.toContain('manifest.001.json')
    expect(server.count('GET /fhir/$export')).toBe(2)
  })

  test('a manifest that came with the kick-off is enough to go on with', async () => {
    await using bench = await tempBench()
    let broken = true
    await using server = await startFake({ requiresAccessToken: false })
    server.options.files = [
      { body: lines('Patient', 1) },
      {
        handler: (request, response) =>
          broken ? send(response, 400) : sendBody(request, response, Buffer.from(lines('Patient', 2))),
      },
    ]
    server.options.kickoff = (_, response) => sendManifest(server, response)
    expect((await attempt(server, bench.dest)).error?.exitCode).toBe(6)
    broken = false
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.totals).toMatchObject({ files: 2, resources: 3 })
    expect(server.count('GET /fhir/$export')).toBe(1)
    expect(server.count('GET /files/0')).toBe(1)
    expect(server.count('DELETE')).toBe(0)
  })

  test('a second process in the same folder is kept out', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_, response) => send(response, 202) })
    const abort = new AbortController()
    const client = new BulkClient({ fhirUrl: server.fhirUrl })
    const first = client.export({ level: 'system' }, { to: bench.dest, signal: abort.signal })
    first.catch(() => {})
    while (server.count('GET /fhir/job') === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const second = await attempt(server, bench.dest)
    expect(second.error).toMatchObject({ code: 'usage', retryable: true })
    abort.abort()
    await expect(first).rejects.toMatchObject({ exitCode: 130 })
  })
})
describe('single steps', () => {
  test('kickOff, status, manifest and download', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 2), count: 2 }] })
    server.options.status = (_, response, nth) =>
      nth === 0 ? send(response, 202, '', { 'x-progress': 'half', 'retry-after': '3' }) : sendManifest(server, response)
    const client = new BulkClient({ fhirUrl: `${server.fhirUrl}/` }, fakeTiming())
    const job = await client.kickOff({ level: 'patient' })
    expect(job).toEqual({ statusUrl: `${server.fhirUrl}/job/0123456789abcdef`, kickedOffAt: '2026-11-21T03:00:00.000Z' })
    expect(await client.status(job)).toEqual({ state: 'in-progress', xProgress: 'half', retryAfterMs: 3000, partial: null })
    const [page] = await client.manifest(job)
    expect(page).toMatchObject({ transactionTime, next: null })
    const [item] = page?.items ?? []
    if (item === undefined) throw new Error('no item')
    const file = await client.download(item, { to: join(bench.root, 'one', 'p.ndjson.zst'), compress: 'zstd' })
    expect(file).toMatchObject({ path: 'p.ndjson.zst', lines: 2, count: 2 })
    expect(await client.cancel(job.statusUrl)).toEqual({ outcome: 'deleted', status: 202 })
  })
})
