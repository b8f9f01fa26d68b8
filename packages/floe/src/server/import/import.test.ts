import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ManifestJson, ofPatient, patient, type Registered, type TestServer, testServer } from '../fixture.suite.ts'

let server: TestServer
let client: Registered
let token: string
let web = ''
let requests: { url: string; authorization: string | undefined }[] = []
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined
const site = createServer((request, response) => {
  requests.push({ url: request.url ?? '', authorization: request.headers.authorization })
  answer(request, response)
})

beforeAll(async () => {
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  web = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  server = await testServer({
    importAllow: [`${web}/ok`],
    maxExports: 50,
    maxExportsPerClient: 50,
    maxImport: 5_000_000,
    maxLine: 100_000,
  })
  client = await server.client('c', 'system/*.cruds')
  token = await server.token(client, 'system/*.cruds')
})
beforeEach(() => {
  requests = []
})
afterAll(async () => {
  site.close()
  await server[Symbol.asyncDispose]()
})

type Result = Omit<ManifestJson, 'output'> & { output: { type?: string; count: number; inputUrl: string }[] }

const text = (resources: readonly (object | string)[]): string =>
  resources.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('')
async function result(kickoff: Response): Promise<Result> {
  const status = await server.wait(kickoff, token)
  if (status.status !== 200) throw new Error(`status answered ${status.status}: ${await status.text()}`)
  return (await status.json()) as Result
}
const ndjson = { 'content-type': 'application/fhir+ndjson' }
const manifestOf = (...input: object[]): object => ({ inputFormat: 'application/fhir+ndjson', input })
async function exported(type: string): Promise<string[]> {
  return await server.lines(await server.export(`/fhir/$export?_type=${type}`, token), type, token)
}

test('I-4, I-14, I-16: a body of NDJSON: what was sent comes out again as it was, and the same body again changes nothing', async () => {
  const body =
    '{"resourceType":"Patient","id":"n1","extension":[{"url":"x","valueDecimal":1.10}]}\n\n{"resourceType":"Patient","id":"n2"}\r\n'
  const kickoff = await server.post('/fhir/$import', body, token, ndjson)
  expect(kickoff.headers.get('content-location')).toMatch(new RegExp(`^${server.origin}/fhir/\\$import-status/[0-9a-f]{40}$`))
  const first = await result(kickoff)
  expect(first).toMatchObject({
    output: [{ type: 'Patient', count: 2, inputUrl: 'upload:body' }],
    error: [],
    request: `${server.origin}/fhir/$import`,
  })
  expect((await exported('Patient')).filter((line) => line.includes('"n1"'))).toEqual([body.split('\n')[0]])
  const before = await server.export('/fhir/$export?_type=Patient', token)
  const again = await result(await server.post('/fhir/$import', body, token, ndjson))
  expect(again.output).toEqual(first.output)
  expect((await server.export('/fhir/$export?_type=Patient', token)).transactionTime).toBe(before.transactionTime)
})

describe('addresses', () => {
  test('I-1, I-2, I-6, I-10, I-11, I-12: a manifest, one output per input in its order, nothing of our token goes along', async () => {
    answer = (request, response) => {
      if (request.url === '/ok/1') response.end(gzipSync(text([patient('m1'), patient('m2')])))
      else response.end(text([ofPatient('Condition', 'm1', 'm1')]))
    }
    const body = manifestOf({ type: 'Condition', url: `${web}/ok/2` }, { type: 'Patient', url: `${web}/ok/1` })
    const told = await result(await server.post('/fhir/$import', body, token, { 'content-type': 'application/json' }))
    expect(told.output).toEqual([
      { type: 'Condition', count: 1, inputUrl: `${web}/ok/2` },
      { type: 'Patient', count: 2, inputUrl: `${web}/ok/1` },
    ])
    expect(requests.map(({ authorization }) => authorization)).toEqual([undefined, undefined])
  })

  test('I-1, I-5: Parameters', async () => {
    answer = (_, response) => response.end(text([patient('q1')]))
    const input = {
      name: 'input',
      part: [
        { name: 'type', valueString: 'Patient' },
        { name: 'url', valueUrl: `${web}/ok/p` },
      ],
    }
    const body = {
      resourceType: 'Parameters',
      parameter: [{ name: 'inputFormat', valueString: 'application/fhir+ndjson' }, input],
    }
    expect((await result(await server.post('/fhir/$import', body, token))).output).toEqual([
      { type: 'Patient', count: 1, inputUrl: `${web}/ok/p` },
    ])
  })

  test.each<[string, (base: string) => unknown]>([
    ['no input', () => manifestOf()],
    ['nothing of a manifest', () => ({})],
    ['no object', () => []],
    ['relative', () => manifestOf({ url: '/ok/1' })],
    ['outside of the allow-list', (base) => manifestOf({ url: `${base}/other/1` })],
    ['a sibling of the prefix', (base) => manifestOf({ url: `${base}/okay/1` })],
    ['dots', (base) => manifestOf({ url: `${base}/ok/../other/1` })],
    ['credentials', (base) => manifestOf({ url: base.replace('http://', 'http://user:pw@').concat('/ok/1') })],
    ['metadata of a cloud', () => manifestOf({ url: 'http://169.254.169.254/latest/meta-data/' })],
    ['a file', () => manifestOf({ url: 'file:///etc/passwd' })],
    ['the same twice', (base) => manifestOf({ url: `${base}/ok/1` }, { url: `${base}/ok/1` })],
    ['unknown type', (base) => manifestOf({ type: 'Nonsense', url: `${base}/ok/1` })],
    ['I-3: another format', (base) => ({ ...manifestOf({ url: `${base}/ok/1` }), inputFormat: 'text/csv' })],
    ['I-7: another mode', (base) => ({ ...manifestOf({ url: `${base}/ok/1` }), mode: 'overwrite' })],
  ])('I-8, I-9: refused at kick-off: %s', async (_, body) => {
    const refused = await server.post('/fhir/$import', body(web), token)
    expect([refused.status, await refused.json()]).toEqual([400, expect.objectContaining({ resourceType: 'OperationOutcome' })])
    expect(requests).toEqual([])
  })

  test('I-9: the allow-list is empty by default', async () => {
    await using other = await testServer()
    const mine = await other.token(await other.client('c', 'system/*.cruds'), 'system/*.cruds')
    expect((await other.post('/fhir/$import', manifestOf({ type: 'Patient', url: `${web}/ok/1` }), mine)).status).toBe(400)
  })

  test.each<[string, (response: ServerResponse) => void]>([
    ['a redirect that leads out', (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end()],
    ['a redirect beside the prefix', (response) => response.writeHead(307, { location: `${web}/other` }).end()],
    ['a loop', (response) => response.writeHead(302, { location: `${web}/ok/loop` }).end()],
    ['404', (response) => response.writeHead(404).end()],
    ['longer than allowed', (response) => response.end('x'.repeat(6_000_000))],
  ])('I-9, CONTRACT 5.9: an input that cannot be read is an entry in error: %s', async (_, reply) => {
    answer = (_request, response) => reply(response)
    const told = await result(await server.post('/fhir/$import', manifestOf({ type: 'Patient', url: `${web}/ok/x` }), token))
    expect(told.output).toEqual([{ type: 'Patient', count: 0, inputUrl: `${web}/ok/x` }])
    expect(told.error).toEqual([
      expect.objectContaining({
        type: 'Patient',
        inputUrl: `${web}/ok/x`,
        count: 1,
        errors: [{ lineNumber: null, resourceId: null, message: expect.stringMatching(/^The input could not be read/) }],
      }),
    ])
  })

  test('I-5: an ETag that is another fails its input only', async () => {
    answer = (_, response) => response.writeHead(200, { etag: '"a"' }).end(text([patient('e1')]))
    const body = manifestOf(
      { type: 'Patient', url: `${web}/ok/a`, etag: '"a"' },
      { type: 'Patient', url: `${web}/ok/b`, etag: '"b"' },
    )
    const told = await result(await server.post('/fhir/$import', body, token))
    expect(told.output.map(({ count }) => count)).toEqual([1, 0])
    expect(told.error.map(({ inputUrl }) => inputUrl)).toEqual([`${web}/ok/b`])
  })
})

describe('bad lines', () => {
  test('I-12, I-13, I-15, I-17: each is told by line, never quoted, and the rest goes in', async () => {
    const lines = [
      patient('b1'),
      '{"resourceType":"Patient","id":"secret-family"',
      { resourceType: 'Patient' },
      ofPatient('Condition', 'b2', 'b1'),
      patient('b3'),
    ]
    answer = (_, response) => response.end(`\uFEFF${text(lines)}`)
    const told = await result(await server.post('/fhir/$import', manifestOf({ type: 'Patient', url: `${web}/ok/bad` }), token))
    expect(told.output).toEqual([{ type: 'Patient', count: 2, inputUrl: `${web}/ok/bad` }])
    const [error] = told.error
    expect(error).toMatchObject({ type: 'Patient', count: 3, errorsTruncated: false })
    expect(error?.errors?.map(({ lineNumber, resourceId }) => [lineNumber, resourceId])).toEqual([
      [2, null],
      [3, null],
      [4, 'Condition/b2'],
    ])
    expect(JSON.stringify(error)).not.toContain('secret-family')
    const file = await (await server.get(error?.url ?? '', token)).text()
    expect(
      file
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { resourceType: string }).resourceType),
    ).toEqual(Array(3).fill('OperationOutcome'))
    expect((await server.get(error?.url ?? '')).status).toBe(401)
  })

  test.runIf(process.env.FLOE_VOLUME === 'full')('I-13: lines beyond those that quarantine lists are counted, too', async () => {
    const good = text([patient('t1'), patient('t2')])
    const told = await result(await server.post('/fhir/$import', `${'{}\n'.repeat(100_005)}${good}`, token, ndjson))
    expect(told.output.map(({ count }) => count)).toEqual([2])
    const [error] = told.error
    expect([error?.count, error?.errors?.length]).toEqual([100_005, 100])
    const outcomes = (await (await server.get(error?.url ?? '', token)).text()).trimEnd().split('\n')
    expect([outcomes.length, outcomes.at(-1)]).toEqual([100_001, expect.stringContaining('5 more lines were refused')])
  })

  test('I-15: of duplicates the newest stays, whatever their order; all count', async () => {
    const body = text([
      patient('d', { meta: { lastUpdated: '2026-05-01T00:00:00Z' }, gender: 'male' }),
      patient('d', { meta: { lastUpdated: '2026-06-01T00:00:00Z' }, gender: 'female' }),
      patient('d', { meta: { lastUpdated: '2026-04-01T00:00:00Z' }, gender: 'other' }),
    ])
    expect((await result(await server.post('/fhir/$import', body, token, ndjson))).output[0]?.count).toBe(3)
    expect((await exported('Patient')).filter((line) => line.includes('"id":"d"'))).toEqual([expect.stringContaining('female')])
  })
})

test('multipart: one input per file, types from the lines', async () => {
  const form = new FormData()
  form.append('file', new Blob([text([patient('f1'), patient('f2')])]), 'people.ndjson')
  form.append('file', new Blob([text([patient('f3'), ofPatient('Condition', 'f1', 'f1')])]), '../../mixed.ndjson')
  const kickoff = await fetch(`${server.origin}/fhir/$import`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${token}` },
  })
  const told = await result(kickoff)
  expect(told.output).toEqual([
    { type: 'Patient', count: 2, inputUrl: 'upload:people.ndjson' },
    { count: 2, inputUrl: expect.stringMatching(/^upload:.*mixed\.ndjson$/) },
  ])
  expect((await exported('Condition')).some((line) => line.includes('"f1"'))).toBe(true)
})

test('I-16: Bundles of deletions are applied, and an older version does not come back', async () => {
  await result(
    await server.post(
      '/fhir/$import',
      text([patient('gone1', { meta: { lastUpdated: '2026-01-01T00:00:00Z' } })]),
      token,
      ndjson,
    ),
  )
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    meta: { lastUpdated: '2026-02-01T00:00:00Z' },
    entry: [{ request: { method: 'DELETE', url: 'Patient/gone1' } }],
  }
  expect((await result(await server.post('/fhir/$import', text([bundle]), token, ndjson))).output).toEqual([
    { type: 'Bundle', count: 1, inputUrl: 'upload:body' },
  ])
  expect((await exported('Patient')).some((line) => line.includes('"gone1"'))).toBe(false)
  await result(
    await server.post(
      '/fhir/$import',
      text([patient('gone1', { meta: { lastUpdated: '2026-01-15T00:00:00Z' } })]),
      token,
      ndjson,
    ),
  )
  expect((await exported('Patient')).some((line) => line.includes('"gone1"'))).toBe(false)
})

describe('rights', () => {
  test.each<[string, string, string, number]>([
    ['system/Patient.cu', 'system/Patient.cu', 'Patient', 202],
    ['system/*.write', 'system/*.write', 'Patient', 202],
    ['system/Patient.cu', 'system/Patient.cu', 'Condition', 403],
    ['system/*.rs', 'system/*.rs', 'Patient', 403],
    ['system/Patient.cu?gender=male', 'system/Patient.cu?gender=male', 'Patient', 403],
  ])('C.3: %s', async (registered, scope, type, status) => {
    answer = (_, response) => response.end('')
    const mine = await server.token(await server.client(`r${Math.random()}`, registered), scope)
    expect((await server.post('/fhir/$import', manifestOf({ type, url: `${web}/ok/1` }), mine)).status).toBe(status)
  })

  test('C.3: an undeclared type wants system/*.cu; nothing is read of a body without it', async () => {
    const mine = await server.token(await server.client('narrow', 'system/Patient.cu'), 'system/Patient.cu')
    expect((await server.post('/fhir/$import', text([patient('z')]), mine, ndjson)).status).toBe(403)
    expect((await server.post('/fhir/$import', text([patient('z')]), undefined, ndjson)).status).toBe(401)
  })

  test("I-10: another client's job is not there; DELETE is 202, then 404", async () => {
    const kickoff = await server.post('/fhir/$import', text([patient('del')]), token, ndjson)
    const place = kickoff.headers.get('content-location') ?? ''
    const other = await server.token(await server.client('other', 'system/*.cruds'), 'system/*.cruds')
    expect((await server.get(place, other)).status).toBe(404)
    await server.wait(kickoff, token)
    expect((await server.get(place, token, {}, 'DELETE')).status).toBe(202)
    expect((await server.get(place, token)).status).toBe(404)
  })
})

test('I-8: bodies that are too long, or of no known kind, are refused', async () => {
  expect((await server.post('/fhir/$import', 'x'.repeat(1_100_000), token)).status).toBe(413)
  expect((await server.post('/fhir/$import', '<x/>', token, { 'content-type': 'application/xml' })).status).toBe(415)
  expect((await server.post('/fhir/$import', '{', token)).status).toBe(400)
  const long = await server.post('/fhir/$import', 'x'.repeat(6_000_000), token, ndjson).catch(() => undefined)
  expect([413, undefined]).toContain(long?.status)
})

test('D1: an import goes on after a restart', async () => {
  const body = text(Array.from({ length: 2000 }, (_, n) => patient(`restart${n}`)))
  const kickoff = await server.post('/fhir/$import', body, token, ndjson)
  await server.restart()
  const place = new URL(kickoff.headers.get('content-location') ?? '').pathname
  const told = await result(new Response(null, { status: 202, headers: { 'content-location': `${server.origin}${place}` } }))
  expect([told.output[0]?.count, (await exported('Patient')).filter((line) => line.includes('restart')).length]).toEqual([
    2000, 2000,
  ])
})

test('I-19: imports stand in the audit trail', async () => {
  const reader = await server.token(client, 'system/AuditEvent.rs')
  const bundle = (await (await server.get('/fhir/AuditEvent?action=C&_count=5', reader)).json()) as {
    entry: { resource: { type: { code: string } } }[]
  }
  expect(bundle.entry[0]?.resource.type.code).toBe('110107')
})
