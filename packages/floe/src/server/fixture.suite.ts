import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newKeys } from '@floe/client'
import { openLake } from '@floe/lake'
import { importJWK, type JWK, SignJWT } from 'jose'
import { type Client, putClient } from '../jobs/clients.ts'
import { openControl } from '../jobs/control.ts'
import { openLog } from './log.ts'
import { type RunningServer, startServer } from './serve.ts'
import { type ServerSettings, usualPatience } from './settings.ts'

export interface Resource {
  readonly resourceType: string
  readonly id: string
  readonly [element: string]: unknown
}

export interface Registered {
  readonly id: string
  readonly key: JWK
}

/** A lake, its server, and what a client needs to talk to it. */
export interface TestServer extends AsyncDisposable {
  readonly dir: string
  readonly lake: string
  origin: string
  /** Loads resources (and deletions) as one export. */
  load(name: string, time: string, resources: readonly Resource[], deleted?: readonly string[], source?: string): Promise<void>
  client(id: string, scope: string, rest?: Partial<Client>): Promise<Registered>
  assertion(client: Registered, change?: AssertionChange): Promise<string>
  token(client: Registered, scope?: string): Promise<string>
  get(path: string, token?: string, headers?: Record<string, string>, method?: string): Promise<Response>
  post(path: string, body: unknown, token?: string, headers?: Record<string, string>): Promise<Response>
  /** Kick-off to manifest. */
  export(path: string, token?: string, headers?: Record<string, string>): Promise<ManifestJson>
  wait(kickoff: Response, token?: string): Promise<Response>
  lines(manifest: ManifestJson, type: string, token?: string, item?: 'output' | 'deleted' | 'error'): Promise<string[]>
  restart(settings?: Partial<ServerSettings>): Promise<void>
}

export interface AssertionChange {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly key?: JWK
}

export interface ManifestJson {
  transactionTime: string
  request: string
  requiresAccessToken: boolean
  output: { type: string; url: string; count: number }[]
  deleted: { type: string; url: string; count: number }[]
  error: {
    type: string
    url: string
    count: number
    inputUrl?: string
    errors?: { lineNumber: number | null; resourceId: string | null; message: string }[]
  }[]
}

export const settings: ServerSettings = {
  publicUrl: undefined,
  open: false,
  importAllow: [],
  issuer: undefined,
  fileUrls: 'bearer',
  fileUrlTtl: 60_000,
  disclosures: false,
  exportTtl: 60_000,
  sharedTypes: [],
  tokenTtl: 300,
  patience: usualPatience,
  drainTimeout: 5000,
  maxExports: 4,
  maxExportsPerClient: 2,
  maxLine: 1_000_000,
  maxImport: 100_000_000,
}

export async function testServer(changed: Partial<ServerSettings> = {}): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-server-'))
  const lake = join(dir, 'lake')
  let running: RunningServer
  const start = async (more: Partial<ServerSettings>): Promise<void> => {
    const log = openLog('silent', process.stderr)
    const options = { lake: { dir: lake, memoryLimit: '512MB', threads: 2 }, settings: { ...settings, ...changed, ...more }, log }
    running = await startServer({ ...options, host: '127.0.0.1', port: 0 })
    server.origin = running.origin
  }
  const send = (path: string, init: RequestInit, token?: string): Promise<Response> => {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(init.headers as Record<string, string>),
    }
    return fetch(path.startsWith('http') ? path : `${server.origin}${path}`, { redirect: 'manual', ...init, headers })
  }
  const server: TestServer = {
    dir,
    lake,
    origin: '',
    load: async (name, time, resources, deleted = [], source = 'ehr') => {
      const folder = join(dir, name)
      await writeExport(folder, resources, deleted)
      await using opened = await openLake({ dir: lake, create: true, memoryLimit: '512MB' })
      await opened.load({ folders: [folder], source, exportGroup: 'g', exportTimestamp: time })
    },
    client: async (id, scope, rest = {}) => {
      const { privateJwks, publicJwks } = await newKeys({ alg: 'ES384' })
      using control = openControl(lake)
      const jwks = { keys: publicJwks.keys as unknown as readonly Record<string, unknown>[] }
      const keys = rest.jwksUrl === undefined && rest.external !== true ? { jwks } : {}
      putClient(control, { id, scope, groups: [], createdAt: '2026-01-01T00:00:00Z', ...keys, ...rest })
      return { id, key: privateJwks.keys[0] as JWK }
    },
    assertion: async ({ id, key }, { claims = {}, header = {}, key: other = key } = {}) => {
      const now = Math.floor(Date.now() / 1000)
      const payload = { iss: id, sub: id, aud: `${server.origin}/auth/token`, exp: now + 240, jti: randomUUID(), ...claims }
      const head = { alg: 'ES384', kid: key.kid, typ: 'JWT', ...header }
      const alg = String(head.alg)
      return await new SignJWT(payload).setProtectedHeader(head as never).sign(await importJWK(other, alg))
    },
    token: async (client, scope = 'system/*.rs') => {
      const answer = await requestToken(server, await server.assertion(client), { scope })
      return ((await answer.json()) as { access_token: string }).access_token
    },
    get: (path, token, headers = {}, method = 'GET') => send(path, { headers, method }, token),
    post: (path, body, token, headers = {}) =>
      send(
        path,
        {
          method: 'POST',
          headers: { 'content-type': 'application/fhir+json', ...headers },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        },
        token,
      ),
    export: async (path, token, headers = {}) =>
      (await (await server.wait(await server.get(path, token, headers), token)).json()) as ManifestJson,
    wait: async (kickoff, token) => {
      if (kickoff.status !== 202) throw new Error(`kick-off answered ${kickoff.status}: ${await kickoff.text()}`)
      await kickoff.body?.cancel()
      for (let pause = 20; ; pause = Math.min(1000, pause * 1.2)) {
        const status = await server.get(kickoff.headers.get('content-location') ?? '', token)
        if (status.status !== 202) return status
        await status.body?.cancel()
        await sleep(pause)
      }
    },
    lines: async (manifest, type, token, item = 'output') => {
      const texts: string[] = []
      for (const { url } of manifest[item].filter((one) => one.type === type))
        texts.push(await (await server.get(url, token)).text())
      return texts
        .join('')
        .split('\n')
        .filter((line) => line !== '')
    },
    restart: async (more = {}) => {
      await running[Symbol.asyncDispose]()
      await start(more)
    },
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
  await start({})
  return server
}

/** Writes an export folder without a log. */
export async function writeExport(
  folder: string,
  resources: readonly Resource[],
  deleted: readonly string[] = [],
): Promise<void> {
  await mkdir(join(folder, 'deleted'), { recursive: true })
  for (const [type, all] of Map.groupBy(resources, (one) => one.resourceType)) {
    await writeFile(join(folder, `${type}.ndjson`), all.map((one) => `${JSON.stringify(one)}\n`).join(''))
  }
  if (deleted.length === 0) return
  const entry = deleted.map((url) => ({ request: { method: 'DELETE', url } }))
  await writeFile(join(folder, 'deleted/Bundle.ndjson'), JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }))
}

export function requestToken(server: TestServer, assertion: string, form: Record<string, string> = {}): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope: 'system/*.rs',
    ...form,
  })
  return fetch(`${server.origin}/auth/token`, { method: 'POST', body })
}

export const patient = (id: string, rest: object = {}): Resource => ({ resourceType: 'Patient', id, ...rest })
export const ofPatient = (resourceType: string, id: string, of: string, rest: object = {}): Resource => ({
  resourceType,
  id,
  subject: { reference: `Patient/${of}` },
  ...rest,
})

/** The ids of lines, sorted. */
export const idsOf = (lines: readonly string[]): string[] =>
  lines.map((line) => (JSON.parse(line) as { id: string }).id).toSorted()

/** Three patients, two of them in the Group, and what is theirs. */
export const smallPopulation: readonly Resource[] = [
  patient('p1', { meta: { lastUpdated: '2026-01-01T00:00:00Z' }, gender: 'female', birthDate: '1980-02-03' }),
  patient('p2', { meta: { lastUpdated: '2026-01-02T00:00:00Z' }, gender: 'male' }),
  patient('p3', { gender: 'other' }),
  ofPatient('Condition', 'c1', 'p1', { code: { coding: [{ system: 'http://snomed.info/sct', code: '38341003' }] } }),
  ofPatient('Condition', 'c2', 'p2'),
  ofPatient('Condition', 'c3', 'p3'),
  ofPatient('Observation', 'o1', 'p1', { status: 'final', code: { text: 'x' }, valueQuantity: { value: 1.5 } }),
  ofPatient('Observation', 'o2', 'p3', { status: 'preliminary', code: { text: 'x' } }),
  { resourceType: 'Organization', id: 'org' },
  {
    resourceType: 'Group',
    id: 'g1',
    type: 'person',
    actual: true,
    member: [{ entity: { reference: 'Patient/p1' } }, { entity: { reference: 'Patient/p2' } }],
  },
  { resourceType: 'Group', id: 'g2', type: 'person', actual: true, member: [{ entity: { reference: 'Patient/p3' } }] },
]
