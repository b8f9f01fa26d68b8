/** Delay arithmetic, without clock or chance of its own: all durations are milliseconds. */

/** No wait between two tries of the same request is shorter. */
const shortestWaitMs = 1000

const weekdays = '(Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const httpDate = new RegExp(`^${weekdays}[a-z]*,? .*\\d{2}:\\d{2}:\\d{2}`)
const isoDate = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/

/**
 * `Retry-After` in both of its forms (RFC 9110 §10.2.3), as milliseconds from `now`.
 *
 * Null for what is absent, unreadable, negative or in the past: servers send Go time strings, local times and zeros with a sign.
 */
export function parseRetryAfter(header: string | null | undefined, now: number): number | null {
  const text = header?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  if (!httpDate.test(text) && !isoDate.test(text)) return null
  // The asctime form names no zone and means GMT.
  const zoned = /(GMT|UTC|Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text} GMT`
  const wait = Date.parse(zoned) - now
  return Number.isFinite(wait) && wait > 0 ? wait : null
}

export interface PollDelayOptions {
  retryAfterMs: number | null
  /** Status requests answered so far without a Retry-After. */
  polls: number
  pollMaxMs: number
  /** In [0, 1). */
  random: number
}

/**
 * Wait before the next status request: the server's wish, else 2 s doubling to 60 s with jitter; 1 s at least, `pollMaxMs` at
 * most.
 */
export function pollDelay({ retryAfterMs, polls, pollMaxMs, random }: PollDelayOptions): number {
  const wanted = retryAfterMs ?? jitter(Math.min(60_000, 2000 * 2 ** Math.min(polls, 10)), random)
  return Math.round(Math.max(shortestWaitMs, Math.min(wanted, pollMaxMs)))
}

export interface RetryDelayOptions {
  /** Failures so far, from 1. */
  attempt: number
  retryAfterMs: number | null
  maxMs: number
  random: number
}

/** Wait before a failed request is tried again: the server's wish, else 1 s doubling to 60 s with jitter. */
export function retryDelay({ attempt, retryAfterMs, maxMs, random }: RetryDelayOptions): number {
  const wanted = retryAfterMs ?? jitter(Math.min(60_000, 1000 * 2 ** Math.min(attempt - 1, 10)), random)
  return Math.round(Math.max(shortestWaitMs, Math.min(wanted, maxMs)))
}

function jitter(ms: number, random: number): number {
  return ms * (0.8 + 0.4 * random)
}

/** Statuses that say nothing about the request itself: the same one may succeed later. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501)
}

const transientCodes = new Set(['transient', 'lock-error', 'no-store', 'exception', 'timeout', 'incomplete', 'throttled'])

/** Whether an OperationOutcome says "ask again" (issue type `transient` and its children, Bulk Data v2+). */
export function isTransientOutcome(codes: readonly string[]): boolean {
  return codes.length > 0 && codes.every((code) => transientCodes.has(code))
}
