import { readFile } from 'node:fs/promises'
import { getCACertificates } from 'node:tls'
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import type { Dispatcher } from 'undici'
import type { TokenSource } from '../auth/token.ts'
import { BulkError, throwIfAborted } from '../errors.ts'
import { readAhead } from './read-ahead.ts'
import { BodyError, dispatch, type ResponseBody } from './response-body.ts'

/** How a request failed below HTTP. `connect`: nothing was sent; `tls`: the certificate is not trusted. */
export type TransportKind = 'connect' | 'tls' | 'timeout' | 'reset' | 'status'

export interface TransportErrorOptions {
  status?: number
  retryAfterMs?: number | null
  cause?: unknown
}

/**
 * No answer, a broken answer, or one that says "later". Internal: callers try again, then turn it into a BulkError of their step.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly kind: TransportKind
  readonly status: number | null
  readonly retryAfterMs: number | null

  constructor(kind: TransportKind, message: string, { status, retryAfterMs, cause }: TransportErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.status = status ?? null
    this.retryAfterMs = retryAfterMs ?? null
  }
}

export interface HttpRequest {
  method?: 'GET' | 'POST' | 'DELETE'
  url: string
  headers?: Record<string, string>
  body?: string
  /** Whether the token may be sent; it still goes to trusted origins only. */
  token: boolean
  /** For requests that carry a credential in their body. */
  noRedirect?: boolean
  signal?: AbortSignal | undefined
  idleTimeoutMs: number
}

export interface HttpResponse {
  status: number
  /** Null where absent; repeated headers joined by a comma. */
  header(name: string): string | null
  headers: Record<string, string>
  /** After redirects. */
  url: string
  /** The `Authorization` that the last request carried. */
  authorization: string | null
  /** As sent: content codings are the reader's. */
  body: ResponseBody
}

export interface HttpOptions {
  trustedOrigins: ReadonlySet<string>
  caFile?: string | undefined
  userAgent: string
  connectTimeoutMs?: number
}

const redirects = new Set([301, 302, 303, 307, 308])
const maxRedirects = 5

/**
 * The only place that speaks HTTP: trusted origins, one renewal on 401, redirects without the token, time limits. Retries are the
 * callers'.
 */
export class Http implements AsyncDisposable {
  readonly #options: HttpOptions
  #dispatcher: Promise<Dispatcher> | undefined
  #tokens: TokenSource | undefined

  constructor(options: HttpOptions) {
    this.#options = options
  }

  /** The tokens for trusted origins; their source itself speaks through this connection, hence not a constructor's option. */
  useTokens(tokens: TokenSource): void {
    this.#tokens = tokens
  }

  /** Sends a request and follows redirects; resolves with any status, rejects with TransportError or `interrupted`. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const first = await this.#follow(request)
    if (first.status !== 401 || first.authorization === null || this.#tokens?.canRenew !== true) return first
    await discard(first)
    await this.#tokens.renew(first.authorization, request.signal)
    return this.#follow(request)
  }

  async #follow(request: HttpRequest): Promise<HttpResponse> {
    let url = request.url
    let method = request.method ?? 'GET'
    let token = request.token
    for (let hop = 0; ; hop += 1) {
      const response = await this.#once({ ...request, url, method, token })
      const location = redirects.has(response.status) ? response.header('location') : null
      if (location === null || !URL.canParse(location, url) || request.noRedirect || method === 'DELETE') return response
      // A POST is repeated only where the status demands it; a kick-off must not turn into a GET of a page.
      if (method === 'POST' && response.status !== 307 && response.status !== 308) return response
      const target = new URL(location, url)
      if (hop === maxRedirects || !isHttp(target)) return response
      await discard(response)
      // Once it has left its origin a request never gets the token back: the redirect's target chose where to go.
      if (target.origin !== new URL(url).origin) token = false
      if (response.status === 303) method = 'GET'
      url = target.href
    }
  }

  async #once(request: HttpRequest & { method: 'GET' | 'POST' | 'DELETE' }): Promise<HttpResponse> {
    throwIfAborted(request.signal)
    const url = new URL(request.url)
    const trusted = request.token && this.#options.trustedOrigins.has(url.origin)
    const authorization = trusted ? await this.#tokens?.header(request.signal) : undefined
    const headers: Record<string, string> = { 'user-agent': this.#options.userAgent, ...request.headers }
    if (authorization !== undefined) headers.authorization = authorization
    this.#dispatcher ??= makeDispatcher(this.#options)
    const dispatcher = await this.#dispatcher
    try {
      const options = {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers,
        body: request.body ?? null,
        headersTimeout: request.idleTimeoutMs,
        bodyTimeout: request.idleTimeoutMs,
      }
      const answer = await dispatch(dispatcher, options, request.signal)
      const flat = flatHeaders(answer.headers)
      return {
        status: answer.status,
        header: (name) => flat[name.toLowerCase()] ?? null,
        headers: flat,
        url: request.url,
        authorization: authorization ?? null,
        body: answer.body,
      }
    } catch (cause) {
      throw transportError(cause, request.url, request.signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const dispatcher = await this.#dispatcher?.catch(() => undefined)
    await dispatcher?.destroy()
  }
}

/** Turns an error of undici or a body stream into a TransportError, or into `interrupted` when the signal had fired. */
export function transportError(cause: unknown, url: string, signal: AbortSignal | undefined): Error {
  if (signal?.aborted) return new BulkError({ code: 'interrupted', message: 'interrupted', retryable: true, cause })
  if (cause instanceof BulkError || cause instanceof TransportError) return cause
  const code = errorCode(cause)
  const kind = transportKind(code)
  return new TransportError(kind, transportMessage(kind, URL.canParse(url) ? new URL(url).host : 'the server', code), { cause })
}

/** A body, decoded and at most `limit` bytes long; a longer one is cut, one that ends before its length is a TransportError. */
export async function readBytes(response: HttpResponse, limit: number, signal: AbortSignal | undefined): Promise<Buffer> {
  const { bytes, failure } = await readStart(response, limit)
  if (failure !== undefined) throw transportError(failure, response.url, signal)
  return decode(bytes.subarray(0, limit), contentCoding(response), limit)
}

/** The body up to a little over the limit; what lies beyond is not waited for. */
async function readStart({ body }: HttpResponse, limit: number): Promise<{ bytes: Buffer; failure?: unknown }> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    await body.each((chunk) => {
      chunks.push(Buffer.from(chunk))
      size += chunk.length
      if (size > limit) throw new Enough()
    })
  } catch (cause) {
    if (cause instanceof BodyError) return { bytes: Buffer.concat(chunks), failure: cause.cause }
  }
  return { bytes: Buffer.concat(chunks) }
}

class Enough extends Error {}

/** A body as text; see {@link readBytes}. */
export async function readText(response: HttpResponse, limit: number, signal: AbortSignal | undefined): Promise<string> {
  return (await readBytes(response, limit, signal)).toString('utf8')
}

const discardedBytes = 16_384

/** Ends a body that nobody reads; where it is short, its connection can be used again. */
export async function discard(response: HttpResponse): Promise<void> {
  if (Number(response.header('content-length') ?? 0) > discardedBytes) response.body.destroy()
  else await readStart(response, discardedBytes)
}

/** What stands in `Content-Encoding` and is no coding of what was sent: charsets, and what S3 keeps of an upload. */
const noCodings: ReadonlySet<string> = new Set(['', 'identity', 'none', 'binary', '8bit', 'utf-8', 'utf8', 'aws-chunked'])

/** The content codings of a body in lower case, in the order applied; null for none. */
export function contentCoding(response: Pick<HttpResponse, 'header'>): string | null {
  const named = (response.header('content-encoding') ?? '').split(',').map((coding) => coding.trim().toLowerCase())
  return named.filter((coding) => !noCodings.has(coding)).join(', ') || null
}

function decode(bytes: Buffer, encoding: string | null, limit: number): Buffer {
  const options = { maxOutputLength: Math.max(limit, 1024) }
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(bytes, options)
    if (encoding === 'deflate') return inflateSync(bytes, options)
    if (encoding === 'br') return brotliDecompressSync(bytes, options)
    if (encoding === 'zstd') return zstdDecompressSync(bytes, options)
    return bytes
  } catch {
    return Buffer.alloc(0)
  }
}

async function makeDispatcher({ caFile, connectTimeoutMs = 15_000 }: HttpOptions): Promise<Dispatcher> {
  // Loaded with the first request: who only makes keys or reads folders does without its 25 MB of memory.
  const { Agent, EnvHttpProxyAgent, buildConnector } = await import('undici')
  let ca: string[] | undefined
  if (caFile !== undefined) {
    try {
      ca = [...getCACertificates('default'), await readFile(caFile, 'utf8')]
    } catch (cause) {
      const reason = errorCode(cause)
      throw new BulkError({ code: 'usage', message: `cannot read the CA file ${caFile} (${reason})`, cause })
    }
  }
  const connect = { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) }
  // HTTP/1.1 only: one connection for each file, so that one broken transfer breaks no other.
  const options = { allowH2: false, keepAliveTimeout: 10_000 }
  const proxies = { httpProxy: proxyOf('HTTP_PROXY'), httpsProxy: proxyOf('HTTPS_PROXY') }
  if (proxies.httpProxy !== '' || proxies.httpsProxy !== '')
    return new EnvHttpProxyAgent({ ...options, ...proxies, connect, ...(ca === undefined ? {} : { requestTls: { ca } }) })
  const secure = buildConnector({ ...connect, allowH2: false })
  const plain = readAhead(buildConnector, { timeout: connectTimeoutMs })
  return new Agent({
    ...options,
    connect: (target, connected) => (target.protocol === 'https:' ? secure : plain)(target, connected),
  })
}

/** The proxy that the environment names, also without `http://` as other programs take it; empty for none. */
function proxyOf(name: string): string {
  const told = (process.env[name.toLowerCase()] || process.env[name] || '').trim()
  const url = told === '' || /^[a-z][a-z\d+.-]*:\/\//i.test(told) ? told : `http://${told}`
  if (url === '' || (URL.canParse(url) && isHttp(new URL(url)))) return url
  throw new BulkError({
    code: 'usage',
    message: `${name} is no address of a proxy`,
    hint: `${name}=http://proxy.example.org:8080`,
  })
}

/** Blanks around a value are none of it (RFC 9110 §5.5), and a header that a proxy wrote twice says what it says once. */
function flatHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), [...new Set([value].flat().map((one) => one.trim()))].join(', ')]],
    ),
  )
}

export function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:'
}

function errorCode(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return 'unknown'
  const { code, errors, cause: inner } = cause as { code?: unknown; errors?: unknown; cause?: unknown }
  if (typeof code === 'string') return code
  if (Array.isArray(errors)) return errorCode(errors[0])
  return inner === undefined ? 'unknown' : errorCode(inner)
}

const connectCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'ERR_SOCKET_BAD_PORT',
])

function transportKind(code: string): TransportKind {
  if (connectCodes.has(code)) return 'connect'
  if (/CERT|^ERR_(SSL|TLS)|^EPROTO$|^UNABLE_TO/.test(code)) return 'tls'
  return /TIMEOUT|ETIMEDOUT/.test(code) ? 'timeout' : 'reset'
}

function transportMessage(kind: TransportKind, host: string, code: string): string {
  switch (kind) {
    case 'connect':
      return `${host} cannot be reached (${code})`
    case 'tls':
      return `the certificate of ${host} is not trusted (${code})`
    case 'timeout':
      return `${host} stopped answering (${code})`
    default:
      return `the connection to ${host} broke off (${code})`
  }
}
