import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { smartBackendServices } from './auth/auth.ts'
import { newKeys } from './auth/keys.ts'
import { type FakeOptions, type Handler, lines, manifestOf, send, sendCut, sendJson, startFake } from './bulk-server.suite.ts'
import { planPage } from './download/plan.ts'
import type { BulkError } from './errors.ts'
import { Discovery } from './http/discovery.ts'
import { Http } from './http/http.ts'
import { parseManifest } from './job/manifest.ts'
import { serverUrl } from './job/status-url.ts'
import { attempt, tempBench } from './test-run.suite.ts'
import type { ManifestItem } from './types.ts'

const body = Buffer.from(lines('Patient', 5000, ',"name":[{"family":"Müller"}]'))
const ranged = ({ headers }: { headers: Record<string, unknown> }): number =>
  Number(/^bytes=(\d+)-$/.exec(String(headers.range ?? ''))?.[1] ?? -1)

/** One file of one export, as it landed. */
async function fetched(handler: Handler): Promise<{ text: string | undefined; error: BulkError | undefined }> {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ handler }] })
  const { error } = await attempt(server, bench.dest)
  const text = error === undefined ? await readFile(join(bench.dest, 'Patient.000.ndjson'), 'utf8') : undefined
  return { text, error }
}

/** Bytes on the wire, then the end of the connection without a word of it. */
const closing =
  (head: string, bytes: Buffer): Handler =>
  (_, response) => {
    response.socket?.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n`), bytes]))
  }

const zipped = gzipSync(body)

test.each<[string, Handler]>([
  [
    'gzip, and the connection ends with the last byte',
    closing(`Content-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n`, zipped),
  ],
  ['blanks around header values', closing(`Content-Length:  ${body.length}  \r\nContent-Encoding: identity \r\n`, body)],
  ['an empty content coding', (_, response) => send(response, 200, body, { 'content-encoding': '' })],
  ['a charset as content coding', (_, response) => send(response, 200, body, { 'content-encoding': 'UTF-8' })],
  [
    'what S3 keeps of an upload as content coding',
    (_, response) => send(response, 200, body, { 'content-encoding': 'aws-chunked' }),
  ],
  [
    'a stored .gz whose first byte comes alone',
    (_, response) => {
      response.write(zipped.subarray(0, 1), () => setTimeout(() => response.end(zipped.subarray(1)), 50))
    },
  ],
  [
    'a refusal of ranges with 400',
    (request, response, nth) => {
      if (ranged(request) >= 0) send(response, 400, 'no ranges')
      else if (nth === 0) sendCut(response, body, 100_000, { etag: '"1"' })
      else send(response, 200, body)
    },
  ],
  [
    'the middle of another version, by a server that does not know If-Range',
    (request, response, nth) => {
      const from = ranged(request)
      const older = Buffer.from(body.toString().replaceAll('Müller', 'Möller'))
      if (nth === 0) sendCut(response, older, 100_000, { etag: '"1"' })
      else if (from < 0) send(response, 200, body, { etag: '"2"' })
      else {
        const range = `bytes ${from}-${body.length - 1}/${body.length}`
        send(response, 206, body.subarray(from), { etag: '"2"', 'content-range': range })
      }
    },
  ],
  [
    'more after a range than the file holds',
    (request, response, nth) => {
      const from = ranged(request)
      if (nth === 0) sendCut(response, body, 100_000, { etag: '"1"' })
      else if (from < 0) send(response, 200, body)
      else {
        response.writeHead(206, { etag: '"1"', 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` })
        response.end(Buffer.concat([body.subarray(from), body]))
      }
    },
  ],
])('a file that comes with %s is whole', async (_, handler) => {
  const { text, error } = await fetched(handler)
  expect(error).toBeUndefined()
  expect(text === body.toString()).toBe(true)
})

const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'expired' }] }

test.each<[string, string | Buffer, string]>([
  ['an OperationOutcome over several lines', `${JSON.stringify(outcome, null, 2)}\n`, 'one OperationOutcome over several lines'],
  ['a Binary over several lines', `\n${JSON.stringify({ resourceType: 'Binary', data: '' }, null, 1)}\n`, 'one Binary over'],
  ["a gateway's JSON", '{"message":"Forbidden"}\n', 'does not begin with a FHIR resource'],
  ['plain text', 'Access denied\n', 'does not begin with a JSON object'],
  ['a JSON array', '[{"resourceType":"Patient"}]\n', 'does not begin with a JSON object'],
  ['UTF-16', Buffer.from('\ufeff{"resourceType":"Patient"}\n', 'utf16le'), 'does not begin with a JSON object'],
])('%s with status 200 is no file', async (_, served, said) => {
  const { error } = await fetched((_request, response) => send(response, 200, served))
  expect(error).toMatchObject({ exitCode: 6, message: expect.stringContaining(said) })
})

test('a list of deletions that is none does not pass for one', async () => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ itemType: 'deleted', type: 'Bundle', body: 'Access denied\n' }] })
  expect((await attempt(server, bench.dest)).error?.exitCode).toBe(6)
})

test('a file that was compressed twice is said to be', async () => {
  const twice = gzipSync(zipped)
  const { error } = await fetched((_, response) => send(response, 200, twice, { 'content-encoding': 'gzip' }))
  expect(error?.message).toContain('compressed twice')
})

test.each(['{"resourceType":"Patient","id":', 'garbage', '{"id":"1"}', '[]'])(
  'a first line %s among resources is left to loading, in whatever pieces it comes',
  async (bad) => {
    const { error } = await fetched((_, response) => {
      response.write(`${bad}\n`, () => setTimeout(() => response.end(lines('Patient', 2)), 20))
    })
    expect(error).toBeUndefined()
  },
)

const fileOf = (text: string): FakeOptions => ({ files: [{ body: text }] })

describe('answers', () => {
  test('a manifest in GZIP is a manifest in gzip', async () => {
    await using bench = await tempBench()
    await using server = await startFake(fileOf(lines('Patient', 2)))
    server.options.status = (_, response) =>
      send(response, 200, gzipSync(JSON.stringify(manifestOf(server))), { 'content-encoding': 'GZIP' })
    expect((await attempt(server, bench.dest)).error).toBeUndefined()
  })

  test('a body that is no text is not quoted', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_, response) => send(response, 200, gzipSync('x'.repeat(500))) })
    expect((await attempt(server, bench.dest)).error?.message).toBe('the status request was answered without a manifest')
  })

  test('a Content-Location that a proxy wrote twice is one address', async () => {
    await using bench = await tempBench()
    await using server = await startFake(fileOf(lines('Patient', 2)))
    const url = `${server.fhirUrl}/job/0123456789abcdef`
    server.options.kickoff = (_, response) => {
      response.writeHead(202, [
        ['content-location', url],
        ['content-location', url],
      ])
      response.end()
    }
    expect((await attempt(server, bench.dest)).error).toBeUndefined()
  })

  test('a link alone, without its list, is followed', async () => {
    const page = { transactionTime: '2026-01-01T00:00:00Z', output: [], link: { relation: 'next', url: '/p2' } }
    expect(parseManifest(JSON.stringify(page), 'https://e.org/fhir/').next).toBe('https://e.org/p2')
  })

  test.each([
    ['http://e.org/fhir/job/1', 'https://e.org/fhir/job/1'],
    ['job/1', 'https://e.org/fhir/job/1'],
    ['http://e.org:8080/fhir/job/1', 'http://e.org:8080/fhir/job/1'],
    ['http://files.e.org/1', 'http://files.e.org/1'],
  ])('%s of a server behind TLS is asked for as %s', (told, asked) => {
    expect(serverUrl(told, 'https://e.org/fhir/').href).toBe(asked)
  })
})

const issueOf = (details: unknown): unknown => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', details }] })

test.each<[string, unknown, Record<string, string>]>([
  ['details without text', issueOf({ coding: [{ display: 'the reason' }] }), {}],
  ['a problem of RFC 9457', { type: 'about:blank', title: 'Bad Request', detail: 'the reason' }, {}],
  ['an error within an error', { error: { code: 'X', message: 'the reason' } }, {}],
  ['a header only', '', { 'www-authenticate': 'Bearer realm="x", error="invalid_token", error_description="the reason"' }],
])('a refusal in %s is told', async (_, said, headers) => {
  await using bench = await tempBench()
  await using server = await startFake({
    kickoff: (_request, response) => send(response, 401, said === '' ? '' : JSON.stringify(said), headers),
  })
  expect((await attempt(server, bench.dest)).error?.message).toContain('the reason')
})

describe('authorization', () => {
  const signedIn = async (options: FakeOptions, retries = 8) => {
    const bench = await tempBench()
    const server = await startFake(options)
    const { privateJwks } = await newKeys()
    const auth = smartBackendServices({ clientId: 'me', privateKey: privateJwks })
    return {
      bench,
      server,
      run: () => attempt(server, bench.dest, { client: { auth }, retries }),
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]()
        await bench[Symbol.asyncDispose]()
      },
    }
  }
  const granted: Handler = (_, response) => sendJson(response, 200, { access_token: 'token-of-the-test', expires_in: 300 })

  test('a discovery document that is not to be had just now is asked for again', async () => {
    await using gateway = await startFake({
      other: ({ path }, response, nth) => {
        if (!path.endsWith('smart-configuration') || nth === 0) return send(response, 503)
        return sendJson(response, 200, { token_endpoint: 'token' })
      },
    })
    const discovery = new Discovery({
      http: new Http({ trustedOrigins: new Set(), userAgent: 'test' }),
      fhirUrl: `${gateway.origin}/ehr`,
      idleTimeoutMs: 5000,
    })
    await expect(discovery.tokenUrl(undefined)).rejects.toMatchObject({ name: 'TransportError', status: 503 })
    expect(await discovery.tokenUrl(undefined)).toBe(`${gateway.origin}/ehr/token`)
  })

  test('an error that comes with status 200 is told in the words of the server', async () => {
    await using trial = await signedIn({
      token: (_, response) => sendJson(response, 200, { error: 'invalid_client', error_description: 'no such kid' }),
    })
    trial.server.options.smart = { token_endpoint: `${trial.server.origin}/token` }
    expect((await trial.run()).error).toMatchObject({ exitCode: 3, message: expect.stringContaining('no such kid') })
  })

  test.each([
    [600_000, '10 min behind'],
    [-600_000, '10 min ahead'],
  ])('a refusal says that the clocks differ by %i ms', async (difference, said) => {
    const date = new Date(Date.parse('2026-11-21T03:00:00Z') + difference).toUTCString()
    await using trial = await signedIn({ token: (_, response) => sendJson(response, 400, { error: 'invalid_client' }, { date }) })
    trial.server.options.smart = { token_endpoint: `${trial.server.origin}/token` }
    expect((await trial.run()).error?.hint).toContain(said)
  })

  test('a status address at another origin that wants the token names the option', async () => {
    await using elsewhere = await startFake({ other: (_, response) => send(response, 401) })
    await using trial = await signedIn({
      token: granted,
      kickoff: (_, response) => send(response, 202, '', { 'content-location': `${elsewhere.origin}/job` }),
    })
    trial.server.options.smart = { token_endpoint: `${trial.server.origin}/token` }
    const { error } = await trial.run()
    expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining(`--trust-origin ${elsewhere.origin}`) })
    expect(elsewhere.seen.every(({ authorization }) => authorization === null)).toBe(true)
  })

  test('a kick-off that was sent on to another origin says so', async () => {
    await using elsewhere = await startFake({ kickoff: (_, response) => send(response, 401) })
    await using trial = await signedIn({
      token: granted,
      kickoff: (_, response) => send(response, 301, '', { location: `${elsewhere.fhirUrl}/$export` }),
    })
    trial.server.options.smart = { token_endpoint: `${trial.server.origin}/token` }
    const { error } = await trial.run()
    expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining(elsewhere.origin) })
  })

  test('a file that wants a token is a matter of authorization however few the retries', async () => {
    await using trial = await signedIn({ files: [{ handler: (_, response) => send(response, 401) }], token: granted }, 1)
    trial.server.options.smart = { token_endpoint: `${trial.server.origin}/token` }
    expect((await trial.run()).error?.exitCode).toBe(3)
  })
})

test('files that differ in the query only keep their names when a list grows at its front or is signed anew', () => {
  const item = (file: number, sig: string): ManifestItem => ({
    itemType: 'output',
    type: 'Patient',
    url: `https://e.org/$result?job=1&file=${file}&X-Amz-Signature=${sig}&sig=${sig}`,
    count: null,
    fileSize: null,
  })
  const plan = (known: ReturnType<typeof planPage>['files'], items: ManifestItem[]): ReturnType<typeof planPage> => {
    const rest = { transactionTime: '2026-01-01T00:00:00Z', requiresAccessToken: false, request: null, outputOrganizedBy: null }
    return planPage({ known, page: 0, manifest: { ...rest, next: null, items }, compress: 'none' })
  }
  const first = plan([], [item(1, 'a'), item(2, 'a')])
  const grown = plan(first.files, [item(3, 'b'), item(2, 'b'), item(1, 'b')])
  expect(grown.files.map(({ path, key }) => [path, /file=\d/.exec(grown.sources.get(key)?.url ?? '')?.[0]])).toEqual([
    ['Patient.000.ndjson', 'file=1'],
    ['Patient.001.ndjson', 'file=2'],
    ['Patient.002.ndjson', 'file=3'],
  ])
})

test('what a mount point or a file manager leaves does not make a folder one with content', async () => {
  await using bench = await tempBench()
  await using server = await startFake(fileOf(lines('Patient', 2)))
  await mkdir(join(bench.dest, 'lost+found'), { recursive: true })
  await writeFile(join(bench.dest, '.DS_Store'), '')
  expect((await attempt(server, bench.dest)).error).toBeUndefined()
})

test.each([
  ['HTTP_PROXY', 'http://%s/', 4],
  ['http_proxy', '%s', 4],
  ['HTTP_PROXY', 'ftp://%s', 2],
])('%s=%s', async (name, value, exitCode) => {
  await using bench = await tempBench()
  await using server = await startFake()
  let asked = 0
  const refuse = (socket: Duplex): void => {
    asked += 1
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
  }
  const proxy = createServer(({ socket }) => refuse(socket)).on('connect', (_, socket) => refuse(socket))
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  vi.stubEnv(name, value.replace('%s', `127.0.0.1:${(proxy.address() as AddressInfo).port}`))
  try {
    expect((await attempt(server, bench.dest)).error?.exitCode).toBe(exitCode)
    expect([server.seen.length, asked > 0]).toEqual([0, exitCode === 4])
  } finally {
    vi.unstubAllEnvs()
    proxy.close()
  }
})

test.each([
  ['http://0.0.0.0:1/fhir', true],
  ['https://0.0.0.0:1/fhir', false],
  ['http://127.0.0.1:1/fhir', false],
])('whether %s is said to be in the clear: %s', async (fhirUrl, said) => {
  await using bench = await tempBench()
  await using server = await startFake()
  const { events } = await attempt({ ...server, fhirUrl }, bench.dest)
  expect(JSON.stringify(events).includes('unencrypted')).toBe(said)
})
