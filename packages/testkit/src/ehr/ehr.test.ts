import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ehr, type EhrOptions, startEhr } from '../index.ts'
import { exportFrom, idsOf, makeFolders, ndjson, observations, patients } from './fixture.suite.ts'

let folders: Awaited<ReturnType<typeof makeFolders>>
beforeAll(async () => {
  folders = await makeFolders()
})
afterAll(() => folders[Symbol.asyncDispose]())

const start = (options: Partial<EhrOptions> = {}): Promise<Ehr> => startEhr({ folder: folders.folder, ...options })
const all = observations.map((one) => (one as { id: string }).id)
const parameters = (entries: Record<string, string>[]) => ({
  method: 'POST',
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify({ resourceType: 'Parameters', parameter: entries }),
})

describe('kick-off', () => {
  test.each<[string, string, RequestInit, Record<string, string[]>]>([
    ['system', '$export', {}, { Group: ['two'], Observation: all, Organization: ['o'], Patient: ['a', 'b', 'c'] }],
    ['patient level with _type', 'Patient/$export?_type=Patient', {}, { Patient: ['a', 'b', 'c'] }],
    ['group: members only', 'Group/two/$export?_type=Patient,Organization', {}, { Organization: ['o'], Patient: ['a', 'b'] }],
    ['repeated _type', '$export?_type=Patient&_type=Group', {}, { Group: ['two'], Patient: ['a', 'b', 'c'] }],
    ['_since leaves what is newer', '$export?_type=Patient&_since=2026-01-01T12:00:00Z', {}, { Patient: ['b', 'c'] }],
    ['_until leaves what is older', '$export?_type=Patient&_until=2026-01-01T12:00:00Z', {}, { Patient: ['a'] }],
    ['_typeFilter token', '$export?_type=Patient&_typeFilter=Patient%3Fgender%3Dmale', {}, { Patient: ['a'] }],
    [
      '_typeFilter: OR of filters, AND within, dates',
      '$export?_type=Observation&_typeFilter=Observation%3Fstatus%3Dfinal%26date%3Dge2025-03,Observation%3Fstatus%3Dentered-in-error%26patient%3Da',
      {},
      { Observation: ['a3', 'a4', 'b3', 'c3'] },
    ],
    [
      'POST with patient',
      'Patient/$export',
      parameters([
        { name: '_type', valueString: 'Patient,Observation' },
        { name: 'patient', valueReference: { reference: 'Patient/c' } as unknown as string },
      ]),
      { Observation: ['c1', 'c2', 'c3', 'c4'], Patient: ['c'] },
    ],
  ])('%s', async (_name, path, init, expected) => {
    await using ehr = await start({ polls: 0 })
    const { manifest } = await exportFrom(ehr, path, init)
    expect(await idsOf(manifest)).toEqual(expected)
    expect(manifest.output.map(({ type, count }) => [type, count])).toEqual(
      Object.entries(expected).map(([type, ids]) => [type, ids.length]),
    )
  })

  test.each<[string, string, RequestInit, number]>([
    ['unknown group', 'Group/none/$export', {}, 404],
    ['unknown parameter', '$export?_elements=id', {}, 400],
    ['unknown type', '$export?_type=Persona', {}, 400],
    ['_since that is no instant', '$export?_since=2026-01-01', {}, 400],
    ['_since with an unescaped plus', '$export?_since=2026-01-01T00:00:00+00:00', {}, 400],
    ['other format', '$export?_outputFormat=text/csv', {}, 400],
    ['filter that is not supported', '$export?_typeFilter=Patient%3Fname%3DX', {}, 400],
    ['patient by GET', 'Patient/$export?patient=a', {}, 400],
    ['patient at system level', '$export', parameters([{ name: 'patient', valueString: 'a' }]), 400],
    ['patient who is no member', 'Group/two/$export', parameters([{ name: 'patient', valueString: 'c' }]), 400],
    ['body that is no Parameters', '$export', { method: 'POST', body: '{"resourceType":"Bundle"}' }, 400],
    ['PUT', '$export', { method: 'PUT' }, 405],
  ])('refuses: %s', async (_name, path, init, status) => {
    await using ehr = await start()
    const answer = await fetch(`${ehr.fhirUrl}/${path}`, init)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/fhir+json')
    expect(await answer.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] })
  })

  test('lenient handling leaves out what is not supported, and says so', async () => {
    await using ehr = await start({ polls: 0 })
    const { manifest } = await exportFrom(ehr, '$export?_type=Patient&_elements=id', {
      headers: { prefer: 'respond-async, handling=lenient' },
    })
    const [item] = manifest.error
    expect(await (await fetch(item?.url ?? '')).json()).toMatchObject({
      issue: [{ severity: 'warning', diagnostics: 'ignored: _elements' }],
    })
  })

  test('one job at a time, until it is deleted', async () => {
    await using ehr = await start({ maxJobs: 1, polls: 0 })
    const { status } = await exportFrom(ehr, '$export')
    expect((await fetch(`${ehr.fhirUrl}/$export`)).status).toBe(429)
    expect((await fetch(status, { method: 'DELETE' })).status).toBe(202)
    expect((await fetch(status, { method: 'DELETE' })).status).toBe(404)
    expect((await fetch(status)).status).toBe(404)
    expect((await fetch(`${ehr.fhirUrl}/$export`)).status).toBe(202)
  })
})

describe('later exports', () => {
  test('asking for what is new moves on: changes and deletions, then a merged full export', async () => {
    await using ehr = await start({ later: folders.later, polls: 0 })
    const { manifest } = await exportFrom(ehr, '$export')
    const since = encodeURIComponent(manifest.transactionTime)
    const next = (await exportFrom(ehr, `$export?_since=${since}`)).manifest
    expect([next.transactionTime, await idsOf(next)]).toEqual(['2026-03-01T00:00:00Z', { Patient: ['a'] }])
    const bundle = await (await fetch(next.deleted?.[0]?.url ?? '')).json()
    expect(bundle).toMatchObject({ type: 'transaction', entry: [{ request: { url: 'Observation/a1' } }] })
    const merged = await idsOf((await exportFrom(ehr, '$export?_type=Patient,Observation')).manifest)
    expect(merged).toEqual({ Observation: all.filter((id) => id !== 'a1'), Patient: ['b', 'c', 'a'] })
  })
})

test('deletions are told for the types asked for', async () => {
  for (const [type, expected] of [
    ['Observation', 1],
    ['Patient', 0],
  ] as const) {
    await using ehr = await start({ later: folders.later, polls: 0 })
    const { manifest } = await exportFrom(ehr, `$export?_type=${type}&_since=2026-02-01T00:00:00Z`)
    expect(manifest.deleted?.length).toBe(expected)
  }
})

describe('status and manifest', () => {
  test('tells progress, then the manifest', async () => {
    await using ehr = await start({ polls: 2, retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT', progress: ['10%', '90%'] })
    const status = (await fetch(`${ehr.fhirUrl}/Patient/$export?_type=Patient`)).headers.get('content-location') ?? ''
    const seen: unknown[] = []
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(status)
      seen.push([answer.status, answer.headers.get('x-progress'), answer.headers.get('retry-after')])
      await answer.text()
    }
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT'
    expect(seen).toEqual([
      [202, '10%', date],
      [202, '90%', date],
      [200, null, null],
    ])
    expect(ehr.requests.map(({ route }) => route)).toEqual(['kickoff', 'status', 'status', 'manifest'])
  })

  test('pages, with the first one early for who takes partial manifests', async () => {
    await using ehr = await start({ pageSize: 3, polls: 1 })
    const status = (await fetch(`${ehr.fhirUrl}/$export?allowPartialManifests=true`)).headers.get('content-location') ?? ''
    await new Promise((resolve) => setTimeout(resolve, 100))
    const early = await fetch(status)
    const partial = (await early.json()) as { output: unknown[]; link?: unknown }
    const first = (await (await fetch(status)).json()) as { output: unknown[]; link: { url: string }[] }
    const second = (await (await fetch(first.link[0]?.url ?? '')).json()) as { output: { type: string }[]; link?: unknown }
    expect([early.status, partial.output, partial.link]).toEqual([202, first.output, undefined])
    expect([second.output.map(({ type }) => type), second.link]).toEqual([['Patient'], undefined])
  })

  test('X-Export-Status for who prefers it', async () => {
    await using ehr = await start({ separateStatus: true })
    const kickoff = await fetch(`${ehr.fhirUrl}/$export`, { headers: { prefer: 'respond-async, separate-export-status' } })
    const status = kickoff.headers.get('content-location') ?? ''
    const answers = [await fetch(status), await fetch(status)].map((one) => [one.status, one.headers.get('x-export-status')])
    expect([kickoff.headers.get('preference-applied'), ...answers]).toEqual([
      'respond-async, separate-export-status',
      [200, 'in-progress'],
      [200, 'complete'],
    ])
  })

  test('organizeOutputBy=Patient puts a header before each patient', async () => {
    await using ehr = await start({ polls: 0 })
    const { manifest } = await exportFrom(ehr, 'Group/two/$export?organizeOutputBy=Patient&_type=Patient')
    const lines = (await (await fetch(manifest.output[0]?.url ?? '')).text()).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).resourceType)).toEqual(['Parameters', 'Patient', 'Parameters', 'Patient'])
    expect([manifest.outputOrganizedBy, manifest.output[0]?.type]).toEqual(['Patient', undefined])
  })
})

describe('read and search', () => {
  const ask = async (ehr: Ehr, path: string) => {
    const answer = await fetch(`${ehr.fhirUrl}/${path}`)
    return [answer.status, await answer.text()] as const
  }

  test('a resource comes as it is stored', async () => {
    await using ehr = await start()
    expect(await ask(ehr, 'Patient/a')).toEqual([200, JSON.stringify(patients[0])])
    expect((await ask(ehr, 'Patient/zzz'))[0]).toBe(404)
  })

  test.each<[string, string[]]>([
    ['Patient', ['a', 'b', 'c']],
    ['Patient?_id=a,c', ['a', 'c']],
    ['Patient?gender=female', ['b', 'c']],
    ['Observation?patient=b&status=final', ['b1', 'b2', 'b3']],
    ['Observation?patient=b&_count=2', ['b1', 'b2']],
    ['Observation?patient=b&_count=2&_page=2', ['b3', 'b4']],
    ['Procedure', []],
  ])('%s', async (path, ids) => {
    await using ehr = await start()
    const { entry = [] } = JSON.parse((await ask(ehr, path))[1]) as { entry?: { resource: { id: string } }[] }
    expect(entry.map(({ resource }) => resource.id)).toEqual(ids)
  })

  test('pages are linked, and what is not supported is refused', async () => {
    await using ehr = await start()
    const { link } = JSON.parse((await ask(ehr, 'Patient?_count=2'))[1]) as { link: { relation: string; url: string }[] }
    expect(link.map(({ relation, url }) => [relation, url.slice(ehr.fhirUrl.length)])).toEqual([
      ['self', '/Patient?_count=2'],
      ['next', '/Patient?_count=2&_page=2'],
    ])
    expect((await ask(ehr, 'Patient?name=x'))[0]).toBe(400)
  })
})

describe('files', () => {
  test('are the bytes of the folder, whatever their compression', async () => {
    await using ehr = await start({ polls: 0 })
    const { manifest } = await exportFrom(ehr, '$export')
    for (const encoding of ['identity', 'gzip']) {
      for (const [type, resources] of [
        ['Patient', patients],
        ['Observation', observations],
      ] as const) {
        const url = manifest.output.find((item) => item.type === type)?.url ?? ''
        const answer = await fetch(url, { headers: { 'accept-encoding': encoding } })
        expect(await answer.text()).toBe(ndjson(resources))
        expect(answer.headers.get('content-encoding')).toBe(type === 'Observation' && encoding === 'gzip' ? 'gzip' : null)
        expect(answer.headers.get('content-length')).not.toBeNull()
      }
    }
  })

  test('answer ranges, and If-Range with the ETag only', async () => {
    await using ehr = await start({ polls: 0 })
    const { manifest } = await exportFrom(ehr, '$export?_type=Patient')
    const url = manifest.output[0]?.url ?? ''
    const text = Buffer.from(ndjson(patients))
    const etag = (await fetch(url, { method: 'HEAD' })).headers.get('etag') ?? ''
    const ask = async (headers: Record<string, string>) => {
      const answer = await fetch(url, { headers })
      return [answer.status, answer.headers.get('content-range'), Buffer.from(await answer.arrayBuffer()).length]
    }
    const length = text.length
    expect(await ask({ range: 'bytes=10-', 'if-range': etag })).toEqual([206, `bytes 10-${length - 1}/${length}`, length - 10])
    expect(await ask({ range: 'bytes=10-19' })).toEqual([206, `bytes 10-19/${length}`, 10])
    expect(await ask({ range: 'bytes=-5' })).toEqual([206, `bytes ${length - 5}-${length - 1}/${length}`, 5])
    expect(await ask({ range: 'bytes=10-', 'if-range': '"other"' })).toEqual([200, null, length])
    expect((await ask({ range: `bytes=${length}-` })).slice(0, 2)).toEqual([416, `bytes */${length}`])
  })

  test('on a second origin open with their signature and without a token', async () => {
    await using ehr = await start({ polls: 0, files: 'other' })
    const { manifest } = await exportFrom(ehr, '$export?_type=Patient')
    const url = manifest.output[0]?.url ?? ''
    expect([url.startsWith(ehr.otherUrl), manifest.requiresAccessToken]).toEqual([true, false])
    const statuses = []
    for (const [at, headers] of [
      [url, {}],
      [url, { authorization: 'Bearer x' }],
      [url.replace(/.$/, 'x'), {}],
    ] as const) {
      statuses.push((await fetch(at, { headers })).status)
    }
    expect(statuses).toEqual([200, 400, 403])
    expect(ehr.requests.at(-2)).toMatchObject({ origin: 'other', authorization: 'bearer', status: 400 })
  })
})
