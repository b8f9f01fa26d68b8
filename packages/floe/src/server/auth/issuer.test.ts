import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestToken, smallPopulation, type TestServer, testServer } from '../fixture.suite.ts'

const iss = 'https://login.example.org/realms/hospital'
let server: TestServer
let privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']
let jwk: JWK
let requests = 0
const web = createServer((_, response) => {
  requests++
  response.writeHead(200, { 'cache-control': 'max-age=300' }).end(JSON.stringify({ keys: [jwk] }))
})

beforeAll(async () => {
  const pair = await generateKeyPair('RS256', { extractable: true })
  privateKey = pair.privateKey
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', use: 'sig' }
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  const jwksUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}/certs`
  const issuer = { url: iss, jwksUrl, tokenUrl: `${iss}/token`, audience: 'floe' }
  server = await testServer({ issuer, maxExports: 20, maxExportsPerClient: 20 })
  await server.load('one', '2026-01-10T00:00:00Z', smallPopulation)
  await server.client('lab', 'system/Patient.rs system/Observation.rs?status=final system/Group.rs', { external: true })
  await server.client('bound', 'system/*.rs', { external: true, groups: ['g1'] })
  await server.client('own', 'system/*.rs')
})
afterAll(async () => {
  web.close()
  await server[Symbol.asyncDispose]()
})

const seconds = (): number => Math.floor(Date.now() / 1000)
const jwt = (claims: object = {}, header: object = {}, key = privateKey): Promise<string> =>
  new SignJWT({ iss, aud: 'floe', exp: seconds() + 60, client_id: 'lab', scope: 'system/*.rs', ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'at+jwt', ...header } as never)
    .sign(key)

test('discovery names the token endpoint of the issuer', async () => {
  expect(await (await server.get('/fhir/.well-known/smart-configuration')).json()).toMatchObject({
    token_endpoint: `${iss}/token`,
  })
})

test('a token of the issuer gives what both it and the registration allow; its keys are fetched once', async () => {
  requests = 0
  const manifest = await server.export('/fhir/$export', await jwt())
  expect(manifest.output.map(({ type, count }) => [type, count])).toEqual([
    ['Group', 2],
    ['Observation', 1],
    ['Patient', 3],
  ])
  const narrow = await jwt({ scope: 'openid system/Patient.read' })
  expect((await server.export('/fhir/$export', narrow)).output.map(({ type }) => type)).toEqual(['Patient'])
  const azure = await jwt({ client_id: undefined, azp: 'lab', scope: undefined, scp: ['system/Patient.rs'] })
  expect((await server.export('/fhir/$export', azure)).output.map(({ type }) => type)).toEqual(['Patient'])
  expect(requests).toBeLessThanOrEqual(1)
})

test('the Groups of its registration hold', async () => {
  const token = await jwt({ client_id: 'bound' })
  const status = async (path: string): Promise<number> => (await server.get(path, token)).status
  expect([await status('/fhir/Group/g1/$export'), await status('/fhir/Group/g2/$export'), await status('/fhir/$export')]).toEqual(
    [202, 404, 403],
  )
})

test('without scopes nothing is given', async () => {
  expect((await server.get('/fhir/$export', await jwt({ scope: '' }))).status).toBe(403)
})

test.each<[string, () => Promise<string>]>([
  ['another issuer', () => jwt({ iss: 'https://evil.example.org' })],
  ['another audience', () => jwt({ aud: 'other' })],
  ['no audience', () => jwt({ aud: undefined })],
  ['expired', () => jwt({ exp: seconds() - 60 })],
  ['no exp', () => jwt({ exp: undefined })],
  ['not yet', () => jwt({ nbf: seconds() + 600 })],
  ['a client that is not registered', () => jwt({ client_id: 'stranger' })],
  ['a client with keys of its own here', () => jwt({ client_id: 'own' })],
  ['an unknown key', () => jwt({}, { kid: 'other' })],
  ['no key', () => jwt({}, { kid: undefined })],
  ['an id token by its typ', () => jwt({}, { typ: 'id+jwt' })],
  ['signed by somebody else', async () => jwt({}, {}, (await generateKeyPair('RS256')).privateKey)],
  ['tampered', async () => (await jwt()).replace(/.{6}$/, 'AAAAAA')],
  [
    'alg none',
    async () =>
      new UnsecuredJWT({ client_id: 'lab', scope: 'system/*.rs' })
        .setIssuer(iss)
        .setAudience('floe')
        .setExpirationTime('1m')
        .encode(),
  ],
  [
    'HS256 with the public key as secret',
    () =>
      new SignJWT({ iss, aud: 'floe', exp: seconds() + 60, client_id: 'lab', scope: 'system/*.rs' })
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .sign(Buffer.from(JSON.stringify(jwk))),
  ],
])('%s is 401', async (_, make) => {
  const answer = await server.get('/fhir/Group', await make())
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
})

test('a client of the issuer gets no token here', async () => {
  const assertion = await server.assertion({
    id: 'lab',
    key: { ...(await exportJWK((await generateKeyPair('ES384', { extractable: true })).privateKey)), kid: 'x' },
  })
  expect(await (await requestToken(server, assertion)).json()).toMatchObject({ error: 'invalid_client' })
})
