import { BulkError } from '../errors.ts'
import type { EventDetails } from '../events.ts'
import type { Connection } from '../http/connection.ts'
import { type HttpResponse, readText, TransportError } from '../http/http.ts'
import { isTransientOutcome, isTransientStatus, parseRetryAfter, pollDelay, retryDelay } from '../http/retry.ts'
import { challengeText, isOperationOutcome, parseJson, serverMessage } from '../http/server-message.ts'
import type { OutputManifest } from '../types.ts'
import { parseManifest, unusable } from './manifest.ts'

/** A manifest page and the text that it was read from. */
export interface ManifestPage {
  manifest: OutputManifest
  text: string
}

/** One answer of a status URL, sorted by what to do next. */
export type StatusAnswer =
  | {
      kind: 'progress'
      xProgress: string | null
      retryAfter: string | null
      retryAfterMs: number | null
      partial: ManifestPage | null
    }
  | { kind: 'complete'; page: ManifestPage; expires: string | null }
  /** Ask again: answers that are likely to last are given a few tries only, others the whole retry time. */
  | {
      kind: 'later'
      code: number | null
      message: string
      retryAfterMs: number | null
      headers: Record<string, string>
      tries: number
    }
  | { kind: 'failed'; error: BulkError; headers: Record<string, string>; text: string | null }

const manifestLimit = 256 << 20

/** Asks a status URL, or the address of a further page, once. */
export async function askStatus(connection: Connection, url: string, signal: AbortSignal | undefined): Promise<StatusAnswer> {
  const { http, idleTimeoutMs } = connection
  let response: HttpResponse
  let text: string
  try {
    response = await http.send({
      url,
      headers: { accept: 'application/json', 'accept-encoding': 'gzip' },
      token: true,
      signal,
      idleTimeoutMs,
    })
    text = await readText(response, manifestLimit, signal)
  } catch (cause) {
    if (!(cause instanceof TransportError)) throw cause
    if (cause.kind === 'tls') throw new BulkError({ code: 'server-failed', message: cause.message, cause })
    return {
      kind: 'later',
      code: cause.status,
      message: cause.message,
      retryAfterMs: cause.retryAfterMs,
      headers: {},
      tries: Number.POSITIVE_INFINITY,
    }
  }
  return sortAnswer(connection, response, text)
}

function sortAnswer(connection: Connection, response: HttpResponse, text: string): StatusAnswer {
  const { redactor, timing, fhirUrl } = connection
  const status = effectiveStatus(response)
  const retryAfter = response.header('retry-after')
  const retryAfterMs = parseRetryAfter(retryAfter, timing.now())
  const json = status < 300 ? parseJson(text) : undefined
  const isManifest = json !== undefined && 'transactionTime' in json && ('output' in json || 'outcome' in json || 'error' in json)
  if (status >= 200 && status < 300) {
    if (isManifest) {
      const page = { manifest: parseManifest(text, `${fhirUrl}/`), text }
      if (status !== 202) return { kind: 'complete', page, expires: response.header('expires') }
      return { kind: 'progress', xProgress: xProgress(connection, response), retryAfter, retryAfterMs, partial: page }
    }
    if (status !== 200)
      return { kind: 'progress', xProgress: xProgress(connection, response), retryAfter, retryAfterMs, partial: null }
  }
  const said = serverMessage(text, redactor)
  const spoken = said.text ?? challengeText(response, redactor)
  const words = spoken === null ? '' : `: ${spoken}`
  const later = { kind: 'later', code: response.status, retryAfterMs, headers: response.headers } as const
  if (status === 200) {
    if (isOperationOutcome(json) && said.severity !== 'information') {
      return failed(response, `the server ended the export with an error${words}`, said.text)
    }
    if (json !== undefined && !isOperationOutcome(json)) throw unusable('it has no transactionTime or no output')
    return { ...later, message: `the status request was answered without a manifest${words}`, tries: lastingTries }
  }
  const message = `the status request was answered with ${status}${words}`
  const heldBack = connection.tokens !== undefined && response.authorization === null && !connection.trusts(response.url)
  if (status === 401 || (status === 403 && heldBack)) {
    const { origin } = new URL(response.url)
    const hint = heldBack
      ? `The token was not sent there: ${origin} is not trusted. Where it is the server's own: --trust-origin ${origin}`
      : 'Check the authentication options, then resume.'
    const error = new BulkError({ code: 'auth', status, message, hint })
    return { kind: 'failed', error, headers: response.headers, text: said.text }
  }
  if (isTransientStatus(status) || isTransientOutcome(said.issueCodes))
    return { ...later, message, tries: Number.POSITIVE_INFINITY }
  if (status === 404 || status === 410) {
    // A 404 that is no OperationOutcome may be that of a gateway whose server is being replaced.
    const tries = status === 404 && said.issueCodes.length === 0 ? gatewayTries : lastingTries
    return { ...later, message: `the server does not know the job (${status})${words}`, tries }
  }
  return failed(response, `the server ended the export (${status})${words}`, said.text)
}

function failed(response: HttpResponse, message: string, text: string | null): StatusAnswer {
  const error = new BulkError({
    code: 'server-failed',
    status: response.status,
    message,
    hint: "Start a new export, or ask the server's owner.",
  })
  return { kind: 'failed', error, headers: response.headers, text }
}

/** The job's state: `X-Export-Status` where the server separates it from that of the request (v3). */
function effectiveStatus(response: HttpResponse): number {
  const separate = response.header('x-export-status')?.trim().toLowerCase()
  if (response.status !== 200 || separate === undefined) return response.status
  if (/^\d{3}$/.test(separate)) return Number(separate)
  if (/^(in[- ]?progress|accepted|pending|active|started|queued)$/.test(separate)) return 202
  return /^(failed|error|cancell?ed|aborted)$/.test(separate) ? 400 : 200
}

function xProgress({ redactor }: Connection, response: HttpResponse): string | null {
  return redactor.clean(response.header('x-progress'))?.slice(0, 100) ?? null
}

export interface PollOptions {
  connection: Connection
  url: string
  signal?: AbortSignal | undefined
  pollMaxMs: number
  retryMaxTimeMs: number
  /** Milliseconds since 1970 at which waiting ends. */
  deadline: number
  startedAt: number
  /** Called for each page that comes before its job is done; true ends the polling of this address. */
  onPartial?: (page: ManifestPage) => Promise<boolean>
  onProgress?: (detail: EventDetails['status_progress']) => void
  onError?: (detail: EventDetails['status_error']) => void
}

/** Tries given to an answer that may be a hiccup of a proxy or of a store that is not consistent yet. */
const lastingTries = 4
/** Half a minute. */
const gatewayTries = 6

/** Asks a status URL until it has a manifest (Bulk Data IG, "Bulk Data Status Request"). */
export async function pollUntilManifest(options: PollOptions): Promise<ManifestPage> {
  const { connection, signal, deadline, pollMaxMs, onPartial, onProgress, onError } = options
  const { timing } = connection
  let polls = 0
  let unhinted = 0
  const trouble = new Trouble(options.retryMaxTimeMs)
  for (;;) {
    const answer = await askStatus(connection, options.url, signal)
    polls += 1
    if (answer.kind === 'complete') return answer.page
    if (answer.kind === 'failed') {
      onError?.({ ...errorDetail(answer.error.message, answer.error.status ?? null, answer.headers), body: answer.text })
      throw answer.error
    }
    let delay: number
    if (answer.kind === 'progress') {
      if (answer.partial !== null && (await onPartial?.(answer.partial))) return answer.partial
      trouble.over()
      delay = pollDelay({ retryAfterMs: answer.retryAfterMs, polls: unhinted, pollMaxMs, random: timing.random() })
      if (answer.retryAfterMs === null) unhinted += 1
      const elapsedMs = timing.now() - options.startedAt
      onProgress?.({
        body: null,
        xProgress: answer.xProgress,
        retryAfter: answer.retryAfter,
        nextPollMs: delay,
        polls,
        elapsedMs,
      })
    } else {
      trouble.add(answer.tries, timing.now())
      const final = trouble.isFinal(answer.tries, timing.now())
      delay = retryDelay({ attempt: trouble.count, retryAfterMs: answer.retryAfterMs, maxMs: pollMaxMs, random: timing.random() })
      onError?.({ ...errorDetail(answer.message, answer.code, answer.headers), nextPollMs: final ? null : delay })
      if (final) throw gaveUp(answer.message, answer.code)
    }
    if (timing.now() >= deadline) throw waitExceeded()
    await timing.sleep(Math.max(1000, Math.min(delay, deadline - timing.now())), signal)
  }
}

/** Counts failures in a row. */
class Trouble {
  readonly #maxTimeMs: number
  #since = 0
  #lasting = 0
  count = 0

  constructor(maxTimeMs: number) {
    this.#maxTimeMs = maxTimeMs
  }

  add(tries: number, now: number): void {
    if (this.count === 0) this.#since = now
    this.count += 1
    if (Number.isFinite(tries)) this.#lasting += 1
  }

  over(): void {
    this.count = 0
    this.#lasting = 0
  }

  isFinal(tries: number, now: number): boolean {
    return this.#lasting >= tries || now - this.#since >= this.#maxTimeMs
  }
}

function errorDetail(message: string, code: number | null, headers: Record<string, string>): EventDetails['status_error'] {
  return { body: null, code, message, responseHeaders: safeHeaders(headers), nextPollMs: null }
}

/** Response headers that may enter the log: no cookies, addresses or tokens. */
export function safeHeaders(headers: Record<string, string>): Record<string, string> {
  const safe = [
    'content-type',
    'content-length',
    'content-encoding',
    'date',
    'expires',
    'retry-after',
    'server',
    'etag',
    'x-request-id',
  ]
  return Object.fromEntries(Object.entries(headers).filter(([name]) => safe.includes(name)))
}

function gaveUp(message: string, status: number | null): BulkError {
  return new BulkError({
    code: 'server-failed',
    status: status ?? undefined,
    message,
    retryable: status !== 404 && status !== 410,
    hint:
      status === 404 || status === 410
        ? 'The job has expired or was deleted: start a new export.'
        : 'The job is kept: resume later.',
  })
}

function waitExceeded(): BulkError {
  return new BulkError({
    code: 'wait-exceeded',
    message: 'the server has not finished the export within the longest wait',
    retryable: true,
    hint: 'The job is kept: resume later, or wait longer with --wait-max.',
  })
}
