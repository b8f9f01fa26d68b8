import { BulkError } from '../errors.ts'
import type { StoredRequest } from '../folder/state.ts'
import type { Connection } from '../http/connection.ts'
import { type HttpResponse, isHttp, readText, TransportError } from '../http/http.ts'
import { isTransientOutcome, isTransientStatus, parseRetryAfter, retryDelay } from '../http/retry.ts'
import { challengeText, parseJson, serverMessage } from '../http/server-message.ts'
import { namedParameters, withoutParameters } from './kickoff-parameters.ts'
import { type KickoffRequest, kickoffRequest } from './parameters.ts'
import { serverUrl } from './status-url.ts'

/** What the server answered to a kick-off. */
export interface KickoffAnswer {
  request: KickoffRequest
  status: number
  headers: Record<string, string>
  /** Absolute status URL; null when a manifest came at once. */
  statusUrl: string | null
  /** Body of a 200 that is a manifest already. */
  manifest: string | null
}

export interface KickoffRunOptions {
  connection: Connection
  request: StoredRequest
  signal?: AbortSignal | undefined
  /** How long a busy server (429, 503, …) is asked again. */
  retryMaxTimeMs: number
  pollMaxMs: number
  /** Called before each sending; what it writes is durable by then. */
  beforeSend?: () => Promise<void>
  /** Called when it is certain that the sending made no job: the server said so, or was not reached. */
  onNoJob?: () => Promise<void>
  /**
   * An earlier kick-off may have come through: where a refusal as busy (409, 429) names a running job, that is taken for ours.
   */
  takeRunning?: boolean
  /** A lenient request was refused because of these parameters, and is sent again without them. */
  onDropped?: (names: readonly string[]) => void
  onWait?: (message: string, delayMs: number) => void
  onRefused?: (refusal: { request: KickoffRequest; status: number; headers: Record<string, string>; text: string | null }) => void
}

/** Unreachable servers are reported within 30 s. */
const reachBudgetMs = 12_000
/** Plain 5xx without Retry-After: a fault of the server rather than load. */
const faultTries = 4

/** Sends the kick-off request until the server takes or refuses it (Bulk Data IG, "Kick-off Request"). */
export async function kickOff(options: KickoffRunOptions): Promise<KickoffAnswer> {
  const { connection, signal } = options
  const { timing } = connection
  const started = timing.now()
  let { takeRunning = false, request } = options
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryKickoff({ ...options, request, takeRunning })
    } catch (cause) {
      if (cause instanceof UnsupportedParameters) {
        options.onDropped?.(cause.names)
        request = withoutParameters(request, cause.names)
        continue
      }
      // Nobody knows what became of a request whose answer did not come.
      if (answerIsLost(cause)) takeRunning = true
      else if (!takeRunning) await options.onNoJob?.()
      if (!(cause instanceof TransportError)) throw cause
      const delay = retryDelay({ attempt, retryAfterMs: cause.retryAfterMs, maxMs: options.pollMaxMs, random: timing.random() })
      if (isOver({ cause, attempt, waited: timing.now() + delay - started, limit: options.retryMaxTimeMs }))
        throw finalError(cause)
      options.onWait?.(cause.message, delay)
      await timing.sleep(delay, signal)
    }
  }
}

function answerIsLost(cause: unknown): boolean {
  if (cause instanceof TransportError) return cause.kind === 'reset' || cause.kind === 'timeout'
  return cause instanceof BulkError && cause.code === 'interrupted'
}

/** The refusal of a request that asked to be read leniently names what the server does not know. */
class UnsupportedParameters extends Error {
  readonly names: readonly string[]

  constructor(names: readonly string[]) {
    super('unsupported parameters')
    this.names = names
  }
}

const dropStatuses: ReadonlySet<number> = new Set([400, 403, 404, 405, 422, 501])

interface Patience {
  cause: TransportError
  attempt: number
  waited: number
  limit: number
}

function isOver({ cause, attempt, waited, limit }: Patience): boolean {
  if (cause.kind === 'tls' || waited > limit) return true
  if (cause.kind !== 'status') return waited > reachBudgetMs
  return cause.retryAfterMs === null && cause.status !== 429 && attempt >= faultTries
}

const reachHints: Partial<Record<TransportError['kind'], string>> = {
  tls: 'Give the certificate authority of your network with --ca-file.',
  timeout: 'Some servers do the whole export before they answer: --idle-timeout 2h. Else check the URL and the network.',
}

function finalError(cause: TransportError): BulkError {
  if (cause.kind === 'status') {
    return new BulkError({
      code: 'kickoff-refused',
      message: cause.message,
      status: cause.status ?? undefined,
      retryable: true,
      hint: 'The server is busy or at fault; the same command later may succeed.',
      cause,
    })
  }
  return new BulkError({
    code: 'unreachable',
    message: cause.message,
    retryable: cause.kind !== 'tls',
    hint: reachHints[cause.kind] ?? 'Check the URL, the network, and HTTPS_PROXY where a proxy is needed.',
    cause,
  })
}

async function tryKickoff({
  connection,
  request,
  signal,
  onRefused,
  beforeSend,
  takeRunning = false,
}: KickoffRunOptions): Promise<KickoffAnswer> {
  const { http, redactor, timing, idleTimeoutMs, fhirUrl } = connection
  const { v4Only } = await connection.discovery.capabilities(signal)
  const rename = (await connection.vendor(signal))?.rename
  const kickoff = kickoffRequest(fhirUrl, request, { v4: v4Only, ...(rename === undefined ? {} : { rename }) })
  const { method, url, headers, body } = kickoff
  // The token first: what fails before the sending is no kick-off.
  if (connection.trusts(url)) await connection.tokens?.header(signal)
  await beforeSend?.()
  const response = await http.send({
    method,
    url,
    headers,
    ...(body === null ? {} : { body }),
    token: true,
    signal,
    idleTimeoutMs,
  })
  const text = await readText(response, 64 << 20, signal)
  const answer = accepted(connection, response, text) ?? (takeRunning ? runningJob(connection, response) : undefined)
  if (answer !== undefined) {
    redactor.add(answer.statusUrl)
    return { request: kickoff, status: response.status, headers: response.headers, ...answer }
  }
  const said = serverMessage(text, redactor)
  if (
    isTransientStatus(response.status) ||
    (response.status >= 400 && isTransientOutcome(said.issueCodes) && response.status !== 401)
  ) {
    const retryAfterMs = parseRetryAfter(response.header('retry-after'), timing.now())
    const message = `the server did not take the kick-off (${response.status})${said.text === null ? '' : `: ${said.text}`}`
    throw new TransportError('status', message, { status: response.status, retryAfterMs })
  }
  onRefused?.({ request: kickoff, status: response.status, headers: response.headers, text: said.text })
  const names = request.lenient === true && dropStatuses.has(response.status) ? namedParameters(request, said.text ?? '') : []
  if (names.length > 0) throw new UnsupportedParameters(names)
  throw refusal(connection, response, said.text ?? challengeText(response, redactor))
}

/**
 * Tolerates what real servers answer: `Location`, a 200 with Content-Location, a 200 with the manifest, an address in the body.
 */
function accepted(
  { fhirUrl }: Connection,
  response: HttpResponse,
  text: string,
): { statusUrl: string | null; manifest: string | null } | undefined {
  if (response.status < 200 || response.status > 299) return undefined
  const named = jobUrl(response.header('content-location') ?? response.header('location'), response, fhirUrl)
  if (named !== undefined) return { statusUrl: named, manifest: null }
  const json = parseJson(text)
  if (json !== undefined && 'output' in json && 'transactionTime' in json) return { statusUrl: null, manifest: text }
  const addresses = new Set(text.match(/https?:\/\/[^\s"'<>\\]+/g))
  const [only] = addresses
  if (response.status === 202 && addresses.size === 1 && only !== undefined && URL.canParse(only))
    return { statusUrl: serverUrl(only, fhirUrl).href, manifest: null }
  return undefined
}

/** The job that a server with one job for each client is busy with. */
function runningJob({ fhirUrl }: Connection, response: HttpResponse): { statusUrl: string; manifest: null } | undefined {
  const named = jobUrl(response.header('content-location'), response, fhirUrl)
  if (named === undefined || (response.status !== 409 && response.status !== 429)) return undefined
  return { statusUrl: named, manifest: null }
}

function jobUrl(named: string | null, response: HttpResponse, fhirUrl: string): string | undefined {
  if (named === null || !URL.canParse(named, response.url)) return undefined
  const url = serverUrl(named, fhirUrl, response.url)
  return isHttp(url) ? url.href : undefined
}

function refusal(connection: Connection, response: HttpResponse, said: string | null): BulkError {
  const { status } = response
  const words = said === null ? '' : `: ${said}`
  if (status === 401) {
    const { origin } = new URL(response.url)
    const sentOn = connection.tokens !== undefined && response.authorization === null
    return new BulkError({
      code: 'auth',
      status,
      message: `the server did not accept the authorization at kick-off (401)${words}`,
      hint:
        connection.tokens === undefined
          ? 'Give the client with --smart-client-id and --smart-key.'
          : sentOn
            ? `The request was sent on to ${origin}, where the token does not follow: give the FHIR URL that begins so.`
            : "Check the client's registration.",
    })
  }
  if (status >= 200 && status < 300) {
    return new BulkError({
      code: 'kickoff-refused',
      status,
      message: `the server answered ${status} to the kick-off, but without the address of a job (Content-Location)${words}`,
      hint: 'Check that the FHIR URL is that of a Bulk Data server.',
    })
  }
  return new BulkError({
    code: 'kickoff-refused',
    status,
    message: `the server refused the kick-off (${status})${words}`,
    hint: refusalHint(connection, status),
  })
}

function refusalHint({ tokens }: Connection, status: number): string {
  const scope = tokens?.scope
  if (status === 403)
    return scope
      ? `The token has the scope: ${scope}. Ask the server's owner to allow the export.`
      : "Ask the server's owner to allow the export."
  if (status === 404 || status === 405) return "Check the FHIR URL, the level and the Group's id."
  return 'Check the parameters; --lenient lets the server skip those that it does not support.'
}
