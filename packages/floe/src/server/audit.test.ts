import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requestToken, smallPopulation, type TestServer, testServer } from './fixture.suite.ts'

interface Agent {
  type: { coding: { code: string }[] }
  who: { display?: string; identifier?: { value: string } }
  requestor: boolean
  network?: { address: string; type: string }
  policy?: string[]
}
interface Event {
  id: string
  type: { code: string }
  subtype: { code: string }[]
  action: string
  outcome: string
  recorded: string
  agent: Agent[]
  source: { observer: { display: string } }
  entity?: {
    what?: { reference?: string }
    role: { code: string }
    query?: string
    description?: string
    detail?: { type: string; valueString: string }[]
  }[]
}

let server: TestServer
let events: Event[]
let assertionJti = ''
beforeAll(async () => {
  server = await testServer({ maxExports: 20, maxExportsPerClient: 20 })
  await server.load('one', '2026-01-10T00:00:00Z', smallPopulation)
  const client = await server.client('c', 'system/*.cruds')
  const assertion = await server.assertion(client)
  assertionJti = (JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti
  const { access_token: token } = (await (await requestToken(server, assertion, { scope: 'system/*.cruds' })).json()) as {
    access_token: string
  }
  await requestToken(server, assertion)
  const kickoff = await server.get('/fhir/Group/g1/$export?_type=Patient', token)
  const place = kickoff.headers.get('content-location') ?? ''
  const manifest = (await (await server.wait(kickoff, token)).json()) as { output: { url: string }[] }
  await (await server.get(manifest.output[0]?.url ?? '', token)).text()
  const stranger = await server.token(await server.client('stranger', 'system/*.rs'))
  await server.get(place, stranger)
  await server.get(manifest.output[0]?.url ?? '', stranger)
  await server.get('/fhir/$export?_type=Patient', await server.token(await server.client('narrow', 'system/Condition.rs')))
  await server.get(place, token, {}, 'DELETE')
  const body = '{"resourceType":"Patient","id":"imported"}\n'
  const imported = await server.post('/fhir/$import', body, token, { 'content-type': 'application/fhir+ndjson' })
  await server.wait(imported, token)
  await server.get(imported.headers.get('content-location') ?? '', token, {}, 'DELETE')
  await server.get('/fhir/Group?_id=g1', token)
  await server.get('/fhir/Group', 'wrong')
  await server.get('/fhir/AuditEvent?_count=1', token)
  const bundle = (await (await server.get('/fhir/AuditEvent?_count=1000', token)).json()) as { entry: { resource: Event }[] }
  events = bundle.entry.map(({ resource }) => resource).toReversed()
})
afterAll(() => server[Symbol.asyncDispose]())

const found = (type: string, subtype: string, action: string, outcome = '0'): Event[] =>
  events.filter(
    (one) =>
      one.type.code === type &&
      one.action === action &&
      one.outcome === outcome &&
      one.subtype.some(({ code }) => code === subtype),
  )

describe('S-A7: what is written down', () => {
  test.each<[string, string, string, string, string, number]>([
    ['tokens', '110114', '110122', 'E', '0', 3],
    ['a refused assertion', '110114', '110122', 'E', '4', 1],
    ['a kick-off', 'rest', 'operation', 'E', '0', 1],
    ['the end of the export', '110106', 'operation', 'R', '0', 1],
    ['a download', '110106', 'read', 'R', '0', 1],
    ['status and file asked for by a stranger', '110113', '110126', 'R', '4', 2],
    ['a refused kick-off and a wrong token', '110113', '110126', 'E', '4', 2],
    ['deletions of an export and of an import', 'rest', 'delete', 'D', '0', 2],
    ['kick-off and end of an import', '110107', 'operation', 'C', '0', 2],
    ['a search for Groups, and one for AuditEvents', 'rest', 'search-type', 'E', '0', 2],
  ])('%s', (_, type, subtype, action, outcome, count) => {
    expect(found(type, subtype, action, outcome)).toHaveLength(count)
  })

  test('the end of an export tells Group and counts', () => {
    const [event] = found('110106', 'operation', 'R')
    expect(event?.entity?.[0]?.what?.reference).toBe('Group/g1')
    expect(event?.entity?.[1]?.detail).toEqual(
      expect.arrayContaining([
        { type: 'files', valueString: '1' },
        { type: 'resources', valueString: '2' },
      ]),
    )
  })

  test('no token, no line of a resource, no poll address stands anywhere', () => {
    const text = JSON.stringify(events)
    expect(text).not.toMatch(/Bearer|birthDate|export-status\/[0-9a-f]{40}|export-file\/[0-9a-f]{40}/)
  })
})

test('S-A2, S-A3: exports go from the server to the client, imports from the client to the server; both with address', () => {
  const roles = (event: Event | undefined): unknown[] =>
    event?.agent.map(({ type, who, requestor, network }) => [
      type.coding[0]?.code,
      who.identifier?.value ?? who.display,
      requestor,
      network !== undefined,
    ]) ?? []
  for (const event of [...found('110106', 'operation', 'R'), ...found('110106', 'read', 'R')]) {
    expect(roles(event)).toEqual([
      ['110153', 'floe serve', false, true],
      ['110152', 'c', true, true],
    ])
    expect(event.subtype.map(({ code }) => code)).toContain('disclose')
    expect(event.source.observer).toEqual(event.agent[0]?.who)
  }
  for (const event of found('110107', 'operation', 'C')) {
    expect(roles(event)).toEqual([
      ['110153', 'c', true, true],
      ['110152', 'floe serve', false, true],
    ])
    expect(event.source.observer).toEqual(event.agent[1]?.who)
  }
})

test('S-A4, S-A6: a search goes from the client to the server, with the request as base64', () => {
  const [groups] = found('rest', 'search-type', 'E')
  expect(groups?.agent.map(({ who }) => who.identifier?.value ?? who.display)).toEqual(['c', 'floe serve'])
  const query = groups?.entity?.find(({ role }) => role.code === '24')?.query ?? ''
  expect(Buffer.from(query, 'base64').toString()).toBe(`${server.origin}/fhir/Group?_id=g1`)
  const [kickoff] = found('rest', 'operation', 'E')
  const asked = kickoff?.entity?.find(({ role }) => role.code === '24')?.query ?? ''
  expect(Buffer.from(asked, 'base64').toString()).toBe(`${server.origin}/fhir/Group/g1/$export?_type=Patient`)
})

test('S-A5: a token tells its assertion and the client as application', () => {
  const [token] = found('110114', '110122', 'E')
  expect(token?.agent.map(({ type }) => type.coding[0]?.code)).toEqual(['UserOauthAgent', '110150', '110152'])
  expect(token?.agent[0]).toMatchObject({ requestor: true, policy: [`urn:ietf:params:oauth:jti:${assertionJti}`] })
  expect(token?.agent[1]?.who.identifier?.value).toBe('c')
})
