import { BulkError } from './errors.ts'

/** A status URL as copied: raw or percent-encoded. */
export function decodeStatusUrl(text: string): string {
  const url = /^https?%3a/i.test(text) ? (decoded(text) ?? text) : text
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).href
  throw new BulkError({ code: 'usage', message: 'the address of a job is an http(s) URL' })
}

/** Percent-encoded text, decoded; undefined where it is not well encoded. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
