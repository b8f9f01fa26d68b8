import { spawn, spawnSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { printed, type RunningFloe, runFloe, startFloe } from './cli.ts'
import { tableHashes } from './lake.ts'

const root = join(import.meta.dirname, '..')
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0
const levels = ['', 'Patient', 'Group'] as const

let dir: string
let serving: RunningFloe
let base: string
let group: string
let kid: string
const at = (...parts: string[]): string => join(dir, ...parts)

async function floe(...args: string[]): Promise<unknown> {
  const { code, json, stderr } = await runFloe([...args, ...(args[0] === 'query' ? [] : ['--json'])])
  expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, ''])
  return json
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-clients-'))
  await floe('synth', '--patients', '6', '--out', at('synth'))
  await floe('load', at('synth'), '--lake', at('lake'))
  const [first] = (await floe('query', 'select id from silver."group"', '--lake', at('lake'), '--format', 'json')) as {
    id: string
  }[]
  group = first?.id ?? ''
  await floe('keys', 'new', '--alg', 'RS384', '--out', at('key.jwks'))
  const { stdout } = await runFloe(['keys', 'public', at('key.jwks')])
  await writeFile(at('public.json'), stdout)
  const [jwk] = (JSON.parse(await readFile(at('key.jwks'), 'utf8')) as { keys: { kid: string }[] }).keys
  if (jwk === undefined) throw new Error('no key')
  kid = jwk.kid
  await writeFile(
    at('key.pem'),
    createPrivateKey({ key: jwk as never, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }),
    {
      mode: 0o600,
    },
  )
  await floe('clients', 'add', '--lake', at('lake'), '--id', 'them', '--jwks', at('public.json'), '--scope', 'system/*.rs')
  serving = startFloe(['serve', '--lake', at('lake'), '--port', '0', '--json', '--log-level', 'error'], { timeout: 600_000 })
  base = await printed(serving, /"fhir":"([^"]+)"/)
})
afterAll(async () => {
  serving.child.kill('SIGTERM')
  await serving.result
  await rm(dir, { recursive: true, force: true })
})

async function run(command: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (told += chunk.toString()))
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  expect([code, code === 0 ? '' : told]).toEqual([0, ''])
}

/**
 * What a client fetched, loaded into a lake of its own, is table by table what the server holds; `whole`: no table is missing.
 */
async function expectSame(folder: string, whole: boolean): Promise<void> {
  const lake = `${folder}-lake`
  await floe('load', folder, '--lake', lake, '--untracked')
  const [copy, original] = [await tableHashes(lake), await tableHashes(at('lake'))]
  expect(Object.keys(copy)).toEqual(expect.arrayContaining(['silver.patient', 'silver.observation', 'silver.encounter']))
  expect(copy).toEqual(whole ? original : Object.fromEntries(Object.keys(copy).map((table) => [table, original[table]])))
}

describe('clients of others export from our server, and what they have loads into an identical lake', () => {
  test.runIf(['curl', 'jq', 'openssl'].every((one) => has(one) || one === 'openssl')).each(levels)(
    'curl, openssl and jq by a script: level "%s"',
    async (level) => {
      const out = at(`curl-${level}`)
      const path = level === 'Group' ? `Group/${group}` : level
      await run([join(root, 'examples/curl-export/export.sh'), base, 'them', at('key.pem'), kid, out, path])
      await expectSame(out, level === '')
    },
  )

  test.runIf(process.env.FLOE_INTEROP === '1').each(['', 'Group'] as const)(
    'smart-fetch: level "%s"',
    async (level) => {
      const { smartFetch } = await import('../bench/peers.ts')
      const { command, absent } = await smartFetch()
      expect(absent).toBeUndefined()
      const out = at(`smart-fetch-${level}`)
      await mkdir(out)
      const auth = ['--smart-client-id', 'them', '--smart-key', at('key.jwks')]
      const which = level === 'Group' ? ['--group', group] : []
      await run([...command, 'bulk', out, '--fhir-url', base, ...auth, ...which, '--no-default-filters'])
      // It asks for the types that it knows, at every level.
      await expectSame(out, false)
    },
    600_000,
  )
})
