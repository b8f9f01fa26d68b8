import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { type FakeOptions, lines, send, sendJson, sendManifest, startFake } from './bulk-server.suite.ts'
import { pollDelay } from './http/retry.ts'
import { kickoffRequest, normalizeRequest } from './job/parameters.ts'
import { run } from './requirements.suite.ts'
import { attempt, tempBench } from './test-run.suite.ts'
import type { ExportRequest } from './types.ts'

/**
 * Requirements of the Bulk Data IG on kick-off and polling; those that need no more than one look stand in requirements.test.ts.
 */

const base = 'https://ehr.example.org/fhir'
const sent = (request: Partial<ExportRequest>, options = {}) =>
  kickoffRequest(base, normalizeRequest({ level: 'patient', ...request }), options)

/** The TLS versions that a client offers: of the supported_versions extension (RFC 8446 §4.2.1). */
function offered(hello: Buffer): number[] {
  const at = hello.findIndex(
    (_, index) => hello.readUInt16BE(Math.min(index, hello.length - 2)) === 0x2b && (hello[index + 4] ?? 0) % 2 === 0,
  )
  const size = hello[at + 4] ?? 0
  return Array.from({ length: size / 2 }, (_, index) => hello.readUInt16BE(at + 5 + index * 2)).filter(
    (version) => version >> 8 === 3,
  )
}

test('C-1: no less than TLS 1.2 is offered', async () => {
  await using bench = await tempBench()
  const hellos: Buffer[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (chunk) => {
      hellos.push(chunk)
      socket.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const origin = `https://127.0.0.1:${port}`
  const fake = { fhirUrl: `${origin}/fhir`, origin, seen: [], options: {}, count: () => 0, async [Symbol.asyncDispose]() {} }
  expect((await attempt(fake, bench.dest)).error?.exitCode).toBe(4)
  server.close()
  expect(hellos.length).toBeGreaterThan(0)
  expect([...new Set(hellos.flatMap(offered))].toSorted()).toEqual([0x303, 0x304])
})

test.each<[string, Partial<ExportRequest>]>([
  ['at system level', { level: 'system', patient: ['1'] }],
  ['by GET', { patient: ['1'], kickoff: 'get' }],
])('C-11: patient %s is not sent', (_, request) => {
  expect(() => sent(request)).toThrow(expect.objectContaining({ exitCode: 2 }))
})

test('C-13: lists are repeated in a POST, whatever the version; v4 gets no comma list', () => {
  for (const v4 of [false, true]) {
    const { body } = sent({ type: ['Patient', 'Observation'], elements: ['id', 'meta'], kickoff: 'post' }, { v4 })
    expect(JSON.parse(body ?? '').parameter).toEqual([
      { name: '_type', valueString: 'Patient' },
      { name: '_type', valueString: 'Observation' },
      { name: '_elements', valueString: 'id' },
      { name: '_elements', valueString: 'meta' },
    ])
  }
})

test.each([
  'category=laboratory',
  '?category=laboratory',
  'Observation',
  'Observation,Condition?code=1',
  '*?code=1',
  'Observation?_sort=date',
  'Observation?code=1&_include=Observation:subject',
  'Observation?_elements=id',
  'Observation?_revinclude:iterate=Provenance:target',
  'Observation?_count=5',
])('C-14: the type filter %s is refused', (filter) => {
  expect(() => sent({ typeFilter: [filter] })).toThrow(expect.objectContaining({ code: 'usage' }))
})

test('C-14: filters of one type each are taken as they are', () => {
  const typeFilter = [
    'Observation?category=http://x|laboratory&date=ge2024-01-01',
    'Patient?_lastUpdated=gt2024',
    'Condition?_id=1',
  ]
  expect(normalizeRequest({ level: 'system', typeFilter }).typeFilter).toEqual(typeFilter)
})

test('C-15: what comes beyond a filter that the server ignored is kept as served, and nothing is missing', () =>
  run(
    { files: [{ type: 'Observation', count: 3, body: lines('Observation', 3) }] },
    { request: { level: 'system', type: ['Observation'], typeFilter: ['Observation?status=final'] } },
    ({ receipt }) => expect(receipt).toMatchObject({ exitCode: 0, totals: { resources: 3 } }),
  ))

const capable = {
  resourceType: 'CapabilityStatement',
  rest: [{ resource: [{ type: 'Observation', searchParam: [{ name: 'category' }, { name: 'date' }] }] }],
}

test.each([
  ['Observation?category=x&_lastUpdated=gt2024', []],
  [
    'Observation?code:in=x',
    ['the server does not list the search parameter code of Observation: it may ignore or refuse that filter'],
  ],
  ['Condition?code=x', []],
])('C-16: the CapabilityStatement is looked at for the parameters of %s', (filter, notices) =>
  run({ metadata: capable }, { request: { level: 'system', typeFilter: [filter] } }, ({ receipt }) =>
    expect(receipt?.notices).toEqual(notices),
  ),
)

test('C-17: a clinical date is a type filter; since and until are about the server', () => {
  const { url } = sent({ typeFilter: ['Encounter?date=ge2024-01-01'], since: '2026-01-01T00:00:00Z' })
  expect(url).toBe(`${base}/Patient/$export?_since=2026-01-01T00%3A00%3A00Z&_typeFilter=Encounter%3Fdate%3Dge2024-01-01`)
})

test.each([
  ['2026-11-14T00:00:00+01:00', '2026-11-14T00%3A00%3A00%2B01%3A00'],
  ['2026-11-14T00:00:00.123Z', '2026-11-14T00%3A00%3A00.123Z'],
  ['2026-11-14', '2026-11-14T00%3A00%3A00Z'],
])('C-18: since %s is an instant, its plus encoded', (since, encoded) => {
  expect(sent({ since, until: since }).url).toBe(`${base}/Patient/$export?_since=${encoded}&_until=${encoded}`)
  expect(sent({ since, kickoff: 'post' }).body).toContain('"name":"_since","valueInstant":')
})

const refusing: FakeOptions = {
  kickoff: ({ path }, response) =>
    /_elements|organize/.test(path)
      ? sendJson(response, 400, {
          resourceType: 'OperationOutcome',
          issue: [
            {
              severity: 'error',
              code: 'not-supported',
              diagnostics: path.includes('_elements') ? 'no _elements here' : 'organizeOutputBy?',
            },
          ],
        })
      : send(response, 202, '', { 'content-location': '/fhir/job/0123456789abcdef' }),
}
const wordy: ExportRequest = { level: 'system', type: ['Patient'], elements: ['id'], organizeOutputBy: 'Patient' }

test('C-21: a lenient request is sent again without the parameters that the refusal names, and that is said', () =>
  run(refusing, { request: { ...wordy, lenient: true } }, ({ receipt, asked }) => {
    expect(receipt?.notices).toEqual([
      'the server does not take _elements: asked again without (lenient)',
      'the server does not take organizeOutputBy: asked again without (lenient)',
    ])
    expect(asked('GET /fhir/$export').map(({ path }) => path)).toEqual([
      '/fhir/$export?_type=Patient&_elements=id&organizeOutputBy=Patient',
      '/fhir/$export?_type=Patient&organizeOutputBy=Patient',
      '/fhir/$export?_type=Patient',
    ])
  }))

test('C-21: any other request stays refused', () =>
  run(refusing, { request: wordy }, ({ error, asked }) => {
    expect(error).toMatchObject({ exitCode: 4 })
    expect(asked('GET /fhir/$export')).toHaveLength(1)
  }))

test('C-23: the words of an OperationOutcome are shown, whatever its content type', () =>
  run(
    {
      kickoff: (_, response) =>
        send(response, 403, JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ details: { text: 'not yours' } }] })),
    },
    {},
    ({ error }) => expect(error?.message).toBe('the server refused the kick-off (403): not yours'),
  ))

test('C-24: a kick-off that is answered with 429 waits for Retry-After and is sent again', () =>
  run(
    {
      kickoff: (_, response, nth) =>
        nth < 2
          ? send(response, 429, '', { 'retry-after': '7' })
          : send(response, 202, '', { 'content-location': '/fhir/job/0123456789abcdef' }),
    },
    {},
    ({ receipt, waits, asked }) => {
      expect([receipt?.exitCode, asked('GET /fhir/$export').length]).toEqual([0, 3])
      expect(waits.filter((wait) => wait === 7000)).toHaveLength(2)
    },
  ))

test('C-26: without Retry-After the waits between polls double to a minute', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6].map((polls) => pollDelay({ retryAfterMs: null, polls, pollMaxMs: 300_000, random: 0.5 }))
  expect(delays).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
})

test.each([
  ['seconds', '10'],
  ['a date', 'Sat, 21 Nov 2026 03:00:10 GMT'],
])('C-27, C-30: Retry-After in %s is obeyed with 202 and with 429', async (_, retryAfter) => {
  for (const status of [202, 429]) {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    server.options.status = (_request, response, nth) =>
      nth === 0 ? send(response, status, '', { 'retry-after': retryAfter }) : sendManifest(server, response)
    const { waits, receipt } = await attempt(server, bench.dest)
    expect([receipt?.exitCode, waits]).toEqual([0, [10_000]])
  }
})

test('C-30: a status that stays 429 is asked ever more seldom', async () => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
  server.options.status = (_, response, nth) => (nth < 5 ? send(response, 429) : sendManifest(server, response))
  const { waits } = await attempt(server, bench.dest)
  expect(waits).toHaveLength(5)
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(waits.at(-1)).toBeGreaterThan((waits[0] ?? 0) * 4)
})

test('C-34: pages are followed until there is no next link; a page that is not ready yet is asked again', async () => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 1) }, { body: lines('Patient', 2) }] })
  const page = (index: number, next?: string) => ({
    transactionTime: '2026-11-21T02:00:00.000Z',
    requiresAccessToken: false,
    output: [{ type: 'Patient', url: `${server.origin}/files/${index}` }],
    ...(next === undefined
      ? {}
      : {
          link: [
            { relation: 'self', url: 'x' },
            { relation: 'next', url: next },
          ],
        }),
  })
  server.options.manifest = () => page(0, `${server.origin}/page/2`)
  server.options.other = (_, response, nth) => (nth === 0 ? send(response, 202) : sendJson(response, 200, page(1)))
  const { receipt } = await attempt(server, bench.dest)
  expect(receipt).toMatchObject({ exitCode: 0, totals: { files: 2, resources: 3 } })
})
