import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type AuthMethod, bearerToken } from './auth/auth.ts'
import { type FakeServer, lines, send, startFake, transactionTime } from './bulk-server.suite.ts'
import { BulkClient } from './client.ts'
import { run } from './requirements.suite.ts'
import { attempt, type Bench, fakeTiming, tempBench } from './test-run.suite.ts'

/** Requirements of the Bulk Data IG on manifests, files and attachments. */

async function tokenOf(bench: Bench): Promise<AuthMethod> {
  const path = join(bench.root, 'token')
  await writeFile(path, 'a-token-of-the-test')
  return bearerToken(`file:${path}`)
}

test('C-41: files of deletions are kept as served, below deleted/, and are no resources of the export', () => {
  const bundle = '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/1"}}]}\n'
  return run(
    { files: [{ body: lines('Patient', 2) }, { itemType: 'deleted', type: 'Bundle', body: bundle }] },
    {},
    ({ receipt }) => {
      expect(receipt?.files.map(({ path, itemType }) => [path, itemType])).toEqual([
        ['Patient.000.ndjson', 'output'],
        ['deleted/Bundle.000.ndjson', 'deleted'],
      ])
      expect(receipt?.totals).toMatchObject({ files: 2, resources: 2 })
    },
  )
})

test('C-42: a block that continues in another file is whole; header lines are no data in either', async () => {
  const header = '{"resourceType":"Parameters","parameter":[{"name":"header","valueReference":{"reference":"Patient/1"}}]}\n'
  await run(
    {
      manifest: (base) => ({
        transactionTime,
        requiresAccessToken: false,
        outputOrganizedBy: 'Patient',
        output: [
          { url: `${base}/files/0`, count: 2, continuesInFile: `${base}/files/1` },
          { url: `${base}/files/1`, count: 3 },
        ],
      }),
      files: [{ body: `${header}${lines('Patient', 1)}${lines('Condition', 1)}` }, { body: `${header}${lines('Condition', 2)}` }],
    },
    {},
    async ({ receipt }) => {
      // The second file's count includes its header: the specification leaves open which is meant.
      expect(receipt).toMatchObject({ exitCode: 0, totals: { files: 2 } })
      expect(await Array.fromAsync(receipt?.resources('Condition') ?? [])).toHaveLength(3)
      expect(await Array.fromAsync(receipt?.resources('Patient') ?? [])).toHaveLength(1)
    },
  )
})

test('C-44: several files of a type are one, and contained resources of other types are no lines of their own', () =>
  run(
    {
      files: [
        { body: lines('Patient', 2) },
        { body: lines('Patient', 3, ',"contained":[{"resourceType":"Organization","id":"o"}]') },
      ],
    },
    {},
    async ({ receipt }) => {
      const patients = await Array.fromAsync(receipt?.resources('Patient') ?? [])
      expect(patients).toHaveLength(5)
      expect(patients.at(-1)?.contained).toEqual([{ resourceType: 'Organization', id: 'o' }])
      expect(await Array.fromAsync(receipt?.resources('Organization') ?? [])).toEqual([])
    },
  ))

test('C-45: references are followed, relative or absolute on the base of the server, and no others', async () => {
  await using bench = await tempBench()
  await using server = await startFake()
  const order = (id: string, reference: string): string =>
    `{"resourceType":"MedicationRequest","id":"${id}","medicationReference":{"reference":"${reference}"}}\n`
  const body = [
    order('1', 'Medication/a'),
    order('2', `${server.fhirUrl}/Medication/b`),
    order('3', 'https://elsewhere.example/fhir/Medication/c'),
  ]
  server.options.files = [{ type: 'MedicationRequest', body: body.join('') }]
  server.options.other = ({ path }, response) => {
    const id = path.split('/').at(-1) ?? ''
    send(response, path.includes('?') ? 400 : 200, `{"resourceType":"Medication","id":"${id}"}`)
  }
  await attempt(server, bench.dest)
  const client = new BulkClient({ fhirUrl: server.fhirUrl }, fakeTiming())
  expect(await client.hydrate(bench.dest, { tasks: ['medication'] })).toMatchObject({ fetched: { Medication: 2 }, missing: 0 })
})

test.each([
  ['C-48: true: the token goes along', true, 'Bearer a-token-of-the-test'],
  ['C-48: absent: counts as true', undefined, 'Bearer a-token-of-the-test'],
  ['C-49: false: no token, also at the FHIR origin', false, null],
])('requiresAccessToken, %s', async (_, requiresAccessToken, authorization) => {
  await using bench = await tempBench()
  const auth = await tokenOf(bench)
  await using server = await startFake({ files: [{ body: lines('Patient', 1) }], requiresAccessToken })
  expect((await attempt(server, bench.dest, { client: { auth } })).receipt?.exitCode).toBe(0)
  const files = server.seen.filter(({ path }) => path.startsWith('/files'))
  expect(files.map((request) => request.authorization)).toEqual([authorization])
})

/** A note at an absolute and one at a relative address, and one on another server. */
async function notes(server: FakeServer, elsewhere: FakeServer, requiresAccessToken: boolean): Promise<void> {
  const urls = [`${server.fhirUrl}/Binary/1`, 'Binary/2', `${elsewhere.origin}/note`]
  const documents = urls.map(
    (url, index) =>
      `{"resourceType":"DocumentReference","id":"${index}","content":[{"attachment":{"contentType":"text/plain","url":"${url}"}}]}\n`,
  )
  server.options.files = [{ type: 'DocumentReference', body: documents.join('') }]
  server.options.requiresAccessToken = requiresAccessToken
  server.options.other = (_, response) => send(response, 200, 'a note', { 'content-type': 'text/plain' })
}

test.each([
  ['is true: the token goes along', true, ['Bearer a-token-of-the-test', 'Bearer a-token-of-the-test']],
  [
    'is false: an absolute address gets none; a relative one, which the specification does not know, does',
    false,
    [null, 'Bearer a-token-of-the-test'],
  ],
])(
  'C-54, C-56: attachments where requiresAccessToken %s; a server met in a link is not asked',
  async (_, required, authorizations) => {
    await using bench = await tempBench()
    const auth = await tokenOf(bench)
    await using elsewhere = await startFake()
    await using server = await startFake()
    await notes(server, elsewhere, required)
    await attempt(server, bench.dest, { client: { auth } })
    const client = new BulkClient({ fhirUrl: server.fhirUrl, auth }, fakeTiming())
    expect(await client.attachments(bench.dest)).toMatchObject({ fetched: 2, skipped: 1 })
    const asked = server.seen.filter(({ path }) => path.startsWith('/fhir/Binary'))
    expect(asked.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(({ authorization }) => authorization)).toEqual(authorizations)
    expect(elsewhere.seen).toEqual([])
  },
)
