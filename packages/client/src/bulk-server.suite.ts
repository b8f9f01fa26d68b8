import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request that the fake server saw. */
export interface Seen {
  method: string
  path: string
  authorization: string | null
  headers: Record<string, string | string[] | undefined>
  body: string
}

export type Handler = (request: Seen, response: ServerResponse, nth: number) => void | Promise<void>

export interface FakeFile {
  itemType?: 'output' | 'deleted' | 'error'
  type?: unknown
  body?: string | Buffer
  count?: unknown
  /** Instead of serving the body. `nth` counts the requests for this file from 0. */
  handler?: Handler
  /** In the manifest instead of the file's own address. */
  url?: string
}

export interface FakeOptions {
  files?: FakeFile[]
  requiresAccessToken?: unknown
  kickoff?: Handler
  status?: Handler
  remove?: Handler
  metadata?: unknown
  smart?: unknown
  token?: Handler
  manifest?: (base: string) => unknown
  other?: Handler
}

/** A small Bulk Data server whose every answer a test can replace. Not a mock EHR: no checks of its own. */
export interface FakeServer extends AsyncDisposable {
  fhirUrl: string
  origin: string
  seen: Seen[]
  options: FakeOptions
  /** Requests by `METHOD /path` beginning. */
  count(prefix: string): number
}

export const transactionTime = '2026-11-21T02:00:00.000Z'

export function lines(type: string, count: number, extra = ''): string {
  return Array.from({ length: count }, (_, index) => `{"resourceType":"${type}","id":"${type}-${index}"${extra}}\n`).join('')
}

export async function startFake(options: FakeOptions = {}): Promise<FakeServer> {
  const seen: Seen[] = []
  const counts = new Map<string, number>()
  const server = createServer((request, response) => {
    answer(request, response).catch((cause: unknown) => response.destroy(cause as Error))
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const fake: FakeServer = {
    fhirUrl: `${origin}/fhir`,
    origin,
    seen,
    options,
    count: (prefix) => seen.filter(({ method, path }) => `${method} ${path}`.startsWith(prefix)).length,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const entry: Seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization ?? null,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    seen.push(entry)
    const key = `${entry.method} ${entry.path.split('?')[0]}`
    const nth = counts.get(key) ?? 0
    counts.set(key, nth + 1)
    await route(fake, entry)(entry, response, nth)
  }
  return fake
}

function route(fake: FakeServer, { method, path }: Seen): Handler {
  const { options, fhirUrl } = fake
  const [bare = ''] = path.split('?')
  if (bare.endsWith('$export'))
    return (
      options.kickoff ?? ((_, response) => send(response, 202, '', { 'content-location': `${fhirUrl}/job/0123456789abcdef` }))
    )
  if (bare === '/fhir/job/0123456789abcdef' && method === 'DELETE')
    return options.remove ?? ((_, response) => send(response, 202))
  if (bare === '/fhir/job/0123456789abcdef') return options.status ?? ((_, response) => sendManifest(fake, response))
  if (bare === '/fhir/metadata')
    return (_, response) => sendJson(response, options.metadata === undefined ? 404 : 200, options.metadata ?? {})
  if (bare === '/fhir/.well-known/smart-configuration') {
    return (_, response) => sendJson(response, options.smart === undefined ? 404 : 200, options.smart ?? {})
  }
  if (bare === '/token') return options.token ?? ((_, response) => send(response, 404))
  const file = /^\/files\/(\d+)$/.exec(bare)
  const found = file === null ? undefined : options.files?.[Number(file[1])]
  if (found !== undefined)
    return found.handler ?? ((request, response) => sendBody(request, response, Buffer.from(found.body ?? '')))
  return options.other ?? ((_, response) => send(response, 404))
}

export function manifestOf({ options, origin, fhirUrl }: FakeServer): Record<string, unknown> {
  const items = (kind: string): unknown[] =>
    (options.files ?? []).flatMap((file, index) =>
      (file.itemType ?? 'output') === kind
        ? [
            {
              type: 'type' in file ? file.type : 'Patient',
              url: file.url ?? `${origin}/files/${index}`,
              ...('count' in file ? { count: file.count } : {}),
            },
          ]
        : [],
    )
  return {
    transactionTime,
    request: `${fhirUrl}/$export`,
    ...('requiresAccessToken' in options ? { requiresAccessToken: options.requiresAccessToken } : { requiresAccessToken: true }),
    output: items('output'),
    deleted: items('deleted'),
    error: items('error'),
  }
}

export function sendManifest(fake: FakeServer, response: ServerResponse): void {
  sendJson(response, 200, fake.options.manifest?.(fake.origin) ?? manifestOf(fake))
}

export function sendJson(response: ServerResponse, status: number, json: unknown, headers: Record<string, string> = {}): void {
  send(response, status, JSON.stringify(json), { 'content-type': 'application/json', ...headers })
}

export function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers })
  response.end(body)
}

/** Serves a body with a strong ETag and ranges. */
export function sendBody({ headers }: Seen, response: ServerResponse, body: Buffer, etag = '"v1"'): void {
  const range = /^bytes=(\d+)-$/.exec(String(headers.range ?? ''))
  const common = { etag, 'accept-ranges': 'bytes', 'content-type': 'application/fhir+ndjson' }
  if (range === null || headers['if-range'] !== etag) {
    send(response, 200, body, common)
    return
  }
  const from = Number(range[1])
  send(response, 206, body.subarray(from), { ...common, 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` })
}

/** Promises the whole body, sends a part, and breaks the connection. */
export function sendCut(response: ServerResponse, body: Buffer, bytes: number, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-length': String(body.length), ...headers })
  response.write(body.subarray(0, bytes), () => setTimeout(() => response.destroy(), 100))
}
