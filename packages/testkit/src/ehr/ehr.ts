import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultAction } from './faults.ts'
import { readFolder } from './folder.ts'
import { FaultMatcher } from './matcher.ts'
import { Population } from './population.ts'
import { type Exchange, Provider, type Urls } from './provider.ts'
import { json, outcome, type Reply, refusal } from './reply.ts'
import { target } from './routes.ts'
import { actionOf, send } from './send.ts'
import type { Ehr, EhrOptions, RequestRecord } from './types.ts'

/**
 * Starts a Bulk Data provider over an export folder: SMART Backend Services, the three levels of `$export`, and a fault plan.
 *
 * It listens on loopback and is for tests and demonstrations: what it holds can be read by everybody unless `auth` is given.
 *
 * @example
 * await using ehr = await startEhr({ folder: './population', faults: [{ on: 'file', nth: 1, do: { kind: 'reset', afterBytes: 5000 } }] })
 * // … export from ehr.fhirUrl …
 * ehr.count('kickoff') // 1
 */
export async function startEhr(options: EhrOptions): Promise<Ehr> {
  const { folder, later = [], host = '127.0.0.1', port = 0, basePath = '/fhir', faults = [] } = options
  const folders = await Promise.all([folder, ...(typeof later === 'string' ? [later] : later)].map(readFolder))
  // Made when the first file has to be cut out of the folder's: most tests never do.
  const spool = join(tmpdir(), `floe-ehr-${randomBytes(12).toString('hex')}`)
  const population = new Population(folders, options.groups)
  const matcher = new FaultMatcher(faults)
  const requests: RequestRecord[] = []
  let provider: Provider | undefined
  const handler = (origin: 'fhir' | 'other') => (request: IncomingMessage, response: ServerResponse) => {
    if (provider === undefined) return
    void handle({ request, response, origin, provider, urls, matcher, requests, basePath })
  }
  const main = await listen(handler('fhir'), { host, port, tls: options.tls })
  const other = await listen(handler('other'), { host, port: 0, tls: options.tls })
  const origin = originOf(main, host, options.tls !== undefined)
  const urls: Urls = {
    origin,
    fhirUrl: `${origin}${basePath}`,
    tokenUrl: `${origin}/auth/token`,
    otherUrl: originOf(other, host, options.tls !== undefined),
  }
  const running = new Provider({ population, options, spool, urls })
  provider = running
  const close = async () => {
    await Promise.all([stop(main), stop(other)])
    await rm(spool, { recursive: true, force: true })
  }
  return {
    fhirUrl: urls.fhirUrl,
    tokenUrl: urls.tokenUrl,
    otherUrl: urls.otherUrl,
    requests,
    count: (route, status) =>
      requests.filter((one) => one.route === route && (status === undefined || one.status === status)).length,
    setFaults: (plan) => matcher.set(plan),
    get jobs() {
      return running.jobs.size
    },
    clearRequests: () => {
      requests.length = 0
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function listen(
  handler: Handler,
  { host, port, tls }: { host: string; port: number; tls: EhrOptions['tls'] },
): Promise<Server> {
  // Slow and silent connections are what faults are made of: no limit of the server's own may end them.
  const limits = { requestTimeout: 0, keepAliveTimeout: 60_000, highWaterMark: 1 << 20 }
  const server = tls === undefined ? createServer(limits, handler) : createTlsServer({ ...limits, ...tls }, handler)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  return server
}

function originOf(server: Server, host: string, secure: boolean): string {
  const { port } = server.address() as AddressInfo
  return `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}

interface Incoming {
  request: IncomingMessage
  response: ServerResponse
  origin: 'fhir' | 'other'
  provider: Provider
  urls: Urls
  matcher: FaultMatcher
  requests: RequestRecord[]
  basePath: string
}

async function handle({ request, response, origin, provider, urls, matcher, requests, basePath }: Incoming): Promise<void> {
  const url = new URL(request.url ?? '/', urls.origin)
  const found = target(request.method ?? 'GET', url.pathname, basePath)
  const record = recordOf(request, url, { ...found, origin })
  record.token = provider.authorization.numberOf(request.headers.authorization)
  requests.push(record)
  response.once('close', () => {
    record.finished = response.writableFinished
  })
  response.on('error', () => undefined)
  try {
    const body = await readBody(request)
    if (record.route === 'status') await settleRoute(record, provider, request)
    const actions = matcher.actions(record)
    record.faults = actions.map(({ kind }) => kind)
    const exchange: Exchange = { request, url, target: found, record, actions, body }
    const reply = await replyOf(exchange, { provider, urls, response })
    if (reply !== null) await send(response, reply, { actions, record, otherUrl: urls.otherUrl })
  } catch (error) {
    if (response.headersSent) response.destroy()
    else {
      const reply = refusal(500, 'exception', error instanceof Error ? error.message : 'internal error')
      await send(response, reply, { actions: [], record, otherUrl: urls.otherUrl })
    }
  }
}

/** A status request is one for the manifest as soon as the job is ready. */
async function settleRoute(record: RequestRecord, provider: Provider, request: IncomingMessage): Promise<void> {
  const access = provider.authorization.access(request.headers.authorization)
  const job = 'refused' in access ? null : provider.jobs.find(record.job ?? '', access.caller)
  if (job === null || !(await provider.jobs.isReady(job))) return
  record.route = 'manifest'
  record.page = 1
}

/** The answer, after the faults that replace it; `null` when there will be none. */
async function replyOf(
  exchange: Exchange,
  { provider, urls, response }: { provider: Provider; urls: Urls; response: ServerResponse },
): Promise<Reply | null> {
  const { actions, record, url } = exchange
  const delay = actionOf(actions, 'delay')
  if (delay !== undefined) await sleep(delay.ms)
  if (actionOf(actions, 'stall')?.beforeHeaders === true) return null
  const reset = actionOf(actions, 'reset')
  if (reset !== undefined && reset.afterBytes === undefined) {
    response.socket?.resetAndDestroy()
    return null
  }
  if (actionOf(actions, 'expire-tokens') !== undefined) provider.authorization.expireAll()
  const expire = actionOf(actions, 'expire-links')
  const job = provider.jobs.find(record.job ?? '', null)
  if (expire !== undefined && job !== null) provider.jobs.expireLinks(job, expire.status ?? 403)
  const answer = actionOf(actions, 'answer')
  if (answer !== undefined) return faultReply(answer)
  const redirect = actionOf(actions, 'redirect')
  if (redirect !== undefined && !url.searchParams.has('hop')) {
    return {
      status: redirect.status ?? 307,
      headers: { location: locationOf(redirect.to, exchange, provider, urls) },
      body: null,
    }
  }
  return provider.answer(exchange)
}

function locationOf(to: string, { url, record }: Exchange, provider: Provider, urls: Urls): string {
  if (to === 'same') return `${urls.origin}${url.pathname}${url.search}${url.search === '' ? '?' : '&'}hop=1`
  if (to !== 'other') return to
  // A file is there under a signed URL; anything else is only recorded, and answered as the first origin would.
  if (record.route === 'file') return `${provider.signed(url.pathname.replace('/bulk-files/', '/bucket/'))}&hop=1`
  return `${urls.otherUrl}${url.pathname}${url.search}${url.search === '' ? '?' : '&'}hop=1`
}

function faultReply({ status, headers = {}, body, issue }: Extract<FaultAction, { kind: 'answer' }>): Reply {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  if (issue !== undefined) return outcome(status, issue, lower)
  if (typeof body === 'object') return json(status, body, lower)
  return { status, headers: { ...(body === undefined ? {} : { 'content-type': 'text/plain' }), ...lower }, body: body ?? null }
}

function recordOf(
  request: IncomingMessage,
  url: URL,
  { route, level, job, page, name, type, origin }: ReturnType<typeof target> & { origin: 'fhir' | 'other' },
): RequestRecord {
  const header = (key: string) => request.headers[key]?.toString() ?? null
  const scheme = header('authorization')?.split(' ', 1)[0]?.toLowerCase()
  return {
    time: Date.now(),
    method: request.method ?? 'GET',
    route,
    origin,
    path: url.pathname,
    authorization: scheme === undefined ? 'none' : scheme === 'bearer' || scheme === 'basic' ? scheme : 'unknown',
    token: null,
    accept: header('accept'),
    acceptEncoding: header('accept-encoding'),
    prefer: header('prefer'),
    range: header('range'),
    ifRange: header('if-range'),
    file: name ?? null,
    type: type ?? name?.split('.')[0] ?? null,
    job: job ?? null,
    page: page ?? null,
    parameters: {},
    level: level ?? null,
    faults: [],
    status: null,
    bytesSent: 0,
    finished: false,
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
