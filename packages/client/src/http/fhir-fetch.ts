import { findPlaces, oneLine } from '../additions/json-places.ts'
import { BulkError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { fetchSmall } from './fetch-small.ts'
import type { Hosts } from './hosts.ts'
import { isRecord, serverMessage } from './server-message.ts'

/** A resource as the server wrote it, on one line. */
export interface RawResource {
  type: string
  id: string
  line: string
}

/** One page of a search, resources kept as text. */
export interface SearchPage {
  resources: RawResource[]
  /** Issues that came along: `outcome` entries. */
  outcomes: RawResource[]
  next: string | null
}

export interface FhirFetchOptions {
  connection: Connection
  hosts: Hosts
  retries: number
  pollMaxMs: number
  signal: AbortSignal | undefined
}

const pageBytes = 256 << 20

/** GETs a search or a page of one; a refusal is an error with the server's words. */
export async function fetchSearch(url: string, options: FhirFetchOptions): Promise<SearchPage> {
  const answer = await fetchSmall({ ...options, url, accept: 'application/fhir+json', maxBytes: pageBytes })
  const text = answer.bytes.toString('utf8')
  if (answer.status === 200 && !answer.tooLong) return parseBundle(text, url)
  const said = serverMessage(text, options.connection.redactor).text
  throw new BulkError({
    code: 'download-failed',
    status: answer.status,
    message: `a search was answered with ${answer.status}${said === null ? '' : `: ${said}`}`,
  })
}

/** GETs an address below the FHIR base as text, whatever its status. */
export async function fetchText(
  path: string,
  options: FhirFetchOptions,
): Promise<{ status: number; text: string; date: string | null }> {
  const url = `${options.connection.fhirUrl}/${path}`
  const { status, bytes, date } = await fetchSmall({ ...options, url, accept: 'application/fhir+json', maxBytes: pageBytes })
  return { status, text: bytes.toString('utf8'), date }
}

/** Reads one resource; null when the server does not have it or does not show it. */
export async function fetchResource(type: string, id: string, options: FhirFetchOptions): Promise<RawResource | null> {
  const url = `${options.connection.fhirUrl}/${type}/${encodeURIComponent(id)}`
  const answer = await fetchSmall({ ...options, url, accept: 'application/fhir+json', maxBytes: pageBytes })
  if (answer.status !== 200) return null
  const resource = rawResource(answer.bytes.toString('utf8'))
  return resource?.type === type ? resource : null
}

/** The entries of a searchset, each cut out of the text so that it stays as it was served. */
export function parseBundle(text: string, url: string): SearchPage {
  const places = placesOf(text)
  const json = (start: number, end: number): unknown => JSON.parse(text.slice(start, end))
  const found = places.flatMap(({ path, start, end }) =>
    path.at(-1) === 'resource' ? [rawResource(text.slice(start, end))] : [],
  )
  const links = places.flatMap(({ path, start, end }) => (path[0] === 'link' ? [json(start, end)] : [])).filter(isRecord)
  const next = links.find(({ relation }) => relation === 'next')?.url
  const resources = found.filter((resource) => resource !== undefined)
  return {
    resources: resources.filter(({ type }) => type !== 'OperationOutcome'),
    outcomes: resources.filter(({ type }) => type === 'OperationOutcome'),
    next: typeof next === 'string' && URL.canParse(next, url) ? new URL(next, url).href : null,
  }
}

function placesOf(text: string): ReturnType<typeof findPlaces> {
  try {
    return findPlaces(
      text,
      (path) => (path.length === 3 && path[0] === 'entry' && path[2] === 'resource') || (path.length === 2 && path[0] === 'link'),
    )
  } catch (cause) {
    throw new BulkError({
      code: 'download-failed',
      message: 'a search was answered with something that is no JSON',
      retryable: true,
      cause,
    })
  }
}

function rawResource(text: string): RawResource | undefined {
  try {
    const json: unknown = JSON.parse(text)
    if (!isRecord(json) || typeof json.resourceType !== 'string') return undefined
    return { type: json.resourceType, id: typeof json.id === 'string' ? json.id : '', line: oneLine(text) }
  } catch {
    return undefined
  }
}
