/** What servers and clients send: manifests, headers, addresses, keys, tokens, forms. */
import { rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { BulkError, newKeys, parseExportUrl } from '@floe/client'
import { SignJWT } from 'jose'
import { publicJwks, signingKey } from '../packages/client/src/auth/keys.ts'
import { parseBundle } from '../packages/client/src/http/fhir-fetch.ts'
import { Redactor } from '../packages/client/src/http/redact.ts'
import { parseRetryAfter, pollDelay, retryDelay } from '../packages/client/src/http/retry.ts'
import { serverMessage } from '../packages/client/src/http/server-message.ts'
import { parseManifest } from '../packages/client/src/job/manifest.ts'
import { decodeStatusUrl } from '../packages/client/src/job/status-url.ts'
import type { Client } from '../packages/floe/src/jobs/clients.ts'
import { AssertionError, checkAssertion } from '../packages/floe/src/server/auth/assertion.ts'
import { jwksUrlProblem } from '../packages/floe/src/server/auth/jwks.ts'
import { parseScopes } from '../packages/floe/src/server/auth/scopes.ts'
import { bodyParameters, queryParameters } from '../packages/floe/src/server/export/parameters.ts'
import { typeFilters } from '../packages/floe/src/server/export/type-filter.ts'
import { takeMultipart } from '../packages/floe/src/server/import/upload.ts'
import { Refusal } from '../packages/floe/src/server/refusal.ts'
import { scratch } from './scratch.ts'
import { Finding, failing, failingLater, only, type Target, texts } from './target.ts'

const bulk = only(BulkError)
const base = 'https://ehr.example.org/fhir'

const manifest: Target = {
  json: true,
  seeds: texts(
    {
      ...{ transactionTime: '2026-01-01T00:00:00Z', request: `${base}/$export`, requiresAccessToken: 'false' },
      output: [
        { type: 'Patient', url: 'https://files.example.org/1', count: 2, fileSize: 10 },
        { type: 'Observation', url: '/2', count: '3' },
      ],
      ...{ deleted: [{ type: 'Bundle', url: `${base}/3` }], error: [{ type: 'OperationOutcome', url: `${base}/4` }] },
      link: [{ relation: 'next', url: `${base}/page/2` }],
    },
    {
      transactionTime: '2026-01-01',
      outputOrganizedBy: 'Patient',
      output: [{ url: '1' }],
      outcome: [{ url: '2' }],
      extension: [],
    },
  ),
  run(input) {
    const found = failing(bulk, () => parseManifest(input.toString('utf8'), base))
    if (found === undefined) return
    if (Number.isNaN(Date.parse(found.transactionTime))) throw new Finding('a transactionTime that is no time')
    for (const { count, fileSize } of found.items) {
      for (const value of [count, fileSize])
        if (value !== null && !(Number.isSafeInteger(value) && value >= 0)) throw new Finding('a count that is none')
    }
    if (found.next !== null && !/^https?:/.test(found.next)) throw new Finding('a next page that is not http(s)')
  },
}

const headers: Target = {
  seeds: texts(
    '120',
    'Fri, 31 Dec 2027 23:59:59 GMT',
    'Friday, 31-Dec-27 23:59:59 GMT',
    'Fri Dec 31 23:59:59 2027',
    '2027-12-31T23:59:59+02:00',
    '1.5',
    '0',
  ),
  words: ['GMT', ' ', '99999999999999999999', '-', '+00:00', 'Mon', 'Z'],
  run(input) {
    const wait = parseRetryAfter(input.toString('latin1'), Date.parse('2026-01-01T00:00:00Z'))
    if (wait !== null && !(wait >= 0)) throw new Finding('a wait that is no time')
    for (const random of [0, 0.99]) {
      const delays = [
        pollDelay({ retryAfterMs: wait, polls: input.length, pollMaxMs: 300_000, random }),
        retryDelay({ attempt: input.length + 1, retryAfterMs: wait, maxMs: 300_000, random }),
      ]
      for (const delay of delays) if (!(delay >= 1000 && delay <= 300_000)) throw new Finding(`a wait of ${delay} ms`)
    }
  },
}

const addresses: Target = {
  seeds: texts(
    `${base}/Group/42/$export?_type=Patient,Observation&_since=2026-01-01T00:00:00+01:00&_typeFilter=Patient?a=b,c`,
    'https%3A%2F%2Fehr.example.org%2Fjob%2F1',
    `${base}/Group/a%20b`,
    `${base}/Patient`,
  ),
  words: ['%', '%2', '%zz', '%ff', 'Group/', '$export', '@', '[', '&_typeFilter=', '&patient=', '//'],
  run(input) {
    const text = input.toString('utf8')
    failing(bulk, () => parseExportUrl(text))
    failing(bulk, () => decodeStatusUrl(text))
    jwksUrlProblem(text)
  },
}

const messages: Target = {
  json: true,
  seeds: texts(
    {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'processing', diagnostics: 'Patient/1', details: { text: 'no' } }],
    },
    {
      resourceType: 'Bundle',
      type: 'searchset',
      link: [{ relation: 'next', url: '?page=2' }],
      entry: [{ resource: { resourceType: 'Patient', id: '1' } }],
    },
    '<html><title>Bad gateway</title></html>',
  ),
  run(input) {
    const text = input.toString('utf8')
    serverMessage(text, new Redactor())
    failing(bulk, () => parseBundle(text, base))
  },
}

const { privateJwks, publicJwks: registered } = await newKeys({ kid: 'k1' })
const key = await signingKey(privateJwks)

const keys: Target = {
  ...{ json: true, words: ['-----BEGIN EC PRIVATE KEY-----', '"kty":"RSA"', '"d":"', '"keys":['] },
  seeds: texts(
    privateJwks,
    registered,
    privateJwks.keys[0] ?? {},
    '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n',
  ),
  async run(input) {
    const text = input.toString('utf8')
    await failingLater(bulk, () => signingKey(text))
    const json = failing(only(SyntaxError), () => ({ value: JSON.parse(text) as unknown }))
    if (typeof json?.value !== 'object' || json.value === null) return
    const kept = JSON.stringify(failing(only(TypeError), () => publicJwks(json.value as never)) ?? '')
    if (/"(d|p|q|dp|dq|qi|oth|k)":/.test(kept)) throw new Finding('a private member is in the public keys')
  },
}

const now = 1_800_000_000
const audience = 'https://floe.example.org/auth/token'
const claims = { iss: 'c', sub: 'c', aud: audience, jti: 'j', exp: now + 200, iat: now }
const assertion = await new SignJWT(claims)
  .setProtectedHeader({ alg: 'ES384', kid: 'k1', typ: 'JWT' })
  .sign(await crypto.subtle.importKey('jwk', key.jwk, { name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign']))
const client = { id: 'c', scope: 'system/*.rs', groups: [], createdAt: '', jwks: registered } as unknown as Client

/** Only what the client signed is taken. */
const tokens: Target = {
  seeds: texts(assertion, assertion.replace(/^[^.]*/, Buffer.from('{"alg":"none"}').toString('base64url')), 'a.b.c'),
  words: [
    '.',
    '..',
    'eyJhbGciOiJub25lIn0',
    '=',
    '-',
    '_',
    Buffer.from(JSON.stringify({ alg: 'HS384', kid: 'k1' })).toString('base64url'),
  ],
  async run(input) {
    const text = input.toString('latin1')
    const rules = {
      ...{ audience, client: (id: string) => (id === 'c' ? client : undefined), firstUse: () => true, now: () => now },
      jwks: { keys: () => Promise.reject(new Error('not asked')) },
    }
    const taken = await failingLater(only(AssertionError), () => checkAssertion(text, rules))
    const [head, body] = assertion.split('.')
    if (taken !== undefined && !text.startsWith(`${head}.${body}.`)) throw new Finding('an assertion is taken that nobody signed')
  },
}

const parameters: Target = {
  json: true,
  seeds: texts(
    {
      resourceType: 'Parameters',
      parameter: [
        { name: '_type', valueString: 'Patient' },
        { name: 'patient', valueReference: { reference: 'Patient/1' } },
      ],
    },
    'Observation?status=final&code=http://loinc.org|1,2&date=ge2026-01-01,Patient?gender=female',
    'system/Patient.rs system/Observation.read?category=laboratory patient/*.cruds launch',
    '_type=Patient&_since=2026-01-01T00:00:00Z&_typeFilter=Patient%3Fa%3Db',
  ),
  words: ['?', '\\,', '|', 'system/', '.rs?', '&', '%', '"valueString":'],
  run(input) {
    const text = input.toString('utf8')
    const refusal = only(Refusal)
    failing(refusal, () => typeFilters([text]))
    failing(refusal, () => parseScopes(text))
    failing(refusal, () => queryParameters(new URLSearchParams(text)))
    const json = failing(only(SyntaxError), () => ({ value: JSON.parse(text) as unknown }))
    if (json !== undefined) failing(refusal, () => bodyParameters(json.value))
  },
}

const boundary = 'floe'
const part = (name: string, body: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/fhir+ndjson\r\n\r\n${body}\r\n`

/** Parts land in the folder that is meant for them, or the body is refused. */
const multipart: Target = {
  seeds: texts(`${part('Patient.ndjson', '{"resourceType":"Patient","id":"1"}')}${part('../../x', '')}--${boundary}--\r\n`),
  words: [
    `--${boundary}`,
    `--${boundary}--`,
    '\r\n',
    '\r\n\r\n',
    'Content-Disposition: form-data',
    "filename*=utf-8''%",
    'filename="',
    'Content-Transfer-Encoding: base64',
  ],
  async run(input) {
    const half = input.length >> 1
    const incoming = Object.assign(Readable.from([input.subarray(0, half), input.subarray(half)]), {
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    }) as unknown as IncomingMessage
    const inputs = await failingLater(only(Refusal), () =>
      takeMultipart(incoming, join(scratch, 'parts'), 1 << 20, { patience: 20 }),
    )
    for (const { staged } of inputs ?? []) if (!/^\d{4,}$/.test(staged ?? '')) throw new Finding('a part has a name of its own')
    // A file whose writing was broken off may appear while the folder goes.
    rmSync(join(scratch, 'parts'), { recursive: true, force: true, maxRetries: 5 })
  },
}

export const networkTargets: Record<string, Target> = {
  ...{ manifest, headers, addresses, messages, jwks: keys, jwt: tokens, parameters, multipart },
}
