import { BulkError } from './errors.ts'

/** A status URL as copied: raw or percent-encoded. */
export function decodeStatusUrl(text: string): string {
  const url = /^https?%3a/i.test(text) ? decodeURIComponent(text) : text
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).href
  throw new BulkError({ code: 'usage', message: 'the address of a job is an http(s) URL' })
}
