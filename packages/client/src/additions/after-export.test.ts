import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bearerToken } from '../auth/auth.ts'
import { type FakeServer, lines, send, sendJson, startFake } from '../bulk-server.suite.ts'
import { BulkClient } from '../client.ts'
import { readState } from '../folder/state.ts'
import { attempt, fakeTiming, tempBench } from '../test-run.suite.ts'

const note = 'Größe 1.10 m\n'
const data = Buffer.from(note).toString('base64')
const hash = createHash('sha1').update(note).digest('base64')

const documents = [
  '{"resourceType":"DocumentReference","id":"a","value":1.10,"content":[{"attachment":{"contentType":"text/plain; charset=utf-8","url":"Binary/1"}}]}',
  '{"resourceType":"DocumentReference","id":"b","content":[{"attachment":{"contentType":"application/pdf","url":"Binary/2"}}]}',
  '{ "resourceType" : "DocumentReference", "id":"c", "content":[ {"attachment": {"url":"Binary/3","size":5,"contentType":"text/html" } }, {"attachment":{"contentType":"text/plain","data":"e30=","url":"x"}} ] }',
  'not json "url"',
  '{"resourceType":"DocumentReference","id":"d","content":[{"attachment":{"contentType":"text/plain","url":"Binary/404"}}]}',
  '',
].join('\n')

async function exported(server: FakeServer, dest: string): Promise<BulkClient> {
  const { receipt } = await attempt(server, dest)
  expect(receipt?.exitCode).toBe(0)
  return new BulkClient({ fhirUrl: server.fhirUrl }, fakeTiming())
}

test('notes are inlined into their lines; everything else stays as served; a second run does nothing', async () => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ type: 'DocumentReference', body: documents }, { body: lines('Patient', 1) }] })
  server.options.other = ({ path }, response, nth) => {
    if (path === '/fhir/Binary/1')
      return nth === 0 ? send(response, 503) : send(response, 200, note, { 'content-type': 'text/plain' })
    if (path === '/fhir/Binary/3')
      return sendJson(response, 200, { resourceType: 'Binary', data }, { 'content-type': 'application/fhir+json' })
    send(response, 404)
  }
  const client = await exported(server, bench.dest)
  expect(await client.attachments(bench.dest)).toEqual({ mode: 'inline', files: 1, fetched: 2, skipped: 2, failed: 1 })
  const after = await readFile(join(bench.dest, 'DocumentReference.000.ndjson'), 'utf8')
  expect(after).toBe(
    documents
      .replace('"url":"Binary/1"}', `"url":"Binary/1","data":"${data}","size":15,"hash":"${hash}"}`)
      .replace('"text/html" }', `"text/html" ,"data":"${data}","hash":"${hash}"}`),
  )
  const done = (await readState(bench.dest))?.files[0]?.done
  expect(done?.sha256).toBe(createHash('sha256').update(after).digest('hex'))
  expect(await client.attachments(bench.dest)).toMatchObject({ fetched: 0, failed: 1 })
  await expect(client.attachments(bench.dest, { onFailure: 'fail' })).rejects.toMatchObject({ code: 'download-failed' })
  expect(await readFile(join(bench.dest, 'DocumentReference.000.ndjson'), 'utf8')).toBe(after)
})

test('an attachment on another origin is asked for only where that is trusted, and stays a link elsewhere', async () => {
  await using bench = await tempBench()
  await using elsewhere = await startFake({ other: (_, response) => send(response, 200, note) })
  const document = `{"resourceType":"DiagnosticReport","id":"a","presentedForm":[{"contentType":"text/plain","url":"${elsewhere.origin}/note"}]}\n`
  await using server = await startFake({ files: [{ type: 'DiagnosticReport', body: document }] })
  await exported(server, bench.dest)
  await writeFile(join(bench.root, 'token'), 'planted-token-value')
  const options = { fhirUrl: server.fhirUrl, auth: bearerToken(`file:${join(bench.root, 'token')}`) }
  expect(await new BulkClient(options, fakeTiming()).attachments(bench.dest)).toMatchObject({ fetched: 0, skipped: 1 })
  expect(elsewhere.seen).toEqual([])
  const trusting = new BulkClient({ ...options, trustOrigins: [elsewhere.origin] }, fakeTiming())
  expect(await trusting.attachments(bench.dest)).toMatchObject({ fetched: 1 })
  expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual(['Bearer planted-token-value'])
})

test('referenced resources are fetched in batches, once, from the own server, with what they refer to', async () => {
  await using bench = await tempBench()
  const orders = [
    '{"resourceType":"MedicationRequest","id":"1","medicationReference":{"reference":"Medication/m1"}}',
    '{"resourceType":"MedicationRequest","id":"2","medicationReference":{"reference":"Medication/m2/_history/3"}}',
    '{"resourceType":"MedicationRequest","id":"3","medicationReference":{"reference":"Medication/gone"}}',
    '{"resourceType":"MedicationRequest","id":"4","medicationReference":{"reference":"https://other.example/fhir/Medication/m9"}}',
    '{"resourceType":"MedicationRequest","id":"5","medicationReference":{"reference":"Medication/m1"}}',
  ]
  await using server = await startFake({ files: [{ type: 'MedicationRequest', body: `${orders.join('\n')}\n` }] })
  server.options.other = ({ path }, response) => {
    if (path.startsWith('/fhir/Medication?_id=')) {
      const bundle = `{"resourceType":"Bundle","entry":[{"resource":{
        "resourceType":"Medication","id":"m1","amount":1.10,"manufacturer":{"reference":"Organization/o1"}}},
        {"resource":{"resourceType":"Medication","id":"unasked"}}]}`
      return send(response, 200, bundle)
    }
    if (path.startsWith('/fhir/Organization?')) return send(response, 400)
    const id = path.split('/').at(-1)
    if (id === 'm2') return send(response, 200, '{"resourceType":"Medication","id":"m2"}')
    if (id === 'o1') return send(response, 200, '{"resourceType":"Organization","id":"o1"}')
    send(response, 404)
  }
  const client = await exported(server, bench.dest)
  const tasks = ['medication', 'organization'] as const
  expect(await client.hydrate(bench.dest, { tasks })).toEqual({
    fetched: { Medication: 2, Organization: 1 },
    missing: 1,
    files: ['Medication.000.ndjson', 'Organization.000.ndjson'],
  })
  expect(await readFile(join(bench.dest, 'Medication.000.ndjson'), 'utf8')).toBe(
    '{"resourceType":"Medication","id":"m1","amount":1.10,"manufacturer":{"reference":"Organization/o1"}}\n{"resourceType":"Medication","id":"m2"}\n',
  )
  const again = await client.hydrate(bench.dest, { tasks })
  expect(again).toEqual({ fetched: {}, missing: 1, files: [] })
})
