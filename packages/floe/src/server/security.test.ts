import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openControl } from '../jobs/control.ts'
import { patient, type Registered, requestToken, smallPopulation, type TestServer, testServer } from './fixture.suite.ts'

let server: TestServer
let client: Registered
let token: string
beforeAll(async () => {
  server = await testServer({ maxExports: 100, maxExportsPerClient: 100, maxImport: 3_000_000, maxLine: 100_000 })
  await server.load('one', '2026-01-10T00:00:00Z', smallPopulation)
  client = await server.client('c', 'system/*.cruds')
  token = await server.token(client, 'system/*.cruds')
})
afterAll(() => server[Symbol.asyncDispose]())

/** What a raw request is answered with; `undefined` when the connection was cut without an answer. */
async function raw(text: string, { wait = 300 } = {}): Promise<string> {
  const { hostname, port } = new URL(server.origin)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.write(text)
  await Promise.race([new Promise((resolve) => socket.once('close', resolve)), sleep(wait)])
  for (let n = 0; answer === '' && n < 40; n++) await sleep(50)
  socket.destroy()
  return answer
}

/** A request as it stands: `fetch` would tidy path and headers up. */
function plain(path: string, { headers = {}, method = 'GET', body = '' } = {}): Promise<number | undefined> {
  const { hostname, port } = new URL(server.origin)
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { hostname, port, path, method, headers: { authorization: `Bearer ${token}`, ...headers } },
      (answer) => resolve(answer.resume().statusCode),
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('paths and headers', () => {
  let job = ''
  beforeAll(async () => {
    const kickoff = await server.get('/fhir/$export?_type=Patient', token)
    job = (kickoff.headers.get('content-location') ?? '').split('/').at(-1) ?? ''
    await server.wait(kickoff, token)
  })

  test.each([
    '../../catalog.db',
    '..%2f..%2fcatalog.db',
    '%2e%2e%2f%2e%2e%2fcatalog.db',
    '..%5c..%5ccatalog.db',
    '....//....//catalog.db',
    'Patient.000.0.ndjson%00.txt',
    'Patient.000.0.ndjson.part',
    '%c0%ae%c0%ae/catalog.db',
    '%E0%A4%A',
    '.',
    '..',
    "x' or '1'='1",
  ])('a file name is looked up, never a path: %s', async (name) => {
    expect(await plain(`/fhir/$export-file/${job}/${name.replaceAll(' ', '%20')}`)).toBe(404)
  })

  test.each([
    '/fhir/Group/%00/$export',
    '/fhir/Patient/%00/$export',
    '/fhir/Group/x%27%20or%201=1--/$export',
    '/fhir/Group/..%2f/$export',
    '/fhir/Group/%00',
    `/fhir/Group/${'a'.repeat(5000)}/$export`,
    '/fhir//$export',
    '/fhir/../fhir/metadata/..',
  ])('an id that is none is not found: %s', async (path) => {
    expect(await plain(path)).toBe(404)
  })

  test('an id that is none is no failure of a search either', async () => {
    expect(await plain('/fhir/Group?_id=%00')).toBe(200)
  })

  test('a HEAD begins no export', async () => {
    expect(await plain('/fhir/$export', { method: 'HEAD' })).toBe(405)
  })

  test.each(['evil.example.org', 'a b', 'x/y', "a'b", '127.0.0.1:1@evil.example.org', ''])(
    'Host %j makes no address',
    async (host) => {
      const answer = await raw(`GET /fhir/metadata HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/)
      expect(answer).not.toContain('evil.example.org/')
    },
  )

  test('an address in the request line is no other name of the server', async () => {
    const { host } = new URL(server.origin)
    const answer = await raw(`GET http://evil.example.org/fhir/.well-known/smart-configuration HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/)
    expect(answer).not.toContain('evil.example.org/')
  })

  test('what a proxy header says is not believed', async () => {
    const forged = { 'x-forwarded-host': 'evil.example.org', 'x-forwarded-proto': 'https', 'x-original-url': '/fhir/AuditEvent' }
    const kickoff = await server.get('/fhir/$export?_type=Group', token, forged)
    expect(kickoff.headers.get('content-location')).toMatch(new RegExp(`^${server.origin}/fhir/`))
  })

  test('a line end in a parameter does not become a header', async () => {
    const answer = await server.get('/fhir/$export?_type=Patient%0d%0aX-Evil:%201', token)
    expect([answer.status, answer.headers.get('x-evil')]).toEqual([400, null])
  })

  test('a query beyond the longest head is refused; one just below it is answered', async () => {
    expect(await plain(`/fhir/$export?_type=${'x'.repeat(60_000)}`)).toBe(431)
    expect(await plain(`/fhir/$export?_typeFilter=Observation%3Fstatus%3D${'x,'.repeat(5000)}x`)).toBe(400)
  })
})

describe('what filters and times do to SQL', () => {
  const nasty = [
    "final' or '1'='1",
    "'; attach 'x' as y; --",
    '\\',
    "'",
    '"',
    'a\u0000b',
    '%',
    '|',
    '||',
    '/',
    "' union select 1 --",
    '9999',
    '0000',
  ]

  test.each([
    'status',
    'code',
    'category',
    '_id',
    'patient',
    'subject',
    'identifier',
    'date',
    '_lastUpdated',
    'value-quantity',
    "status' --",
  ])('_typeFilter %s holds its values as values', async (name) => {
    const filters = nasty.map((value) => `Observation?${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    const query = filters.map((filter) => `&_typeFilter=${encodeURIComponent(filter)}`).join('')
    const strict = (await server.get(`/fhir/$export?_type=Observation${query}`, token)).status
    expect([202, 400]).toContain(strict)
    // Lenient: those that cannot be met are left out, the others are run. Where all were left out everything comes.
    const lenient = { prefer: 'handling=lenient' }
    const status = await server.wait(await server.get(`/fhir/$export?_type=Observation${query}`, token, lenient), token)
    const { output, error } = (await status.json()) as { output: object[]; error: { count: number }[] }
    const left = nasty.length - (error[0]?.count ?? 0)
    expect([status.status, left === 0 || output.length === 0]).toEqual([200, true])
  })

  test.each([
    '2026-02-31T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-01-01T00:00:00+99:00',
    "2026-01-01T00:00:00Z'--",
  ])('_since %s is 400', async (value) => {
    expect((await server.get(`/fhir/$export?_since=${encodeURIComponent(value)}`, token)).status).toBe(400)
  })

  test('_elements and _type take names only', async () => {
    for (const query of [`_elements=${encodeURIComponent("id' --")}`, `_type=${encodeURIComponent('Patient"; drop')}`])
      expect((await server.get(`/fhir/$export?${query}`, token)).status).toBe(400)
  })
})

describe('$sql-run stays in the lake', () => {
  const run = (view: object): Promise<Response> =>
    server.post('/fhir/$sql-run', { resourceType: 'Parameters', parameter: [{ name: 'subjectResource', resource: view }] }, token)
  const select = (path: string, name = 'x'): object => ({ resource: 'Patient', select: [{ column: [{ name, path }] }] })

  test.each<[string, object]>([
    ['a function of the engine as a path', select("read_csv('/etc/passwd')")],
    ['a statement as a path', select("id; attach '/tmp/x.db' as y")],
    ['a column name that ends the identifier', select('id', "x\" from read_text('/etc/passwd') --")],
    [
      'a resource that is another table',
      { resource: 'Patient" t, floe.loads --', select: [{ column: [{ name: 'x', path: 'id' }] }] },
    ],
    ['a file as resource', { resource: '/etc/passwd', select: [{ column: [{ name: 'x', path: 'id' }] }] }],
    ['a constant name', { ...select('%c'), constant: [{ name: "c' --", valueString: 'x' }] }],
    ['COPY in a where', { ...select('id'), where: [{ path: "copy (select 1) to '/tmp/x'" }] }],
    ['environment', select("getenv('PATH')")],
    ['SET', select('set memory_limit')],
    ['no view', { resourceType: 'Patient' }],
  ])('%s is 400', async (_, view) => {
    const answer = await run(view)
    expect([answer.status, ((await answer.json()) as { resourceType: string }).resourceType]).toEqual([400, 'OperationOutcome'])
  })

  test.each(["'; attach ''x'' as y; --", "\\'", "' || (select content from read_text('/etc/passwd')) || '", '$$', '\u0001'])(
    'text stays text: %j',
    async (text) => {
      const view = { ...select('%c', 'x'), constant: [{ name: 'c', valueString: text }] }
      const answer = await run(view)
      expect(answer.status).toBe(200)
      const rows = (await answer.text()).trimEnd().split('\n')
      expect(rows.map((row) => (JSON.parse(row) as { x: string }).x)).toEqual([text, text, text])
    },
  )

  test('a view nested without end is refused, and the server lives', async () => {
    let inner: object = { column: [{ name: 'x', path: 'id' }] }
    for (let depth = 0; depth < 2000; depth++) inner = { select: [inner] }
    expect((await run({ resource: 'Patient', select: [inner] })).status).toBeGreaterThanOrEqual(400)
    expect((await run(select(`${'('.repeat(5000)}id${')'.repeat(5000)}`))).status).toBeGreaterThanOrEqual(400)
    expect((await server.get('/healthz')).status).toBe(200)
  })
})

describe('bodies', () => {
  const ndjson = { 'content-type': 'application/fhir+ndjson' }

  test('a few KB of gzip that unpack beyond the limit are an input that cannot be read', async () => {
    const bomb = gzipSync(Buffer.alloc(40_000_000, 0x61))
    const kickoff = await fetch(`${server.origin}/fhir/$import`, {
      method: 'POST',
      body: bomb,
      headers: { authorization: `Bearer ${token}`, ...ndjson, 'content-encoding': 'gzip' },
    })
    const told = (await (await server.wait(kickoff, token)).json()) as {
      output: { count: number }[]
      error: { errors: object[] }[]
    }
    expect([told.output[0]?.count, told.error[0]?.errors]).toEqual([0, [expect.objectContaining({ lineNumber: null })]])
  })

  test('a gzip body is what it holds', async () => {
    const body = gzipSync(`${JSON.stringify(patient('zipped'))}\n`)
    const headers = { authorization: `Bearer ${token}`, ...ndjson, 'content-encoding': 'gzip' }
    const kickoff = await fetch(`${server.origin}/fhir/$import`, { method: 'POST', body, headers })
    expect(((await (await server.wait(kickoff, token)).json()) as { output: { count: number }[] }).output[0]?.count).toBe(1)
  })

  test('the parts of a multipart body share one limit', async () => {
    const form = new FormData()
    for (let n = 0; n < 5; n++) form.append('file', new Blob(['x'.repeat(900_000)]), `${n}.ndjson`)
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${server.origin}/fhir/$import`, { method: 'POST', body: form, headers }).catch(() => undefined)
    expect([413, undefined]).toContain(answer?.status)
  })

  test('thousands of parts are refused', async () => {
    const part = '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n\r\n'
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=b' }
    const body = `${part.repeat(3000)}--b--\r\n`
    const answer = await fetch(`${server.origin}/fhir/$import`, { method: 'POST', body, headers }).catch(() => undefined)
    expect([413, undefined]).toContain(answer?.status)
  })

  test('a chunked body is counted as it comes', async () => {
    const size = (20_000).toString(16)
    const chunk = `${size}\r\n${'x'.repeat(20_000)}\r\n`
    const head = `POST /fhir/$export HTTP/1.1\r\nHost: ${new URL(server.origin).host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    expect(await raw(head + chunk.repeat(100), { wait: 1500 })).toMatch(/^HTTP\/1\.1 413/)
  })

  test('two lengths, or a length beside chunks, are no request', async () => {
    const host = `Host: ${new URL(server.origin).host}`
    expect(await raw(`POST /auth/token HTTP/1.1\r\n${host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx`)).toMatch(
      /^HTTP\/1\.1 400/,
    )
    expect(
      await raw(`POST /auth/token HTTP/1.1\r\n${host}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 400/)
  })

  test('deep JSON is refused, and the server lives', async () => {
    const deep = `{"resourceType":"Parameters","parameter":${'['.repeat(400_000)}${']'.repeat(400_000)}}`
    expect((await server.post('/fhir/$export', deep, token)).status).toBe(400)
    expect((await server.post('/fhir/$import', `{"input":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, token)).status).toBe(400)
    expect((await server.get('/healthz')).status).toBe(200)
  })
})

describe('who may', () => {
  test('a client that is bound to Groups imports nothing: its own Group would give it every patient', async () => {
    const bound = await server.token(await server.client('bound', 'system/*.cruds', { groups: ['g1'] }), 'system/*.cruds')
    const group = { resourceType: 'Group', id: 'g1', member: [{ entity: { reference: 'Patient/p3' } }] }
    const body = `${JSON.stringify(group)}\n`
    expect((await server.post('/fhir/$import', body, bound, { 'content-type': 'application/fhir+ndjson' })).status).toBe(403)
  })

  test('refusals of nobody in particular do not fill the audit trail', async () => {
    const count = (): number => {
      using control = openControl(server.lake)
      return Number(control.one("select count(*) as n from audit where outcome = '4' and client is null")?.n)
    }
    for (let n = 0; n < 300; n++) await plain('/fhir/Group', { headers: { authorization: 'Bearer wrong' } })
    // Two minutes may share them.
    expect(count()).toBeLessThanOrEqual(202)
    expect(count()).toBeGreaterThan(50)
  })

  test('/metrics asks for a token where a proxy speaks for somebody', async () => {
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await server.get('/metrics', undefined, headers)).status
    expect([await status({}), await status({ 'x-forwarded-for': '8.8.8.8' })]).toEqual([200, 401])
  })
})

test('an open server answers no page of another site', async () => {
  await using open = await testServer({ open: true })
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await open.get('/fhir/metadata', undefined, headers)).status
  expect([
    await status({}),
    await status({ origin: open.origin }),
    await status({ origin: 'https://evil.example.org' }),
    await status({ origin: 'null' }),
    await status({ 'sec-fetch-site': 'cross-site' }),
  ]).toEqual([200, 200, 403, 403, 403])
})

test('slow clients: head and small bodies byte by byte, an upload that stands still; the others are answered meanwhile', async () => {
  await using one = await testServer({ patience: { head: 400, body: 400, idle: 400 } })
  const mine = await one.token(await one.client('c', 'system/*.cruds'), 'system/*.cruds')
  const { hostname, port, host } = new URL(one.origin)
  const auth = `Host: ${host}\r\nAuthorization: Bearer ${mine}\r\n`
  const slow = [
    'GET /fhir/metadata HTTP/1.1\r\nHost: ',
    `POST /auth/token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n`,
    `POST /fhir/$export HTTP/1.1\r\n${auth}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
    `POST /fhir/$import HTTP/1.1\r\n${auth}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
    `POST /fhir/$import HTTP/1.1\r\n${auth}Content-Type: application/fhir+ndjson\r\nContent-Length: 1000\r\n\r\n{`,
  ]
  const ends = slow.map((text, index) => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.on('data', () => undefined)
    socket.write(text)
    // All but the upload go on, a byte at a time.
    const drip = setInterval(() => index < 4 && socket.write('x'), 50)
    return new Promise<void>((resolve) =>
      socket.once('close', () => {
        clearInterval(drip)
        resolve()
      }),
    )
  })
  expect((await one.get('/healthz')).status).toBe(200)
  await Promise.all(ends)
  expect((await one.get('/healthz')).status).toBe(200)
})

test('jobs of a client that was removed are gone, also for the next one of that name', async () => {
  const { removeClient } = await import('../jobs/clients.ts')
  const mine = await server.token(await server.client('leaver', 'system/*.rs'))
  const kickoff = await server.get('/fhir/$export?_type=Patient', mine)
  const place = kickoff.headers.get('content-location') ?? ''
  await server.wait(kickoff, mine)
  {
    using control = openControl(server.lake)
    removeClient(control, 'leaver')
  }
  expect((await server.get(place, mine)).status).toBe(401)
  const next = await server.token(await server.client('leaver', 'system/*.rs'))
  expect((await server.get(place, next)).status).toBe(404)
})

test('keys: unknown ids of one client do not lock out another', async () => {
  const { createServer } = await import('node:http')
  const { newKeys } = await import('@floe/client')
  const { publicJwks, privateJwks } = await newKeys({ alg: 'ES384' })
  let asked = 0
  const web = createServer((_, response) => {
    asked++
    response.writeHead(200, { 'cache-control': 'max-age=60' }).end(JSON.stringify(publicJwks))
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(web.address() as { port: number }).port}`
  for (const id of ['victim', 'other']) await server.client(id, 'system/*.rs', { jwksUrl: `${base}/${id}` })
  const key = privateJwks.keys[0] as Registered['key']
  for (let n = 0; n < 60; n++)
    await requestToken(server, await server.assertion({ id: 'victim', key }, { header: { kid: `no-${n}` } }))
  expect(asked).toBeLessThanOrEqual(30)
  expect((await requestToken(server, await server.assertion({ id: 'other', key }))).status).toBe(200)
  expect((await requestToken(server, await server.assertion({ id: 'victim', key }))).status).toBe(200)
  web.close()
})
