import { createHash } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { openSink } from '../download/sink.ts'
import { throwIfAborted } from '../errors.ts'
import { partSuffix } from '../folder/names.ts'
import type { FileDone, FileState } from '../folder/state.ts'
import type { Connection } from '../http/connection.ts'
import { compressionOf, type Line, openLines } from '../ndjson.ts'
import { AttachmentFiles } from './attachment-files.ts'
import {
  type AttachmentCounts,
  AttachmentSource,
  type AttachmentSourceOptions,
  attachmentsOf,
  type FetchedAttachment,
  type FoundAttachment,
  inOrder,
} from './attachment-source.ts'
import { splice } from './json-places.ts'

/** An attachment that did not come, told by place: no address, no identifier. */
export interface MissingAttachment {
  file: string
  line: number
  path: string
  status: number | null
  problem: string
}

export interface AttachmentInput {
  connection: Connection
  folder: string
  options: AttachmentSourceOptions
  /** Called after each line. */
  onLine?: () => void
}

/** Kept one by one; those beyond are counted. */
const keptProblems = 10_000

/**
 * Brings in the notes that the resources of a folder link to.
 *
 * `inline`: as `data`, with `size` and `hash`, into the attachment's own text; order of lines, decimals and spaces stay as they
 * were served. The file is replaced at once, and a second pass finds nothing left to do.
 * `files`: below `attachments/`, with a list of what belongs where; the NDJSON stays as it was served.
 */
export class Attachments implements AsyncDisposable {
  readonly counts: AttachmentCounts = { fetched: 0, skipped: 0, failed: 0 }
  readonly missing: MissingAttachment[] = []
  readonly #input: AttachmentInput
  readonly #source: AttachmentSource
  #files: AttachmentFiles | undefined

  constructor(input: AttachmentInput) {
    this.#input = input
    this.#source = new AttachmentSource(input.connection, input.options)
  }

  /** Takes one file. What it is now, where its text was changed. */
  async take(file: FileState): Promise<FileDone | null> {
    return (this.#input.options.mode ?? 'inline') === 'inline' ? await this.#inline(file) : await this.#save(file)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files?.close()
  }

  async #inline(file: FileState): Promise<FileDone> {
    const { folder, options } = this.#input
    const path = join(folder, file.path)
    const sink = await openSink({ path: `${path}${partSuffix}`, coding: 'identity', compress: compressionOf(path) })
    try {
      for await (const line of inOrder(openLines(path), options.parallel ?? 5, (each) => this.#inlineLine(each, file))) {
        throwIfAborted(options.signal)
        await sink.write(line)
        this.#input.onLine?.()
      }
      const done = await sink.finish()
      await rename(`${path}${partSuffix}`, path)
      return done
    } catch (cause) {
      await sink.abandon()
      throw cause
    }
  }

  async #inlineLine({ bytes, number, terminated }: Line, file: FileState): Promise<Buffer> {
    const end = terminated ? Buffer.from('\n') : Buffer.alloc(0)
    const text = bytes.toString('utf8')
    const found = bytes.includes('"url"') ? attachmentsOf(text, file.type) : []
    // Bytes that are no UTF-8 would change on the way back: such a line stays as it is.
    if (found.length === 0 || !Buffer.from(text).equals(bytes)) return Buffer.concat([bytes, end])
    const edits: { start: number; end: number; text: string }[] = []
    for (const each of found) {
      const got = await this.#fetch(each, file, number)
      if (got.kind === 'content')
        edits.push({ start: each.end - 1, end: each.end - 1, text: members(each.attachment, got.content) })
    }
    return Buffer.concat([Buffer.from(splice(text, edits)), end])
  }

  async #save(file: FileState): Promise<null> {
    const { folder, options } = this.#input
    this.#files ??= await AttachmentFiles.open(folder)
    const files = this.#files
    const work = async ({ bytes, number }: Line): Promise<void> => {
      const text = bytes.includes('"url"') ? bytes.toString('utf8') : ''
      const found = text === '' ? [] : attachmentsOf(text, file.type)
      const id = found.length === 0 ? '' : idOf(text)
      for (const each of found) {
        const place = { type: file.type, id, path: each.path, url: each.url }
        if (files.has(place)) continue
        const got = await this.#fetch(each, file, number)
        if (got.kind === 'content') await files.add(place, got)
      }
    }
    for await (const _ of inOrder(openLines(join(folder, file.path)), options.parallel ?? 5, work)) {
      throwIfAborted(options.signal)
      this.#input.onLine?.()
    }
    return null
  }

  async #fetch(found: FoundAttachment, file: FileState, line: number): Promise<FetchedAttachment> {
    const got = await this.#source.fetch(found)
    this.counts[got.kind === 'content' ? 'fetched' : got.kind] += 1
    if (got.kind === 'failed' && this.missing.length < keptProblems) {
      this.missing.push({ file: file.path, line, path: found.path, status: got.status, problem: got.problem })
    }
    return got
  }
}

function idOf(text: string): string {
  const { id } = JSON.parse(text) as { id?: unknown }
  return typeof id === 'string' ? id : ''
}

/** The members to add to an attachment. */
function members(attachment: Record<string, unknown>, content: Buffer): string {
  const hash = createHash('sha1').update(content).digest('base64')
  const all = { data: content.toString('base64'), size: content.length, hash }
  return Object.entries(all)
    .filter(([name]) => !(name in attachment))
    .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join('')
}
