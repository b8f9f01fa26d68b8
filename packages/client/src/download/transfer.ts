import type { Connection } from '../http/connection.ts'
import type { Hosts } from '../http/hosts.ts'
import { contentCoding, discard, type HttpResponse, isHttp, TransportError, transportError } from '../http/http.ts'
import { BodyError, type Take } from '../http/response-body.ts'
import { isTransientStatus, parseRetryAfter } from '../http/retry.ts'
import { readServerMessage } from '../http/server-message.ts'

/** An answer that a file's address gave instead of the file, and that asking again at once does not cure. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused'
  readonly status: number
  readonly authorized: boolean
  readonly headers: Record<string, string>

  constructor(
    status: number,
    said: string | null,
    { authorized, headers }: { authorized: boolean; headers: Record<string, string> },
  ) {
    super(status === 0 ? `${said}` : `the server answered ${status} instead of the file${said === null ? '' : `: ${said}`}`)
    this.status = status
    this.authorized = authorized
    this.headers = headers
  }
}

/** The file changed, or the server cannot go on in the middle: it begins anew. */
export class MustRestart extends Error {
  override readonly name = 'MustRestart'
}

export interface TransferOptions {
  connection: Connection
  hosts: Hosts
  url: string
  token: boolean
  noRange: boolean
  /** Asks for no compression: what cannot go on compressed may go on plain. */
  identity: boolean
  signal: AbortSignal | undefined
}

/** What has come of a file so far: kept from attempt to attempt so that the next goes on where the last broke off. */
export interface WireState {
  /** Bytes received, as coded on the wire. */
  received: number
  /** Strong validator and coding of the first answer; null when a range cannot be asked for. */
  validator: string | null
  contentEncoding: string | null
  /** Of the transfer, when the server tells. */
  totalBytes: number | null
  /** SHA-256 of the whole body in hex, where the server tells it (`Repr-Digest`, RFC 9530, or the older `Digest`). */
  sha256: string | null
}

export function freshWire(): WireState {
  return { received: 0, validator: null, contentEncoding: null, totalBytes: null, sha256: null }
}

/**
 * Starts or goes on with a transfer. The returned function brings its chunks and resolves when the whole body has come.
 *
 * Rejects with TransportError (try again), MustRestart (try again from the start) or FileRefused. A body that ends before its
 * length is a TransportError: nothing that was cut short passes for whole.
 */
export async function openTransfer(options: TransferOptions, wire: WireState): Promise<(take: Take) => Promise<void>> {
  const { connection, hosts, url, signal } = options
  if (!URL.canParse(url) || !isHttp(new URL(url)))
    throw new FileRefused(0, 'its address is not http(s)', { authorized: false, headers: {} })
  const { origin } = new URL(url)
  const resuming = wire.received > 0 && wire.validator !== null && !options.noRange
  if (wire.received > 0 && !resuming) throw new MustRestart('the server offers no way to go on in the middle')
  await hosts.ready(origin, signal)
  const response = await request(options, wire, resuming)
  if (resuming && response.status !== 206) {
    await discard(response)
    if (isTransientStatus(response.status)) throw busy(response, connection)
    if (response.status < 400 || rangeRefused.has(response.status)) throw new MustRestart('the file changed on the server')
  }
  if (response.status !== 200 && !(resuming && response.status === 206)) throw await refused(response, options)
  if (resuming) checkRange(response, wire)
  else describe(response, wire)
  return (take) => pump(response, wire, options, take)
}

/** Not of the file but of the range: some servers know none, and say so with 400 or 501. */
const rangeRefused: ReadonlySet<number> = new Set([400, 405, 412, 416, 501])

async function request(
  { connection, hosts, url, token, identity, signal }: TransferOptions,
  wire: WireState,
  resuming: boolean,
): Promise<HttpResponse> {
  const range = resuming ? { range: `bytes=${wire.received}-`, 'if-range': wire.validator ?? '' } : {}
  try {
    return await connection.http.send({
      url,
      // Without this type HAPI wraps the file in a Binary resource.
      headers: { accept: 'application/fhir+ndjson', 'accept-encoding': identity ? 'identity' : 'gzip', ...range },
      token,
      signal,
      idleTimeoutMs: connection.idleTimeoutMs,
    })
  } catch (cause) {
    if (cause instanceof TransportError) hosts.failed(new URL(url).origin, cause.retryAfterMs)
    throw cause
  }
}

function busy(response: HttpResponse, { timing }: Connection): TransportError {
  const retryAfterMs = parseRetryAfter(response.header('retry-after'), timing.now())
  return new TransportError('status', `the server answered ${response.status} instead of the file`, {
    status: response.status,
    retryAfterMs,
  })
}

async function refused(response: HttpResponse, { connection, hosts, url, signal }: TransferOptions): Promise<Error> {
  const { status, headers } = response
  if (isTransientStatus(status)) {
    await discard(response)
    const error = busy(response, connection)
    hosts.failed(new URL(url).origin, error.retryAfterMs)
    return error
  }
  const said = await readServerMessage(response, connection.redactor, signal)
  return new FileRefused(status, said.text, { authorized: response.authorization !== null, headers })
}

/** Remembers what a later range request must match. Weak validators do not promise equal bytes. */
function describe(response: HttpResponse, wire: WireState): void {
  const etag = response.header('etag')
  const strong = etag?.startsWith('"') ? etag : response.header('last-modified')
  wire.validator = response.header('accept-ranges')?.toLowerCase() === 'none' ? null : (strong ?? null)
  wire.contentEncoding = contentCoding(response)
  const digest = /\bsha-256=:?([A-Za-z0-9+/]{43}=)/i.exec(response.header('repr-digest') ?? response.header('digest') ?? '')?.[1]
  wire.sha256 = digest === undefined ? null : Buffer.from(digest, 'base64').toString('hex')
  const length = response.header('content-length')
  wire.totalBytes = length !== null && /^\d+$/.test(length) ? Number(length) : null
}

function checkRange(response: HttpResponse, wire: WireState): void {
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.header('content-range') ?? '')
  const sameCoding = contentCoding(response) === wire.contentEncoding
  // Servers that know ranges and no If-Range send the middle of whatever the file is by now.
  const validator = response.header(wire.validator?.startsWith('"') ? 'etag' : 'last-modified')
  const sameVersion = validator === null || validator === wire.validator
  const total = range?.[3] === '*' ? null : Number(range?.[3])
  const fits =
    range !== null &&
    Number(range[1]) === wire.received &&
    (total === null || wire.totalBytes === null || total === wire.totalBytes)
  if (fits && sameCoding && sameVersion) {
    wire.totalBytes ??= total
    return
  }
  response.body.destroy()
  throw new MustRestart('the server sent another range than was asked for')
}

async function pump(response: HttpResponse, wire: WireState, { hosts, url, signal }: TransferOptions, take: Take): Promise<void> {
  const { origin, host } = new URL(url)
  try {
    await response.body.each((chunk) => {
      wire.received += chunk.length
      return take(chunk)
    })
  } catch (cause) {
    if (!(cause instanceof BodyError)) throw cause
    // A connection that ends with the last byte, unannounced, is an error to undici when the reader was resting.
    if (wire.received !== wire.totalBytes) {
      const error = transportError(cause.cause, url, signal)
      if (error instanceof TransportError) hosts.failed(origin, null)
      throw error
    }
  }
  if (wire.totalBytes !== null && wire.received > wire.totalBytes) throw new MustRestart(`${host} sent more than the file holds`)
  if (wire.totalBytes !== null && wire.received < wire.totalBytes) {
    hosts.failed(origin, null)
    throw new TransportError('reset', `${host} sent ${wire.received} of ${wire.totalBytes} bytes`)
  }
  hosts.succeeded(origin)
}
