import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FaultPlan, startEhr } from '@floe/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { found, logText } from './canary.ts'
import { runFloe } from './cli.ts'
import { makeExportFolder, modes, readLog, scratch } from './support.ts'

const note = 'Grüße 😀: the note'
const ids = ['p1', 'p2', 'p3']
const patients = ids.map(
  (id) =>
    `{"resourceType":"Patient","id":"${id}","identifier":[{"system":"urn:mrn","value":"m-${id}"}],"extension":[{"url":"u","valueDecimal":1.10}]}`,
)
const observations = ids.flatMap((id) =>
  [1, 2, 3].map(
    (number) => `{"resourceType":"Observation","id":"${id}-${number}","subject":{"reference":"Patient/${id}"},"x":1.10}`,
  ),
)
const medications = ['m1', 'm2'].map((id) => `{"resourceType":"Medication","id":"${id}","amount":{"value":2.50}}`)
const orders = ['m1', 'm2', 'gone'].map(
  (id, index) =>
    `{"resourceType":"MedicationRequest","id":"r${index}","subject":{"reference":"Patient/p1"},"medicationReference":{"reference":"Medication/${id}"}}`,
)
const documents = (foreign: string) =>
  ['Binary/n1', foreign, 'Binary/gone'].map(
    (url, index) =>
      `{"resourceType":"DocumentReference","id":"d${index}","x":1.10,"content":[{"attachment":{"contentType":"text/plain","url":"${url}"}}]}`,
  )
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

let work: Awaited<ReturnType<typeof scratch>>
let source: string
beforeAll(async () => {
  work = await scratch('beside')
  const group = {
    resourceType: 'Group',
    id: 'two',
    member: ids.slice(0, 2).map((id) => ({ entity: { reference: `Patient/${id}` } })),
  }
  const binary = { resourceType: 'Binary', id: 'n1', contentType: 'text/plain', data: Buffer.from(note).toString('base64') }
  source = await makeExportFolder(join(work.dir, 'source'), {
    'Binary.000.ndjson': text([JSON.stringify(binary)]),
    'DocumentReference.000.ndjson': text(documents('https://notes.example.invalid/n1')),
    'Group.000.ndjson': text([JSON.stringify(group)]),
    'Medication.000.ndjson': text(medications),
    'MedicationRequest.000.ndjson': text(orders),
    'Observation.000.ndjson': text(observations),
    'Patient.000.ndjson': text(patients),
  })
})
afterAll(() => work[Symbol.asyncDispose]())

const env = { A_TOKEN: 'planted-token' }
const secured = { auth: { bearer: [env.A_TOKEN] }, polls: 0 }
const authorized = ['--bearer-token', 'env:A_TOKEN', '--json']
const crawl = ['--export-mode', 'crawl', '--type', 'Patient,Observation']

describe.concurrent('beside the files of the manifest', () => {
  test('crawl: the same folder by searches, bytes of the server, members only', async () => {
    await using ehr = await startEhr({ folder: source, ...secured })
    const to = join(work.dir, 'crawl')
    const args = ['export', `${ehr.fhirUrl}/Group/two`, to, ...crawl, ...authorized]
    const run = await runFloe(args, { env })
    expect(run.error).toBeUndefined()
    expect([run.code, ehr.count('kickoff')]).toEqual([0, 0])
    const files = await Promise.all(['Patient', 'Observation'].map((type) => readFile(join(to, `${type}.000.ndjson`), 'utf8')))
    expect(files).toEqual([text(patients.slice(0, 2)), text(observations.slice(0, 6))])
    expect(found(run.stderr + (await logText(to)))).toEqual([])
    expect(await logText(to)).not.toMatch(/\bp[123]\b/)
    const asked = ehr.requests.length
    expect((await runFloe(args, { env })).code).toBe(0)
    expect(ehr.requests.slice(asked).filter(({ route }) => route === 'search')).toEqual([])
  })

  test('crawl: searches that are busy are asked again; one that is refused is reported, exit 7', async () => {
    await using ehr = await startEhr({
      folder: source,
      ...secured,
      faults: [
        { on: 'search', type: 'Patient', nth: 1, do: { kind: 'answer', status: 503, headers: { 'retry-after': '1' } } },
        {
          on: 'search',
          type: 'Observation',
          nth: 1,
          do: { kind: 'answer', status: 403, issue: { severity: 'error', diagnostics: 'not yours' } },
        },
      ],
    })
    const to = join(work.dir, 'crawl-busy')
    const args = ['export', `${ehr.fhirUrl}/Group/two`, to, ...crawl, ...authorized]
    const run = await runFloe(args, { env })
    expect(run.code).toBe(7)
    expect(await readFile(join(to, 'Patient.000.ndjson'), 'utf8')).toBe(text(patients.slice(0, 2)))
    expect(await readFile(join(to, 'error/OperationOutcome.000.ndjson'), 'utf8')).toContain('not yours')
  })

  test('hydrate: what is referred to and missing comes in a file of its own', async () => {
    await using ehr = await startEhr({ folder: source, ...secured })
    const to = join(work.dir, 'hydrate')
    const args = ['export', `${ehr.fhirUrl}/Patient`, to, '--type', 'MedicationRequest', '--hydrate', 'medication', ...authorized]
    const run = await runFloe(args, { env })
    expect(run.error).toBeUndefined()
    expect(run.code).toBe(0)
    expect((await readFile(join(to, 'Medication.000.ndjson'), 'utf8')).trimEnd().split('\n').sort()).toEqual(medications)
  })

  test('attachments: notes of this server come in, those of others stay links, bytes around them stay', async () => {
    await using ehr = await startEhr({ folder: source, ...secured })
    const to = join(work.dir, 'notes')
    const args = [
      'export',
      `${ehr.fhirUrl}/Patient`,
      to,
      '--type',
      'DocumentReference',
      '--attachments',
      'inline',
      '--retries',
      '1',
      ...authorized,
    ]
    const run = await runFloe(args, { env })
    expect([run.error?.message, run.code]).toEqual([expect.stringContaining('1 attachment could not be fetched'), 7])
    const lines = (await readFile(join(to, 'DocumentReference.000.ndjson'), 'utf8')).trimEnd().split('\n')
    const served = documents('https://notes.example.invalid/n1')
    expect(lines.slice(1)).toEqual(served.slice(1))
    const [first = ''] = lines
    expect(first.startsWith((served[0] ?? '').slice(0, -4))).toBe(true)
    const { attachment } = JSON.parse(first).content[0]
    expect(attachment).toMatchObject({
      url: 'Binary/n1',
      data: Buffer.from(note).toString('base64'),
      size: Buffer.byteLength(note),
    })
    expect(found(run.stderr + run.stdout + (await logText(to)))).toEqual([])
  })

  test('attachments as files: the lines stay as served; what belongs where is listed; nothing is fetched twice; load leaves them', async () => {
    await using ehr = await startEhr({ folder: source, ...secured })
    const to = join(work.dir, 'note-files')
    const options = ['--type', 'DocumentReference', '--attachments', 'files', '--retries', '1']
    const run = await runFloe(['export', `${ehr.fhirUrl}/Patient`, to, ...options, ...authorized], { env })
    expect(run.code).toBe(7)
    expect(run.json).toMatchObject({ exitCode: 7, attachments: { mode: 'files', fetched: 1, skipped: 1, failed: 1 } })
    const served = documents('https://notes.example.invalid/n1')
    expect(await readFile(join(to, 'DocumentReference.000.ndjson'), 'utf8')).toBe(text(served))
    const rows = (await readFile(join(to, 'attachments/index.tsv'), 'utf8')).trimEnd().split('\n')
    expect(rows.map((row) => row.split('\t').slice(1, 6))).toEqual([
      ['type', 'id', 'path', 'contentType', 'size'],
      ['DocumentReference', 'd0', 'content[0].attachment', 'text/plain', String(Buffer.byteLength(note))],
    ])
    const [name = ''] = rows[1]?.split('\t') ?? []
    expect(await readFile(join(to, 'attachments', name), 'utf8')).toBe(note)
    expect((await modes(to)).files).toEqual(['600'])
    const outcome = JSON.parse(await readFile(join(to, 'error/OperationOutcome.000.ndjson'), 'utf8'))
    expect(outcome.issue[0]).toMatchObject({
      severity: 'warning',
      diagnostics: 'DocumentReference.000.ndjson line 3: content[0].attachment was not fetched: answered with 404',
    })
    expect((await readLog(to)).filter(({ eventId }) => /attachment|_error/.test(eventId)).map(({ eventId }) => eventId)).toEqual([
      'download_error',
      'attachments_complete',
    ])
    expect(found(run.stderr + (await logText(to)))).toEqual([])
    // Resumed without a word of attachments: only what is missing is asked for.
    const reads = ehr.requests.filter(({ route }) => route === 'read').length
    const again = await runFloe(['resume', to, '--json'], { env })
    expect([again.code, ehr.requests.filter(({ route }) => route === 'read').length - reads]).toEqual([7, 1])
    const loaded = await runFloe(['load', to, '--lake', join(work.dir, 'note-lake'), '--json'])
    expect(loaded.code).toBe(0)
    expect(loaded.stderr).toContain('attachments: 2 files, left where they are')
  })

  test('attachments of a server that is gone: the step ends, each is an entry, exit 7; floe resume brings them', async () => {
    await using ehr = await startEhr({ folder: source, ...secured })
    ehr.setFaults([{ on: 'read', do: { kind: 'reset' } }])
    const to = join(work.dir, 'notes-unreachable')
    const options = ['--type', 'DocumentReference', '--attachments', 'inline', '--retries', '1', '--mimetypes', 'text/']
    const run = await runFloe(['export', `${ehr.fhirUrl}/Patient`, to, ...options, ...authorized], { env })
    expect([run.code, run.json]).toMatchObject([7, { attachments: { fetched: 0, skipped: 1, failed: 2 } }])
    expect(await readFile(join(to, 'error/OperationOutcome.000.ndjson'), 'utf8')).toContain('broke off')
    ehr.setFaults([])
    const again = await runFloe(['resume', to, '--json'], { env })
    expect([again.code, again.json]).toMatchObject([7, { attachments: { fetched: 1, failed: 1 } }])
  })

  test('hydrate and attachments of an export that was killed come with floe resume', async () => {
    const faults: FaultPlan = [{ on: 'file', do: { kind: 'answer', status: 500 } }]
    await using ehr = await startEhr({ folder: source, ...secured, faults })
    const to = join(work.dir, 'remembered')
    const options = ['--type', 'MedicationRequest,DocumentReference', '--attachments', 'inline', '--hydrate', 'medication']
    const first = await runFloe(['export', `${ehr.fhirUrl}/Patient`, to, ...options, '--retries', '0', ...authorized], { env })
    expect(first.code).toBe(6)
    ehr.setFaults([])
    const resumed = await runFloe(['resume', to, '--json'], { env })
    expect(resumed.json).toMatchObject({ attachments: { mode: 'inline', fetched: 1 }, hydrated: { fetched: { Medication: 2 } } })
  })

  test('crawl of a list of medical record numbers: the patients are looked up; a number that nobody has is said', async () => {
    await using ehr = await startEhr({ folder: source, ...secured })
    const list = join(work.dir, 'list.csv')
    await writeFile(list, 'name,mrn\n"Doe, J",m-p1\nRoe,m-p3\nNobody,m-p9\n')
    const to = join(work.dir, 'crawl-mrn')
    const options = ['--export-mode', 'crawl', '--id-file', list, '--id-system', 'urn:mrn', '--type', 'Patient,Observation']
    const run = await runFloe(['export', ehr.fhirUrl, to, ...options, ...authorized], { env })
    expect([run.error?.message, run.code]).toEqual([expect.stringContaining('finished'), 7])
    expect(await readFile(join(to, 'Patient.000.ndjson'), 'utf8')).toBe(text([patients[0] ?? '', patients[2] ?? '']))
    expect(await readFile(join(to, 'error/OperationOutcome.000.ndjson'), 'utf8')).toContain(
      '1 of 3 identifiers belong to no patient',
    )
    expect(run.stderr + (await logText(to))).not.toMatch(/m-p\d|urn:mrn/)
    const refused = await runFloe(['export', ehr.fhirUrl, join(work.dir, 'x'), '--id-file', list, '--type', 'Patient'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--export-mode crawl')])
  })
})
