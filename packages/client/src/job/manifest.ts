import { BulkError } from '../errors.ts'
import { isRecord, parseJson } from '../http/server-message.ts'
import type { ItemType, ManifestItem, OutputManifest } from '../types.ts'
import { serverUrl } from './status-url.ts'

/**
 * Reads one page of an output manifest of Bulk Data v1 to v4 into one shape.
 *
 * Everything in it is the server's word: types, counts and URLs are checked again where they are used. An unusable manifest is
 * the server's failure (exit code 5).
 */
export function parseManifest(text: string, baseUrl: string): OutputManifest {
  const json = parseJson(text)
  if (json === undefined) throw unusable('it is not a JSON object')
  const { transactionTime } = json
  if (typeof transactionTime !== 'string' || Number.isNaN(Date.parse(transactionTime)))
    throw unusable('it has no transactionTime')
  if (json.output !== undefined && json.output !== null && !Array.isArray(json.output)) throw unusable('its output is not a list')
  if (json.output === undefined && json.error === undefined && json.outcome === undefined) throw unusable('it has no output')
  const messages = new Map(
    [...items(json.error, 'error', baseUrl), ...items(json.outcome, 'error', baseUrl)].map((item) => [item.url, item]),
  )
  return {
    transactionTime,
    requiresAccessToken: requiresAccessToken(json.requiresAccessToken),
    request: typeof json.request === 'string' ? json.request : null,
    outputOrganizedBy: typeof json.outputOrganizedBy === 'string' ? json.outputOrganizedBy : null,
    items: [
      ...items(json.output, 'output', baseUrl),
      ...items(json.deleted, 'deleted', baseUrl),
      // v3 and v4 name the same list differently; a server may send both.
      ...messages.values(),
    ],
    next: nextLink(json.link, baseUrl),
  }
}

/** Absent counts as true; Oracle Soarian sends strings. */
function requiresAccessToken(value: unknown): boolean {
  return !(value === false || (typeof value === 'string' && value.trim().toLowerCase() === 'false'))
}

function items(list: unknown, itemType: ItemType, baseUrl: string): ManifestItem[] {
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) throw unusable(`its list of ${itemType} files is not a list`)
  return list.map((item: unknown, index) => {
    if (!isRecord(item) || typeof item.url !== 'string' || item.url.trim() === '') {
      throw unusable(`item ${index} of its ${itemType} files has no url`)
    }
    // v1 allowed paths; an address that cannot be understood is kept, and refused when it is the file's turn.
    const url = URL.canParse(item.url, baseUrl) ? serverUrl(item.url, baseUrl).href : item.url
    return {
      itemType,
      type: typeof item.type === 'string' ? item.type : null,
      url,
      count: number(item.count),
      fileSize: number(item.fileSize),
    }
  })
}

/** A whole number that is not negative, also as text; anything else is absent. */
function number(value: unknown): number | null {
  const parsed = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof parsed === 'number' && Number.isSafeInteger(parsed) && parsed >= 0 ? parsed : null
}

function nextLink(link: unknown, baseUrl: string): string | null {
  // One link alone may come without its list: a page that is not followed would be lost without a word.
  const links = [link].flat().filter(isRecord)
  const next = links.find(({ relation }) => relation === 'next')?.url
  if (next === undefined || next === null) return null
  if (typeof next !== 'string' || !URL.canParse(next, baseUrl)) throw unusable('the address of its next page cannot be read')
  const url = serverUrl(next, baseUrl)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw unusable('the address of its next page is not http(s)')
  return url.href
}

/** The failure of a manifest that cannot be used. */
export function unusable(reason: string): BulkError {
  return new BulkError({
    code: 'server-failed',
    message: `the server's manifest cannot be used: ${reason}`,
    hint: 'The job is kept; the owner of the server can tell what went wrong.',
  })
}
