import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openControl } from '../../jobs/control.ts'
import { type ManifestJson, ofPatient, patient, type Resource, type TestServer, testServer } from '../fixture.suite.ts'

let server: TestServer
let token: string
let web = ''
let bodies: Record<string, Buffer | string> = {}
const site = createServer((request, response) => response.end(bodies[request.url ?? ''] ?? ''))
beforeAll(async () => {
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  web = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  server = await testServer({ importAllow: [`${web}/`], maxExports: 50, maxExportsPerClient: 50 })
  token = await server.token(await server.client('c', 'system/*.cruds'), 'system/*.cruds')
})
afterAll(async () => {
  site.close()
  await server[Symbol.asyncDispose]()
})

const text = (resources: readonly (object | string)[]): string =>
  resources.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('')
type Output = { count: number; skipped?: number }
interface Told {
  output: Output[]
  error: ManifestJson['error']
}
let number = 0
/** Imports lines of a type under a mode. */
async function imported(mode: string, type: string, body: string | Buffer, mine = token): Promise<Told> {
  const path = `/${number++}`
  bodies = { [path]: body }
  const kickoff = await server.post('/fhir/$import', { mode, input: [{ type, url: `${web}${path}` }] }, mine)
  return (await (await server.wait(kickoff, mine)).json()) as Told
}
async function held(type: string): Promise<Record<string, string>> {
  const manifest = await server.export(`/fhir/$export?_type=${type}`, token)
  const lines = (await server.lines(manifest, type, token)).map((line) => JSON.parse(line) as Resource & { gender?: string })
  return Object.fromEntries(lines.map(({ id, gender = '' }) => [id, gender]))
}

describe('I-7: modes', () => {
  test('merge and IncrementalLoad: the newest version wins', async () => {
    await imported(
      'merge',
      'Patient',
      text([patient('a', { gender: 'female', meta: { lastUpdated: '2026-01-01T00:00:00Z' } }), patient('b', { gender: 'male' })]),
    )
    await imported(
      'IncrementalLoad',
      'Patient',
      text([patient('a', { gender: 'other', meta: { lastUpdated: '2026-06-01T00:00:00Z' } })]),
    )
    expect(await held('Patient')).toEqual({ a: 'other', b: 'male' })
  })

  test('ignore: lines whose id is there are skipped, and the numbers add up (I-13)', async () => {
    const told = await imported(
      'ignore',
      'Patient',
      gzipSync(text([patient('a', { gender: 'male' }), '', patient('new1'), '{', patient('b')])),
    )
    expect(told.output).toEqual([expect.objectContaining({ count: 1, skipped: 2 })])
    expect(told.error.map(({ count, errors }) => [count, errors?.map(({ lineNumber }) => lineNumber)])).toEqual([[1, [4]]])
    expect(await held('Patient')).toEqual({ a: 'other', b: 'male', new1: '' })
  })

  test('append: a line whose id is there is refused', async () => {
    const told = await imported('append', 'Patient', text([patient('new2'), patient('b', { gender: 'female' }), '{']))
    expect(told.output).toEqual([expect.objectContaining({ count: 1 })])
    expect(told.error[0]?.errors?.map(({ lineNumber, resourceId }) => [lineNumber, resourceId])).toEqual([
      [2, 'Patient/b'],
      [3, null],
    ])
    expect((await held('Patient')).b).toBe('male')
  })

  test('append: a damaged archive is an input that cannot be read', async () => {
    const told = await imported('append', 'Patient', gzipSync(text([patient('cut1'), patient('cut2')])).subarray(0, 40))
    expect([told.output[0]?.count, told.error.length]).toEqual([0, 1])
  })

  test('overwrite: what does not come again is deleted, of this type and of imports only', async () => {
    await server.load('ehr', '2026-01-01T00:00:00Z', [patient('of-ehr')])
    await imported('merge', 'Condition', text([ofPatient('Condition', 'stays', 'a')]))
    const told = await imported('overwrite', 'Patient', text([patient('b', { gender: 'male' }), patient('z')]))
    expect(told.output).toEqual([expect.objectContaining({ count: 2 })])
    expect(Object.keys(await held('Patient')).toSorted()).toEqual(['b', 'of-ehr', 'z'])
    expect(Object.keys(await held('Condition'))).toEqual(['stays'])
  })

  test('overwrite: an input that cannot be read deletes nothing', async () => {
    await imported('overwrite', 'Condition', gzipSync(text([ofPatient('Condition', 'x', 'a')])).subarray(0, 30))
    expect(Object.keys(await held('Condition'))).toEqual(['stays'])
  })

  test('overwrite with nothing takes everything of the type away', async () => {
    await imported('overwrite', 'Condition', '')
    expect(await held('Condition')).toEqual({})
  })

  test('error and InitialLoad: the type must be empty', async () => {
    for (const mode of ['error', 'InitialLoad']) {
      const body = { mode, input: [{ type: 'Patient', url: `${web}/x` }] }
      expect((await server.post('/fhir/$import', body, token)).status).toBe(409)
    }
    const told = await imported('InitialLoad', 'Encounter', text([ofPatient('Encounter', 'e', 'a')]))
    expect(told.output).toEqual([expect.objectContaining({ count: 1 })])
  })

  test.each(['overwrite', 'error'])('%s wants a type for each input', async (mode) => {
    expect((await server.post('/fhir/$import', { mode, input: [{ url: `${web}/x` }] }, token)).status).toBe(400)
  })

  test('overwrite wants the right to delete', async () => {
    const mine = await server.token(await server.client('cu', 'system/*.cu'), 'system/*.cu')
    const body = { mode: 'overwrite', input: [{ type: 'Patient', url: `${web}/x` }] }
    expect((await server.post('/fhir/$import', body, mine)).status).toBe(403)
  })
})

test('D1, I-7: done again after it was published, an import comes to the same result', async () => {
  await using one = await testServer({ importAllow: [`${web}/`] })
  const mine = await one.token(await one.client('c', 'system/*.cruds'), 'system/*.cruds')
  const take = async (mode: string, body: string): Promise<Response> => {
    bodies = { '/again': body }
    return await one.post('/fhir/$import', { mode, input: [{ type: 'Patient', url: `${web}/again` }] }, mine)
  }
  await one.wait(await take('merge', text([patient('a')])), mine)
  const kickoff = await take('append', text([patient('a'), patient('b')]))
  const place = new URL(kickoff.headers.get('content-location') ?? '').pathname
  const first = (await (await one.wait(kickoff, mine)).json()) as Told & { transactionTime: string }
  {
    using control = openControl(one.lake)
    control.run("update jobs set state = 'running', result = null, expires_at = 8640000000000000 where id = ?", [
      place.split('/').at(-1) ?? '',
    ])
  }
  await one.restart()
  const moved = new Response(null, { status: 202, headers: { 'content-location': `${one.origin}${place}` } })
  const again = (await (await one.wait(moved, mine)).json()) as Told & { transactionTime: string }
  expect([again.output, again.error.map(({ errors }) => errors)]).toEqual([first.output, first.error.map(({ errors }) => errors)])
  expect(again.output).toEqual([expect.objectContaining({ count: 1 })])
})

test('I-4, I-6: inputSource and storageDetail are taken; what is not understood is refused', async () => {
  bodies = { '/s': text(['{"resourceType":"Patient","id":"src","x":1.10}']) }
  const input = [{ type: 'Patient', url: `${web}/s` }]
  const body = {
    inputSource: 'https://ehr.example.org/fhir',
    storageDetail: { type: 'https', contentEncoding: 'identity' },
    input,
  }
  const kickoff = await server.post('/fhir/$import', body, token, {
    'content-type': 'application/json',
    prefer: 'return=minimal',
  })
  expect(kickoff.status).toBe(202)
  await server.wait(kickoff, token)
  const lines = await server.lines(await server.export('/fhir/$export?_type=Patient', token), 'Patient', token)
  expect(lines).toContain('{"resourceType":"Patient","id":"src","x":1.10}')
  for (const wrong of [
    { ...body, storageDetail: { type: 'aws-s3' } },
    { ...body, storageDetail: { credentialHttpBasic: 'u:p' } },
    { ...body, force: true },
    { input: [{ ...input[0], fileRequestHeader: 'x' }] },
  ])
    expect((await server.post('/fhir/$import', wrong, token)).status).toBe(400)
})

test('I-15: a line beyond the bound is refused by itself', async () => {
  await using small = await testServer({ maxLine: 2000 })
  const mine = await small.token(await small.client('c', 'system/*.cruds'), 'system/*.cruds')
  const body = text([patient('l1'), patient('l2', { name: [{ text: 'x'.repeat(5000) }] }), patient('l3')])
  const kickoff = await small.post('/fhir/$import', body, mine, { 'content-type': 'application/fhir+ndjson' })
  const told = (await (await small.wait(kickoff, mine)).json()) as Told
  expect([told.output[0]?.count, told.error[0]?.errors?.map(({ lineNumber }) => lineNumber)]).toEqual([2, [2]])
})

test('I-14: an import that is cancelled or fails leaves nothing half-loaded', async () => {
  bodies = { '/c': text(Array.from({ length: 5000 }, (_, n) => ofPatient('Procedure', `c${n}`, 'a'))) }
  const kickoff = await server.post('/fhir/$import', { input: [{ type: 'Procedure', url: `${web}/c` }] }, token)
  const place = kickoff.headers.get('content-location') ?? ''
  expect((await server.get(place, token, {}, 'DELETE')).status).toBe(202)
  expect([0, 5000]).toContain(Object.keys(await held('Procedure')).length)
})
