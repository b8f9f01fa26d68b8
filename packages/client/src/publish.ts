import { BulkError } from './errors.ts'
import type { Connection } from './http/connection.ts'
import { type HttpResponse, readText, TransportError } from './http/http.ts'
import { isTransientStatus, parseRetryAfter, retryDelay } from './http/retry.ts'
import { isRecord, parseJson, serverMessage } from './http/server-message.ts'
import { parseManifest, unusable } from './job/manifest.ts'
import type { OutputManifest } from './types.ts'

/** How a published data set is followed. */
export interface PublishedOptions {
  /** The ETag of the last `whole`: a root that has not changed since is not taken again. */
  etag?: string
  /** Milliseconds between two looks where the server tells no `updateCadence`. Default 1 h. */
  everyMs?: number
  signal?: AbortSignal
}

/** What came of following a published data set, in the order in which it is to be applied. */
export type PublishedEvent =
  /** A data set begins anew: what was taken before is replaced, once this one is `whole` or `pending`. */
  | { kind: 'begin' }
  /** Its files are to be taken in the order of `items`: output, then deleted; later wins. Outcomes are information. */
  | { kind: 'page'; manifest: OutputManifest; url: string }
  /** Everything there is has come. The next step waits `nextLookMs`; leave the loop to end here. */
  | { kind: 'whole' | 'pending'; etag: string | null; nextLookMs: number }

interface Page {
  manifest: OutputManifest
  url: string
  etag: string | null
  next: { to: 'page'; url: string } | { to: 'pending' | 'closed' | 'none' }
  cadenceMs: number | null
}

const hour = 3_600_000

/**
 * Follows `$bulk-publish` (Bulk Data v4 ballot, "Bulk Publish"): pages by their links, then conditional looks for what is new.
 * Never ends by itself.
 */
export async function* followPublished(
  connection: Connection,
  root: string,
  { etag, everyMs = hour, signal }: PublishedOptions,
): AsyncGenerator<PublishedEvent, never> {
  if (!/\/\$bulk-publish$/.test(root.split('?')[0] ?? '')) {
    throw new BulkError({ code: 'usage', message: 'the address of a published data set ends in $bulk-publish' })
  }
  const look = (url: string, known: string | null): Promise<Page | null> => getPage({ connection, url, known, everyMs, signal })
  let page = await look(root, etag ?? null)
  for (let unchanged = page === null; ; unchanged = false) {
    if (unchanged) {
      yield { kind: 'whole', etag: etag ?? null, nextLookMs: everyMs }
      await connection.timing.sleep(everyMs, signal)
    }
    page ??= await lookAgain({ look, url: root, known: etag ?? null, waitMs: everyMs, connection, signal })
    yield { kind: 'begin' }
    page = yield* oneDataSet(page, look, { connection, root, everyMs, signal })
  }
}

interface Following {
  connection: Connection
  root: string
  everyMs: number
  signal: AbortSignal | undefined
}

type Look = (url: string, known: string | null) => Promise<Page | null>

/** From its first page to the page of the data set that follows it. */
async function* oneDataSet(first: Page, look: Look, following: Following): AsyncGenerator<PublishedEvent, Page> {
  const { connection, root, everyMs, signal } = following
  const visited = new Set<string>()
  let page = first
  for (let taken = false; ; ) {
    if (!taken) yield { kind: 'page', manifest: page.manifest, url: page.url }
    const { next, url, etag, cadenceMs } = page
    const waitMs = cadenceMs ?? everyMs
    if (next.to === 'closed') return (await look(root, null)) ?? page
    if (next.to === 'page') {
      if (visited.has(next.url)) throw unusable('its pages form a loop')
      visited.add(next.url)
      page = (await look(next.url, null)) ?? page
      taken = false
      continue
    }
    yield { kind: next.to === 'pending' ? 'pending' : 'whole', etag, nextLookMs: waitMs }
    await connection.timing.sleep(waitMs, signal)
    // A page that waits for its successor is looked at again; a set without one begins anew when its root has changed.
    const again = await lookAgain({ look, url: next.to === 'pending' ? url : root, known: etag, waitMs, connection, signal })
    if (next.to === 'none') return again
    page = again
    taken = true
  }
}

interface Again {
  look: Look
  url: string
  known: string | null
  waitMs: number
  connection: Connection
  signal: AbortSignal | undefined
}

async function lookAgain({ look, url, known, waitMs, connection, signal }: Again): Promise<Page> {
  for (;;) {
    const page = await look(url, known)
    if (page !== null) return page
    await connection.timing.sleep(waitMs, signal)
  }
}

interface GetPage {
  connection: Connection
  url: string
  /** The ETag that is known; the answer is null when it still holds. */
  known: string | null
  everyMs: number
  signal: AbortSignal | undefined
}

/** One page. A server at fault is asked again, ever more seldom, but not more seldom than it says that it has news. */
async function getPage({ connection, url, known, everyMs, signal }: GetPage): Promise<Page | null> {
  const { http, timing, idleTimeoutMs } = connection
  for (let attempt = 1; ; attempt += 1) {
    try {
      const headers = {
        accept: 'application/json',
        'accept-encoding': 'gzip',
        ...(known === null ? {} : { 'if-none-match': known }),
      }
      const response = await http.send({ url, headers, token: true, signal, idleTimeoutMs })
      const text = await readText(response, 256 << 20, signal)
      if (response.status === 304) return null
      return readPage(connection, response, text, url)
    } catch (cause) {
      if (!(cause instanceof TransportError) || cause.kind === 'tls') throw cause
      const delay = retryDelay({ attempt, retryAfterMs: cause.retryAfterMs, maxMs: everyMs, random: timing.random() })
      await timing.sleep(delay, signal)
    }
  }
}

function readPage({ redactor, timing }: Connection, response: HttpResponse, text: string, url: string): Page {
  const { status } = response
  if (isTransientStatus(status)) {
    const retryAfterMs = parseRetryAfter(response.header('retry-after'), timing.now())
    throw new TransportError('status', `the published data set was answered with ${status}`, { status, retryAfterMs })
  }
  const json = parseJson(text)
  if (status !== 200 || json === undefined) {
    const said = serverMessage(text, redactor).text
    const message = `the published data set was answered with ${status}${said === null ? '' : `: ${said}`}`
    throw new BulkError({ code: status === 401 ? 'auth' : 'server-failed', status, message })
  }
  const links = Array.isArray(json.link) ? json.link.filter(isRecord) : []
  const next = links.find(({ relation }) => relation === 'next')?.url
  return {
    manifest: {
      ...parseManifest(JSON.stringify({ ...json, link: undefined }), response.url),
      next: absolute(next, response.url),
    },
    url,
    etag: response.header('etag'),
    next: nextOf(next, response.url),
    cadenceMs: cadence(json.updateCadence),
  }
}

function nextOf(next: unknown, base: string): Page['next'] {
  if (next === undefined || next === null) return { to: 'none' }
  if (next === '#pending') return { to: 'pending' }
  if (next === '#closed') return { to: 'closed' }
  const url = absolute(next, base)
  if (url === null) throw unusable('the address of its next page cannot be read')
  return { to: 'page', url }
}

function absolute(next: unknown, base: string): string | null {
  return typeof next === 'string' && !next.startsWith('#') && URL.canParse(next, base) ? new URL(next, base).href : null
}

/** An ISO 8601 duration in milliseconds, one minute at least; null for what is none. A month counts 30 days. */
export function cadence(text: unknown): number | null {
  const match =
    typeof text === 'string' ? /^P(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) : null
  if (match === null) return null
  const [months, weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0))
  const total =
    ((months ?? 0) * 30 + (weeks ?? 0) * 7 + (days ?? 0)) * 24 * hour +
    (hours ?? 0) * hour +
    (minutes ?? 0) * 60_000 +
    (seconds ?? 0) * 1000
  return total === 0 ? null : Math.max(60_000, total)
}
