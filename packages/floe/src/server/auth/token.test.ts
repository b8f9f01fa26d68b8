import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newKeys } from '@floe/client'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AssertionChange, type Registered, requestToken, type TestServer, testServer } from '../fixture.suite.ts'

let server: TestServer
let client: Registered
beforeAll(async () => {
  server = await testServer()
  client = await server.client('c', 'system/Patient.rs system/Observation.rs?category=laboratory system/Condition.cruds')
})
afterAll(() => server[Symbol.asyncDispose]())

const seconds = (): number => Math.floor(Date.now() / 1000)

test('A-13, A-14: discovery names the token endpoint, private_key_jwt and both algorithms', async () => {
  const answer = await server.get('/fhir/.well-known/smart-configuration', undefined, { accept: 'text/html' })
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  expect(await answer.json()).toMatchObject({
    token_endpoint: `${server.origin}/auth/token`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    grant_types_supported: ['client_credentials'],
    capabilities: expect.arrayContaining(['client-confidential-asymmetric']),
  })
})

test('A-15: discovery lists no endpoint that is not there, and every scope that it lists is granted', async () => {
  const told = (await (await server.get('/fhir/.well-known/smart-configuration')).json()) as { scopes_supported: string[] }
  for (const name of ['issuer', 'jwks_uri', 'authorization_endpoint', 'introspection_endpoint', 'revocation_endpoint'])
    expect(told).not.toHaveProperty(name)
  const everything = await server.client('everything', 'system/*.cruds')
  for (const scope of told.scopes_supported) {
    const answer = await requestToken(server, await server.assertion(everything), { scope })
    expect(await answer.json()).toMatchObject({ scope })
  }
})

test('A-27, A-28, A-29: a token is a bearer of at most 300 seconds, never cached', async () => {
  const answer = await requestToken(server, await server.assertion(client))
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const told = (await answer.json()) as object
  expect(told).toMatchObject({ token_type: 'bearer', expires_in: 300, access_token: expect.any(String) })
  expect(told).not.toHaveProperty('refresh_token')
})

test('A-17: RS384 is taken as well', async () => {
  const { privateJwks, publicJwks } = await newKeys({ alg: 'RS384' })
  const rsa = await server.client('rsa', 'system/*.rs', { jwks: { keys: publicJwks.keys as never } })
  const key = privateJwks.keys[0] as Registered['key']
  const assertion = await server.assertion({ ...rsa, key }, { header: { alg: 'RS384' } })
  expect((await requestToken(server, assertion)).status).toBe(200)
})

describe('A-24, A-25: every failed authentication is invalid_client, with 400 and no-store', () => {
  test.each<[string, () => AssertionChange]>([
    ['A-18: iss is not sub', () => ({ claims: { sub: 'other' } })],
    ['A-20: unknown client', () => ({ claims: { iss: 'other', sub: 'other' } })],
    ['A-18: wrong aud', () => ({ claims: { aud: 'https://elsewhere.example.org/auth/token' } })],
    ['A-18: no exp', () => ({ claims: { exp: undefined } })],
    ['A-18: expired', () => ({ claims: { exp: seconds() - 60 } })],
    ['A-21: exp too far away', () => ({ claims: { exp: seconds() + 3600 } })],
    ['A-18: nbf in the future', () => ({ claims: { nbf: seconds() + 200 } })],
    ['A-19: no jti', () => ({ claims: { jti: undefined } })],
    ['A-22: no kid', () => ({ header: { kid: undefined } })],
    ['A-22: unknown kid', () => ({ header: { kid: 'other' } })],
    ['A-22: jku that is not registered', () => ({ header: { jku: 'https://evil.example.org/jwks.json' } })],
    ['A-6: typ', () => ({ header: { typ: 'other' } })],
  ])('%s', async (_, change) => {
    const answer = await requestToken(server, await server.assertion(client, change()))
    expect([answer.status, answer.headers.get('cache-control'), ((await answer.json()) as { error: string }).error]).toEqual([
      400,
      'no-store',
      'invalid_client',
    ])
  })

  test.each<[string, () => Promise<string>]>([
    [
      'A-17: alg none',
      async () =>
        new UnsecuredJWT({ iss: 'c', sub: 'c', jti: 'x' })
          .setAudience(`${server.origin}/auth/token`)
          .setExpirationTime('4m')
          .encode(),
    ],
    [
      'A-17: HS256',
      () =>
        new SignJWT({ iss: 'c', sub: 'c', jti: 'x', exp: seconds() + 100, aud: `${server.origin}/auth/token` })
          .setProtectedHeader({ alg: 'HS256', kid: client.key.kid ?? '' })
          .sign(Buffer.alloc(32, 1)),
    ],
    ['A-18: tampered signature', async () => (await server.assertion(client)).replace(/.{6}$/, 'AAAAAA')],
    [
      'A-18: another key',
      async () => await server.assertion(client, { key: (await newKeys({ alg: 'ES384' })).privateJwks.keys[0] as never }),
    ],
    ['no JWT', async () => 'nonsense'],
    ['empty', async () => ''],
  ])('%s', async (_, make) => {
    const answer = await requestToken(server, await make())
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([400, 'invalid_client'])
  })

  test('A-19: an assertion is good for one time', async () => {
    const assertion = await server.assertion(client)
    expect((await requestToken(server, assertion)).status).toBe(200)
    expect(await (await requestToken(server, assertion)).json()).toMatchObject({ error: 'invalid_client' })
  })

  test('A-19: also at the same moment', async () => {
    const assertion = await server.assertion(client)
    const answers = await Promise.all(Array.from({ length: 5 }, () => requestToken(server, assertion)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400])
  })
})

test.each<[string, Record<string, string>, string]>([
  ['A-25: another grant type', { grant_type: 'authorization_code' }, 'unsupported_grant_type'],
  ['A-25: another assertion type', { client_assertion_type: 'x' }, 'invalid_client'],
  ['A-26: a scope beyond', { scope: 'system/Encounter.rs' }, 'invalid_scope'],
  ['A-26: a scope that is none', { scope: 'launch/patient openid' }, 'invalid_scope'],
])('%s', async (_, form, error) => {
  const answer = await requestToken(server, await server.assertion(client), form)
  expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error })])
})

test.each([
  ['system/Patient.rs', 'system/Patient.rs'],
  ['system/Patient.read', 'system/Patient.read'],
  ['system/*.read', 'system/Patient.read system/Observation.rs?category=laboratory system/Condition.read'],
  ['system/Condition.write system/Condition.*', 'system/Condition.write system/Condition.*'],
  ['system/Condition.rs?code=1 system/Foo.rs', 'system/Condition.rs?code=1'],
  ['', 'system/Patient.rs system/Observation.rs?category=laboratory system/Condition.cruds'],
])('C.3: of %s is granted %s', async (scope, granted) => {
  const answer = await requestToken(server, await server.assertion(client), { scope })
  expect(await answer.json()).toMatchObject({ scope: granted })
})

describe('keys by address', () => {
  let requests = 0
  let answer: () => { status?: number; headers?: Record<string, string>; body: string } = () => ({ body: '{"keys":[]}' })
  const web = createServer((_, response) => {
    requests++
    const { status = 200, headers = {}, body } = answer()
    response.writeHead(status, headers).end(body)
  })
  beforeAll(() => new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve)))
  afterAll(() => void web.close())

  const registered = async (id: string): Promise<{ jwksUrl: string; client: Registered; keys: object }> => {
    const { privateJwks, publicJwks } = await newKeys({ alg: 'ES384' })
    const jwksUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}/${id}.json`
    await server.client(id, 'system/*.rs', { jwksUrl })
    return { jwksUrl, client: { id, key: privateJwks.keys[0] as Registered['key'] }, keys: publicJwks }
  }

  test('A-16, A-23: they are fetched, kept as long as Cache-Control says, and fetched anew for an unknown kid', async () => {
    const first = await registered('url')
    answer = () => ({ headers: { 'cache-control': 'max-age=600' }, body: JSON.stringify(first.keys) })
    requests = 0
    expect((await requestToken(server, await server.assertion(first.client))).status).toBe(200)
    expect((await requestToken(server, await server.assertion(first.client))).status).toBe(200)
    expect(requests).toBe(1)
    const { privateJwks, publicJwks } = await newKeys({ alg: 'ES384', kid: 'next' })
    answer = () => ({ headers: { 'cache-control': 'no-store' }, body: JSON.stringify(publicJwks) })
    const rotated = { id: 'url', key: privateJwks.keys[0] as Registered['key'] }
    expect((await requestToken(server, await server.assertion(rotated))).status).toBe(200)
    expect((await requestToken(server, await server.assertion(rotated))).status).toBe(200)
    expect(requests).toBe(3)
  })

  test('A-22: jku may be the registered address', async () => {
    const { client: one, keys, jwksUrl } = await registered('jku')
    answer = () => ({ body: JSON.stringify(keys) })
    expect((await requestToken(server, await server.assertion(one, { header: { jku: jwksUrl } }))).status).toBe(200)
  })

  test.each<[string, () => ReturnType<typeof answer>]>([
    ['a redirect is not followed', () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' })],
    ['no JSON', () => ({ body: '<html>' })],
    ['too long', () => ({ body: `{"keys":[],"x":"${'x'.repeat(300_000)}"}` })],
  ])('%s', async (name, reply) => {
    const { client: one } = await registered(name.replaceAll(' ', '-'))
    answer = reply
    expect(await (await requestToken(server, await server.assertion(one))).json()).toMatchObject({ error: 'invalid_client' })
  })

  test('a name that leads to this machine is not asked', async () => {
    await server.client('rebind', 'system/*.rs', { jwksUrl: 'https://localtest.invalid/jwks.json' })
    const { privateJwks } = await newKeys({ alg: 'ES384' })
    const assertion = await server.assertion({ id: 'rebind', key: privateJwks.keys[0] as Registered['key'] })
    expect(await (await requestToken(server, assertion)).json()).toMatchObject({ error: 'invalid_client' })
  })
})

test('A-18: an assertion for another host is not made good by naming that host', async () => {
  const { request } = await import('node:http')
  const assertion = await server.assertion(client, { claims: { aud: 'http://evil.example.org/auth/token' } })
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }
  const body = new URLSearchParams({ ...form, client_assertion: assertion }).toString()
  const headers = { host: 'evil.example.org', 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
  const status = await new Promise((resolve) => {
    const sent = request(`${server.origin}/auth/token`, { method: 'POST', headers }, (answer) =>
      resolve(answer.resume().statusCode),
    )
    sent.end(body)
  })
  expect(status).toBe(421)
})
