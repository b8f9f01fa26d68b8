import { BulkError } from '../errors.ts'
import type { FileState } from '../folder/state.ts'
import type { Connection } from '../http/connection.ts'
import { fetchSmall } from '../http/fetch-small.ts'
import { Hosts } from '../http/hosts.ts'
import { isRecord, parseJson } from '../http/server-message.ts'
import type { Line } from '../ndjson.ts'
import { findPlaces } from './json-places.ts'

/** Content types that are taken where none are named: `inline` the notes that are text, `files` everything. */
const defaultTypes = {
  inline: ['text/plain', 'text/html', 'application/xhtml+xml', 'text/xml', 'application/xml', 'text/rtf', 'application/rtf'],
  files: [''],
} as const

const defaultMaxBytes = { inline: 5_000_000, files: 50_000_000 } as const

/** After so many failures of the network in a row an origin gets one try for each attachment. */
const patience = 10

/**
 * Which attachments to bring in, and how. Rejections are `download-failed` with `onFailure: 'fail'`, else only `interrupted` and
 * `usage`.
 */
export interface AttachmentOptions {
  /** `inline`: as `data` in the resource's line; `files`: below `attachments/`, the lines stay as served. Default `inline`. */
  mode?: 'inline' | 'files'
  /** Content types to take, as prefixes such as `text/`. Default: text, HTML, XHTML, XML, RTF with `inline`, all with `files`. */
  mimeTypes?: readonly string[]
  /** A longer attachment stays a link. Bytes; default 5 MB with `inline`, 50 MB with `files`. */
  maxBytes?: number
  /** What an attachment that does not come means: it stays a link, is counted and reported, or the step fails. Default `keep`. */
  onFailure?: 'keep' | 'fail'
  /** Attachments fetched at the same time. Default 5. */
  parallel?: number
  /** Attempts after the first. Default 8. */
  retries?: number
  signal?: AbortSignal
}

export interface AttachmentSourceOptions extends AttachmentOptions {
  /** What the manifest says of its files holds for attachments with an absolute address, too (Bulk Data IG, "Attachments"). */
  requiresAccessToken?: boolean
}

export interface AttachmentCounts {
  /** Brought in: as `data`, or as a file. */
  fetched: number
  /** Other types, too long, with data already, or at an origin that is not trusted. */
  skipped: number
  failed: number
}

/** Types of resources whose notes are meant, with the path of their attachments. */
const attachmentPaths: Readonly<Record<string, (path: readonly (string | number)[]) => boolean>> = {
  DocumentReference: (path) => path.length === 3 && path[0] === 'content' && path[2] === 'attachment',
  DiagnosticReport: (path) => path.length === 2 && path[0] === 'presentedForm',
}

export function hasAttachments({ type, itemType, done }: FileState): boolean {
  return itemType === 'output' && type in attachmentPaths && done !== null
}

/** An attachment in the text of its resource. */
export interface FoundAttachment {
  /** `content[0].attachment` */
  path: string
  start: number
  end: number
  attachment: Record<string, unknown>
  url: string
}

/** The attachments of a line that have an address; none where the line is no JSON: that is the loader's business. */
export function attachmentsOf(text: string, type: string): FoundAttachment[] {
  try {
    return findPlaces(text, attachmentPaths[type] ?? (() => false)).flatMap(({ path, start, end }) => {
      const attachment: unknown = JSON.parse(text.slice(start, end))
      const url = isRecord(attachment) ? attachment.url : undefined
      return isRecord(attachment) && typeof url === 'string' && URL.canParse(url, 'https://base.example/')
        ? [{ path: pathText(path), start, end, attachment, url }]
        : []
    })
  } catch {
    return []
  }
}

function pathText(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('')
}

/** What came of one attachment; `problem` has neither address nor identifier. */
export type FetchedAttachment =
  | { kind: 'content'; content: Buffer; contentType: string }
  | { kind: 'skipped' }
  | { kind: 'failed'; status: number | null; problem: string }

/** Fetches attachments from the FHIR server and the origins named as trusted. */
export class AttachmentSource {
  readonly #connection: Connection
  readonly #options: AttachmentSourceOptions
  readonly #hosts: Hosts
  readonly #failing = new Map<string, number>()

  constructor(connection: Connection, options: AttachmentSourceOptions) {
    this.#connection = connection
    this.#options = options
    this.#hosts = new Hosts(connection.timing)
  }

  async fetch({ attachment, url }: FoundAttachment): Promise<FetchedAttachment> {
    const { mode = 'inline', signal, onFailure = 'keep' } = this.#options
    const { maxBytes = defaultMaxBytes[mode], mimeTypes = defaultTypes[mode], retries = 8 } = this.#options
    const declared = typeof attachment.contentType === 'string' ? attachment.contentType.trim().toLowerCase() : ''
    const address = new URL(url, `${this.#connection.fhirUrl}/`).href
    // Data decides where a link leads: only the FHIR server and origins named as trusted are asked.
    if (!this.#connection.trusts(address) || attachment.data !== undefined || !wanted(mimeTypes, declared))
      return { kind: 'skipped' }
    const { origin } = new URL(address)
    const failing = this.#failing.get(origin) ?? 0
    const token = this.#options.requiresAccessToken !== false || !URL.canParse(url)
    try {
      const request = {
        connection: this.#connection,
        hosts: this.#hosts,
        url: address,
        accept: declared === '' ? '*/*' : `${declared}, application/fhir+json;q=0.5`,
        maxBytes,
        retries: failing < patience ? retries : 0,
        pollMaxMs: 300_000,
        signal,
      }
      const answer = await fetchSmall({ ...request, token })
      this.#failing.delete(origin)
      if (answer.tooLong) return { kind: 'skipped' }
      const content = answer.status === 200 ? unwrap(answer.bytes, answer.contentType, declared) : null
      if (content !== null) return { kind: 'content', content, contentType: declared || (answer.contentType ?? '') }
      return this.#failed(answer.status, `answered with ${answer.status}`, onFailure)
    } catch (cause) {
      if (!(cause instanceof BulkError) || cause.code === 'interrupted' || onFailure === 'fail') throw cause
      if (cause.code === 'download-failed') this.#failing.set(origin, failing + 1)
      return this.#failed(cause.status ?? null, cause.message, onFailure)
    }
  }

  #failed(status: number | null, problem: string, onFailure: 'keep' | 'fail'): FetchedAttachment {
    if (onFailure === 'keep') return { kind: 'failed', status, problem }
    const options = { code: 'download-failed', message: `an attachment was ${problem}`, retryable: true } as const
    throw new BulkError(status === null ? options : { ...options, status })
  }
}

function wanted(types: readonly string[], declared: string): boolean {
  return types.some((prefix) => declared.startsWith(prefix.toLowerCase()))
}

/** The bytes of a note: as they came, or out of a FHIR Binary. */
function unwrap(bytes: Buffer, contentType: string | null, declared: string): Buffer | null {
  if (!/json/i.test(contentType ?? '')) return bytes
  const json = parseJson(bytes.toString('utf8'))
  if (json?.resourceType === 'Binary') return typeof json.data === 'string' ? Buffer.from(json.data, 'base64') : null
  return json?.resourceType === 'OperationOutcome' && !/json/.test(declared) ? null : bytes
}

/** Works on several lines at once and gives the results in order. Memory is bound by the lines at work. */
export async function* inOrder<T>(
  lines: AsyncIterable<Line>,
  width: number,
  work: (line: Line) => Promise<T>,
): AsyncGenerator<T> {
  const running: Promise<T>[] = []
  for await (const { bytes, number, terminated } of lines) {
    const result = work({ bytes: Buffer.from(bytes), number, terminated })
    // It is awaited in its turn; a failure before that must not count as unhandled.
    result.catch(() => {})
    running.push(result)
    const first = running.length >= width ? running.shift() : undefined
    if (first !== undefined) yield await first
  }
  for (const result of running) yield await result
}
