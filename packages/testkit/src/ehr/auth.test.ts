import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ehr, type EhrAuth, startEhr } from '../index.ts'
import { makeFolders } from './fixture.suite.ts'
import { grant, mayRead } from './scopes.ts'

let folders: Awaited<ReturnType<typeof makeFolders>>
beforeAll(async () => {
  folders = await makeFolders()
})
afterAll(() => folders[Symbol.asyncDispose]())

type Alg = 'RS384' | 'ES384'
const pairs = { RS384: generateKeyPair('RS384', { extractable: true }), ES384: generateKeyPair('ES384', { extractable: true }) }
const stranger = generateKeyPair('ES384', { extractable: true })

async function secured(auth: Partial<EhrAuth> = {}): Promise<Ehr> {
  const keys = await Promise.all(
    Object.entries(pairs).map(async ([alg, pair]) => ({ ...(await exportJWK((await pair).publicKey)), kid: `key-${alg}`, alg })),
  )
  const clients = [
    { clientId: 'app', jwks: { keys } },
    { clientId: 'other', jwks: { keys } },
    { clientId: 'narrow', jwks: { keys }, scope: 'system/Patient.rs' },
    { clientId: 'plain', secret: 's3:cret' },
  ]
  return startEhr({ folder: folders.folder, polls: 0, auth: { clients, ...auth } })
}

interface Claims {
  alg?: Alg
  header?: Record<string, unknown>
  claims?: JWTPayload
  key?: CryptoKey
}

async function assertion(ehr: Ehr, { alg = 'ES384', header = {}, claims = {}, key }: Claims = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const payload = { iss: 'app', sub: 'app', aud: ehr.tokenUrl, exp: now + 240, jti: crypto.randomUUID(), ...claims }
  return new SignJWT(payload)
    .setProtectedHeader({ alg, typ: 'JWT', kid: `key-${alg}`, ...header })
    .sign(key ?? (await pairs[alg]).privateKey)
}

function ask(ehr: Ehr, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(ehr.tokenUrl, { method: 'POST', body: new URLSearchParams(form), headers })
}

const form = (client_assertion: string, scope = 'system/*.rs') => ({
  grant_type: 'client_credentials',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion,
  scope,
})

async function tokenOf(ehr: Ehr, claims: Claims = {}, scope = 'system/*.rs'): Promise<string> {
  const answer = await ask(ehr, form(await assertion(ehr, claims), scope))
  return ((await answer.json()) as { access_token: string }).access_token
}

describe('token endpoint', () => {
  test.each<Alg>(['RS384', 'ES384'])('gives a token for an assertion signed with %s', async (alg) => {
    await using ehr = await secured({ tokenTtl: 60 })
    const answer = await ask(ehr, form(await assertion(ehr, { alg })))
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(await answer.json()).toMatchObject({ token_type: 'bearer', expires_in: 60, scope: 'system/*.rs' })
  })

  const now = Math.floor(Date.now() / 1000)
  test.each<[string, Claims]>([
    ['expired', { claims: { exp: now - 60 } }],
    ['more than five minutes ahead', { claims: { exp: now + 1000 } }],
    ['without exp', { claims: { exp: undefined } as unknown as JWTPayload }],
    ['without jti', { claims: { jti: undefined } as unknown as JWTPayload }],
    ['iss unlike sub', { claims: { sub: 'somebody' } }],
    ['unknown client', { claims: { iss: 'nobody', sub: 'nobody' } }],
    ['another audience', { claims: { aud: 'https://example.org/token' } }],
    ['kid unknown', { header: { kid: 'none' } }],
    ['jku', { header: { jku: 'https://example.org/jwks.json' } }],
  ])('refuses an assertion: %s', async (_name, claims) => {
    await using ehr = await secured()
    const answer = await ask(ehr, form(await assertion(ehr, claims)))
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_client' })])
  })

  test('refuses a signature by another key, a second use, and other algorithms', async () => {
    await using ehr = await secured()
    const once = await assertion(ehr)
    const statuses = [
      (await ask(ehr, form(await assertion(ehr, { key: (await stranger).privateKey })))).status,
      (await ask(ehr, form(once))).status,
      (await ask(ehr, form(once))).status,
      (await ask(ehr, form(`${btoa('{"alg":"none"}')}.${once.split('.')[1]}.`))).status,
    ]
    expect(statuses).toEqual([400, 200, 400, 400])
  })

  test.each<[string, Record<string, string>, string]>([
    ['no grant_type', {}, 'invalid_request'],
    ['another grant_type', { grant_type: 'password' }, 'unsupported_grant_type'],
    [
      'another assertion type',
      { grant_type: 'client_credentials', client_assertion: 'x', client_assertion_type: 'x' },
      'invalid_client',
    ],
    ['no client at all', { grant_type: 'client_credentials' }, 'invalid_client'],
  ])('refuses a request with %s', async (_name, body, error) => {
    await using ehr = await secured()
    const answer = await ask(ehr, body)
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([400, error])
  })

  test('grants no more than the client may have', async () => {
    await using ehr = await secured()
    const narrow = { claims: { iss: 'narrow', sub: 'narrow' } }
    const some = await ask(ehr, form(await assertion(ehr, narrow), 'system/*.read'))
    const none = await ask(ehr, form(await assertion(ehr, narrow), 'system/Observation.rs user/*.rs'))
    expect([some.status, ((await some.json()) as { scope: string }).scope]).toEqual([200, 'system/Patient.read'])
    expect([none.status, ((await none.json()) as { error: string }).error]).toEqual([400, 'invalid_scope'])
  })

  test('takes a client secret, in the header or in the form', async () => {
    await using ehr = await secured()
    const body = { grant_type: 'client_credentials', scope: 'system/*.rs' }
    const basic = { authorization: `Basic ${btoa(`plain:${encodeURIComponent('s3:cret')}`)}` }
    expect((await ask(ehr, body, basic)).status).toBe(200)
    expect((await ask(ehr, { ...body, client_id: 'plain', client_secret: 's3:cret' })).status).toBe(200)
    expect((await ask(ehr, { ...body, client_id: 'plain', client_secret: 'wrong' })).status).toBe(400)
  })
})

describe('access', () => {
  test('a token is needed for kick-off, status, files and DELETE; of another client it opens nothing', async () => {
    await using ehr = await secured()
    const own = { authorization: `Bearer ${await tokenOf(ehr)}` }
    const foreign = { authorization: `Bearer ${await tokenOf(ehr, { claims: { iss: 'other', sub: 'other' } })}` }
    const bare = await fetch(`${ehr.fhirUrl}/$export`)
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    const status = (await fetch(`${ehr.fhirUrl}/$export`, { headers: own })).headers.get('content-location') ?? ''
    const { output } = (await (await fetch(status, { headers: own })).json()) as { output: { url: string }[] }
    const file = output[0]?.url ?? ''
    const statuses = async (url: string) =>
      Promise.all([{}, foreign, own].map(async (headers: Record<string, string>) => (await fetch(url, { headers })).status))
    expect([await statuses(status), await statuses(file)]).toEqual([
      [401, 404, 200],
      [401, 404, 200],
    ])
    expect((await fetch(status, { method: 'DELETE' })).status).toBe(401)
    expect(ehr.requests.filter(({ token }) => token === 1).length).toBe(4)
  })

  test('a token stops working when its time is over', async () => {
    await using ehr = await secured({ tokenTtl: 1, claimedTtl: 300 })
    const headers = { authorization: `Bearer ${await tokenOf(ehr)}` }
    expect((await fetch(`${ehr.fhirUrl}/$export`, { headers })).status).toBe(202)
    await new Promise((resolve) => setTimeout(resolve, 1050))
    const late = await fetch(`${ehr.fhirUrl}/$export`, { headers })
    expect([late.status, late.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
  })

  test('a type beyond the scopes is refused when asked for, and left out when not', async () => {
    await using ehr = await secured()
    const headers = { authorization: `Bearer ${await tokenOf(ehr, { claims: { iss: 'narrow', sub: 'narrow' } })}` }
    const refused = await fetch(`${ehr.fhirUrl}/$export?_type=Observation`, { headers })
    const status = (await fetch(`${ehr.fhirUrl}/$export`, { headers })).headers.get('content-location') ?? ''
    const { output } = (await (await fetch(status, { headers })).json()) as { output: { type: string }[] }
    expect([refused.status, output.map(({ type }) => type)]).toEqual([403, ['Patient']])
  })

  test('static tokens and Basic authentication, for servers that want those', async () => {
    await using ehr = await secured({ bearer: ['for-ever'], basic: { user: 'u', password: 'p' } })
    const statuses = await Promise.all(
      ['Bearer for-ever', `Basic ${btoa('u:p')}`, `Basic ${btoa('u:q')}`].map(
        async (authorization) => (await fetch(`${ehr.fhirUrl}/$export`, { headers: { authorization } })).status,
      ),
    )
    expect(statuses).toEqual([202, 202, 401])
  })
})

describe('scopes', () => {
  test.each<[string, string, string[]]>([
    ['system/*.rs', 'system/*.rs', ['system/*.rs']],
    ['system/*.read', 'system/*.rs', ['system/*.read']],
    ['system/*.*', 'system/*.rs', ['system/*.read']],
    ['system/*.cruds', 'system/Patient.rs system/Group.r', ['system/Patient.rs', 'system/Group.r']],
    ['system/Patient.sr', 'system/*.rs', []],
    ['patient/*.rs launch', 'system/*.rs', []],
  ])('%s of %s', (asked, allowed, expected) => {
    expect(grant(asked, allowed)).toEqual(expected)
  })

  test('reading a type takes r and s', () => {
    const cases = ['system/*.rs', 'system/Patient.read', 'system/Patient.cruds', 'system/Patient.r', 'system/Group.rs']
    expect(cases.map((scope) => mayRead([scope], 'Patient'))).toEqual([true, true, true, false, false])
  })
})
