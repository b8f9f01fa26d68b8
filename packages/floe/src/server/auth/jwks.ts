import { GuardError, guardedGet, isLoopback, literalAddress, smallBody } from '../fetch-guard.ts'

export type Jwk = Readonly<Record<string, unknown>>

interface Cached {
  readonly keys: readonly Jwk[]
  readonly until: number
}

const maxBytes = 256 * 1024
/** What a set without Cache-Control is kept for. */
const fallbackSeconds = 60
const longestSeconds = 3600
/**
 * Unknown key ids make the server ask again, but not as often as somebody likes: of each address, so that nobody locks others
 * out.
 */
const fetchesPerMinute = 30

/** A JWKS address that may be registered: https, or http on this machine; without credentials or fragment. */
export function jwksUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is no address'
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    return 'must be https (http only on this machine)'
  if (url.username !== '' || url.password !== '') return 'must not hold credentials'
  if (/^(169\.254\.|fe[89ab])/i.test(literalAddress(url) ?? '')) return 'is one of link-local addresses'
  return url.hash === '' ? undefined : 'must not hold a fragment'
}

/** Key sets by address, no longer than their Cache-Control allows (SMART, asymmetric authentication). */
export interface JwksCache {
  /** The keys; with `unknown` a set from the cache that lacks the key is fetched anew. */
  keys(url: string, has: (keys: readonly Jwk[]) => boolean): Promise<readonly Jwk[]>
}

export function jwksCache(now: () => number = Date.now): JwksCache {
  const cached = new Map<string, Cached>()
  const fetching = new Map<string, Promise<Cached>>()
  const recent = new Map<string, readonly number[]>()
  const fetchOnce = (url: string): Promise<Cached> => {
    const running = fetching.get(url)
    if (running !== undefined) return running
    const lately = (recent.get(url) ?? []).filter((time) => time > now() - 60_000)
    if (lately.length >= fetchesPerMinute) return Promise.reject(new GuardError('asked too often'))
    recent.set(url, [...lately, now()])
    const started = fetchJwks(url, now).finally(() => fetching.delete(url))
    fetching.set(url, started)
    return started
  }
  return {
    keys: async (url, has) => {
      const known = cached.get(url)
      if (known !== undefined && known.until > now() && has(known.keys)) return known.keys
      const fresh = await fetchOnce(url)
      cached.set(url, fresh)
      return fresh.keys
    },
  }
}

async function fetchJwks(text: string, now: () => number): Promise<Cached> {
  const url = new URL(text)
  // An address that the operator registered as such is meant; a name must lead to the public internet.
  const trusted = literalAddress(url) !== undefined || isLoopback(url)
  const answer = await guardedGet({
    url,
    trusted,
    headers: { accept: 'application/json' },
    timeoutMs: 5000,
    signal: AbortSignal.timeout(10_000),
  })
  if (answer.statusCode !== 200) {
    answer.destroy()
    throw new GuardError(`the key set answered ${answer.statusCode}`)
  }
  const body: unknown = JSON.parse((await smallBody(answer, maxBytes)).toString('utf8'))
  const keys = typeof body === 'object' && body !== null && 'keys' in body && Array.isArray(body.keys) ? body.keys : undefined
  if (keys === undefined) throw new GuardError('the answer is no key set')
  return {
    keys: keys.filter((key): key is Jwk => typeof key === 'object' && key !== null),
    until: now() + 1000 * cacheSeconds(answer.headers['cache-control']),
  }
}

function cacheSeconds(header: string | undefined): number {
  if (header === undefined) return fallbackSeconds
  if (/\bno-(store|cache)\b/i.test(header)) return 0
  const age = /\bmax-age\s*=\s*"?(\d+)/i.exec(header)?.[1]
  return age === undefined ? fallbackSeconds : Math.min(Number(age), longestSeconds)
}
