import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FakeServer, lines, send, sendBody, sendJson, startFake } from '../bulk-server.suite.ts'
import { attempt, tempBench } from '../test-run.suite.ts'
import { authFromReference, basicAuth, bearerToken, clientSecret, smartBackendServices } from './auth.ts'
import { newKeys, publicJwks, signingKey } from './keys.ts'
import { resolveSecret } from './secrets.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-auth-'))
  await writeFile(join(folder, 'token'), 'planted-secret-token-1234\n')
})
afterAll(() => rm(folder, { recursive: true }))

const secret = 'planted-access-token-'

/** A server whose token endpoint gives out numbered tokens and whose files refuse all but the newest. */
async function smartServer(token: { expiresIn?: unknown; scope?: string } = {}): Promise<FakeServer & { granted: () => number }> {
  let granted = 0
  const server = await startFake({
    smart: { token_endpoint: '../token', scopes_supported: ['system/*.read'] },
    token: (_, response) => {
      granted += 1
      sendJson(response, 200, {
        access_token: `${secret}${granted}`,
        token_type: 'bearer',
        expires_in: token.expiresIn ?? 300,
        scope: token.scope,
      })
    },
    files: [{ body: lines('Patient', 1) }],
  })
  return Object.assign(server, { granted: () => granted })
}

describe.each(['RS384', 'ES384'] as const)('SMART Backend Services with %s', (alg) => {
  test('sends an assertion as the specification wants it (A-6, A-7, A-8)', async () => {
    await using bench = await tempBench()
    await using server = await smartServer()
    const keys = await newKeys({ alg, kid: 'k1' })
    const { receipt } = await attempt(server, bench.dest, {
      client: { auth: smartBackendServices({ clientId: 'my-client', privateKey: keys.privateJwks }) },
    })
    expect(receipt?.exitCode).toBe(0)
    const form = new URLSearchParams(server.seen.find(({ path }) => path === '/token')?.body)
    expect(Object.fromEntries([...form].filter(([name]) => name !== 'client_assertion'))).toEqual({
      grant_type: 'client_credentials',
      scope: 'system/*.read',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    const assertion = form.get('client_assertion') ?? ''
    expect(decodeProtectedHeader(assertion)).toEqual({ alg, kid: 'k1', typ: 'JWT' })
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys.publicJwks as JSONWebKeySet), {
      audience: `${server.origin}/token`,
      currentDate: new Date('2026-11-21T03:00:00Z'),
    })
    expect(payload).toMatchObject({ iss: 'my-client', sub: 'my-client', exp: Date.parse('2026-11-21T03:04:00Z') / 1000 })
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/)
    for (const { path, authorization } of server.seen) {
      const protectedPath = /export|job|files/.test(path)
      expect(authorization, path).toBe(protectedPath ? `Bearer ${secret}1` : null)
    }
  })
})

describe('tokens', () => {
  test('are renewed before they end, and once on a 401 in the middle of the files', async () => {
    await using bench = await tempBench()
    await using server = await smartServer()
    server.options.files = [
      {
        handler: (request, response) =>
          request.authorization === `Bearer ${secret}2`
            ? sendBody(request, response, Buffer.from(lines('Patient', 1)))
            : send(response, 401),
      },
    ]
    const { privateJwks } = await newKeys()
    const auth = smartBackendServices({ clientId: 'c', privateKey: privateJwks })
    const { receipt } = await attempt(server, bench.dest, { client: { auth } })
    expect(receipt?.exitCode).toBe(0)
    expect(server.granted()).toBe(2)
  })

  test('a life of 60 s is renewed between polls', async () => {
    await using bench = await tempBench()
    await using server = await smartServer({ expiresIn: '60' })
    const { status } = server.options
    expect(status).toBeUndefined()
    let polls = 0
    server.options.status = (request, response) => {
      polls += 1
      if (polls < 6) return send(response, 202, '', { 'retry-after': '20' })
      server.options.status = undefined as never
      sendJson(response, 200, { transactionTime: '2026-11-21T02:00:00Z', requiresAccessToken: true, output: [] })
      expect(request.authorization).not.toBe(`Bearer ${secret}1`)
    }
    const auth = smartBackendServices({ clientId: 'c', privateKey: (await newKeys()).privateJwks })
    const { receipt } = await attempt(server, bench.dest, { client: { auth } })
    expect(receipt?.exitCode).toBe(0)
    expect(server.granted()).toBe(3)
  })

  test('a 401 that renewal does not cure is exit 3', async () => {
    await using bench = await tempBench()
    await using server = await smartServer()
    server.options.files = [{ handler: (_, response) => send(response, 401) }]
    const auth = smartBackendServices({ clientId: 'c', privateKey: (await newKeys()).privateJwks })
    const { error } = await attempt(server, bench.dest, { client: { auth } })
    expect(error).toMatchObject({ code: 'auth', exitCode: 3 })
    expect(server.granted()).toBe(2)
  })

  test('a refused client is exit 3 with the words of the server, never the assertion', async () => {
    await using bench = await tempBench()
    await using server = await smartServer()
    server.options.token = ({ body }, response) =>
      sendJson(response, 400, {
        error: 'invalid_client',
        error_description: `unknown key in ${new URLSearchParams(body).get('client_assertion')}`,
      })
    const auth = smartBackendServices({ clientId: 'c', privateKey: (await newKeys()).privateJwks })
    const { error } = await attempt(server, bench.dest, { client: { auth } })
    expect(error?.exitCode).toBe(3)
    expect(error?.message).toMatch(/invalid_client: unknown key in \[removed\]$/)
  })

  test.each([
    ['true', true],
    [true, true],
    [undefined, true],
    ['false', false],
    [false, false],
  ])('with requiresAccessToken %j file requests carry it: %j', async (requiresAccessToken, carried) => {
    await using bench = await tempBench()
    await using server = await smartServer()
    server.options.requiresAccessToken = requiresAccessToken
    const auth = smartBackendServices({ clientId: 'c', privateKey: (await newKeys()).privateJwks })
    await attempt(server, bench.dest, { client: { auth } })
    expect(server.seen.find(({ path }) => path === '/files/0')?.authorization !== null).toBe(carried)
  })

  test('never go to another origin: status URL, files, redirects; a trusted origin gets them', async () => {
    await using bench = await tempBench()
    await using server = await smartServer()
    await using elsewhere = await startFake({ files: [{ body: lines('Patient', 1) }] })
    elsewhere.options.other = ({ path }, response) => {
      if (path === '/status')
        sendJson(response, 200, {
          transactionTime: '2026-11-21T02:00:00Z',
          output: [
            { type: 'Patient', url: `${elsewhere.origin}/files/0` },
            { type: 'Patient', url: `${server.origin}/moved` },
          ],
        })
      else send(response, 404)
    }
    server.options.kickoff = (_, response) => send(response, 202, '', { 'content-location': `${elsewhere.origin}/status` })
    server.options.other = (_, response) => send(response, 307, '', { location: `${elsewhere.origin}/files/0?from=redirect` })
    const auth = smartBackendServices({ clientId: 'c', privateKey: (await newKeys()).privateJwks })
    const { receipt } = await attempt(server, bench.dest, { client: { auth } })
    expect(receipt?.totals.files).toBe(2)
    expect(server.seen.find(({ path }) => path === '/moved')?.authorization).toContain('Bearer')
    expect(elsewhere.seen.length).toBeGreaterThanOrEqual(3)
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual(elsewhere.seen.map(() => null))
    const before = elsewhere.seen.length
    await attempt(server, join(bench.root, 'trusted'), { client: { auth, trustOrigins: [`${elsewhere.origin}/any/path`] } })
    const later = elsewhere.seen.slice(before)
    expect(later.find(({ path }) => path === '/status')?.authorization).toContain('Bearer')
    expect(later.find(({ path }) => path === '/files/0')?.authorization).toContain('Bearer')
    expect(later.find(({ path }) => path.endsWith('redirect'))?.authorization).toBeNull()
  })

  test.each([
    [401, 3],
    [403, 6],
  ])('a file of another origin that wants the token (%i) is exit %i and names the option', async (status, exitCode) => {
    await using bench = await tempBench()
    await using elsewhere = await startFake({ other: (_, response) => send(response, status) })
    await using server = await smartServer()
    server.options.files = [{ url: `${elsewhere.origin}/file?sig=planted` }]
    const auth = smartBackendServices({ clientId: 'c', privateKey: (await newKeys()).privateJwks })
    const { error } = await attempt(server, bench.dest, { client: { auth } })
    expect(error?.exitCode).toBe(exitCode)
    expect(error?.message).toContain(`(--trust-origin ${elsewhere.origin})`)
    expect(error?.message).not.toContain('planted')
  })

  test('neither state nor log nor events hold a token, a secret or a key', async () => {
    await using bench = await tempBench()
    await using server = await smartServer()
    const { privateJwks } = await newKeys()
    const auth = smartBackendServices({ clientId: 'c', privateKey: privateJwks })
    const { events } = await attempt(server, bench.dest, { client: { auth } })
    const texts = [
      await readFile(join(bench.dest, 'floe-export.json'), 'utf8'),
      await readFile(join(bench.dest, 'log.ndjson'), 'utf8'),
      JSON.stringify(events),
    ]
    for (const text of texts) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(privateJwks.keys[0]?.d)
    }
  })
})

describe('other methods', () => {
  test('basic and bearer go on each request, by reference', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    const password = `file:${join(folder, 'token')}`
    await attempt(server, join(bench.root, 'a'), { client: { auth: basicAuth({ user: 'me', password }) } })
    expect(server.seen.at(-1)?.authorization).toBe(`Basic ${Buffer.from('me:planted-secret-token-1234').toString('base64')}`)
    await attempt(server, join(bench.root, 'b'), { client: { auth: bearerToken(password) } })
    expect(server.seen.at(-1)?.authorization).toBe('Bearer planted-secret-token-1234')
    const state = await readFile(join(bench.root, 'b/floe-export.json'), 'utf8')
    expect(JSON.parse(state)).toMatchObject({ auth: { kind: 'bearer', token: password } })
    expect(state).not.toContain('planted')
  })

  test('a client secret goes to the token endpoint as HTTP Basic', async () => {
    await using bench = await tempBench()
    await using server = await smartServer()
    await attempt(server, bench.dest, {
      client: { auth: clientSecret({ clientId: 'a b', secret: `file:${join(folder, 'token')}`, scope: 'system/*.rs' }) },
    })
    const asked = server.seen.find(({ path }) => path === '/token')
    expect(asked?.authorization).toBe(`Basic ${Buffer.from('a%20b:planted-secret-token-1234').toString('base64')}`)
    expect(asked?.body).toBe('grant_type=client_credentials&scope=system%2F*.rs')
  })

  test('the reference of a method makes the same method; a secret given as a value must be given again', async () => {
    const reference = {
      kind: 'smart',
      clientId: 'c',
      privateKey: 'file:/k.json',
      kid: 'k',
      scope: 's',
      tokenUrl: 'https://t',
    } as const
    expect(authFromReference(reference)?.reference).toEqual(reference)
    expect(authFromReference({ kind: 'none' })).toBeUndefined()
    expect(() => authFromReference({ kind: 'bearer', token: null })).toThrowError(expect.objectContaining({ code: 'usage' }))
  })
})

describe('secrets and keys', () => {
  test('references are read, anything else is refused without being echoed', async () => {
    expect(await resolveSecret('env:X', { X: ' v ' })).toBe('v')
    await expect(resolveSecret('env:X', {})).rejects.toMatchObject({
      code: 'usage',
      message: 'the environment variable X is not set',
    })
    await expect(resolveSecret('file:/nowhere')).rejects.toMatchObject({ code: 'usage' })
    await expect(resolveSecret('hunter2')).rejects.toMatchObject({ message: expect.not.stringContaining('hunter2') })
  })

  test('a key is found in a JWKS, a JWK and a PEM', async () => {
    const { privateJwks, publicJwks: open } = await newKeys({ alg: 'RS384', kid: 'a' })
    const second = (await newKeys({ alg: 'ES384', kid: 'b' })).privateJwks.keys
    const set = { keys: [...open.keys, ...privateJwks.keys, ...second] }
    expect(await signingKey(JSON.stringify(set), 'b')).toMatchObject({ alg: 'ES384', kid: 'b' })
    expect(await signingKey(set)).toMatchObject({ alg: 'RS384', kid: 'a' })
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'sec1', format: 'pem' }) as string
    expect(await signingKey(pem, 'mine')).toMatchObject({ alg: 'ES384', kid: 'mine' })
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }) as string
    expect((await signingKey(rsa)).kid).toMatch(/^[\w-]{43}$/)
    await expect(signingKey(set, 'absent')).rejects.toMatchObject({ code: 'usage' })
    await expect(signingKey(JSON.stringify(open))).rejects.toMatchObject({ code: 'usage' })
    const broken = [
      'no key',
      '[null]',
      '{"keys":[null]}',
      '{"kty":"EC","crv":"P-384","d":"AA","x":"AA"}',
      '{"kty":"RSA","d":"ü","n":"ü","e":"ü"}',
    ]
    for (const text of broken) await expect(signingKey(text)).rejects.toMatchObject({ code: 'usage' })
  })

  test('the public half has no private member', async () => {
    const { privateJwks } = await newKeys({ alg: 'RS384' })
    const [key] = publicJwks(privateJwks).keys
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'e', 'key_ops', 'kid', 'kty', 'n', 'use'])
    expect(publicJwks({ kty: 'oct', k: 'planted' })).toEqual({ keys: [] })
  })
})
