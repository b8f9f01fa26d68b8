import { BulkError } from '../errors.ts'

/** A status URL as copied: raw or percent-encoded. */
export function decodeStatusUrl(text: string): string {
  const url = /^https?%3a/i.test(text) ? (decoded(text) ?? text) : text
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).href
  throw new BulkError({ code: 'usage', message: 'the address of a job is an http(s) URL' })
}

/**
 * An address that a server told, absolute.
 *
 * Behind a proxy that ends TLS many servers call themselves `http:`. What has the host and port of the base is asked for as the
 * base is: TLS on every exchange (Bulk Data IG, "Security Considerations"), and the token does not go out in the clear.
 */
export function serverUrl(text: string, baseUrl: string, relativeTo: string = baseUrl): URL {
  const url = new URL(text, relativeTo)
  const base = new URL(baseUrl)
  const isBase = url.hostname === base.hostname && url.port === base.port
  if (isBase && url.protocol === 'http:' && base.protocol === 'https:') url.protocol = 'https:'
  return url
}

/** Percent-encoded text, decoded; undefined where it is not well encoded. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
