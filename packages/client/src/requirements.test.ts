import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bearerToken } from './auth/auth.ts'
import {
  type FakeOptions,
  lines,
  manifestOf,
  type Seen,
  send,
  sendJson,
  sendManifest,
  startFake,
  transactionTime,
} from './bulk-server.suite.ts'
import { run } from './requirements.suite.ts'
import { attempt, type TrialOptions, tempBench } from './test-run.suite.ts'

/** What a client of the Bulk Data IG v1 to v4 must and should do. The numbers are those of floe's requirement list. */

const v4 = {
  resourceType: 'CapabilityStatement',
  rest: [{ operation: [{ name: 'export-v4', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export|4.0.0' }] }],
}
const both = {
  ...v4,
  rest: [
    {
      operation: [
        ...(v4.rest[0]?.operation ?? []),
        { name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export|3.0.0' },
      ],
    },
  ],
}

test.each<[string, FakeOptions, TrialOptions, string]>([
  ['C-3 GET for v1 to v3', {}, {}, 'GET'],
  ['C-3 POST for a server of v4 only', { metadata: v4 }, {}, 'POST'],
  ['C-4 GET for a server of both', { metadata: both }, {}, 'GET'],
  ['C-4 POST with patient', {}, { request: { level: 'patient', patient: ['1'] } }, 'POST'],
  ['C-4 what the user says', { metadata: v4 }, { request: { level: 'system', kickoff: 'get' } }, 'GET'],
])('%s', (_, options, trial, method) =>
  run(options, trial, ({ asked, receipt }) => {
    expect(receipt?.exitCode).toBe(0)
    expect(asked(`${method} /fhir/`).filter(({ path }) => path.includes('$export'))).toHaveLength(1)
  }),
)

test('C-5, C-6 Accept and Prefer at kick-off; C-8 lenient', () =>
  run({}, { request: { level: 'system', lenient: true } }, ({ asked }) => {
    expect(asked('GET /fhir/$export')[0]?.headers).toMatchObject({
      accept: 'application/fhir+json',
      prefer: 'respond-async, handling=lenient',
    })
  }))

test.each([
  ['C-22 a relative Content-Location', { 'content-location': '/fhir/job/0123456789abcdef' }, ''],
  ['E.3 Location instead', { location: '/fhir/job/0123456789abcdef' }, ''],
])('%s', (_, headers, body) =>
  run({ kickoff: (_request, response) => send(response, 202, body, headers) }, {}, ({ receipt }) =>
    expect(receipt?.exitCode).toBe(0),
  ),
)

test('E.3 a 202 with the address in its body only', async () => {
  const options: FakeOptions = {}
  options.kickoff = ({ headers }, response) =>
    sendJson(response, 202, {
      resourceType: 'OperationOutcome',
      issue: [{ diagnostics: `job at http://${headers.host}/fhir/job/0123456789abcdef` }],
    })
  await run(options, {}, ({ receipt }) => expect(receipt?.exitCode).toBe(0))
})

test('E.3 a 202 without any address is a refusal', () =>
  run({ kickoff: (_, response) => send(response, 202) }, {}, ({ error }) => expect(error).toMatchObject({ exitCode: 4 })))

test('C-23 a text body is shown as text', () =>
  run({ kickoff: (_, response) => send(response, 413, 'Too many files') }, {}, ({ error }) => {
    expect(error?.message).toBe('the server refused the kick-off (413): Too many files')
  }))

test('C-28 Accept: application/json when polling; C-36 with the token', async () => {
  process.env.FLOE_TEST_TOKEN = 'a-token-of-the-test'
  await run({}, { client: { auth: bearerToken('env:FLOE_TEST_TOKEN') } }, ({ asked }) => {
    expect(asked('GET /fhir/job')[0]?.headers).toMatchObject({
      accept: 'application/json',
      authorization: 'Bearer a-token-of-the-test',
    })
  })
})

test.each(['transient', 'lock-error', 'no-store', 'exception', 'timeout', 'incomplete', 'throttled'])(
  'C-31 a 4xx with issue code %s means: ask again',
  async (code) => {
    const options: FakeOptions = {}
    let polls = 0
    await run(
      Object.assign(options, {
        status: (_: Seen, response: Parameters<NonNullable<FakeOptions['status']>>[1]) => {
          polls += 1
          if (polls === 1) sendJson(response, 400, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] })
          else sendJson(response, 200, { transactionTime, output: [] })
        },
      }),
      {},
      ({ receipt }) => expect(receipt?.exitCode).toBe(0),
    )
  },
)

test('C-31 a 4xx with another code means: failed, at once', () =>
  run(
    {
      status: (_, response) =>
        sendJson(response, 400, {
          resourceType: 'OperationOutcome',
          issue: [{ severity: 'error', code: 'processing', diagnostics: 'no' }],
        }),
    },
    {},
    ({ error, asked }) => {
      expect(error).toMatchObject({ exitCode: 5, message: 'the server ended the export (400): no' })
      expect(asked('GET /fhir/job')).toHaveLength(1)
    },
  ))

test.each([
  ['202', 'in-progress'],
  ['in-progress', 'in-progress'],
])('C-32 X-Export-Status %s with HTTP 200 is %s', async (header) => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
  server.options.status = (_, response, nth) =>
    nth === 0 ? send(response, 200, '', { 'x-export-status': header }) : sendManifest(server, response)
  const { receipt, events } = await attempt(server, bench.dest)
  expect(receipt?.exitCode).toBe(0)
  expect(events.filter(({ eventId }) => eventId === 'status_progress')).toHaveLength(1)
})

test('C-40 a 200 with errors is partial success: files are kept, exit 7', () =>
  run(
    {
      files: [
        { body: lines('Patient', 2) },
        {
          itemType: 'error',
          type: 'OperationOutcome',
          body: '{"resourceType":"OperationOutcome","issue":[{"severity":"fatal","code":"exception"}]}\n',
        },
      ],
    },
    {},
    ({ receipt }) => expect(receipt).toMatchObject({ exitCode: 7, totals: { files: 2, resources: 2 } }),
  ))

test('C-42 organised output: header lines are not resources of a type', () =>
  run(
    {
      manifest: (base) => ({
        transactionTime,
        requiresAccessToken: false,
        outputOrganizedBy: 'Patient',
        output: [{ url: `${base}/files/0` }],
      }),
      files: [
        { body: `{"resourceType":"Parameters","parameter":[{"name":"header"}]}\n${lines('Patient', 1)}${lines('Condition', 2)}` },
      ],
    },
    {},
    async ({ receipt }) => {
      expect(receipt?.files[0]).toMatchObject({ path: 'Resources.000.ndjson', lines: 4 })
      const conditions = await Array.fromAsync(receipt?.resources('Condition') ?? [])
      expect(conditions.map(({ id }) => id)).toEqual(['Condition-0', 'Condition-1'])
    },
  ))

test('C-50, C-52 gzip is accepted and NDJSON asked for; C-51 gzip and identity are equal on disk', async () => {
  const body = lines('Patient', 500)
  for (const gzip of [false, true]) {
    await run(
      {
        files: [
          {
            count: 500,
            handler: (_, response) =>
              gzip ? send(response, 200, gzipSync(body), { 'content-encoding': 'gzip' }) : send(response, 200, body),
          },
        ],
      },
      {},
      async ({ asked, dest, receipt }) => {
        expect(asked('GET /files')[0]?.headers).toMatchObject({ 'accept-encoding': 'gzip', accept: 'application/fhir+ndjson' })
        expect(receipt?.files[0]).toMatchObject({ lines: 500, bytes: body.length })
        expect(await readFile(join(dest, 'Patient.000.ndjson'), 'utf8')).toBe(body)
      },
    )
  }
})

test('C-51 a coding that was not asked for is refused', () =>
  run(
    { files: [{ handler: (_, response) => send(response, 200, 'x', { 'content-encoding': 'br' }) }] },
    { retries: 1 },
    ({ error }) => {
      expect(error?.message).toContain('the file came in the coding "br"')
    },
  ))

test('files that are stored as gzip are read without a content coding too, and kept when asked', async () => {
  const zipped = gzipSync(lines('Patient', 3))
  for (const compress of ['none', 'gzip'] as const) {
    await run(
      { files: [{ count: 3, handler: (_, response) => send(response, 200, zipped) }] },
      { compress },
      async ({ receipt, dest }) => {
        expect(receipt?.files[0]).toMatchObject({
          lines: 3,
          path: compress === 'none' ? 'Patient.000.ndjson' : 'Patient.000.ndjson.gz',
        })
        if (compress === 'gzip') expect((await readFile(join(dest, 'Patient.000.ndjson.gz'))).equals(zipped)).toBe(true)
      },
    )
  }
})

test.each([301, 302, 303, 307, 308])('C-55 a file redirect with %i is followed; six in a row are not', async (status) => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
  server.options.manifest = (base) => ({ ...manifestOf(server), output: [{ type: 'Patient', url: `${base}/hop/1` }] })
  let last = 5
  server.options.other = ({ path }, response) => {
    const hop = Number(path.split('/').at(-1))
    send(response, status, '', { location: hop < last ? `/hop/${hop + 1}` : '/files/0' })
  }
  expect((await attempt(server, bench.dest)).receipt?.exitCode).toBe(0)
  last = 6
  expect((await attempt(server, join(bench.root, 'six'), { retries: 0 })).error?.exitCode).toBe(6)
})

test('C-57 DELETE after the last file is verified, never before', () =>
  run({}, {}, ({ server }) => {
    const order = server.seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`)
    expect(order.at(-1)).toBe('DELETE /fhir/job/0123456789abcdef')
    expect(order.filter((each) => each.startsWith('DELETE'))).toHaveLength(1)
  }))

test('C-58 the job is kept when asked', () => run({}, { keepJob: true }, ({ asked }) => expect(asked('DELETE')).toHaveLength(0)))

test.each([
  ['output null', { output: null }, 0],
  ['no error key', { error: undefined }, 2],
  ['unknown keys and extensions', { extension: [{ url: 'x' }], issues: [], JobID: 7, msg: '' }, 2],
  ['deleted as an empty list', { deleted: [] }, 2],
])('C-37, C-38, C-39 a manifest with %s is taken', async (_, change, resources) => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 2) }] })
  server.options.manifest = () => ({ ...manifestOf(server), ...change })
  const { receipt } = await attempt(server, bench.dest)
  expect(receipt).toMatchObject({ exitCode: 0, totals: { resources } })
})

test('a manifest sent as application/fhir+json with a BOM is taken', () =>
  run(
    {
      status: (_, response) =>
        send(response, 200, `\ufeff${JSON.stringify({ transactionTime, output: [] })}`, {
          'content-type': 'application/fhir+json',
        }),
    },
    {},
    ({ receipt }) => expect(receipt?.exitCode).toBe(0),
  ))

test('a status of 200 with an error outcome is a failure, one with information is asked again', async () => {
  const answer = (severity: string): FakeOptions => ({
    status: (_, response, nth) =>
      nth === 0
        ? sendJson(response, 200, {
            resourceType: 'OperationOutcome',
            issue: [{ severity, code: 'informational', diagnostics: 'words' }],
          })
        : sendJson(response, 200, { transactionTime, output: [] }),
  })
  await run(answer('error'), {}, ({ error }) =>
    expect(error).toMatchObject({ exitCode: 5, message: 'the server ended the export with an error: words' }),
  )
  await run(answer('information'), {}, ({ receipt }) => expect(receipt?.exitCode).toBe(0))
})
