import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExportRequest } from '../types.ts'
import { exportUrl, kickoffRequest, normalizeRequest, parseExportUrl, sameRequest } from './parameters.ts'

const base = 'https://ehr.example.org/fhir'
const full: ExportRequest = {
  level: 'group',
  groupId: '42',
  type: ['Patient', 'Observation'],
  typeFilter: ['Observation?category=laboratory', 'Patient?gender=female'],
  since: '2026-11-14T00:00:00+01:00',
  until: new Date('2026-11-21T00:00:00Z'),
  elements: ['id', 'Patient.name'],
  includeAssociatedData: ['LatestProvenanceResources'],
  outputFormat: 'application/fhir+ndjson',
  organizeOutputBy: 'Patient',
  allowPartialManifests: true,
  parameters: [['_vendor', 'a=b&c']],
}

test('GET joins lists by comma and encodes the plus of a zone (C-18)', () => {
  const { method, url, headers, body } = kickoffRequest(base, normalizeRequest(full))
  expect({ method, body, headers }).toEqual({
    method: 'GET',
    body: null,
    headers: { accept: 'application/fhir+json', prefer: 'respond-async' },
  })
  expect(url.split(/[?&]/)).toEqual([
    `${base}/Group/42/$export`,
    '_outputFormat=application%2Ffhir%2Bndjson',
    '_type=Patient,Observation',
    '_since=2026-11-14T00%3A00%3A00%2B01%3A00',
    '_until=2026-11-21T00%3A00%3A00.000Z',
    '_elements=id,Patient.name',
    '_typeFilter=Observation%3Fcategory%3Dlaboratory,Patient%3Fgender%3Dfemale',
    'includeAssociatedData=LatestProvenanceResources',
    'organizeOutputBy=Patient',
    'allowPartialManifests=true',
    '_vendor=a%3Db%26c',
  ])
})

test('filters that hold a comma are repeated instead of joined', () => {
  const { url } = kickoffRequest(
    base,
    normalizeRequest({ level: 'system', typeFilter: ['Observation?category=a,b', 'Patient?gender=male'] }),
  )
  expect(url).toBe(`${base}/$export?_typeFilter=Observation%3Fcategory%3Da%2Cb&_typeFilter=Patient%3Fgender%3Dmale`)
})

test('POST repeats parameters, types their values, and keeps patients out of the log', () => {
  const request = normalizeRequest({ ...full, patient: ['p1', 'Patient/p2'], lenient: true })
  const { method, url, headers, body, logged } = kickoffRequest(base, request)
  expect([method, url, headers.prefer]).toEqual(['POST', `${base}/Group/42/$export`, 'respond-async, handling=lenient'])
  const { parameter } = JSON.parse(body ?? '') as { parameter: { name: string }[] }
  expect(
    parameter.filter(({ name }) =>
      ['_type', '_since', 'includeAssociatedData', 'allowPartialManifests', 'patient'].includes(name),
    ),
  ).toEqual([
    { name: '_type', valueString: 'Patient' },
    { name: '_type', valueString: 'Observation' },
    { name: '_since', valueInstant: '2026-11-14T00:00:00+01:00' },
    { name: 'includeAssociatedData', valueCode: 'LatestProvenanceResources' },
    { name: 'allowPartialManifests', valueBoolean: true },
    { name: 'patient', valueReference: { reference: 'Patient/p1' } },
    { name: 'patient', valueReference: { reference: 'Patient/p2' } },
  ])
  expect(logged.patient).toBe('(2)')
})

test('a server that speaks v4 only gets a POST with Codings', () => {
  const { method, body } = kickoffRequest(base, normalizeRequest({ level: 'patient', includeAssociatedData: ['x'] }), {
    v4: true,
  })
  expect(method).toBe('POST')
  expect(body).toContain(
    '"valueCoding":{"system":"http://hl7.org/fhir/uv/bulkdata/CodeSystem/include-associated-data","code":"x"}',
  )
})

test.each<[string, ExportRequest]>([
  ['a group without id', { level: 'group' }],
  ['a Group with another level', { level: 'system', groupId: '1' }],
  ['a path as Group id', { level: 'group', groupId: '../x' }],
  ['patient at system level (C-11)', { level: 'system', patient: ['1'] }],
  ['patient by GET (C-11)', { level: 'patient', patient: ['1'], kickoff: 'get' }],
  ['a time without zone', { level: 'system', since: '2026-01-01T00:00:00' }],
  ['a date that is none', { level: 'system', since: '2026-13-01' }],
  ['a type that is none', { level: 'system', type: ['patient'] }],
])('%s is a usage error', (_, request) => {
  expect(() => normalizeRequest(request)).toThrowError(expect.objectContaining({ code: 'usage', exitCode: 2 }))
})

test('a plain date is its midnight in UTC', () => {
  expect(normalizeRequest({ level: 'system', since: '2026-01-02' }).since).toBe('2026-01-02T00:00:00Z')
})

test.each([
  ['https://e.org/fhir', { fhirUrl: 'https://e.org/fhir', request: {} }],
  ['https://e.org/fhir/', { fhirUrl: 'https://e.org/fhir', request: {} }],
  ['https://e.org/fhir/$export', { fhirUrl: 'https://e.org/fhir', level: 'system', request: {} }],
  ['https://e.org/fhir/Patient', { fhirUrl: 'https://e.org/fhir', level: 'patient', request: {} }],
  [
    'https://e.org/fhir/Patient/$export?_type=A,B',
    { fhirUrl: 'https://e.org/fhir', level: 'patient', request: { type: ['A', 'B'] } },
  ],
  ['https://e.org/fhir/Group/42', { fhirUrl: 'https://e.org/fhir', level: 'group', groupId: '42', request: {} }],
  [
    'https://e.org/fhir/Group/42/$export?_since=2026-01-01T00:00:00+01:00&_typeFilter=Observation%3Fcategory%3Da%2Cb,Patient%3Fgender%3Dmale&x=1',
    {
      fhirUrl: 'https://e.org/fhir',
      level: 'group',
      groupId: '42',
      request: {
        since: '2026-01-01T00:00:00+01:00',
        typeFilter: ['Observation?category=a,b', 'Patient?gender=male'],
        parameters: [['x', '1']],
      },
    },
  ],
])('%s is taken apart', (url, expected) => {
  expect(parseExportUrl(url)).toEqual(expected)
})

test.each(['x', 'ftp://e.org', 'https://u:p@e.org/fhir', 'https://e.org/fhir/Group/%zz'])('%s is refused', (url) => {
  expect(() => parseExportUrl(url)).toThrow(expect.objectContaining({ code: 'usage' }))
})

test('a GET kick-off read back is the same request', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9 +&=?%#.:|/-]{1,12}$/)
  const request = fc.record({
    typeFilter: fc.array(
      word.map((text) => `Patient?x=${text}`),
      { maxLength: 3 },
    ),
    elements: fc.array(fc.stringMatching(/^[a-z.]{1,8}$/), { maxLength: 3 }),
    parameters: fc.array(fc.tuple(fc.stringMatching(/^[a-z]{3,8}x$/), word), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(request, (given) => {
      const sent = normalizeRequest({ level: 'system', ...given })
      const { fhirUrl, request: read } = parseExportUrl(kickoffRequest(base, sent).url)
      const back = normalizeRequest({ level: 'system', ...read })
      const values = (from: typeof sent): unknown => ({
        ...from,
        parameters: [...(from.parameters ?? [])].map(([name, value]) => `${name}=${value}`).sort(),
      })
      expect(fhirUrl).toBe(base)
      // Repeats of one unknown name are joined by a comma in GET: compared apart.
      fc.pre(new Set(given.parameters.map(([name]) => name)).size === given.parameters.length)
      expect(values(back)).toEqual(values(sent))
    }),
  )
})

test('requests are the same whatever the order of their lists, and whatever the verb', () => {
  const a = normalizeRequest({ level: 'system', type: ['A', 'B'], kickoff: 'post' })
  expect(sameRequest(a, normalizeRequest({ type: ['B', 'A'], level: 'system' }))).toBe(true)
  expect(sameRequest(a, normalizeRequest({ type: ['A'], level: 'system' }))).toBe(false)
  expect(exportUrl(`${base}/`, { level: 'patient' })).toBe(`${base}/Patient/$export`)
})
