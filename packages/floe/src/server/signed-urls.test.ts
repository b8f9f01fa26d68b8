import { afterAll, beforeAll, expect, test } from 'vitest'
import { openControl } from '../jobs/control.ts'
import { type Registered, smallPopulation, type TestServer, testServer } from './fixture.suite.ts'
import { urlSigner } from './signed-urls.ts'

let server: TestServer
let client: Registered
let token: string
beforeAll(async () => {
  server = await testServer({ fileUrls: 'signed', fileUrlTtl: 60_000, maxExports: 20, maxExportsPerClient: 20 })
  await server.load('one', '2026-01-10T00:00:00Z', smallPopulation)
  client = await server.client('c', 'system/*.rs')
  token = await server.token(client)
})
afterAll(() => server[Symbol.asyncDispose]())

test('S-65, S-51: signed addresses are good by themselves, and the manifest says so', async () => {
  const manifest = await server.export('/fhir/$export?_type=Patient', token)
  expect(manifest.requiresAccessToken).toBe(false)
  const url = manifest.output[0]?.url ?? ''
  const answer = await fetch(url)
  expect([answer.status, answer.headers.get('content-type'), (await answer.text()).split('\n').length - 1]).toEqual([
    200,
    'application/fhir+ndjson',
    3,
  ])
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
  expect((await fetch(url, { headers: { range: 'bytes=0-4' } })).status).toBe(206)
  // The token is good here, too: for who sends it in spite of the manifest.
  expect((await server.get(url.split('?')[0] ?? '', token)).status).toBe(200)
})

test('S-65: an address with anything changed is 403, one without signature 401, status and DELETE want the token', async () => {
  const kickoff = await server.get('/fhir/$export?_type=Patient,Condition', token)
  const place = kickoff.headers.get('content-location') ?? ''
  const manifest = (await (await server.wait(kickoff, token)).json()) as { output: { url: string }[] }
  const [first = '', second = ''] = manifest.output.map(({ url }) => url)
  const changed = (name: string, value: string): string => {
    const url = new URL(first)
    url.searchParams.set(name, value)
    return url.href
  }
  const status = async (url: string): Promise<number> => (await fetch(url)).status
  expect(await status(changed('until', '9999999999'))).toBe(403)
  expect(await status(changed('key', 'none'))).toBe(403)
  expect(await status(changed('sig', `${'A'.repeat(42)}A`))).toBe(403)
  expect(await status(changed('sig', ''))).toBe(403)
  expect(await status(`${second.split('?')[0]}?${first.split('?')[1]}`)).toBe(403)
  expect(await status(first.split('?')[0] ?? '')).toBe(401)
  const query = first.split('?')[1]
  expect([await status(`${place}?${query}`), (await fetch(`${place}?${query}`, { method: 'DELETE' })).status]).toEqual([401, 401])
  expect(await status(`${server.origin}/fhir/Group?${query}`)).toBe(401)
})

test('S-65: it ends with the job, and with the rights of the client', async () => {
  const other = await server.client('leaver', 'system/*.rs')
  const mine = await server.token(other)
  const kickoff = await server.get('/fhir/$export?_type=Patient', mine)
  const place = kickoff.headers.get('content-location') ?? ''
  const urls = ((await (await server.wait(kickoff, mine)).json()) as { output: { url: string }[] }).output.map(({ url }) => url)
  await server.client('leaver', 'system/Condition.rs')
  expect((await fetch(urls[0] ?? '')).status).toBe(403)
  await server.client('leaver', 'system/*.rs', { groups: ['g1'] })
  expect((await fetch(urls[0] ?? '')).status).toBe(404)
  await server.client('leaver', 'system/*.rs')
  expect((await fetch(urls[0] ?? '')).status).toBe(200)
  const again = await server.token({ ...other, ...(await server.client('leaver', 'system/*.rs')) })
  expect((await server.get(place, again, {}, 'DELETE')).status).toBe(202)
  expect((await fetch(urls[0] ?? '')).status).toBe(404)
})

test('keys change every day, the former one checks what it signed until that is over, and no longer', () => {
  let now = Date.UTC(2026, 0, 1)
  const hour = 3_600_000
  using control = openControl(server.dir)
  const signer = urlSigner(control, { now: () => new Date(now), longestLife: hour })
  const address = 'http://localhost/fhir/$export-file/a/b.ndjson'
  const at = (text: string) => signer.verify(new URL(text))
  const keyOf = (text: string) => new URL(text).searchParams.get('key')
  const first = signer.sign(address, now + hour)
  expect([at(first), at(address), keyOf(signer.sign(address, now + hour))]).toEqual(['good', undefined, keyOf(first)])
  expect(at(first.replace('$export', '%24export'))).toBe('good')
  now += 24 * hour - hour / 2
  const second = signer.sign(address, now + hour)
  now += hour / 2
  const third = signer.sign(address, now + hour)
  expect([at(first), at(second), at(third), keyOf(third) === keyOf(second)]).toEqual(['expired', 'good', 'good', false])
  now += 24.5 * hour
  signer.sign(address, now + hour)
  expect([at(second), at(third)]).toEqual(['wrong', 'expired'])
})
