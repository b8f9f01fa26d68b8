import { isLoopback, literalAddress } from '../fetch-guard.ts'

export interface AllowedAddress {
  readonly url: URL
  /** The prefix names an address or this machine: then it is meant. */
  readonly trusted: boolean
}

/**
 * Whether an address lies under a prefix of the allow-list: scheme, host and effective port are equal, and the path begins with
 * the prefix's up to a segment's end. http and loopback are allowed only by a prefix that says so (CONTRACT §5.3).
 */
export function allowedAddress(text: string, prefixes: readonly string[]): AllowedAddress | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || !/^https?:$/.test(url.protocol)) return undefined
  // An encoded slash or dot may mean another path to the server behind the address.
  if (/%(2f|5c|2e)/i.test(url.pathname)) return undefined
  for (const prefix of prefixes) {
    if (!URL.canParse(prefix)) continue
    const allowed = new URL(prefix)
    if (allowed.protocol !== url.protocol || allowed.host !== url.host || !under(url.pathname, allowed.pathname)) continue
    return { url, trusted: literalAddress(allowed) !== undefined || isLoopback(allowed) }
  }
  return undefined
}

function under(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
}
