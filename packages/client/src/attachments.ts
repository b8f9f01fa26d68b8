import { createHash } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from './connection.ts'
import { BulkError, throwIfAborted } from './errors.ts'
import { fetchSmall } from './fetch-small.ts'
import { partSuffix } from './folder/names.ts'
import type { FileDone, FileState } from './folder/state.ts'
import { Hosts } from './hosts.ts'
import { findPlaces, splice } from './json-places.ts'
import { compressionOf, type Line, openLines } from './ndjson.ts'
import { isRecord, parseJson } from './server-message.ts'
import { openSink } from './sink.ts'

export interface AttachmentOptions {
  /** Content types to take, as prefixes such as `text/`. Default: text, HTML, XHTML. */
  mimeTypes?: readonly string[]
  /** A longer attachment stays a link. Default 5 MB. */
  maxBytes?: number
  /** What an attachment that does not come means: it stays a link and is counted, or the step fails. Default `keep`. */
  onFailure?: 'keep' | 'fail'
  /** Attachments fetched at the same time. Default 5. */
  parallel?: number
  retries?: number
  signal?: AbortSignal
}

export interface AttachmentCounts {
  inlined: number
  /** Other types, too long, with data already, or at an origin that is not trusted. */
  skipped: number
  failed: number
}

export const noAttachments: AttachmentCounts = { inlined: 0, skipped: 0, failed: 0 }

const defaultTypes = [
  'text/plain',
  'text/html',
  'application/xhtml+xml',
  'text/xml',
  'application/xml',
  'text/rtf',
  'application/rtf',
]

/** Types of resources whose notes are meant, with the path of their attachments. */
const attachmentPaths: Readonly<Record<string, (path: readonly (string | number)[]) => boolean>> = {
  DocumentReference: (path) => path.length === 3 && path[0] === 'content' && path[2] === 'attachment',
  DiagnosticReport: (path) => path.length === 2 && path[0] === 'presentedForm',
}

export function hasAttachments({ type, itemType, done }: FileState): boolean {
  return itemType === 'output' && type in attachmentPaths && done !== null
}

export interface InlineInput {
  connection: Connection
  folder: string
  file: FileState
  options: AttachmentOptions
}

/**
 * Brings the notes that one file links to into its resources as `data`, with `size` and `hash`.
 *
 * Only the attachment's own text is added to: order of lines, decimals and spaces stay as they were served. The file is replaced
 * at once, and a second pass finds nothing left to do.
 */
export async function inlineAttachments({
  connection,
  folder,
  file,
  options,
}: InlineInput): Promise<{ done: FileDone; counts: AttachmentCounts }> {
  const path = join(folder, file.path)
  const counts = { ...noAttachments }
  const inliner = new Inliner(connection, options, counts)
  const sink = await openSink({ path: `${path}${partSuffix}`, coding: 'identity', compress: compressionOf(path) })
  try {
    for await (const line of inOrder(openLines(path), options.parallel ?? 5, (each) => inliner.line(each, file.type))) {
      throwIfAborted(options.signal)
      await sink.write(line)
    }
    const done = await sink.finish()
    await rename(`${path}${partSuffix}`, path)
    return { done, counts }
  } catch (cause) {
    await sink.abandon()
    throw cause
  }
}

/** Works on several lines at once and gives the results in order. Memory is bound by the lines at work. */
async function* inOrder(
  lines: AsyncIterable<Line>,
  width: number,
  work: (line: Line) => Promise<Buffer>,
): AsyncGenerator<Buffer> {
  const running: Promise<Buffer>[] = []
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

/** An attachment in the text of its resource. */
interface Found {
  start: number
  end: number
  attachment: Record<string, unknown>
  url: string
}

class Inliner {
  readonly #connection: Connection
  readonly #options: AttachmentOptions
  readonly #counts: AttachmentCounts
  readonly #hosts: Hosts

  constructor(connection: Connection, options: AttachmentOptions, counts: AttachmentCounts) {
    this.#connection = connection
    this.#options = options
    this.#counts = counts
    this.#hosts = new Hosts(connection.timing)
  }

  async line({ bytes, terminated }: Line, type: string): Promise<Buffer> {
    const end = terminated ? Buffer.from('\n') : Buffer.alloc(0)
    const text = bytes.toString('utf8')
    const found = bytes.includes('"url"') ? attachmentsOf(text, type) : []
    // Bytes that are no UTF-8 would change on the way back: such a line stays as it is.
    if (found.length === 0 || !Buffer.from(text).equals(bytes)) return Buffer.concat([bytes, end])
    const edits: { start: number; end: number; text: string }[] = []
    for (const each of found) {
      const members = await this.#fetch(each)
      if (members !== null) edits.push({ start: each.end - 1, end: each.end - 1, text: members })
    }
    return Buffer.concat([Buffer.from(splice(text, edits)), end])
  }

  /** The members to add to an attachment, or null where it stays a link. */
  async #fetch({ attachment, url }: Found): Promise<string | null> {
    const { maxBytes = 5_000_000, retries = 8, signal, onFailure = 'keep' } = this.#options
    const declared = typeof attachment.contentType === 'string' ? attachment.contentType.trim().toLowerCase() : ''
    const wanted = this.#options.mimeTypes ?? defaultTypes
    const address = new URL(url, `${this.#connection.fhirUrl}/`).href
    // Data decides where a link leads: only the FHIR server and origins named as trusted are asked.
    const foreign = !this.#connection.trusts(address)
    if (foreign || attachment.data !== undefined || !wanted.some((prefix) => declared.startsWith(prefix))) {
      this.#counts.skipped += 1
      return null
    }
    const answer = await fetchSmall({
      connection: this.#connection,
      hosts: this.#hosts,
      url: address,
      accept: `${declared}, application/fhir+json;q=0.5`,
      maxBytes,
      retries,
      pollMaxMs: 300_000,
      signal,
    })
    const content = answer.status === 200 ? unwrap(answer.bytes, answer.contentType) : null
    if (answer.tooLong) {
      this.#counts.skipped += 1
      return null
    }
    if (content === null) {
      this.#counts.failed += 1
      if (onFailure === 'keep') return null
      throw new BulkError({
        code: 'download-failed',
        status: answer.status,
        message: `an attachment was answered with ${answer.status}`,
        retryable: true,
      })
    }
    this.#counts.inlined += 1
    const hash = createHash('sha1').update(content).digest('base64')
    const members = { data: content.toString('base64'), size: content.length, hash }
    return Object.entries(members)
      .filter(([name]) => !(name in attachment))
      .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join('')
  }
}

function attachmentsOf(text: string, type: string): Found[] {
  try {
    return findPlaces(text, attachmentPaths[type] ?? (() => false)).flatMap(({ start, end }) => {
      const attachment: unknown = JSON.parse(text.slice(start, end))
      const url = isRecord(attachment) ? attachment.url : undefined
      return isRecord(attachment) && typeof url === 'string' && URL.canParse(url, 'https://base.example/')
        ? [{ start, end, attachment, url }]
        : []
    })
  } catch {
    // A line that is no JSON is the loader's business.
    return []
  }
}

/** The bytes of a note: as they came, or out of a FHIR Binary. */
function unwrap(bytes: Buffer, contentType: string | null): Buffer | null {
  if (!/json/i.test(contentType ?? '')) return bytes
  const json = parseJson(bytes.toString('utf8'))
  if (json?.resourceType === 'Binary') return typeof json.data === 'string' ? Buffer.from(json.data, 'base64') : null
  return json?.resourceType === 'OperationOutcome' ? null : bytes
}
