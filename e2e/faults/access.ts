import { basicAuth, clientSecret } from '@floe/client'
import type { FaultPlan, Manifest, RequestRecord } from '@floe/testkit'
import { expect } from 'vitest'
import { type FaultCase, type FaultRun, usual } from './case.ts'

const secret = 'planted-secret'
process.env.FAULTS_SECRET = secret

const overcounted = (manifest: Manifest) => ({
  ...manifest,
  output: manifest.output.map((item) => ({ ...item, count: (item.count ?? 0) + 1 })),
})
const secured = { auth: { clients: [{ clientId: 'app', secret }], tokenTtl: 300 } }
const client = { auth: clientSecret({ clientId: 'app', secret: 'env:FAULTS_SECRET', scope: 'system/*.rs' }) }

/** Whatever carried a token away from the FHIR origin. */
const leaked = (requests: readonly RequestRecord[]) =>
  requests.filter((one) => one.origin === 'other' && one.authorization !== 'none')
const keepsToken = ({ requests }: FaultRun) => expect(leaked(requests)).toEqual([])
const onFiles = (run: FaultRun) => [...new Set(run.files.map(({ origin, authorization }) => `${origin} ${authorization}`))].sort()

const redirect = (
  on: 'file' | 'kickoff' | 'manifest',
  to: 'same' | 'other',
  status: 301 | 302 | 303 | 307 | 308 = 307,
): FaultPlan => [{ on, do: { kind: 'redirect', to, status } }]

/** Tokens: where they go, when they end, links that expire. */
export const accessCases: FaultCase[] = [
  {
    point: 9,
    fault: 'files are on another origin with signed URLs (requiresAccessToken false)',
    outcome: 'no token goes there; bytes equal',
    ehr: { ...secured, files: 'other' },
    client,
    exit: 0,
    data: 'equal',
    check: (run) => expect(onFiles(run)).toEqual(['other none']),
  },
  {
    point: 9,
    fault: 'files are on another origin, and the manifest wants a token there (requiresAccessToken true)',
    outcome: 'no token leaves the FHIR origin without --trust-origin',
    ehr: { ...secured, files: 'other', requiresAccessToken: true },
    client,
    exit: 0,
    data: 'equal',
    check: (run) => expect(onFiles(run)).toEqual(['other none']),
  },
  ...[301, 302, 303, 307, 308].map(
    (status): FaultCase => ({
      point: 9,
      fault: `files are redirected (${status}) to another origin`,
      outcome: 'followed without the token; bytes equal',
      ehr: { ...secured, faults: redirect('file', 'other', status as 301) },
      client,
      exit: 0,
      data: 'equal',
      check: (run) => expect(onFiles(run)).toEqual(['fhir bearer', 'other none']),
    }),
  ),
  {
    point: 9,
    fault: 'files are redirected within the origin',
    outcome: 'followed with the token; bytes equal',
    ehr: { ...secured, faults: redirect('file', 'same') },
    client,
    exit: 0,
    data: 'equal',
    check: (run) => expect(onFiles(run)).toEqual(['fhir bearer']),
  },
  {
    point: 9,
    fault: 'a redirect that leads to itself',
    outcome: 'given up; exit 6, job kept',
    ehr: { faults: [{ on: 'file', type: 'Patient', do: { kind: 'answer', status: 302, headers: { location: '?again' } } }] },
    options: { retries: 1 },
    exit: 6,
    check: (run) => expect(run.files.filter(({ type }) => type === 'Patient').length).toBeLessThan(30),
  },
  {
    point: 9,
    fault: 'the status URL is redirected to another origin',
    outcome: 'the token does not follow',
    ehr: { ...secured, polls: 1, faults: [{ on: 'status', nth: 1, do: { kind: 'redirect', to: 'other' } }] },
    client,
    options: { retryMaxTimeMs: 1000 },
    exit: 3,
    check: keepsToken,
  },
  ...(['kickoff', 'manifest'] as const).map(
    (on): FaultCase => ({
      point: 9,
      fault: `a ${on} request is redirected within the origin`,
      outcome: 'followed with the token; bytes equal',
      ehr: { ...secured, faults: redirect(on, 'same') },
      client,
      exit: 0,
      data: 'equal',
    }),
  ),
  {
    point: 9,
    fault: 'the kick-off is redirected to another origin',
    outcome: 'the token does not follow; exit 3',
    ehr: { ...secured, faults: redirect('kickoff', 'other') },
    client,
    exit: 3,
    data: 'none',
    check: keepsToken,
  },
  {
    point: 9,
    fault: 'the token endpoint is redirected to another origin',
    outcome: 'not followed: an assertion or a secret is sent to nobody else',
    ehr: { ...secured, faults: [{ on: 'token', do: { kind: 'redirect', to: 'other', status: 307 } }] },
    client,
    exit: 3,
    data: 'none',
    check: ({ requests }) => expect(requests.filter(({ origin }) => origin === 'other')).toEqual([]),
  },
  {
    point: 9,
    fault: 'Content-Location is on another origin',
    outcome: 'asked without the token; exit 3 where that is refused',
    ehr: { ...secured, faults: [{ on: 'kickoff', do: { kind: 'readdress', header: 'content-location', to: 'other' } }] },
    client,
    exit: 3,
    data: 'none',
    check: keepsToken,
  },
  {
    point: 9,
    fault: 'Content-Location is on another origin, named with --trust-origin',
    outcome: 'asked with the token; bytes equal',
    ehr: {
      ...secured,
      polls: 1,
      faults: [{ on: 'kickoff', do: { kind: 'readdress', header: 'content-location', to: 'other' } }],
    },
    client: (ehr) => ({ ...client, trustOrigins: [ehr.otherUrl] }),
    exit: 0,
    data: 'equal',
    check: ({ polls }) =>
      expect(polls.map(({ origin, authorization }) => `${origin} ${authorization}`)).toEqual(['other bearer', 'other bearer']),
  },
  ...(['true', 'false', true, false] as const).map(
    (value): FaultCase => ({
      point: 9,
      fault: `requiresAccessToken is ${typeof value === 'string' ? `the text "${value}"` : value}`,
      outcome:
        String(value) === 'true'
          ? 'files are fetched with the token'
          : 'files are fetched without the token, also at the FHIR origin',
      ehr: { ...secured, requiresAccessToken: value },
      client,
      exit: 0,
      data: 'equal',
      check: (run) => expect(onFiles(run)).toEqual([String(value) === 'true' ? 'fhir bearer' : 'fhir none']),
    }),
  ),
  {
    point: 9,
    fault: 'requiresAccessToken is absent',
    outcome: 'counts as true',
    ehr: {
      ...secured,
      faults: [{ on: 'manifest', do: { kind: 'manifest', patch: ({ requiresAccessToken: _, ...rest }) => rest } }],
    },
    client,
    exit: 0,
    data: 'equal',
    check: (run) => expect(onFiles(run)).toEqual(['fhir bearer']),
  },
  {
    point: 9,
    fault: 'Basic authentication and files on another origin',
    outcome: 'the password stays home',
    ehr: { auth: { basic: { user: 'me', password: secret } }, files: 'other' },
    client: { auth: basicAuth({ user: 'me', password: 'env:FAULTS_SECRET' }) },
    exit: 0,
    data: 'equal',
    check: keepsToken,
  },
  ...(['status', 'manifest', 'file'] as const).map(
    (on): FaultCase => ({
      point: 12,
      fault: `the token expires at a ${on} request (401 in the middle of the run)`,
      outcome: 'renewed once; bytes equal',
      ehr: { ...secured, polls: 1, faults: [{ on, nth: 1, do: { kind: 'expire-tokens' } }] },
      client,
      exit: 0,
      data: 'equal',
      check: ({ requests }) => expect(requests.filter(({ route }) => route === 'token').length).toBe(2),
    }),
  ),
  {
    point: 12,
    fault: 'tokens live for two seconds, downloads take longer',
    outcome: 'renewed as needed; bytes equal',
    ehr: {
      auth: { clients: [{ clientId: 'app', secret }], tokenTtl: 2 },
      faults: [{ on: 'file', do: { kind: 'drip', bytes: 65_536, everyMs: 100 } }],
    },
    files: Object.fromEntries([0, 1, 2, 3].map((index) => [`Observation.00${index}.ndjson`, { lines: 2000, bytes: 400 }])),
    client,
    options: { parallel: 1 },
    exit: 0,
    data: 'equal',
    check: ({ requests }) => expect(requests.filter(({ route }) => route === 'token').length).toBeGreaterThan(1),
  },
  {
    point: 12,
    fault: 'every token is refused at the files',
    outcome: 'exit 3 after one renewal; job kept',
    ehr: { ...secured, faults: [{ on: 'file', do: { kind: 'answer', status: 401 } }] },
    client,
    exit: 3,
    data: 'none',
  },
  ...[403, 404, 410].map(
    (status): FaultCase => ({
      point: 12,
      fault: `links expire in the middle of the run (${status})`,
      outcome: 'the manifest is asked for again, files go on; bytes equal, no second kick-off',
      ehr: { ...secured, faults: [{ on: 'file', nth: 2, do: { kind: 'expire-links', status } }] },
      client,
      options: { parallel: 1 },
      exit: 0,
      data: 'equal',
      check: ({ requests }) => {
        const count = (name: string) => requests.filter(({ route }) => route === name).length
        expect([count('kickoff'), count('manifest')]).toEqual([1, 2])
      },
    }),
  ),
  {
    point: 12,
    fault: 'links expire in the middle of a file',
    outcome: 'goes on at the new link; bytes equal',
    ehr: {
      ...secured,
      files: 'other',
      faults: [
        { on: 'file', type: 'Observation', nth: 1, do: { kind: 'truncate', as: 'closed', afterBytes: 600_000 } },
        { on: 'file', type: 'Observation', nth: 2, do: { kind: 'expire-links' } },
      ],
    },
    client,
    exit: 0,
    data: 'equal',
  },
  {
    point: 12,
    fault: 'links expire; the manifest with the fresh ones has other counts, which are right',
    outcome: 'the same files with other counts, none twice; bytes equal',
    ehr: {
      ...secured,
      faults: [
        { on: 'manifest', nth: 1, do: { kind: 'manifest', patch: overcounted } },
        { on: 'file', per: 'file', nth: 1, do: { kind: 'expire-links' } },
      ],
    },
    client,
    exit: 0,
    data: 'equal',
  },
  {
    point: 12,
    fault: 'the token endpoint answers 500 and is reset, then works',
    outcome: 'tried again; bytes equal',
    ehr: {
      ...secured,
      faults: [
        { on: 'token', nth: 1, do: { kind: 'answer', status: 500 } },
        { on: 'token', nth: 2, do: { kind: 'reset' } },
      ],
    },
    client,
    exit: 0,
    data: 'equal',
  },
  {
    point: 12,
    fault: 'the client is not registered',
    outcome: 'exit 3, no kick-off',
    files: usual,
    ehr: { auth: { clients: [] } },
    client,
    exit: 3,
    data: 'none',
    check: ({ requests }) => expect(requests.filter(({ route, status }) => route === 'kickoff' && status === 202)).toEqual([]),
  },
]
