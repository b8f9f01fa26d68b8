import { rm } from 'node:fs/promises'
import { openLake } from '@floe/lake'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  idsOf,
  type ManifestJson,
  ofPatient,
  patient,
  type Registered,
  smallPopulation,
  type TestServer,
  testServer,
  writeExport,
} from '../fixture.suite.ts'

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

async function ids(path: string, type: string, headers: Record<string, string> = {}): Promise<string[]> {
  return idsOf(await server.lines(await server.export(path, token, headers), type, token))
}
async function refused(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<[number, string, string]> {
  const answer = await server.get(path, token, headers, method)
  const body = (await answer.json()) as { resourceType: string; issue: { code: string }[] }
  return [answer.status, body.resourceType, body.issue[0]?.code ?? '']
}
const lenient = { prefer: 'respond-async, handling=lenient' }

test('S-9, S-10, S-15, S-37, S-44, S-46, S-50, S-51, S-52, S-53: kick-off, status and manifest as specified', async () => {
  const kickoff = await server.get('/fhir/$export', token, { accept: 'application/fhir+json', prefer: 'respond-async' })
  expect([kickoff.status, kickoff.headers.get('content-location')]).toEqual([
    202,
    expect.stringMatching(`^${server.origin}/fhir/\\$export-status/[0-9a-f]{40}$`),
  ])
  const status = await server.wait(kickoff, token)
  expect([status.status, status.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^application\/json/)])
  expect(Date.parse(status.headers.get('expires') ?? '')).toBeGreaterThan(Date.now())
  const manifest = await status.json()
  expect(manifest).toMatchObject({ request: `${server.origin}/fhir/$export`, requiresAccessToken: true, deleted: [], error: [] })
  const { output, transactionTime } = manifest as Awaited<ReturnType<TestServer['export']>>
  expect(output.map(({ type, count }) => `${type} ${count}`)).toEqual([
    'Condition 3',
    'Group 2',
    'Observation 2',
    'Organization 1',
    'Patient 3',
  ])
  expect(Date.parse(transactionTime)).toBeLessThanOrEqual(Date.now())
})

test('S-62, S-67, S-70: lines are the texts that were loaded', async () => {
  const lines = await server.lines(await server.export('/fhir/$export?_type=Patient', token), 'Patient', token)
  expect(lines.toSorted()).toEqual(
    smallPopulation.filter(({ resourceType }) => resourceType === 'Patient').map((one) => JSON.stringify(one)),
  )
})

describe('levels', () => {
  test.each<[string, string, string[]]>([
    ['/fhir/Patient/$export', 'Condition', ['c1', 'c2', 'c3']],
    ['/fhir/Patient/$export', 'Organization', []],
    ['/fhir/Group/g1/$export', 'Condition', ['c1', 'c2']],
    ['/fhir/Group/g1/$export', 'Patient', ['p1', 'p2']],
    ['/fhir/Group/g2/$export', 'Observation', ['o2']],
    ['/fhir/Patient/p1/$export', 'Condition', ['c1']],
    ['/fhir/%24export', 'Organization', ['org']],
  ])('S-9, S-12, S-34: %s gives %s', async (path, type, expected) => {
    expect(await ids(path, type)).toEqual(expected)
  })
  test('what is not there is 404, also when lenient', async () => {
    expect(await refused('/fhir/Group/nobody/$export')).toEqual([404, 'OperationOutcome', 'not-found'])
    expect(await refused('/fhir/Group/nobody/$export', lenient)).toEqual([404, 'OperationOutcome', 'not-found'])
    expect(await refused('/fhir/Patient/nobody/$export')).toEqual([404, 'OperationOutcome', 'not-found'])
  })
})

describe('parameters', () => {
  test.each<[string, string, string, string[]]>([
    ['S-24', '_type=Patient,Condition', 'Observation', []],
    ['S-14', '_type=Patient&_type=Condition', 'Condition', ['c1', 'c2', 'c3']],
    ['S-30', '_typeFilter=Observation%3Fstatus%3Dfinal', 'Observation', ['o1']],
    [
      'S-30: alternatives of one type',
      '_typeFilter=Observation%3Fstatus%3Dfinal,Observation%3Fpatient%3Dp3',
      'Observation',
      ['o1', 'o2'],
    ],
    ['S-30: a comma inside a value', '_typeFilter=Observation%3Fstatus%3Dfinal,preliminary', 'Observation', ['o1', 'o2']],
    ['S-30: other types stay', '_typeFilter=Observation%3Fstatus%3Dfinal', 'Condition', ['c1', 'c2', 'c3']],
    ['S-20', '_since=2026-01-01T12:00:00Z', 'Patient', ['p2']],
    ['S-23', '_until=2026-01-01T12:00:00%2B00:00', 'Patient', ['p1']],
    ['S-19', '_outputFormat=application/fhir%2Bndjson&_type=Group', 'Group', ['g1', 'g2']],
    ['S-19', '_outputFormat=application/ndjson&_type=Group', 'Group', ['g1', 'g2']],
    ['S-19: an unencoded plus', '_outputFormat=application/fhir+ndjson&_type=Group', 'Group', ['g1', 'g2']],
    ['S-32', 'allowPartialManifests=true&_type=Group', 'Group', ['g1', 'g2']],
  ])('%s: %s', async (_, query, type, expected) => {
    expect(await ids(`/fhir/$export?${query}`, type)).toEqual(expected)
  })

  test.each([
    ['S-25', '/fhir/$export?_type=Nonsense'],
    ['S-25: outside of the compartment', '/fhir/Patient/$export?_type=Organization'],
    ['S-16', '/fhir/$export?_since=yesterday'],
    ['S-16', '/fhir/$export?_since=2026-01-01'],
    ['S-16: _since in the future', '/fhir/$export?_since=2999-01-01T00:00:00Z'],
    ['S-16', '/fhir/$export?_until=x'],
    ['S-19', '/fhir/$export?_outputFormat=text/csv'],
    ['S-30', '/fhir/$export?_typeFilter=Observation%3Fvalue-quantity%3D5'],
    ['S-30', '/fhir/$export?_typeFilter=Observation'],
    ['S-30: a type that _type leaves out', '/fhir/$export?_type=Patient&_typeFilter=Observation%3Fstatus%3Dfinal'],
    ['S-26', '/fhir/$export?_elements=Patient.nonsense'],
    ['S-28', '/fhir/Patient/$export?includeAssociatedData=_x'],
    ['S-31', '/fhir/$export?organizeOutputBy=Nonsense'],
    ['S-16: unknown parameters', '/fhir/$export?nonsense=1'],
    ['S-27: patient in a GET', '/fhir/Patient/$export?patient=p1'],
  ])('%s: %s is refused', async (_, path) => {
    expect((await refused(path)).slice(0, 2)).toEqual([400, 'OperationOutcome'])
  })

  test('S-43, S-57: what a lenient client asked for in vain stands in error', async () => {
    const manifest = await server.export('/fhir/$export?nonsense=1&_type=Patient,Nonsense', token, lenient)
    expect(manifest.output.map(({ type }) => type)).toEqual(['Patient'])
    const outcomes = await server.lines(manifest, 'OperationOutcome', token, 'error')
    expect(outcomes.map((line) => (JSON.parse(line) as { resourceType: string }).resourceType)).toEqual([
      'OperationOutcome',
      'OperationOutcome',
    ])
  })

  test('S-26: _elements keep what is mandatory, texts as they were, and SUBSETTED', async () => {
    const manifest = await server.export(
      '/fhir/$export?_type=Patient,Observation&_elements=Patient.gender,Observation.valueQuantity',
      token,
    )
    const [first] = (await server.lines(manifest, 'Patient', token)).toSorted()
    const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }
    expect(JSON.parse(first ?? '')).toEqual({
      resourceType: 'Patient',
      id: 'p1',
      meta: { lastUpdated: '2026-01-01T00:00:00Z', tag: [subsetted] },
      gender: 'female',
    })
    const [observation] = (await server.lines(manifest, 'Observation', token)).toSorted()
    expect(Object.keys(JSON.parse(observation ?? ''))).toEqual(['resourceType', 'id', 'meta', 'status', 'code', 'valueQuantity'])
  })

  test('S-10, S-11, S-27: POST with Parameters, and patient', async () => {
    const parameter = [
      { name: '_type', valueString: 'Condition' },
      { name: 'patient', valueReference: { reference: 'Patient/p2' } },
    ]
    const kickoff = await server.post('/fhir/Group/g1/$export', { resourceType: 'Parameters', parameter }, token)
    const manifest = (await (await server.wait(kickoff, token)).json()) as Awaited<ReturnType<TestServer['export']>>
    expect(idsOf(await server.lines(manifest, 'Condition', token))).toEqual(['c2'])
    expect(manifest.request).toBe(`${server.origin}/fhir/Group/g1/$export`)
    const outsider = [{ name: 'patient', valueReference: { reference: 'Patient/p3' } }]
    expect((await server.post('/fhir/Group/g1/$export', { resourceType: 'Parameters', parameter: outsider }, token)).status).toBe(
      400,
    )
    expect((await server.post('/fhir/$export', { resourceType: 'Parameters', parameter }, token)).status).toBe(400)
    expect((await server.post('/fhir/$export', '{', token)).status).toBe(400)
    expect((await server.post('/fhir/$export', { resourceType: 'Patient' }, token)).status).toBe(400)
    expect((await server.post('/fhir/$export?_type=Group', '', token)).status).toBe(202)
    expect((await server.post('/fhir/$export', 'x'.repeat(1_100_000), token)).status).toBe(413)
  })
})

test('S-29, S-28: Provenance of the compartment goes along; the latest, or none where _type leaves it out', async () => {
  await using one = await testServer({ maxExportsPerClient: 20, maxExports: 20 })
  const about = (id: string, recorded: string, reference: string) => ({
    resourceType: 'Provenance',
    id,
    recorded,
    target: [{ reference }],
  })
  await one.load('a', '2026-01-01T00:00:00Z', [
    ...smallPopulation,
    about('old', '2025-01-01T00:00:00Z', 'Condition/c1'),
    about('new', '2025-06-01T00:00:00Z', 'Condition/c1'),
    about('third', '2025-01-01T00:00:00Z', 'Patient/p3'),
    about('none', '2025-01-01T00:00:00Z', 'Organization/org'),
  ])
  const mine = await one.token(await one.client('c', 'system/*.rs'))
  const found = async (path: string): Promise<string[]> =>
    idsOf(await one.lines(await one.export(path, mine), 'Provenance', mine))
  expect(await found('/fhir/Patient/$export')).toEqual(['new', 'old', 'third'])
  expect(await found('/fhir/Group/g1/$export')).toEqual(['new', 'old'])
  expect(await found('/fhir/$export')).toEqual(['new', 'none', 'old', 'third'])
  expect(await found('/fhir/Group/g1/$export?_type=Condition')).toEqual([])
  expect(await found('/fhir/Group/g1/$export?_type=Condition&includeAssociatedData=RelevantProvenanceResources')).toEqual([
    'new',
    'old',
  ])
  expect(await found('/fhir/Group/g1/$export?_type=Condition&includeAssociatedData=LatestProvenanceResources')).toEqual(['new'])
  const organized = await one.export('/fhir/Patient/$export?organizeOutputBy=Patient', mine)
  const [told] = (await one.lines(organized, 'OperationOutcome', mine, 'error')).map((line) => JSON.parse(line))
  expect(told.issue).toMatchObject([
    { severity: 'warning', diagnostics: expect.stringMatching(/^2 resources of Provenance are left out/) },
  ])
})

test('S-31, S-58: by patient: a header, then what is theirs; items without type', async () => {
  const manifest = (await server.export('/fhir/Group/g1/$export?organizeOutputBy=Patient', token)) as ManifestJson & {
    outputOrganizedBy?: string
  }
  expect([manifest.outputOrganizedBy, manifest.output.map(({ type }) => type)]).toEqual(['Patient', [undefined]])
  const text = await (await server.get(manifest.output[0]?.url ?? '', token)).text()
  const lines = text
    .trimEnd()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as { resourceType: string; id?: string; parameter?: { valueReference: { reference: string } }[] },
    )
  const told = lines.map(({ id, parameter }) => id ?? parameter?.[0]?.valueReference.reference ?? '')
  expect(told.filter((one) => one.startsWith('Patient/'))).toEqual(['Patient/p1', 'Patient/p2'])
  expect(told.slice(1, told.indexOf('Patient/p2')).toSorted()).toEqual(['c1', 'o1', 'p1'])
  expect((await server.get(manifest.output[0]?.url ?? '', await server.token(client, 'system/Condition.rs'))).status).toBe(403)
  expect((await server.get('/fhir/$export?organizeOutputBy=Patient', token)).status).toBe(400)
})

test('S-34: types of nobody go along with a Group where the operator says so, whole, with their deletions', async () => {
  await using one = await testServer({ sharedTypes: ['Organization', 'Medication'] })
  const practitioner = { resourceType: 'Practitioner', id: 'dr' }
  await one.load('a', '2026-01-01T00:00:00Z', [...smallPopulation, practitioner, { resourceType: 'Medication', id: 'm' }])
  const mine = await one.client('c', 'system/*.rs', { groups: ['g1'] })
  const t = await one.token(mine)
  const typesOf = ({ output }: ManifestJson): string[] => output.map(({ type }) => type).toSorted()
  const whole = await one.export('/fhir/Group/g1/$export', t)
  expect(typesOf(whole)).toEqual(['Condition', 'Medication', 'Observation', 'Organization', 'Patient'])
  expect(idsOf(await one.lines(whole, 'Organization', t))).toEqual(['org'])
  expect(idsOf(await one.lines(whole, 'Condition', t))).toEqual(['c1', 'c2'])
  expect(typesOf(await one.export('/fhir/Group/g1/$export?_type=Medication', t))).toEqual(['Medication'])
  expect((await one.get('/fhir/Group/g1/$export?_type=Practitioner', t)).status).toBe(400)
  const narrow = await one.token(mine, 'system/Patient.rs')
  expect(typesOf(await one.export('/fhir/Group/g1/$export', narrow))).toEqual(['Patient'])
  await one.load('b', '2026-01-02T00:00:00Z', [], ['Medication/m', 'Condition/c3'])
  const later = await one.export(`/fhir/Group/g1/$export?_since=${whole.transactionTime}`, t)
  const deleted = (await one.lines(later, 'Bundle', t, 'deleted')).join('')
  expect([deleted.includes('Medication/m'), deleted.includes('Condition/c3')]).toEqual([true, false])
})

test('S-72, S-74, S-75: DELETE is 202, then status and files are 404 with an OperationOutcome', async () => {
  const kickoff = await server.get('/fhir/$export?_type=Patient', token)
  const place = kickoff.headers.get('content-location') ?? ''
  const manifest = (await (await server.wait(kickoff, token)).json()) as Awaited<ReturnType<TestServer['export']>>
  expect((await server.get(place, token, {}, 'DELETE')).status).toBe(202)
  expect(await refused(place)).toEqual([404, 'OperationOutcome', 'not-found'])
  expect(await refused(manifest.output[0]?.url ?? '')).toEqual([404, 'OperationOutcome', 'not-found'])
  const running = (await server.get('/fhir/$export', token)).headers.get('content-location') ?? ''
  expect((await server.get(running, token, {}, 'DELETE')).status).toBe(202)
  expect((await refused(running))[0]).toBe(404)
})

test('S-40: more than a hundred status requests a minute are 429', async () => {
  const place = (await server.get('/fhir/$export?_type=Patient', token)).headers.get('content-location') ?? ''
  const answers: number[] = []
  for (let n = 0; n < 101; n++) answers.push((await server.get(place, token)).status)
  expect(answers.slice(0, 100).includes(429)).toBe(false)
  const last = await server.get(place, token)
  expect([answers[100], last.status, Number(last.headers.get('retry-after')) > 0]).toEqual([429, 429, true])
})

test('S-17: limits of running exports are 429 with Retry-After', async () => {
  await using small = await testServer({ maxExportsPerClient: 1, maxExports: 1 })
  await small.load(
    'one',
    '2026-01-10T00:00:00Z',
    Array.from({ length: 3000 }, (_, n) => patient(`p${n}`)),
  )
  const one = await small.token(await small.client('c', 'system/*.rs'))
  const answers = await Promise.all(Array.from({ length: 4 }, () => small.get('/fhir/$export', one)))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 429, 429, 429])
  expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('10')
})

test('S-45, D8: files are kept for their time, and no longer', async () => {
  await using small = await testServer({ exportTtl: 300 })
  await small.load('one', '2026-01-10T00:00:00Z', [patient('p')])
  const one = await small.token(await small.client('c', 'system/*.rs'))
  const kickoff = await small.get('/fhir/$export', one)
  const place = kickoff.headers.get('content-location') ?? ''
  await small.wait(kickoff, one)
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect((await small.get(place, one)).status).toBe(404)
})

test('S-49, S-56: a chain of transaction times loses no late arrival and tells deletions', async () => {
  await using one = await testServer()
  await one.load('a', '2026-01-01T00:00:00Z', [patient('p1', { meta: { lastUpdated: '2025-12-01T00:00:00Z' } }), patient('p2')])
  const mine = await one.token(await one.client('c', 'system/*.rs'))
  const first = await one.export('/fhir/$export', mine)
  await one.load(
    'b',
    '2026-02-01T00:00:00Z',
    [patient('late', { meta: { lastUpdated: '2020-01-01T00:00:00Z' } })],
    ['Patient/p2'],
  )
  const second = await one.export(`/fhir/$export?_since=${first.transactionTime}`, mine)
  expect(idsOf(await one.lines(second, 'Patient', mine))).toEqual(['late'])
  const [bundle] = await one.lines(second, 'Bundle', mine, 'deleted')
  expect(JSON.parse(bundle ?? '{}')).toMatchObject({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ request: { method: 'DELETE', url: 'Patient/p2' } }],
  })
  const third = await one.export(`/fhir/$export?_since=${second.transactionTime}`, mine)
  expect([third.output, third.deleted]).toEqual([[], []])
  expect(third.transactionTime).toBe(second.transactionTime)
})

test('D1: a job outlives the server, and so do its files', async () => {
  await using one = await testServer()
  await one.load(
    'a',
    '2026-01-01T00:00:00Z',
    Array.from({ length: 5000 }, (_, n) => ofPatient('Condition', `c${n}`, 'p')),
  )
  const mine = await one.token(await one.client('c', 'system/*.rs'))
  const kickoff = await one.get('/fhir/$export', mine)
  await one.restart()
  const path = new URL(kickoff.headers.get('content-location') ?? '').pathname
  const moved = new Response(null, { status: 202, headers: { 'content-location': `${one.origin}${path}` } })
  const manifest = (await (await one.wait(moved, mine)).json()) as Awaited<ReturnType<TestServer['export']>>
  expect(new Set(await one.lines(manifest, 'Condition', mine)).size).toBe(5000)
})

test('S-76, S-77: the CapabilityStatement tells the operations', async () => {
  const statement = (await (await server.get('/fhir/metadata')).json()) as {
    instantiates: string[]
    rest: { resource: { type: string; operation?: { name: string }[] }[] }[]
  }
  expect(statement.instantiates).toEqual(['http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'])
  const of = (type: string): unknown => statement.rest[0]?.resource.find((one) => one.type === type)?.operation?.[0]?.name
  expect([of('Patient'), of('Group')]).toEqual(['export', 'export'])
})

test('S-36: Groups can be read and listed', async () => {
  expect(await (await server.get('/fhir/Group/g1', token)).json()).toMatchObject({ resourceType: 'Group', id: 'g1' })
  expect(await (await server.get('/fhir/Group?_id=g2', token)).json()).toMatchObject({
    resourceType: 'Bundle',
    total: 1,
    entry: [{ resource: { id: 'g2' } }],
  })
})

test('S-A7: the audit trail holds what happened, and only AuditEvent scopes read it', async () => {
  const reader = await server.client('auditor', 'system/AuditEvent.rs')
  const mine = await server.token(reader, 'system/AuditEvent.rs')
  const found = async (query: string): Promise<{ action: string; outcome: string; agent: object[] }[]> =>
    (
      (await (await server.get(`/fhir/AuditEvent?_count=1000${query}`, mine)).json()) as { entry?: { resource: never }[] }
    ).entry?.map(({ resource }) => resource) ?? []
  expect(
    (await server.get('/fhir/AuditEvent', await server.token(await server.client('blind', 'system/Patient.rs')))).status,
  ).toBe(403)
  for (const [action, outcome] of [
    ['E', '0'],
    ['R', '0'],
    ['D', '0'],
    ['E', '4'],
  ] as const) {
    expect((await found(`&action=${action}&outcome=${outcome}`)).length).toBeGreaterThan(0)
  }
  expect(await found('&agent=nobody')).toEqual([])
  expect((await server.get('/fhir/AuditEvent?policy=1', mine)).status).toBe(400)
  const page = (await (await server.get('/fhir/AuditEvent?_count=2', mine)).json()) as {
    entry: object[]
    link: { url: string }[]
  }
  expect(page.entry.length).toBe(2)
  const next = (await (await server.get(page.link[0]?.url ?? '', mine)).json()) as { entry: { fullUrl: string }[] }
  expect(next.entry.length).toBe(2)
})

test('health, readiness, metrics', async () => {
  expect((await server.get('/healthz')).status).toBe(200)
  expect((await server.get('/readyz')).status).toBe(200)
  const text = await (await server.get('/metrics')).text()
  expect(text).toMatch(/^floe_exports_total\{status="complete"\} \d+$/m)
  expect(text).toMatch(/floe_http_requests_total\{route="\/fhir\/Group\/:id\/\$export",method="GET",status="202"\}/)
  expect(text).toMatch(/^# TYPE floe_imports_total counter$/m)
})

test('an open server asks for no token, answers loopback names only, and says so in its manifests', async () => {
  await using open = await testServer({ open: true })
  await open.load('one', '2026-01-10T00:00:00Z', [patient('p')])
  const manifest = await open.export('/fhir/$export')
  expect([manifest.requiresAccessToken, (await open.lines(manifest, 'Patient')).length]).toEqual([false, 1])
  const { request } = await import('node:http')
  const status = await new Promise((resolve) => {
    request(`${open.origin}/fhir/$export`, { headers: { host: 'evil.example.org' } }, (answer) =>
      resolve(answer.resume().statusCode),
    ).end()
  })
  expect(status).toBe(403)
})

test('S-41: a job that fails answers 500 with an OperationOutcome', async () => {
  await using one = await testServer()
  await one.load('in', '2026-01-01T00:00:00Z', [patient('p')])
  await rm(`${one.lake}/warehouse/silver/patient/data`, { recursive: true })
  const mine = await one.token(await one.client('c', 'system/*.rs'))
  const status = await one.wait(await one.get('/fhir/$export', mine), mine)
  expect([
    status.status,
    status.headers.get('content-type'),
    ((await status.json()) as { resourceType: string }).resourceType,
  ]).toEqual([500, 'application/fhir+json', 'OperationOutcome'])
})

test('what was loaded without its texts is refused at kick-off, left out where the caller is lenient, and told', async () => {
  await using one = await testServer()
  await one.load('in', '2026-01-01T00:00:00Z', [patient('p')])
  await writeExport(`${one.dir}/bare`, [ofPatient('Condition', 'c', 'p')])
  await using lake = await openLake({ dir: one.lake })
  await lake.load({ folders: [`${one.dir}/bare`], raw: false, untracked: true })
  const mine = await one.token(await one.client('c', 'system/*.rs'))
  const strict = await one.get('/fhir/$export', mine)
  const text = JSON.stringify(await strict.json())
  expect([strict.status, text]).toEqual([400, expect.stringMatching(/no texts of Condition .*--no-raw/)])
  expect((await one.export('/fhir/$export?_type=Patient', mine)).output.map(({ type }) => type)).toEqual(['Patient'])
  const manifest = await one.export('/fhir/$export', mine, lenient)
  expect(manifest.output.map(({ type }) => type)).toEqual(['Patient'])
  expect((await one.lines(manifest, 'OperationOutcome', mine, 'error')).join()).toContain('no texts of Condition')
})

test('A-30: a token is good for its time only', async () => {
  await using one = await testServer({ tokenTtl: 1 })
  const mine = await one.token(await one.client('c', 'system/*.rs'))
  expect((await one.get('/fhir/Group', mine)).status).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 2100))
  const late = await one.get('/fhir/Group', mine)
  expect([late.status, late.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
})
