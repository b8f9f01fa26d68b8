import { BulkError } from '../errors.ts'
import type { Connection } from './connection.ts'
import type { Hosts } from './hosts.ts'
import { type HttpResponse, isHttp, readBytes, TransportError } from './http.ts'
import { isTransientStatus, parseRetryAfter, retryDelay } from './retry.ts'

export interface SmallFetch {
  connection: Connection
  hosts: Hosts
  url: string
  accept: string
  /** A longer body is refused. */
  maxBytes: number
  retries: number
  pollMaxMs: number
  signal: AbortSignal | undefined
  /** Whether a trusted origin gets the token. Default true. */
  token?: boolean
}

export interface SmallAnswer {
  status: number
  contentType: string | null
  /** The server's clock, from its `Date` header. */
  date: string | null
  bytes: Buffer
  /** The body was longer than allowed; `bytes` is its beginning. */
  tooLong: boolean
}

/**
 * GETs something that fits in memory, tried again like a file; the token goes to trusted origins only. Any lasting status is an
 * answer.
 */
export async function fetchSmall(options: SmallFetch): Promise<SmallAnswer> {
  const { connection, hosts, url, signal } = options
  if (!URL.canParse(url) || !isHttp(new URL(url)))
    return { status: 0, contentType: null, date: null, bytes: Buffer.alloc(0), tooLong: false }
  const { origin } = new URL(url)
  const { timing } = connection
  for (let attempt = 1; ; attempt += 1) {
    try {
      await hosts.ready(origin, signal)
      const answer = await once(options)
      hosts.succeeded(origin)
      return answer
    } catch (cause) {
      if (!(cause instanceof TransportError)) throw cause
      hosts.failed(origin, cause.retryAfterMs)
      if (attempt > options.retries || cause.kind === 'tls') {
        throw new BulkError({
          code: 'download-failed',
          message: cause.message,
          status: cause.status ?? undefined,
          retryable: true,
          cause,
        })
      }
      const delay = retryDelay({ attempt, retryAfterMs: cause.retryAfterMs, maxMs: options.pollMaxMs, random: timing.random() })
      await timing.sleep(delay, signal)
    }
  }
}

async function once({ connection, url, accept, maxBytes, signal, token = true }: SmallFetch): Promise<SmallAnswer> {
  const response: HttpResponse = await connection.http.send({
    url,
    headers: { accept, 'accept-encoding': 'gzip' },
    token,
    signal,
    idleTimeoutMs: connection.idleTimeoutMs,
  })
  const { status } = response
  const bytes = await readBytes(response, maxBytes + 1, signal)
  if (isTransientStatus(status)) {
    const retryAfterMs = parseRetryAfter(response.header('retry-after'), connection.timing.now())
    throw new TransportError('status', `the server answered ${status}`, { status, retryAfterMs })
  }
  if (status === 401) throw new BulkError({ code: 'auth', status, message: 'the server did not accept the authorization (401)' })
  return {
    status,
    contentType: response.header('content-type'),
    date: response.header('date'),
    bytes: bytes.subarray(0, maxBytes),
    tooLong: bytes.length > maxBytes,
  }
}
