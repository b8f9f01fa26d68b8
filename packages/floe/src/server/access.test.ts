import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  idsOf,
  type ManifestJson,
  patient,
  type Registered,
  smallPopulation,
  type TestServer,
  testServer,
} from './fixture.suite.ts'

let server: TestServer
let client: Registered
let token: string
beforeAll(async () => {
  server = await testServer({ maxExports: 100, maxExportsPerClient: 100 })
  await server.load('one', '2026-01-10T00:00:00Z', smallPopulation)
  client = await server.client('c', 'system/*.rs')
  token = await server.token(client)
})
afterAll(() => server[Symbol.asyncDispose]())

describe('access', () => {
  test('A-34: without token 401 and no error code, with a wrong one invalid_token', async () => {
    for (const path of ['/fhir/$export', '/fhir/$export-status/x', '/fhir/$export-file/x/y', '/fhir/Group', '/fhir/AuditEvent']) {
      const none = await server.get(path)
      expect([
        none.status,
        none.headers.get('www-authenticate'),
        ((await none.json()) as { resourceType: string }).resourceType,
      ]).toEqual([401, 'Bearer', 'OperationOutcome'])
      const wrong = await server.get(path, 'wrong')
      expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
    }
  })

  test('S-5, A-31: types beyond the scopes are 403, or left out where no type was asked for', async () => {
    const narrow = await server.token(await server.client('narrow', 'system/Patient.rs'))
    const answer = await server.get('/fhir/$export?_type=Condition', narrow)
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([403, 'Bearer error="insufficient_scope"'])
    expect((await server.export('/fhir/$export', narrow)).output.map(({ type }) => type)).toEqual(['Patient'])
    const write = await server.token(await server.client('write', 'system/*.cud'), 'system/*.cud')
    expect((await server.get('/fhir/$export', write)).status).toBe(403)
  })

  test('C.3: a scope with a search narrows the export', async () => {
    const narrow = await server.token(await server.client('searching', 'system/Observation.rs?status=final system/Patient.rs'))
    const manifest = await server.export('/fhir/$export', narrow)
    expect(idsOf(await server.lines(manifest, 'Observation', narrow))).toEqual(['o1'])
    const asked = await server.export('/fhir/$export?_typeFilter=Observation%3Fpatient%3Dp3', narrow)
    expect(await server.lines(asked, 'Observation', narrow)).toEqual([])
  })

  test("S-3, S-4, S-63, S-64: another client's job is not there: status, files, delete", async () => {
    const other = await server.token(await server.client('other', 'system/*.rs'))
    const kickoff = await server.get('/fhir/$export?_type=Patient', token)
    const place = kickoff.headers.get('content-location') ?? ''
    const manifest = (await (await server.wait(kickoff, token)).json()) as Awaited<ReturnType<TestServer['export']>>
    const file = manifest.output[0]?.url ?? ''
    expect((await server.get(file)).status).toBe(401)
    for (const [url, method] of [
      [place, 'GET'],
      [file, 'GET'],
      [place, 'DELETE'],
    ] as const)
      expect((await server.get(url, other, {}, method)).status).toBe(404)
    expect((await server.get(file, token)).status).toBe(200)
    const narrow = await server.token(client, 'system/Condition.rs')
    expect((await server.get(file, narrow)).status).toBe(403)
    expect((await server.get(place, narrow)).status).toBe(403)
  })

  test('S-6: a client that is bound to Groups sees them and their patients only', async () => {
    const bound = await server.token(await server.client('bound', 'system/*.rs', { groups: ['g1'] }))
    const status = async (path: string): Promise<number> => (await server.get(path, bound)).status
    expect(await status('/fhir/Group/g1/$export')).toBe(202)
    expect(await status('/fhir/Patient/p1/$export')).toBe(202)
    expect([404, 404, 403, 403]).toEqual([
      await status('/fhir/Group/g2/$export'),
      await status('/fhir/Patient/p3/$export'),
      await status('/fhir/$export'),
      await status('/fhir/Patient/$export'),
    ])
    expect(((await (await server.get('/fhir/Group', bound)).json()) as { total: number }).total).toBe(1)
    expect((await server.get('/fhir/Group/g2', bound)).status).toBe(404)
  })

  test('S-6: a client that is bound to Groups gets the export of one of their patients', async () => {
    const bound = await server.token(await server.client('bound-one', 'system/*.rs', { groups: ['g1'] }))
    const kickoff = await server.get('/fhir/Patient/p1/$export', bound)
    const place = kickoff.headers.get('content-location') ?? ''
    const manifest = (await (await server.wait(kickoff, bound)).json()) as ManifestJson
    expect(idsOf(await server.lines(manifest, 'Condition', bound))).toEqual(['c1'])
    const moved = await server.token(await server.client('bound-one', 'system/*.rs', { groups: ['g2'] }))
    expect((await server.get(place, moved)).status).toBe(404)
    expect((await server.get(manifest.output[0]?.url ?? '', moved)).status).toBe(404)
    expect((await server.get(place, moved, {}, 'DELETE')).status).toBe(404)
  })

  test('C.3, S-3: what a wider token exported is not for a narrower one of the same client: status, file, delete', async () => {
    const both = await server.client('both', 'system/Observation.rs')
    const wide = await server.token(both)
    const kickoff = await server.get('/fhir/$export?_type=Observation', wide)
    const place = kickoff.headers.get('content-location') ?? ''
    const manifest = (await (await server.wait(kickoff, wide)).json()) as ManifestJson
    const file = manifest.output[0]?.url ?? ''
    const narrow = await server.token(both, 'system/Observation.rs?status=final')
    for (const [url, method] of [
      [place, 'GET'],
      [file, 'GET'],
      [place, 'DELETE'],
    ] as const)
      expect((await server.get(url, narrow, {}, method)).status).toBe(403)
    const own = await server.export('/fhir/$export?_type=Observation', narrow)
    expect((await server.get(own.output[0]?.url ?? '', narrow)).status).toBe(200)
    expect((await server.get(own.output[0]?.url ?? '', wide)).status).toBe(200)
  })

  test('C.3: a scope whose search cannot be held gives nothing', async () => {
    const odd = await server.token(await server.client('odd', 'system/Patient.rs?name:contains=x'))
    expect((await server.get('/fhir/$export', odd)).status).toBe(403)
  })

  test('a client that was removed, or whose scopes changed, has no valid token any more', async () => {
    const one = await server.token(await server.client('gone', 'system/*.rs'))
    expect((await server.get('/fhir/Group', one)).status).toBe(200)
    await server.client('gone', 'system/Patient.rs')
    expect((await server.get('/fhir/Group', one)).status).toBe(401)
  })
})

describe('files', () => {
  let file = ''
  let text = ''
  beforeAll(async () => {
    file = (await server.export('/fhir/$export?_type=Condition', token)).output[0]?.url ?? ''
    text = await (await server.get(file, token)).text()
  })

  test('S-62, S-71: length, tag, HEAD', async () => {
    const answer = await server.get(file, token, { 'accept-encoding': 'identity' }, 'HEAD')
    expect([
      answer.status,
      answer.headers.get('content-type'),
      answer.headers.get('content-length'),
      await answer.text(),
    ]).toEqual([200, 'application/fhir+ndjson', String(Buffer.byteLength(text)), ''])
    const tag = answer.headers.get('etag') ?? ''
    expect((await server.get(file, token, { 'if-none-match': tag })).status).toBe(304)
  })

  test.each<[string, number, (all: string) => string]>([
    ['bytes=0-9', 206, (all) => all.slice(0, 10)],
    ['bytes=10-', 206, (all) => all.slice(10)],
    ['bytes=-5', 206, (all) => all.slice(-5)],
    ['bytes=5-2', 200, (all) => all],
    ['bytes=0-1,4-5', 200, (all) => all],
    ['lines=1-2', 200, (all) => all],
  ])('S-71: %s', async (range, status, expected) => {
    const answer = await server.get(file, token, { range, 'accept-encoding': 'identity' })
    expect([answer.status, await answer.text()]).toEqual([status, expected(text)])
  })

  test('S-71: If-Range, and a range beyond the end', async () => {
    expect((await server.get(file, token, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
    expect((await server.get(file, token, { range: 'bytes=999999-' })).status).toBe(416)
  })

  test('S-66: gzip is said and is whole', async () => {
    const answer = await server.get(file, token, { 'accept-encoding': 'gzip' })
    expect([answer.headers.get('content-encoding'), await answer.text()]).toEqual(['gzip', text])
  })

  test.each([
    '..%2f..%2fcontrol.db',
    '%2e%2e%2fcontrol.db',
    'Condition.000.0.ndjson.part',
    'nothing',
    'Condition.000.0.ndjson%00',
  ])('paths do not get out: %s', async (name) => {
    expect((await server.get(file.replace(/[^/]*$/, name), token)).status).toBe(404)
  })
})

test('S-80: $bulk-publish gives the same manifest until the lake changes', async () => {
  await using one = await testServer()
  await one.load('a', '2026-01-01T00:00:00Z', [patient('p1')])
  const mine = await one.token(await one.client('c', 'system/*.rs'))
  const first = await one.get('/fhir/$bulk-publish', mine)
  const manifest = (await first.json()) as ManifestJson
  expect([first.status, manifest.output.map(({ type, count }) => `${type} ${count}`)]).toEqual([200, ['Patient 1']])
  const tag = first.headers.get('etag') ?? ''
  expect((await one.get('/fhir/$bulk-publish', mine, { 'if-none-match': tag })).status).toBe(304)
  expect(await one.lines(manifest, 'Patient', mine)).toEqual([JSON.stringify(patient('p1'))])
  await one.load('b', '2026-02-01T00:00:00Z', [patient('p2')])
  const second = await one.get('/fhir/$bulk-publish', mine, { 'if-none-match': tag })
  expect([second.status, ((await second.json()) as ManifestJson).output.map(({ count }) => count)]).toEqual([200, [2]])
  expect(
    (await one.get('/fhir/$bulk-publish', await one.token(await one.client('bound', 'system/*.rs', { groups: ['g'] })))).status,
  ).toBe(403)
})

test('$sql-run gives the rows of a view', async () => {
  const view = {
    resource: 'Patient',
    status: 'active',
    select: [
      {
        column: [
          { name: 'id', path: 'getResourceKey()' },
          { name: 'gender', path: 'gender' },
        ],
      },
    ],
  }
  const run = (parameter: object[], as = token): Promise<Response> =>
    server.post('/fhir/$sql-run', { resourceType: 'Parameters', parameter }, as)
  const subject = { name: 'subjectResource', resource: view }
  const answer = await run([subject])
  const rows = (await answer.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string })
  expect(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
    { id: 'p1', gender: 'female' },
    { id: 'p2', gender: 'male' },
    { id: 'p3', gender: 'other' },
  ])
  const csv = await run([subject, { name: '_format', valueCode: 'csv' }, { name: '_limit', valueInteger: 1 }])
  expect([csv.headers.get('content-type'), (await csv.text()).trim().split(/\r?\n/).length]).toEqual(['text/csv', 2])
  const wrong = { name: 'subjectResource', resource: { ...view, select: [{ column: [{ name: 'x', path: 'nonsense' }] }] } }
  expect((await run([wrong])).status).toBe(400)
  expect((await run([{ name: 'source', valueString: 'x' }, subject])).status).toBe(400)
})
