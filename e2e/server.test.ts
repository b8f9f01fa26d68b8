import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { printed, type RunningFloe, runFloe, startFloe } from './cli.ts'
import { tableHashes } from './lake.ts'

let root: string
let lake: string
let key: string
let population: { groupId: string }
const at = (...parts: string[]): string => join(root, ...parts)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-serve-'))
  lake = at('lake')
  key = at('key.json')
  await floe('synth', '--patients', '8', '--out', at('synth'))
  population = { groupId: 'demo' }
  await floe('load', at('synth'), '--lake', lake, '--source', 'synth')
  const groups = (await floe('query', 'select id from silver."group"', '--lake', lake, '--format', 'json')).json as {
    id: string
  }[]
  population.groupId = groups[0]?.id ?? ''
  await floe('keys', 'new', '--alg', 'ES384', '--out', key)
  await chmod(key, 0o600)
  const { stdout } = await runFloe(['keys', 'public', key])
  expect(stdout).not.toContain('"d"')
  const { writeFile } = await import('node:fs/promises')
  await writeFile(at('public.json'), stdout)
  await floe('clients', 'add', '--lake', lake, '--id', 'me', '--jwks', at('public.json'), '--scope', 'system/*.cruds')
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function floe(...args: string[]): Promise<Awaited<ReturnType<typeof runFloe>>> {
  const result = await runFloe([...args, ...(args[0] === 'query' ? [] : ['--json'])])
  expect([args.join(' '), result.code, result.code === 0 ? '' : result.stderr]).toEqual([args.join(' '), 0, ''])
  return result
}

interface Server {
  readonly running: RunningFloe
  readonly origin: string
}

/** Starts the server and waits until it says where it is. */
async function serve(...args: string[]): Promise<Server> {
  const running = startFloe(['serve', '--lake', lake, '--port', '0', '--log-level', 'error', '--json', ...args], {
    timeout: 170_000,
  })
  const origin = await printed(running, /"serving":"([^"]+)"/)
  return { running, origin }
}

test('our own client exports at three levels with authentication, and the result loads into an identical lake', async () => {
  const { running, origin } = await serve()
  const auth = ['--smart-client-id', 'me', '--smart-key', key]
  await floe('export', `${origin}/fhir`, at('system'), '--system', ...auth)
  await floe('export', `${origin}/fhir`, at('patient'), '--patient-level', ...auth)
  await floe('export', `${origin}/fhir/Group/${population.groupId}`, at('group'), ...auth)
  running.child.kill('SIGTERM')
  expect((await running.result).code).toBe(0)
  const original = await tableHashes(lake)
  for (const level of ['system', 'patient', 'group']) {
    await floe('load', at(level), '--lake', at(`${level}-lake`))
    const copy = await tableHashes(at(`${level}-lake`))
    const expected = Object.fromEntries(Object.entries(original).filter(([table]) => level === 'system' || table in copy))
    expect([level, copy]).toEqual([level, expected])
    if (level !== 'system')
      expect(Object.keys(copy)).toEqual(expect.arrayContaining(['silver.patient', 'silver.observation', 'silver.encounter']))
  }
})

describe('where it listens', () => {
  test('--open beyond this machine is exit 2', async () => {
    const { code, error } = await runFloe(['serve', '--lake', lake, '--open', '--host', '0.0.0.0', '--json'])
    expect([code, error?.code]).toEqual([2, 'usage'])
  })

  test('without clients it stays on this machine and says so', async () => {
    const empty = at('empty-lake')
    const running = startFloe(['serve', '--lake', empty, '--port', '0', '--host', '0.0.0.0', '--json'])
    let text = ''
    running.child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    while (!text.includes('serving')) await sleep(50)
    running.child.kill('SIGTERM')
    const { stderr } = await running.result
    expect(text).toMatch(/"serving":"http:\/\/127\.0\.0\.1:\d+"/)
    expect(stderr).toMatch(/no client is registered/)
  })

  test('a second server on a lake is refused', async () => {
    const { running } = await serve()
    const { code, error } = await runFloe(['serve', '--lake', lake, '--port', '0', '--json'])
    running.child.kill('SIGTERM')
    await running.result
    expect([code, error?.code]).toEqual([1, 'lake-busy'])
  })
})

test('clients come and go in a running server; its files are the owner’s alone', async () => {
  const { running, origin } = await serve()
  await floe(
    'clients',
    'add',
    '--lake',
    lake,
    '--id',
    'late',
    '--jwks',
    at('public.json'),
    '--scope',
    'system/Patient.rs',
    '--group',
    'a',
    '--group',
    'b',
  )
  const listed = (await floe('clients', 'list', '--lake', lake)).json as { clients: { id: string; groups: string[] }[] }
  expect(listed.clients.find(({ id }) => id === 'late')?.groups).toEqual(['a', 'b'])
  expect(
    (await runFloe(['export', `${origin}/fhir`, at('late'), '--system', '--smart-client-id', 'late', '--smart-key', key])).code,
  ).toBe(4)
  await floe('clients', 'remove', '--lake', lake, '--id', 'late')
  expect(
    (await runFloe(['export', `${origin}/fhir`, at('late2'), '--system', '--smart-client-id', 'late', '--smart-key', key])).code,
  ).toBe(3)
  running.child.kill('SIGTERM')
  await running.result
  expect((await stat(join(lake, 'control.db'))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(lake, 'control.db'), 'latin1')).not.toContain('PRIVATE')
})

test.each([
  [['--scope', 'nonsense'], /none that this server grants/],
  [['--scope', 'system/Observation.rs?code=1,2,system/Patient.rs?name=x'], /Patient cannot be narrowed by name/],
  [['--scope', 'system/*.rs', '--jwks-url', 'http://keys.example.org/'], /one of --jwks/],
] as const)('clients add %s is exit 2', async (args, message) => {
  const { code, error } = await runFloe([
    'clients',
    'add',
    '--lake',
    lake,
    '--id',
    'x',
    '--jwks',
    at('public.json'),
    ...args,
    '--json',
  ])
  expect([code, error?.message]).toEqual([2, expect.stringMatching(message)])
})

test('kill -9 in the middle of exports and imports: they finish after the next start, no line lost or doubled', async () => {
  const expected = (await floe('query', 'select count(*) as n from silver.observation', '--lake', lake, '--format', 'json'))
    .json as { n: number }[]
  const people = Array.from({ length: 300 }, (_, n) => JSON.stringify({ resourceType: 'Basic', id: `k${n}` }))
  let server = await serve('--open')
  const exportPlaces: string[] = []
  const imports: string[] = []
  for (let round = 0; round < 4; round++) {
    const kick = await fetch(`${server.origin}/fhir/$export?_type=Observation`)
    if (kick.status === 202) exportPlaces.push(new URL(kick.headers.get('content-location') ?? '').pathname)
    const body = people.slice(round * 75, (round + 1) * 75).join('\n')
    const sent = await fetch(`${server.origin}/fhir/$import`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/fhir+ndjson' },
    })
    if (sent.status === 202) imports.push(new URL(sent.headers.get('content-location') ?? '').pathname)
    await sleep(40 + round * 130)
    server.running.child.kill('SIGKILL')
    await server.running.result
    server = await serve('--open')
  }
  const finished = async (path: string): Promise<{ output: { url: string; count: number }[] }> => {
    for (;;) {
      const status = await fetch(`${server.origin}${path}`)
      if (status.status !== 202) {
        expect(status.status).toBe(200)
        return (await status.json()) as { output: { url: string; count: number }[] }
      }
      await status.body?.cancel()
      await sleep(200)
    }
  }
  for (const place of exportPlaces) {
    const { output } = await finished(place)
    const lines = (await Promise.all(output.map(async ({ url }) => (await fetch(url)).text()))).join('').trimEnd().split('\n')
    expect([lines.length, new Set(lines).size]).toEqual([expected[0]?.n, expected[0]?.n])
  }
  const counts = await Promise.all(imports.map(async (place) => (await finished(place)).output[0]?.count))
  expect(counts).toEqual(imports.map(() => 75))
  server.running.child.kill('SIGTERM')
  await server.running.result
  const rows = (
    await floe('query', 'select count(*) as n, count(distinct id) as d from silver.basic', '--lake', lake, '--format', 'json')
  ).json
  expect(rows).toEqual([{ n: imports.length * 75, d: imports.length * 75 }])
})
