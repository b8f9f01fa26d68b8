import { elementsOf } from '@floe/views/fhir'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { smallPopulation, type TestServer, testServer } from './fixture.suite.ts'
import { operations } from './operation-definitions.ts'

interface Capability {
  rest: {
    operation: { name: string; definition: string; documentation: string }[]
    resource: {
      type: string
      searchParam: { name: string; type: string }[]
      interaction?: { code: string }[]
      operation?: { name: string; definition: string; documentation: string }[]
    }[]
  }[]
}

let server: TestServer
let token: string
let statement: Capability
beforeAll(async () => {
  server = await testServer({ maxExports: 500, maxExportsPerClient: 500 })
  await server.load('one', '2026-01-10T00:00:00Z', smallPopulation)
  token = await server.token(await server.client('c', 'system/*.rs'))
  statement = (await (await server.get('/fhir/metadata')).json()) as Capability
})
afterAll(() => server[Symbol.asyncDispose]())

describe('S-76: what is told is what is done', () => {
  test('the definitions of the Bulk Data guide for the three exports, and every operation of the server', () => {
    const [{ operation = [], resource = [] } = {}] = statement.rest
    const told = [...operation, ...resource.flatMap((one) => one.operation ?? [])]
    expect(told.map(({ definition }) => definition.split('/').at(-1)).toSorted()).toEqual(
      operations.map(({ id }) => id).toSorted(),
    )
    expect(told.map(({ definition }) => definition)).toContain('http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export')
    for (const { documentation } of told) expect(documentation).toMatch(/OperationDefinition\/[a-z-]+$/)
  })

  test('no interaction is told that is not there', async () => {
    for (const { type, interaction = [] } of statement.rest[0]?.resource ?? []) {
      expect([type, interaction.map(({ code }) => code)]).toEqual([
        type,
        type === 'Group' ? ['read', 'search-type'] : type === 'AuditEvent' ? ['search-type'] : [],
      ])
    }
    expect((await server.get('/fhir/Patient/p1', token)).status).toBe(404)
    expect((await server.get('/fhir/Patient', token)).status).toBe(404)
  })

  test.each(operations.map((one) => [one.id, one] as const))(
    'the OperationDefinition of %s',
    async (id, { parameters, canonical }) => {
      const definition = (await (await server.get(`/fhir/OperationDefinition/${id}`)).json()) as {
        parameter: { name: string }[]
        base?: string
      }
      expect([definition.base, definition.parameter.map(({ name }) => name)]).toEqual([
        canonical,
        parameters.map(({ name }) => name),
      ])
    },
  )

  test('what is no operation has no definition', async () => {
    expect((await server.get('/fhir/OperationDefinition/none')).status).toBe(404)
  })

  const exampleOf: Readonly<Record<string, string>> = {
    _outputFormat: 'ndjson',
    _since: '2026-01-01T00:00:00Z',
    _until: '2026-01-01T00:00:00Z',
    _type: 'Patient',
    _typeFilter: 'Patient%3Fgender%3Dmale',
    _elements: 'id',
    includeAssociatedData: 'LatestProvenanceResources',
    allowPartialManifests: 'true',
    organizeOutputBy: 'Patient',
  }
  test.each([
    ['export', '/fhir/$export'],
    ['patient-export', '/fhir/Patient/$export'],
    ['group-export', '/fhir/Group/g1/$export'],
  ])('S-10: every parameter of %s is taken by GET and by POST', async (id, path) => {
    for (const { name, type } of operations.find((one) => one.id === id)?.parameters ?? []) {
      const text = exampleOf[name] ?? 'Patient/p1'
      if (name !== 'patient') expect([name, (await server.get(`${path}?${name}=${text}`, token)).status]).toEqual([name, 202])
      const value = type === 'Reference' ? { valueReference: { reference: text } } : { valueString: decodeURIComponent(text) }
      const body = { resourceType: 'Parameters', parameter: [{ name, ...value }] }
      expect([name, (await server.post(path, body, token)).status]).toEqual([name, 202])
    }
  })

  test('S-30: every search parameter that is listed is taken, and no element of another kind', async () => {
    for (const { type, searchParam } of statement.rest[0]?.resource ?? []) {
      if (type === 'AuditEvent') continue
      const filters = searchParam.map((one) => `${type}?${one.name}=${one.type === 'date' ? '2026' : 'true'}`)
      const query = filters.map((filter) => `_typeFilter=${encodeURIComponent(filter)}`).join('&')
      const answer = await server.get(`/fhir/$export?_type=${type}&${query}`, token)
      expect([type, answer.status, answer.status === 202 ? '' : await answer.text()]).toEqual([type, 202, ''])
    }
    const names = statement.rest[0]?.resource.find(({ type }) => type === 'Observation')?.searchParam.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['_id', '_lastUpdated', 'patient', 'status', 'code', 'category', 'date', 'subject', 'encounter']),
    )
    expect(names).not.toContain('referenceRange')
    expect(elementsOf('Observation')?.has('referenceRange')).toBe(true)
  })
})

test('S-18, S-47, S-48, S-60: what is not offered is not promised: no Preference-Applied, no link, nothing but headers before the end', async () => {
  const prefer = { prefer: 'respond-async, separate-export-status' }
  const kickoff = await server.get('/fhir/$export?_type=Patient&allowPartialManifests=true', token, prefer)
  expect([kickoff.status, kickoff.headers.get('preference-applied')]).toEqual([202, null])
  const place = kickoff.headers.get('content-location') ?? ''
  for (;;) {
    const status = await server.get(place, token)
    expect([status.headers.get('x-export-status'), [200, 202].includes(status.status)]).toEqual([null, true])
    const text = await status.text()
    if (status.status === 200) {
      expect(Object.keys(JSON.parse(text))).toEqual([
        'transactionTime',
        'request',
        'requiresAccessToken',
        'output',
        'deleted',
        'error',
      ])
      expect(await (await server.get(place, token)).text()).toBe(text)
      return
    }
    expect(text).toBe('')
  }
})

test('S-33: sizes of files are not for the client to choose', async () => {
  expect((await server.get('/fhir/$export?_maximumFileSize=1000', token)).status).toBe(400)
})

test('S-35, S-69: Binary goes along at system level only; attachments are handed on as they were loaded', async () => {
  await using one = await testServer({ maxExports: 20, maxExportsPerClient: 20 })
  const attachment = { contentType: 'text/plain', data: 'aGk=' }
  const note = {
    resourceType: 'DocumentReference',
    id: 'd',
    status: 'current',
    subject: { reference: 'Patient/p1' },
    content: [{ attachment }, { attachment: { contentType: 'text/plain', url: 'https://ehr.example.org/fhir/Binary/b' } }],
  }
  const binary = { resourceType: 'Binary', id: 'b', contentType: 'text/plain', securityContext: { reference: 'Patient/p1' } }
  await one.load('a', '2026-01-01T00:00:00Z', [...smallPopulation, note, binary])
  const mine = await one.token(await one.client('c', 'system/*.rs'))
  const types = async (path: string): Promise<string[]> => (await one.export(path, mine)).output.map(({ type }) => type)
  expect(await types('/fhir/$export')).toContain('Binary')
  expect(await types('/fhir/Patient/$export')).not.toContain('Binary')
  expect((await one.get('/fhir/Patient/$export?_type=Binary', mine)).status).toBe(400)
  const manifest = await one.export('/fhir/Group/g1/$export?_type=DocumentReference', mine)
  expect(await one.lines(manifest, 'DocumentReference', mine)).toEqual([JSON.stringify(note)])
})
