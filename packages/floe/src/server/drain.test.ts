import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDrain } from './drain.ts'
import { patient, type Registered, type TestServer, testServer } from './fixture.suite.ts'

/** People whose file is longer than what the system keeps for a connection (tcp_rmem and tcp_wmem: up to 38 MB). */
const people = Array.from({ length: 60 }, (_, n) =>
  patient(`p${n}`, { text: { status: 'generated', div: `<div>${n}${'x'.repeat(900_000)}</div>` } }),
)

/** A download that has begun and is not read on. */
async function begun(token: string): Promise<{ socket: Socket; bytes: number }> {
  const [file] = (await server.export('/fhir/$export?_type=Patient', token)).output
  const { hostname, port, pathname, host } = new URL(file?.url ?? '')
  const bytes = Number(
    (await server.get(file?.url ?? '', token, { 'accept-encoding': 'identity' }, 'HEAD')).headers.get('content-length'),
  )
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  await once(socket, 'readable')
  return { socket, bytes }
}

const bodyOf = (answer: Buffer): Buffer => answer.subarray(answer.indexOf('\r\n\r\n') + 4)

let server: TestServer
let client: Registered

beforeAll(async () => {
  server = await testServer({ drainTimeout: 60_000 })
  await server.load('one', '2026-01-01T00:00:00Z', people)
  client = await server.client('c', 'system/*.rs system/*.cu')
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

test('a server that stops is not ready, takes no job, tells of the ones it has, and ends the download', async () => {
  const token = await server.token(client, 'system/*.rs system/*.cu')
  const { socket, bytes } = await begun(token)
  const finished = await server.get('/fhir/$export?_type=Patient', token)
  await server.wait(finished, token)
  expect((await server.get('/readyz')).status).toBe(200)
  const { origin } = server
  const stopped = server.restart()
  const ready = await fetch(`${origin}/readyz`)
  expect([ready.status, ready.headers.get('connection'), await ready.json()]).toEqual([503, 'close', { status: 'stopping' }])
  expect((await fetch(`${origin}/healthz`)).status).toBe(200)
  const status = await fetch(finished.headers.get('content-location') ?? '', { headers: { authorization: `Bearer ${token}` } })
  expect(status.status).toBe(200)
  const sqlBody = { resourceType: 'Parameters', parameter: [] }
  const kickOffs: readonly [string, string, unknown][] = [
    ['GET', '/fhir/$export', undefined],
    ['GET', '/fhir/Patient/$export', undefined],
    ['GET', '/fhir/$bulk-publish', undefined],
    ['POST', '/fhir/$import', { resourceType: 'Patient', id: 'new' }],
    ['POST', '/fhir/$sql-export', sqlBody],
  ]
  for (const [method, path, body] of kickOffs) {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+ndjson' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const { issue } = (await answer.json()) as { issue: { code: string }[] }
    expect([path, answer.status, answer.headers.get('retry-after'), issue[0]?.code]).toEqual([path, 503, '10', 'transient'])
  }
  const whole = bodyOf(await buffer(socket))
  expect(whole.length).toBe(bytes)
  await stopped
  expect((await server.get('/readyz')).status).toBe(200)
})

test('a download that does not end within the limit is cut', async () => {
  await server.restart({ drainTimeout: 100 })
  const { socket, bytes } = await begun(await server.token(client))
  socket.on('error', () => undefined)
  await server.restart()
  const part = await buffer(socket).catch(() => Buffer.alloc(0))
  expect(part.length).toBeLessThan(bytes)
})

test('waits for what is being answered, and no longer than the limit', async () => {
  const drain = openDrain()
  await drain.idle(60_000)
  const [one, two] = [drain.enter(), drain.enter()]
  const waiting = drain.idle(60_000)
  one()
  expect(drain.active()).toBe(1)
  expect(await Promise.race([waiting.then(() => 'idle'), sleep(20, 'waits')])).toBe('waits')
  two()
  await waiting
  drain.enter()
  await drain.idle(10)
  expect([drain.active(), drain.stopping()]).toEqual([1, false])
})
