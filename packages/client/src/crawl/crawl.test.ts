import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type FakeServer, send, startFake } from '../bulk-server.suite.ts'
import { BulkClient } from '../client.ts'
import { attempt, fakeTiming, logRows, tempBench } from '../test-run.suite.ts'
import type { ExportRequest } from '../types.ts'
import { keepMembers } from './group-members.ts'

/** A server with search only: two conditions for each patient, one to a page; no Coverage. */
async function searchServer(patients: readonly string[]): Promise<FakeServer & { broken: boolean }> {
  const server = Object.assign(await startFake(), { broken: false })
  server.options.other = ({ path }, response) => {
    const url = new URL(path, server.origin)
    const entry = (resource: string): string => `{"resource": ${resource}}`
    const bundle = (resources: string[], next?: string): void =>
      send(
        response,
        200,
        `{"resourceType":"Bundle","link":[${next === undefined ? '' : `{"relation":"next","url":"${next}"}`}],\n"entry":[${resources.map(entry)}]}`,
      )
    if (url.pathname === '/fhir/Group/g') {
      const member = patients.map((id) => ({ entity: { reference: `Patient/${id}` } }))
      return send(response, 200, JSON.stringify({ resourceType: 'Group', member }), { date: 'Sat, 21 Nov 2026 02:30:00 GMT' })
    }
    if (url.pathname === '/fhir/Patient') {
      const ids = url.searchParams.get('_id')?.split(',') ?? patients
      return bundle(ids.map((id) => `{"resourceType":"Patient",\n"id":"${id}","weight":1.10}`))
    }
    if (url.pathname === '/fhir/Condition') {
      if (server.broken) return send(response, 503)
      const id = url.searchParams.get('patient')
      const second = url.searchParams.get('page') === '2'
      return bundle(
        [`{"resourceType":"Condition","id":"${id}-${second ? 2 : 1}"}`],
        second ? undefined : `${server.fhirUrl}/Condition?patient=${id}&page=2`,
      )
    }
    send(
      response,
      400,
      '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-supported","diagnostics":"no search here"}]}',
    )
  }
  return server
}

const request: ExportRequest = {
  level: 'group',
  groupId: 'g',
  mode: 'crawl',
  type: ['Patient', 'Condition'],
  since: '2026-01-01',
}

describe('a crawl', () => {
  test('writes the same folder by search, resources as served', async () => {
    await using bench = await tempBench()
    await using server = await searchServer(['a', 'b', 'c'])
    const { receipt, error } = await attempt(server, bench.dest, { request })
    expect(error).toBeUndefined()
    expect(receipt).toMatchObject({
      exitCode: 0,
      transactionTime: '2026-11-21T02:30:00.000Z',
      totals: { files: 2, resources: 9 },
    })
    expect(await readFile(join(bench.dest, 'Patient.000.ndjson'), 'utf8')).toBe(
      ['a', 'b', 'c'].map((id) => `{"resourceType":"Patient","id":"${id}","weight":1.10}\n`).join(''),
    )
    expect(server.seen.some(({ path }) => path.includes('_lastUpdated=gt2026-01-01T00%3A00%3A00Z'))).toBe(true)
    expect(server.count('GET /fhir/Group/g/$export')).toBe(0)
    const rows = await logRows(bench.dest)
    expect(rows[0]).toMatchObject({ eventId: 'kickoff', eventDetail: { exportUrl: expect.stringContaining('/Group/g/$export') } })
    expect(rows.map(({ eventId }) => eventId)).toContain('status_complete')
    expect(JSON.stringify(rows)).not.toContain('patient=')
  })

  test('a type that the server does not search is exit 7 with its words', async () => {
    await using bench = await tempBench()
    await using server = await searchServer(['a', 'b'])
    const { receipt } = await attempt(server, bench.dest, { request: { ...request, type: ['Patient', 'Coverage'] } })
    expect(receipt?.exitCode).toBe(7)
    expect(receipt?.outcomes[0]).toMatchObject({
      severity: 'error',
      text: 'Coverage: a search was answered with 400: no search here',
    })
    expect(server.count('GET /fhir/Coverage')).toBe(1)
    expect(await readdir(join(bench.dest, 'error'))).toEqual(['OperationOutcome.000.ndjson'])
  })

  test('types that are refused at the same time have a file of outcomes each', async () => {
    await using bench = await tempBench()
    await using server = await searchServer(['a', 'b'])
    const type = ['Patient', 'Coverage', 'Claim', 'Account']
    const { receipt } = await attempt(server, bench.dest, { request: { ...request, type } })
    expect(receipt?.outcomes.map(({ text }) => text?.split(':')[0]).sort()).toEqual(['Account', 'Claim', 'Coverage'])
    expect(await readdir(join(bench.dest, 'error'))).toHaveLength(3)
  })

  test('goes on with what is missing, for the patients it began with', async () => {
    await using bench = await tempBench()
    const patients = ['a', 'b']
    await using server = await searchServer(patients)
    server.broken = true
    const first = await attempt(server, bench.dest, { request, retries: 1 })
    expect(first.error).toMatchObject({ exitCode: 6 })
    server.broken = false
    patients.push('new')
    const before = server.count('GET /fhir/Patient')
    const { receipt } = await attempt(server, bench.dest, { request })
    expect(receipt?.totals).toMatchObject({ files: 2, resources: 6 })
    expect(server.count('GET /fhir/Patient')).toBe(before)
  })

  test('named patients need no Group, and are a slice in the log', async () => {
    await using bench = await tempBench()
    await using server = await searchServer([])
    const { receipt } = await attempt(server, bench.dest, {
      request: { level: 'patient', mode: 'crawl', type: ['Patient', 'Condition'], patient: ['Patient/x', 'x', 'y'] },
    })
    expect(receipt?.totals.resources).toBe(6)
    expect((await logRows(bench.dest))[0]).toMatchObject({ eventDetail: { requestParameters: { patient: '(3)' } } })
  })

  test('where the search for the patients is refused nothing is made that looks like no patients', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ other: (_, response) => send(response, 400, '{"resourceType":"OperationOutcome"}') })
    for (const identifier of [undefined, ['urn:mrn|1']]) {
      const request: ExportRequest = { level: 'patient', mode: 'crawl', type: ['Patient'], ...(identifier && { identifier }) }
      expect((await attempt(server, bench.dest, { request })).error).toMatchObject({
        exitCode: 4,
        message: expect.stringContaining('the search for the patients was refused'),
      })
    }
  })

  test.each<[string, ExportRequest]>([
    ['without types', { level: 'patient', mode: 'crawl' }],
    ['of a system', { level: 'system', mode: 'crawl', type: ['Patient'] }],
  ])('%s is a usage error', async (_, wrong) => {
    await using bench = await tempBench()
    await using server = await searchServer([])
    expect((await attempt(server, bench.dest, { request: wrong })).error).toMatchObject({ code: 'usage' })
  })
})

test('members that came to a Group since an earlier export are told', async () => {
  await using bench = await tempBench()
  const patients = ['a', 'b']
  await using server = await searchServer(patients)
  const client = new BulkClient({ fhirUrl: server.fhirUrl }, fakeTiming())
  expect(await client.membersSince('g', bench.root)).toEqual({ members: ['a', 'b'], added: null })
  await keepMembers(bench.root, ['a', 'gone'])
  patients.push('c')
  expect(await client.membersSince('g', bench.root)).toEqual({ members: ['a', 'b', 'c'], added: ['b', 'c'] })
  await expect(client.membersSince('unknown', bench.root)).rejects.toMatchObject({ exitCode: 4 })
})
