import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Ehr, startEhr } from '@floe/testkit'
import { scratch } from '../support.ts'

const root = join(import.meta.dirname, '../..')

/** What pages take as given. Each part is a folder or file of the template that the scene begins with. */
export type Part = 'export' | 'lake' | 'key' | 'views' | 'rules' | 'ndjson' | 'moved' | 'sources'

export interface CommandResult {
  code: number | null
  output: string
}

/** A reader's machine: a working folder, `floe` on the PATH, and the servers that pages speak of. */
export interface Scene extends AsyncDisposable {
  dir: string
  run(command: string): Promise<CommandResult>
  /** Ends what runs until it is told to: before the next such command, and at the end. */
  stop(): Promise<void>
}

/** Names that stand in pages for what a site has, and what they are here. */
const names: readonly (readonly [RegExp, string])[] = [
  [/Group\/(42|GROUP_ID)\b/g, 'Group/demo'],
  [/--group 42\b/g, '--group demo'],
  [/"group": "42"/g, '"group": "demo"'],
  [/^npm install && /, ''],
  [/^npx floe\b/, 'floe'],
  [/^floe demo( --patients \d+)?/, 'floe demo --patients 10'],
  [/^(floe synth .*--patients) \d+/, '$1 20'],
]

/** Commands that run until they are told to stop. */
const endless = /^floe serve\b|--watch\b/

/**
 * Opens a scene that holds the wanted parts of the template.
 *
 * `https://ehr.example.org/fhir` is a mock EHR: with SMART Backend Services where the command tells a key, else without.
 * It knows the key that lies in the working folder when it is first asked for.
 */
export async function openScene(template: string, parts: readonly Part[], files?: string): Promise<Scene> {
  const place = await scratch('docs')
  const { dir } = place
  for (const part of parts) await cp(join(template, part), dir, { recursive: true })
  const bin = join(dir, '.bin')
  await mkdir(bin)
  const floe = join(bin, 'floe')
  await writeFile(floe, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'packages/floe/bin/floe.js')}" "$@"\n`)
  await chmod(floe, 0o755)
  const port = await freePort()
  const servers = new Map<string, Ehr>()
  const background: (() => Promise<void>)[] = []
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(FLOE_|NODE_OPTIONS|VITEST|FORCE_COLOR)/.test(name))),
    PATH: `${bin}:${process.env.PATH}`,
    HOME: dir,
    NO_COLOR: '1',
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/floe-e2e'),
    FLOE_PORT: String(port),
    FLOE_POLL_INTERVAL: '100ms',
  }

  const ehrOf = async (kind: 'smart' | 'open'): Promise<Ehr> => {
    const known = servers.get(kind)
    if (known !== undefined) return known
    const clients = ['my-client', 'CLIENT_ID', 'epic', 'oracle', 'a', 'b']
    const jwks = kind === 'smart' ? await publicKeys(join(dir, 'key.json')) : undefined
    const auth = jwks === undefined ? undefined : { clients: clients.map((clientId) => ({ clientId, jwks })) }
    const ehr = await startEhr({
      folder: join(template, 'population'),
      later: join(template, 'later'),
      polls: 0,
      ...(auth === undefined ? {} : { auth }),
    })
    servers.set(kind, ehr)
    return ehr
  }

  const here = async (command: string): Promise<string> => {
    let text = names.reduce((known, [pattern, value]) => known.replace(pattern, value), command).replaceAll('8484', String(port))
    if (/https:\/\/(ehr|epic|oracle)\.example\.org\/fhir/.test(text)) {
      const { fhirUrl } = await ehrOf(/--smart-key|"smartKey"/.test(text) ? 'smart' : 'open')
      text = text.replace(/https:\/\/(ehr|epic|oracle)\.example\.org\/fhir/g, fhirUrl)
    }
    return text
  }

  if (files?.includes('/examples/')) await cp(files, dir, { recursive: true })
  const config = join(dir, 'floe.config.json')
  if (existsSync(config)) await writeFile(config, await here(await readFile(config, 'utf8')))
  const stop = async (): Promise<void> => {
    for (const one of background.splice(0)) await one()
  }
  return {
    dir,
    async run(command) {
      const text = await here(command)
      if (!endless.test(text)) return await shell(text, dir, env)
      await stop()
      const running = startEndless(text, dir, env)
      background.push(running.stop)
      return await running.ready
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      for (const ehr of servers.values()) await ehr.close()
      await place[Symbol.asyncDispose]()
    },
  }
}

async function publicKeys(file: string): Promise<{ keys: { [name: string]: unknown }[] }> {
  const { keys } = JSON.parse(await readFile(file, 'utf8')) as { keys: Record<string, unknown>[] }
  return { keys: keys.map(({ d, p, q, dp, dq, qi, ...open }) => ({ ...open, key_ops: ['verify'] })) }
}

function shell(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const child = spawn('bash', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 180_000 })
  return ended(child)
}

function ended(child: ReturnType<typeof spawn>): Promise<CommandResult> {
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }))
  })
}

/** Starts what does not end: `ready` comes with its first output, or with its end when that is sooner. */
function startEndless(
  command: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): { ready: Promise<CommandResult>; stop: () => Promise<void> } {
  const child = spawn('bash', ['-c', `exec ${command}`], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = ended(child)
  const first = new Promise<CommandResult>((resolve) => {
    const said = (): void => void setTimeout(() => resolve({ code: child.exitCode ?? 0, output: '' }), 300)
    child.stdout?.once('data', said)
    child.stderr?.once('data', said)
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM')
    await end
  }
  return { ready: Promise.race([first, end]), stop }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
