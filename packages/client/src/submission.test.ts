import { expect, test } from 'vitest'
import { smartBackendServices } from './auth/auth.ts'
import { newKeys } from './auth/keys.ts'
import { type FakeOptions, send, sendJson, startFake } from './bulk-server.suite.ts'
import { BulkClient } from './client.ts'
import { cohortGroup } from './submission.ts'
import { fakeTiming } from './test-run.suite.ts'

const identity = { submitter: { system: 'urn:provider', value: 'a' }, submissionId: 's-1' }
const manifest = { manifestUrl: 'https://files.example/m1.json', fhirBaseUrl: 'https://ehr.example/fhir' }

async function smart(granted: string, other: FakeOptions['other']) {
  const server = await startFake({ smart: { token_endpoint: '../token' }, ...(other === undefined ? {} : { other }) })
  const { privateJwks } = await newKeys({ alg: 'ES384' })
  server.options.token = (_, response) =>
    sendJson(response, 200, { access_token: 'abcdefgh', token_type: 'bearer', expires_in: 300, scope: granted })
  const auth = smartBackendServices({ clientId: 'app', privateKey: privateJwks })
  return { server, client: new BulkClient({ fhirUrl: server.fhirUrl, auth }, fakeTiming()) }
}

const ok: FakeOptions['other'] = ({ path }, response) =>
  path.endsWith('status') ? send(response, 202, '', { 'content-location': '/fhir/job/0123456789abcdef' }) : send(response, 200)

test('C-64, C-66: a submission names its submitter and itself, each manifest its base, and the scope is that of submissions', async () => {
  const { server, client } = await smart('system/bulk-submit', ok)
  await using _ = server
  const submission = client.submission(identity)
  await submission.add({ ...manifest, outputFormat: 'application/fhir+ndjson' })
  await submission.end('completed')
  expect((await submission.statusJob()).statusUrl).toBe(`${server.fhirUrl}/job/0123456789abcdef`)
  const [add, end] = server.seen.filter(({ path }) => path === '/fhir/$bulk-submit').map(({ body }) => JSON.parse(body).parameter)
  const own = [
    { name: 'submitter', valueIdentifier: identity.submitter },
    { name: 'submissionId', valueString: 's-1' },
  ]
  expect(add).toEqual([
    ...own,
    { name: 'manifestUrl', valueUrl: manifest.manifestUrl },
    { name: 'fhirBaseUrl', valueUrl: manifest.fhirBaseUrl },
    { name: 'outputFormat', valueString: 'application/fhir+ndjson' },
  ])
  expect(end).toEqual([
    ...own,
    { name: 'submissionStatus', valueCoding: { system: 'http://hl7.org/fhir/event-status', code: 'completed' } },
  ])
  const scopes = server.seen.filter(({ path }) => path === '/token').map(({ body }) => new URLSearchParams(body).get('scope'))
  expect([...new Set(scopes)]).toEqual(['system/bulk-submit'])
})

test('C-64: an address twice, none, or a submission without a name is not sent', async () => {
  await using server = await startFake({ other: ok })
  const client = new BulkClient({ fhirUrl: server.fhirUrl }, fakeTiming())
  const submission = client.submission(identity)
  await submission.add(manifest)
  await expect(submission.add(manifest)).rejects.toMatchObject({ code: 'usage' })
  await expect(submission.add({ ...manifest, manifestUrl: '' })).rejects.toMatchObject({ code: 'usage' })
  expect(() => client.submission({ ...identity, submissionId: '' })).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(server.count('POST /fhir/$bulk-submit')).toBe(1)
})

test.each(['completed', 'stopped'] as const)('C-65: nothing is sent after %s', async (status) => {
  await using server = await startFake({ other: ok })
  const submission = new BulkClient({ fhirUrl: server.fhirUrl }, fakeTiming()).submission(identity)
  await submission.end(status)
  await expect(submission.add(manifest)).rejects.toMatchObject({ code: 'usage' })
  await expect(submission.end('completed')).rejects.toMatchObject({ code: 'usage' })
  expect(server.count('POST /fhir/$bulk-submit')).toBe(1)
})

test('C-67: a manifest is corrected by one that takes its place; a busy server is waited for', async () => {
  await using server = await startFake({
    other: (_, response, nth) => (nth === 1 ? send(response, 429, '', { 'retry-after': '3' }) : send(response, 200)),
  })
  const submission = new BulkClient({ fhirUrl: server.fhirUrl }, fakeTiming()).submission(identity)
  await submission.add(manifest)
  const corrected = { ...manifest, manifestUrl: 'https://files.example/m2.json' }
  await expect(submission.add({ ...corrected, replacesManifestUrl: 'https://files.example/m0.json' })).rejects.toMatchObject({
    code: 'usage',
  })
  await submission.add({ ...corrected, replacesManifestUrl: manifest.manifestUrl })
  expect(server.seen).toHaveLength(3)
  expect(server.seen.at(-1)?.body).toContain(`{"name":"replacesManifestUrl","valueUrl":"${manifest.manifestUrl}"}`)
})

const cohort = { name: 'Diabetes', type: 'person', filters: ['Condition?code=E11.9', 'Encounter?date=ge2024-01-01'] } as const

test('C-68: a cohort is a Group of filters, made asynchronously, where the client may make Groups', async () => {
  const { server, client } = await smart('system/Group.cud', (_, response) =>
    send(response, 202, '', { 'content-location': '/fhir/job/0123456789abcdef' }),
  )
  await using _ = server
  expect(await client.createCohort(cohort)).toEqual({
    job: { statusUrl: `${server.fhirUrl}/job/0123456789abcdef`, kickedOffAt: expect.any(String) },
  })
  const made = server.seen.find(({ method, path }) => method === 'POST' && path === '/fhir/Group')
  expect(made?.headers.prefer).toBe('respond-async')
  expect(JSON.parse(made?.body ?? '')).toEqual({
    resourceType: 'Group',
    modifierExtension: cohort.filters.map((expression) => ({
      url: 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter',
      valueExpression: { language: 'application/x-fhir-query', expression },
    })),
    type: 'person',
    actual: false,
    name: 'Diabetes',
  })
})

test('C-68: without the scope, the name or a filter nothing is sent; a server that makes it at once tells its id', async () => {
  const { server, client } = await smart('system/*.rs', (_, response) =>
    send(response, 201, '', { location: 'Group/g7/_history/1' }),
  )
  await using _ = server
  await expect(client.createCohort(cohort)).rejects.toMatchObject({ code: 'auth' })
  expect(server.count('POST /fhir/Group')).toBe(0)
  expect(await new BulkClient({ fhirUrl: server.fhirUrl }, fakeTiming()).createCohort(cohort)).toEqual({ groupId: 'g7' })
  for (const wrong of [{ name: '' }, { filters: [] }, { filters: ['Condition?_sort=date'] }]) {
    expect(() => cohortGroup({ ...cohort, ...wrong })).toThrow(expect.objectContaining({ code: 'usage' }))
  }
})
