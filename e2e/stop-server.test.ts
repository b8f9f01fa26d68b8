import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { printed, type RunningFloe, runFloe, startFloe } from './cli.ts'
import { tableHashes } from './lake.ts'
import { makeExportFolder, scratch } from './support.ts'

interface Server {
  readonly running: RunningFloe
  readonly origin: string
}

async function serve(lake: string): Promise<Server> {
  const args = [
    'serve',
    '--lake',
    lake,
    '--open',
    '--port',
    '0',
    '--json',
    '--log-level',
    'silent',
    '--max-exports-per-client',
    '4',
  ]
  const running = startFloe(args, { timeout: 170_000 })
  return { running, origin: await printed(running, /"serving":"([^"]+)"/) }
}

interface Manifest {
  readonly output: readonly { readonly type?: string; readonly url: string; readonly count: number }[]
}

async function kickOff(origin: string, path: string, body?: string): Promise<string> {
  const sent = body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'application/fhir+ndjson' } }
  const answer = await fetch(`${origin}${path}`, sent)
  await answer.body?.cancel()
  expect([path, answer.status]).toEqual([path, 202])
  return new URL(answer.headers.get('content-location') ?? '').pathname
}

async function finished(origin: string, status: string): Promise<Manifest> {
  for (;;) {
    const answer = await fetch(`${origin}${status}`)
    if (answer.status === 200) return (await answer.json()) as Manifest
    expect([answer.status, answer.status === 202 ? '' : await answer.text()]).toEqual([202, ''])
    await sleep(700)
  }
}

async function linesOf({ output }: Manifest): Promise<string[]> {
  const texts = await Promise.all(output.map(async ({ url }) => (await fetch(url)).text()))
  return texts.flatMap((text) => text.trimEnd().split('\n')).toSorted()
}

const ndjson = (lines: number, of: (n: number) => object): string =>
  Array.from({ length: lines }, (_, n) => `${JSON.stringify(of(n))}\n`).join('')

/** A download that has begun and is not read on: more of it is to come than the system keeps for a connection. */
async function begun(url: string): Promise<Socket> {
  const { hostname, port, pathname, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await once(socket, 'readable')
  return socket
}

test('SIGTERM during an export, an import and a download: the download ends, the jobs go on, nothing is lost', async () => {
  await using place = await scratch('stop-server')
  const lake = join(place.dir, 'lake')
  const folder = await makeExportFolder(join(place.dir, 'in'), {
    'Patient.000.ndjson': ndjson(60, (n) => ({
      resourceType: 'Patient',
      id: `p${n}`,
      text: { status: 'generated', div: `<div>${n}${'x'.repeat(900_000)}</div>` },
    })),
    'Observation.000.ndjson': ndjson(8000, (n) => ({
      resourceType: 'Observation',
      id: `o${n}`,
      status: 'final',
      code: { text: 'Größe' },
      subject: { reference: `Patient/p${n % 60}` },
    })),
  })
  const loaded = await runFloe(['load', folder, '--lake', lake, '--untracked'])
  expect([loaded.code, loaded.code === 0 ? '' : loaded.stderr]).toEqual([0, ''])
  const before = await tableHashes(lake)
  const first = await serve(lake)
  const whole = await finished(first.origin, await kickOff(first.origin, '/fhir/$export?_type=Patient'))
  const url = whole.output[0]?.url ?? ''
  const text = Buffer.from(await (await fetch(url)).arrayBuffer())
  const download = await begun(url)
  const sent = ndjson(8000, (n) => ({ resourceType: 'Basic', id: `b${n}`, code: { text: `${n}` } }))
    .trimEnd()
    .split('\n')
  const [exporting, importing] = await Promise.all([
    kickOff(first.origin, '/fhir/$export?_type=Observation,Patient'),
    kickOff(first.origin, '/fhir/$import', sent.join('\n')),
  ])
  first.running.child.kill('SIGTERM')
  for (let ready = 200; ready !== 503; ready = (await fetch(`${first.origin}/readyz`)).status) await sleep(10)
  expect((await fetch(`${first.origin}/fhir/$export`)).status).toBe(503)
  const answer = await buffer(download)
  const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  expect(sha(answer.subarray(answer.indexOf('\r\n\r\n') + 4))).toBe(sha(text))
  const { code, json } = await first.running.result
  expect([code, json]).toEqual([0, { stopped: true }])

  const second = await serve(lake)
  const exported = await linesOf(await finished(second.origin, exporting))
  const imported = await finished(second.origin, importing)
  expect(imported.output.map(({ count }) => count)).toEqual([sent.length])
  const basics = await linesOf(await finished(second.origin, await kickOff(second.origin, '/fhir/$export?_type=Basic')))
  second.running.child.kill('SIGTERM')
  expect((await second.running.result).code).toBe(0)
  expect(basics).toEqual(sent.toSorted())
  expect(exported.length).toBe(8060)
  const { 'silver.basic': _, ...after } = await tableHashes(lake)
  expect(after).toEqual(before)
})
