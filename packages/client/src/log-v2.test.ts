import { expect, test } from 'vitest'
import { lines, send, sendManifest, startFake } from './bulk-server.suite.ts'
import { attempt, logRows, tempBench } from './test-run.suite.ts'

/** Events of the Bulk Data export log, version 2, with the fields of each and the kinds of their values. */
const fields: Record<string, Record<string, readonly string[]>> = {
  kickoff: {
    exportUrl: ['string'],
    softwareName: ['string', 'null'],
    softwareVersion: ['string', 'null'],
    softwareReleaseDate: ['string', 'null'],
    fhirVersion: ['string', 'null'],
    requestParameters: ['object'],
    errorCode: ['number', 'null'],
    errorBody: ['string', 'null'],
    responseHeaders: ['object'],
    logVersion: ['string'],
  },
  status_progress: {
    body: ['object', 'string', 'null'],
    xProgress: ['string', 'null'],
    retryAfter: ['number', 'string', 'null'],
  },
  status_error: { body: ['string', 'null'], code: ['number', 'null'], message: ['string'], responseHeaders: ['object'] },
  status_page_complete: {
    transactionTime: ['string'],
    outputFileCount: ['number'],
    deletedFileCount: ['number'],
    errorFileCount: ['number'],
  },
  status_complete: { transactionTime: ['string'] },
  manifest_complete: {
    transactionTime: ['string'],
    totalOutputFileCount: ['number'],
    totalDeletedFileCount: ['number'],
    totalErrorFileCount: ['number'],
    totalManifests: ['number'],
  },
  download_request: { fileUrl: ['string'], itemType: ['string'], resourceType: ['string', 'null'] },
  download_complete: { fileUrl: ['string'], fileSize: ['number'], resourceCount: ['number', 'null'] },
  download_error: {
    fileUrl: ['string'],
    body: ['string', 'null'],
    code: ['number', 'null'],
    message: ['string'],
    responseHeaders: ['object'],
  },
  export_complete: {
    files: ['number'],
    resources: ['number'],
    bytes: ['number'],
    attachments: ['number', 'null'],
    duration: ['number'],
  },
}

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value)

test('the log has every event of version 2 with all of its fields, and more fields beside', async () => {
  await using bench = await tempBench()
  const metadata = { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', software: { name: 'Server', version: '1' } }
  await using server = await startFake({
    metadata,
    files: [{ body: lines('Patient', 2) }, { type: 'Condition', body: lines('Condition', 1) }],
  })
  server.options.status = (_, response, nth) =>
    nth < 2 ? send(response, nth === 0 ? 202 : 503, '', { 'x-progress': '10 %' }) : sendManifest(server, response)
  const [, failing] = server.options.files ?? []
  if (failing !== undefined) failing.handler = (_, response) => send(response, 500)
  expect((await attempt(server, bench.dest, { retries: 0 })).error?.exitCode).toBe(6)
  if (failing !== undefined) delete failing.handler
  expect((await attempt(server, bench.dest, { retries: 0 })).receipt?.exitCode).toBe(0)
  const rows = await logRows(bench.dest)
  for (const row of rows) {
    expect(Object.keys(row).slice(0, 4)).toEqual(['exportId', 'timestamp', 'eventId', 'eventDetail'])
    expect(new Date(String(row.timestamp)).toISOString()).toBe(row.timestamp)
  }
  expect(new Set(rows.map(({ exportId }) => exportId)).size).toBe(1)
  const found = Object.fromEntries(rows.map(({ eventId, eventDetail }) => [eventId, eventDetail as Record<string, unknown>]))
  for (const [eventId, wanted] of Object.entries(fields)) {
    const detail = found[eventId]
    const wrong = Object.entries(wanted).filter(([name, kinds]) => !kinds.includes(kindOf(detail?.[name])))
    expect({ eventId, wrong }).toEqual({ eventId, wrong: [] })
  }
  expect(found.kickoff).toMatchObject({ softwareName: 'Server', fhirVersion: '4.0.1', logVersion: '2', errorCode: null })
  expect(found.export_complete).toMatchObject({ files: 2, resources: 3 })
})

test('a refused kick-off is in the log with its code and words; the last one decides', async () => {
  await using bench = await tempBench()
  await using server = await startFake({
    files: [{ body: lines('Patient', 1) }],
    kickoff: ({ path }, response) =>
      path.includes('_elements')
        ? send(response, 400, 'what is _elements?')
        : send(response, 202, '', { 'content-location': '/fhir/job/0123456789abcdef' }),
  })
  await attempt(server, bench.dest, { request: { level: 'system', elements: ['id'], lenient: true } })
  const kickoffs = (await logRows(bench.dest))
    .filter(({ eventId }) => eventId === 'kickoff')
    .map(({ eventDetail }) => eventDetail)
  expect(kickoffs).toMatchObject([
    { errorCode: 400, errorBody: 'what is _elements?', requestParameters: { _elements: 'id' } },
    { errorCode: null, errorBody: null, requestParameters: {} },
  ])
})
