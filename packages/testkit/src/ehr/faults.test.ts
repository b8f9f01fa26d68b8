import { createHash } from 'node:crypto'
import { get, type IncomingHttpHeaders } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ehr, type EhrOptions, type FaultAction, type FaultPlan, spawnEhr, startEhr } from '../index.ts'
import { exportFrom, makeFolders, ndjson, patients } from './fixture.suite.ts'

let folders: Awaited<ReturnType<typeof makeFolders>>
beforeAll(async () => {
  folders = await makeFolders()
})
afterAll(() => folders[Symbol.asyncDispose]())

const start = (faults: FaultPlan, options: Partial<EhrOptions> = {}): Promise<Ehr> =>
  startEhr({ folder: folders.folder, polls: 0, faults, ...options })
const content = Buffer.from(ndjson(patients))

/** What comes over the wire: the bytes before any decoding, and how it ended. */
interface Raw {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  end: 'complete' | 'broken' | 'silent'
}

function raw(url: string, silence = 150): Promise<Raw> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const request = get(url, { agent: false }, (response) => {
      clearTimeout(unanswered)
      const done = (end: Raw['end']) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks), end })
        request.destroy()
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => done('complete'))
      response.on('error', () => done('broken'))
      setTimeout(() => done('silent'), silence).unref()
    })
    request.on('error', () => resolve({ status: 0, headers: {}, body: Buffer.alloc(0), end: 'broken' }))
    const unanswered = setTimeout(() => {
      resolve({ status: 0, headers: {}, body: Buffer.alloc(0), end: 'silent' })
      request.destroy()
    }, silence)
  })
}

async function patientFile(ehr: Ehr): Promise<string> {
  const { manifest } = await exportFrom(ehr, '$export?_type=Patient')
  return manifest.output[0]?.url ?? ''
}

describe('what happens to a file', () => {
  const firstLine = content.indexOf(10) + 1
  test.each<[string, FaultAction, Partial<Raw>, Record<string, string | undefined>]>([
    ['answer', { kind: 'answer', status: 503, headers: { 'Retry-After': '2' } }, { status: 503 }, { 'retry-after': '2' }],
    [
      'closed',
      { kind: 'truncate', afterBytes: 50, as: 'closed' },
      { end: 'broken', body: content.subarray(0, 50) },
      { 'content-length': `${content.length}` },
    ],
    [
      'chunked',
      { kind: 'truncate', afterBytes: 50, as: 'chunked' },
      { end: 'complete', body: content.subarray(0, 50) },
      { 'content-length': undefined },
    ],
    [
      'short',
      { kind: 'truncate', afterBytes: 50, as: 'short' },
      { end: 'complete', body: content.subarray(0, 50) },
      { 'content-length': '50' },
    ],
    [
      'cut at a line end',
      { kind: 'truncate', afterBytes: firstLine + 10, as: 'short', atLine: true },
      { end: 'complete', body: content.subarray(0, firstLine) },
      { 'content-length': `${firstLine}` },
    ],
    ['stall in the middle', { kind: 'stall', afterBytes: 50 }, { status: 200, end: 'silent', body: content.subarray(0, 50) }, {}],
    ['stall before headers', { kind: 'stall', beforeHeaders: true }, { status: 0, end: 'silent' }, {}],
    ['reset before an answer', { kind: 'reset' }, { status: 0, end: 'broken' }, {}],
    [
      'drip',
      { kind: 'drip', bytes: 200, everyMs: 1 },
      { end: 'complete', body: content },
      { 'content-length': `${content.length}` },
    ],
    ['headers', { kind: 'headers', set: { ETag: null, 'X-More': '1' } }, { body: content }, { etag: undefined, 'x-more': '1' }],
  ])('%s', async (_name, action, expected, headers) => {
    await using ehr = await start([{ on: 'file', do: action }])
    const seen = await raw(await patientFile(ehr))
    expect(seen).toMatchObject(expected)
    for (const [name, value] of Object.entries(headers)) expect(seen.headers[name]).toBe(value)
  })

  test('an early but well-formed end of gzip', async () => {
    await using ehr = await start([{ on: 'file', do: { kind: 'truncate', afterBytes: 50, as: 'gzip' } }])
    const { headers, body, end } = await raw(await patientFile(ehr))
    expect([headers['content-encoding'], end, gunzipSync(body)]).toEqual(['gzip', 'complete', content.subarray(0, 50)])
  })

  test('reset in the middle', async () => {
    await using ehr = await start([{ on: 'file', do: { kind: 'reset', afterBytes: 50 } }])
    const { status, end } = await raw(await patientFile(ehr))
    expect([[0, 200].includes(status), end]).toEqual([true, 'broken'])
  })

  test('expired links answer 403 until the manifest is asked for again', async () => {
    await using ehr = await start([{ on: 'file', nth: 1, do: { kind: 'expire-links', status: 410 } }])
    const { status, manifest } = await exportFrom(ehr, '$export?_type=Patient')
    const before = manifest.output[0]?.url ?? ''
    const statuses = [(await fetch(before)).status, (await fetch(before)).status]
    const again = (await (await fetch(status)).json()) as typeof manifest
    const after = again.output[0]?.url ?? ''
    expect([...statuses, (await fetch(after)).status, (await fetch(before)).status]).toEqual([410, 410, 200, 403])
  })

  test('redirects, to the same origin and to another one', async () => {
    for (const to of ['same', 'other'] as const) {
      await using ehr = await start([{ on: 'file', do: { kind: 'redirect', to } }])
      expect(await (await fetch(await patientFile(ehr))).text()).toBe(content.toString())
      expect(ehr.requests.at(-1)).toMatchObject({ route: 'file', origin: to === 'same' ? 'fhir' : 'other', status: 200 })
    }
  })
})

describe('which requests are hit', () => {
  test.each<[string, Omit<FaultPlan[number], 'on' | 'do'>, number[]]>([
    ['all', {}, [1, 2, 3, 4, 5, 6]],
    ['nth', { nth: 2 }, [2]],
    ['several', { nth: [1, 4] }, [1, 4]],
    ['from', { from: 5 }, [5, 6]],
    ['up to', { to: 2 }, [1, 2]],
    ['every', { from: 2, every: 3 }, [2, 5]],
    ['another type', { type: 'Observation' }, []],
    ['name', { name: 'Patient.000.ndjson', nth: 3 }, [3]],
  ])('%s', async (_name, fault, hit) => {
    await using ehr = await start([{ on: 'file', ...fault, do: { kind: 'answer', status: 500 } }])
    const url = await patientFile(ehr)
    const failed: number[] = []
    for (let i = 1; i <= 6; i++) if ((await fetch(url)).status === 500) failed.push(i)
    expect(failed).toEqual(hit)
  })

  test('a new plan counts anew; per file each file counts for itself', async () => {
    await using ehr = await start([])
    const { manifest } = await exportFrom(ehr, '$export')
    ehr.setFaults([{ on: 'file', per: 'file', nth: 1, do: { kind: 'answer', status: 500 } }])
    const round = async () => Promise.all(manifest.output.map(async ({ url }) => (await fetch(url)).status))
    expect([await round(), await round()]).toEqual([
      [500, 500, 500, 500],
      [200, 200, 200, 200],
    ])
    expect(ehr.count('file', 500)).toBe(4)
  })

  test('refused polls do not bring the export nearer', async () => {
    await using ehr = await start(
      [{ on: 'status', to: 3, do: { kind: 'answer', status: 503, issue: { severity: 'error', code: 'transient' } } }],
      {
        polls: 1,
      },
    )
    const status = (await fetch(`${ehr.fhirUrl}/$export`)).headers.get('content-location') ?? ''
    const seen: number[] = []
    for (let i = 0; i < 5; i++) seen.push((await fetch(status)).status)
    expect(seen).toEqual([503, 503, 503, 202, 200])
  })
})

test('the manifest can be made to say anything', async () => {
  await using ehr = await start([
    {
      on: 'manifest',
      do: {
        kind: 'manifest',
        patch: (manifest, page) => ({ ...manifest, output: [{ type: '../x', url: 'file:///etc' }], page }),
      },
    },
  ])
  const { manifest } = await exportFrom(ehr, '$export')
  expect([manifest.output, manifest.page]).toEqual([[{ type: '../x', url: 'file:///etc' }], 1])
})

test('runs in a process of its own', async () => {
  await using ehr = await spawnEhr({
    folder: folders.folder,
    polls: 0,
    faults: [{ on: 'file', nth: 1, do: { kind: 'answer', status: 500 } }],
  })
  const status = (await fetch(`${ehr.fhirUrl}/$export?_type=Patient`)).headers.get('content-location') ?? ''
  const { output } = (await (await fetch(status)).json()) as { output: { url: string }[] }
  const digests = []
  for (let i = 0; i < 2; i++) {
    const answer = await fetch(output[0]?.url ?? '')
    digests.push([
      answer.status,
      createHash('sha256')
        .update(await answer.bytes())
        .digest('hex'),
    ])
  }
  expect(digests[1]).toEqual([200, createHash('sha256').update(content).digest('hex')])
  expect((await ehr.requests()).map(({ route, status: code }) => [route, code])).toEqual([
    ['kickoff', 202],
    ['manifest', 200],
    ['file', 500],
    ['file', 200],
  ])
})

test('a folder without NDJSON is refused', async () => {
  await expect(startEhr({ folder: '/nowhere' })).rejects.toMatchObject({
    code: 'failed',
    message: 'Cannot read the folder /nowhere',
  })
})
