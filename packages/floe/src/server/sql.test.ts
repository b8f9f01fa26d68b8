import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { patient, smallPopulation, type TestServer, testServer } from './fixture.suite.ts'

let server: TestServer
let token: string
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-sql-'))
  server = await testServer({ maxExports: 20, maxExportsPerClient: 20 })
  await server.load('one', '2026-01-10T00:00:00Z', smallPopulation)
  token = await server.token(await server.client('c', 'system/*.rs'))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

const column = (name: string, path = name): object => ({ name, path })
const people = {
  resourceType: 'ViewDefinition',
  name: 'people',
  resource: 'Patient',
  select: [{ column: [column('id'), column('gender')] }],
}
const conditions = { resource: 'Condition', name: 'problems', select: [{ column: [column('id')] }] }
const parameters = (...parameter: object[]): object => ({ resourceType: 'Parameters', parameter })
const subject = (view: object, name?: string): object => ({
  name: 'subject',
  part: [...(name === undefined ? [] : [{ name: 'name', valueString: name }]), { name: 'subjectResource', resource: view }],
})
const ids = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { id: string }).id)
    .toSorted()

describe('$sql-run', () => {
  const run = (mine: string, ...more: object[]): Promise<Response> =>
    server.post('/fhir/$sql-run', parameters({ name: 'subjectResource', resource: people }, ...more), mine)

  test('rows as NDJSON, JSON and CSV, with and without header', async () => {
    expect(ids(await (await run(token)).text())).toEqual(['p1', 'p2', 'p3'])
    expect(await (await run(token, { name: '_format', valueCode: 'json' })).json()).toHaveLength(3)
    const csv = { name: '_format', valueCode: 'csv' }
    expect((await (await run(token, csv)).text()).split('\r\n')[0]).toBe('id,gender')
    const bare = await run(token, csv, { name: 'header', valueBoolean: false })
    expect((await bare.text()).trimEnd().split('\r\n').toSorted()).toEqual(['p1,female', 'p2,male', 'p3,other'])
    expect(ids(await (await run(token, { name: '_limit', valueInteger: 1 })).text())).toHaveLength(1)
  })

  test('patient, group and _since choose what the view sees', async () => {
    const of = async (...more: object[]): Promise<string[]> => ids(await (await run(token, ...more)).text())
    expect(await of({ name: 'patient', valueReference: { reference: 'Patient/p3' } })).toEqual(['p3'])
    expect(await of({ name: 'group', valueReference: { reference: 'Group/g1' } })).toEqual(['p1', 'p2'])
    expect(await of({ name: '_since', valueInstant: '2026-01-01T12:00:00Z' })).toEqual(['p2'])
    for (const wrong of [
      { name: 'patient', valueReference: { reference: 'Patient/none' } },
      { name: 'group', valueReference: { reference: 'Group/none' } },
      { name: '_since', valueInstant: 'yesterday' },
      { name: 'source', valueString: 's3://other' },
      { name: '_format', valueCode: 'fhir' },
    ])
      expect((await run(token, wrong)).status).toBe(400)
  })

  test('C.3: a scope with a search narrows what a view sees; without the type it is 403', async () => {
    const narrow = await server.token(await server.client('narrow', 'system/Patient.rs?gender=female'))
    expect(ids(await (await run(narrow)).text())).toEqual(['p1'])
    const other = await server.token(await server.client('other', 'system/Condition.rs'))
    expect((await run(other)).status).toBe(403)
  })

  test('a client that is bound to Groups sees their members only', async () => {
    const bound = await server.token(await server.client('bound', 'system/*.rs', { groups: ['g2'] }))
    expect((await run(bound)).status).toBe(403)
    expect((await run(bound, { name: 'group', valueReference: { reference: 'Group/g1' } })).status).toBe(400)
    expect((await run(bound, { name: 'patient', valueReference: { reference: 'Patient/p1' } })).status).toBe(400)
    expect(ids(await (await run(bound, { name: 'group', valueReference: { reference: 'Group/g2' } })).text())).toEqual(['p3'])
  })
})

interface Manifest {
  parameter: {
    name: string
    valueString?: string
    valueCode?: string
    part?: { name: string; valueString?: string; valueUri?: string }[]
  }[]
}

async function exported(
  body: object,
  mine = token,
): Promise<{ status: string; manifest: Manifest; files: Record<string, string> }> {
  const kickoff = await server.post('/fhir/$sql-export', body, mine)
  expect([kickoff.status, await kickoff.clone().text()]).toEqual([202, expect.stringContaining('exportId')])
  const done = await server.wait(kickoff, mine)
  expect(done.status).toBe(303)
  const manifest = (await (await server.get(done.headers.get('location') ?? '', mine)).json()) as Manifest
  const files: Record<string, string> = {}
  for (const { part = [] } of manifest.parameter.filter(({ name }) => name === 'output'))
    files[part[0]?.valueString ?? ''] = part[1]?.valueUri ?? ''
  return { status: kickoff.headers.get('content-location') ?? '', manifest, files }
}

describe('$sql-export', () => {
  test('several views of one state: 202, 303, a manifest of files by name, DELETE', async () => {
    const body = parameters(subject(people), subject(conditions, 'mine'), { name: 'clientTrackingId', valueString: 't-1' })
    const { status, manifest, files } = await exported(body)
    const value = (name: string): unknown => {
      const one = manifest.parameter.find((each) => each.name === name)
      return one?.valueString ?? one?.valueCode
    }
    expect([value('clientTrackingId'), value('status'), value('_format')]).toEqual(['t-1', 'completed', 'ndjson'])
    expect(Object.keys(files)).toEqual(['people', 'mine'])
    const file = await server.get(files.people ?? '', token)
    expect([file.headers.get('content-type'), ids(await file.text())]).toEqual(['application/x-ndjson', ['p1', 'p2', 'p3']])
    expect(ids(await (await server.get(files.mine ?? '', token)).text())).toEqual(['c1', 'c2', 'c3'])
    const stranger = await server.token(await server.client('stranger', 'system/*.rs'))
    for (const url of [status, files.people ?? '', status.replace('status', 'result')])
      expect((await server.get(url, stranger)).status).toBe(404)
    expect((await server.get(status, token, {}, 'DELETE')).status).toBe(202)
    expect((await server.get(status, token)).status).toBe(404)
    expect((await server.get(files.people ?? '', token)).status).toBe(404)
  })

  test('Parquet and CSV', async () => {
    const { files } = await exported(parameters(subject(people), { name: '_format', valueCode: 'parquet' }))
    const answer = await server.get(files.people ?? '', token)
    expect(answer.headers.get('content-type')).toBe('application/vnd.apache.parquet')
    const path = join(dir, 'people.parquet')
    await writeFile(path, Buffer.from(await answer.arrayBuffer()))
    const connection = await (await DuckDBInstance.create()).connect()
    expect((await connection.runAndReadAll(`select id, gender from '${path}' order by id`)).getRowsJson()).toEqual([
      ['p1', 'female'],
      ['p2', 'male'],
      ['p3', 'other'],
    ])
    const csv = await exported(
      parameters(subject(people), { name: '_format', valueCode: 'csv' }, { name: 'header', valueBoolean: false }),
    )
    expect((await (await server.get(csv.files.people ?? '', token)).text()).trimEnd().split('\r\n')).toHaveLength(3)
  })

  test('group narrows every view, and access to the job is by it', async () => {
    const bound = await server.client('sql-bound', 'system/*.rs', { groups: ['g1'] })
    const mine = await server.token(bound)
    const group = { name: 'group', valueReference: { reference: 'Group/g1' } }
    const { files, status } = await exported(parameters(subject(people), subject(conditions), group), mine)
    expect(ids(await (await server.get(files.problems ?? '', mine)).text())).toEqual(['c1', 'c2'])
    const moved = await server.token(await server.client('sql-bound', 'system/*.rs', { groups: ['g2'] }))
    expect((await server.get(status, moved)).status).toBe(404)
  })

  test('D1: a job that was cut off goes on after a restart', async () => {
    await using one = await testServer()
    await one.load('one', '2026-01-10T00:00:00Z', smallPopulation)
    const mine = await one.token(await one.client('c', 'system/*.rs'))
    const kickoff = await one.post('/fhir/$sql-export', parameters(subject(people), subject(conditions)), mine)
    await one.restart()
    const place = `${one.origin}${new URL(kickoff.headers.get('content-location') ?? '').pathname}`
    const done = await one.wait(new Response(null, { status: 202, headers: { 'content-location': place } }), mine)
    expect(done.status).toBe(303)
  })

  test.each<[string, object]>([
    ['no subject', parameters()],
    ['no view', parameters({ name: 'subject', part: [{ name: 'name', valueString: 'x' }] })],
    ['two of one name', parameters(subject(people), subject(people))],
    ['a wrong view', parameters(subject({ resource: 'Patient', select: [{ column: [column('x', 'nothing')] }] }))],
    ['fhir as format', parameters(subject(people), { name: '_format', valueCode: 'fhir' })],
    ['a source', parameters(subject(people), { name: 'source', valueString: 'x' })],
    ['no Parameters', { resourceType: 'Patient' }],
  ])('%s is 400', async (_, body) => {
    expect((await server.post('/fhir/$sql-export', body, token)).status).toBe(400)
  })
})

test('S-19: _outputFormat Parquet: the resources in the columns of their tables; what does not go with it is refused', async () => {
  const manifest = await server.export(
    '/fhir/$export?_type=Patient,Condition&_outputFormat=application/vnd.apache.parquet',
    token,
  )
  expect(manifest.output.map(({ type, count }) => [type, count])).toEqual([
    ['Patient', 3],
    ['Condition', 3],
  ])
  const answer = await server.get(manifest.output[0]?.url ?? '', token, { 'accept-encoding': 'gzip' })
  expect([answer.headers.get('content-type'), answer.headers.get('content-encoding')]).toEqual([
    'application/vnd.apache.parquet',
    null,
  ])
  const path = join(dir, 'export.parquet')
  await writeFile(path, Buffer.from(await answer.arrayBuffer()))
  const connection = await (await DuckDBInstance.create()).connect()
  const rows = await connection.runAndReadAll(`select id, gender, _raw from '${path}' order by id`)
  expect(rows.getRowsJson()[0]).toEqual(['p1', 'female', JSON.stringify(smallPopulation[0])])
  const names = (await connection.runAndReadAll(`describe from '${path}'`)).getRowsJson().map(([name]) => name)
  expect(names).not.toContain('_source')
  const group = await server.export('/fhir/Group/g1/$export?_type=Patient&_outputFormat=parquet', token)
  expect(group.output.map(({ count }) => count)).toEqual([2])
  for (const query of ['_outputFormat=text/csv', '_outputFormat=parquet&_elements=id', '_outputFormat=parquet,ndjson'])
    expect((await server.get(`/fhir/$export?${query}`, token)).status).toBe(400)
  expect((await server.get('/fhir/Patient/$export?_outputFormat=parquet&organizeOutputBy=Patient', token)).status).toBe(400)
})

test('S-A2, S-A7: disclosures: a row per patient and export, readable by patient, never changed', async () => {
  await using one = await testServer({ disclosures: true, maxExports: 20, maxExportsPerClient: 20 })
  await one.load('one', '2026-01-10T00:00:00Z', smallPopulation)
  const mine = await one.token(await one.client('c', 'system/*.rs'), 'system/*.rs')
  await one.export('/fhir/Group/g1/$export?_type=Condition', mine)
  await one.export('/fhir/$export?_type=Patient', mine)
  const found = async (query: string): Promise<{ resource: Record<string, unknown> }[]> =>
    ((await (await one.get(`/fhir/AuditEvent?${query}`, mine)).json()) as { entry?: { resource: Record<string, unknown> }[] })
      .entry ?? []
  expect([
    (await found('patient=Patient/p1')).length,
    (await found('patient=p3')).length,
    (await found('patient=p9')).length,
  ]).toEqual([2, 1, 0])
  expect((await found('patient=p3&date=lt2026-01-01')).length).toBe(0)
  const [event] = await found('patient=p3')
  expect(event?.resource).toMatchObject({
    resourceType: 'AuditEvent',
    type: { code: '110106' },
    subtype: [{ system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle', code: 'disclose' }],
    action: 'R',
    outcome: '0',
    agent: [
      { type: { coding: [{ code: '110153' }] }, who: { display: 'floe serve' }, network: { address: expect.any(String) } },
      { type: { coding: [{ code: '110152' }] }, who: { identifier: { value: 'c' } }, network: { address: '127.0.0.1' } },
    ],
    source: { observer: { display: 'floe serve' } },
  })
  const entities = event?.resource.entity as { role: { code: string }; what: { reference?: string } }[]
  expect(entities.filter(({ role }) => role.code === '1').map(({ what }) => what.reference)).toEqual(['Patient/p3'])
  expect(entities).toHaveLength(2)
  const { openControl } = await import('../jobs/control.ts')
  using control = openControl(one.lake)
  expect(() => control.run('delete from disclosures')).toThrow(/append-only/)
  expect(() => control.run("update disclosures set patient = 'x'")).toThrow(/append-only/)
  expect(() => control.run('delete from audit')).toThrow(/append-only/)
})

test('members of a Group are those of its newest copy, whatever the source', async () => {
  await using one = await testServer({ maxExports: 20, maxExportsPerClient: 20 })
  const group = (lastUpdated: string, ...members: string[]) => ({
    resourceType: 'Group',
    id: 'g',
    meta: { lastUpdated },
    member: members.map((id) => ({ entity: { reference: `Patient/${id}` } })),
  })
  await one.load('a', '2026-01-01T00:00:00Z', [patient('p1'), patient('p2'), group('2026-01-01T00:00:00Z', 'p1', 'p2')])
  await one.load('b', '2026-02-01T00:00:00Z', [group('2026-02-01T00:00:00Z', 'p1')], [], 'other')
  const mine = await one.token(await one.client('c', 'system/*.rs'))
  const manifest = await one.export('/fhir/Group/g/$export?_type=Patient', mine)
  expect(manifest.output.map(({ count }) => count)).toEqual([1])
})
