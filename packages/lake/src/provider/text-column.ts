import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import { LakeError } from '../errors.ts'
import { type PageHeader, pageHeader, pageTypes } from './page-header.ts'

/** A column chunk of texts in a Parquet file: plain values, not compressed or with zstd. */
export interface TextChunk {
  /** First byte of its first page. */
  readonly start: number
  /** Compressed bytes of all its pages. */
  readonly bytes: number
  readonly zstd: boolean
  /** The column may be null: each page tells where. */
  readonly optional: boolean
  /** Number of its first row in the file. */
  readonly firstRow: number
  readonly rows: number
}

export interface TextColumnOptions {
  readonly path: string
  readonly chunks: readonly TextChunk[]
  readonly wanted: (row: number) => boolean
  readonly signal?: AbortSignal
}

const readBytes = 1024 * 1024
const plain = 0

/**
 * The wanted texts of a column, in order, as the bytes that are stored: never more in memory than a few megabytes and one text.
 * The engine would hold all values of 2,048 rows at once, which are gigabytes where a resource holds a document.
 *
 * A batch is good until the next one is asked for: its texts lie in buffers that are used again. A wanted null is left out.
 */
export async function* textColumn({ path, chunks, wanted, signal }: TextColumnOptions): AsyncGenerator<readonly Uint8Array[]> {
  const file = await open(path)
  const spare: Spare = { bytes: Buffer.alloc(0) }
  try {
    for (const chunk of chunks) {
      let at = chunk.start
      let row = chunk.firstRow
      while (at < chunk.start + chunk.bytes) {
        signal?.throwIfAborted()
        const header = await headerAt(file, at, chunk.start + chunk.bytes)
        const body = at + header.length
        at = body + header.compressedBytes
        if (header.type === pageTypes.index) continue
        if (header.encoding !== plain || header.type === pageTypes.dictionary)
          throw damaged('a page is encoded otherwise than told')
        if (someWanted(wanted, row, row + header.values)) {
          yield* pageTexts({ path, file, chunk, header, body, row, wanted, spare })
        }
        row += header.values
      }
      if (row !== chunk.firstRow + chunk.rows) throw damaged('it has another number of rows than its footer tells')
    }
  } finally {
    await file.close()
  }
}

function someWanted(wanted: (row: number) => boolean, from: number, to: number): boolean {
  for (let row = from; row < to; row++) if (wanted(row)) return true
  return false
}

async function headerAt(file: FileHandle, at: number, end: number): Promise<PageHeader> {
  for (let size = 1024; ; size *= 16) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, end - at)), 0, undefined, at)
    const header = pageHeader(buffer.subarray(0, bytesRead))
    if (header !== undefined) return header
    if (bytesRead < size) throw damaged('a page header is cut short')
  }
}

/** Holds a text that does not lie in one piece. */
interface Spare {
  bytes: Buffer
}

interface Page {
  readonly path: string
  readonly file: FileHandle
  readonly chunk: TextChunk
  readonly header: PageHeader
  /** Where its bytes begin. */
  readonly body: number
  readonly row: number
  readonly wanted: (row: number) => boolean
  readonly spare: Spare
}

async function* pageTexts({ path, file, chunk, header, body, row, wanted, spare }: Page): AsyncGenerator<readonly Uint8Array[]> {
  const { levels } = header
  const before = levels === undefined ? 0 : levels.repetition + levels.definition
  const packed = chunk.zstd && levels?.compressed !== false
  const reader = new PageReader(pieces(path, { start: body + before, bytes: header.compressedBytes - before, packed }))
  try {
    const defined = await definedValues({ file, chunk, header, body }, reader)
    let texts: Uint8Array[] = []
    for (let value = 0; value < header.values; value++) {
      if (defined !== undefined && defined[value] === 0) continue
      let length = reader.shortLength()
      const asked = wanted(row + value)
      if (length !== undefined && length <= reader.left) {
        const text = reader.take(length)
        if (asked) texts.push(text)
        continue
      }
      // Another piece is needed, and what was gathered keeps the present one.
      if (texts.length > 0) yield texts
      texts = []
      length ??= await reader.length()
      if (length > header.bytes) throw damaged('a value is longer than its page')
      if (asked) yield [await reader.gather(length, spare)]
      else await reader.skip(length)
    }
    if (texts.length > 0) yield texts
    await reader.end()
  } finally {
    await reader.close()
  }
}

/** Which values are there; undefined: all. Version 1 has the levels before the values, version 2 before the compressed part. */
async function definedValues(
  { file, chunk, header, body }: Pick<Page, 'file' | 'chunk' | 'header' | 'body'>,
  reader: PageReader,
): Promise<Uint8Array | undefined> {
  if (!chunk.optional) return undefined
  const { levels, values } = header
  if (levels === undefined)
    return definedOf(Buffer.from(await reader.gather(await reader.length(), { bytes: Buffer.alloc(0) })), values)
  const { buffer } = await file.read(Buffer.alloc(levels.definition), 0, undefined, body + levels.repetition)
  return definedOf(buffer, values)
}

/** Levels of one bit: runs, and groups of eight (parquet-format, RLE/bit-packing hybrid). */
function definedOf(bytes: Uint8Array, values: number): Uint8Array | undefined {
  const levels = new Uint8Array(values)
  let all = true
  let at = 0
  let value = 0
  while (value < values && at < bytes.length) {
    let head = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0
      head += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    const count = Math.floor(head / 2)
    if (head % 2 === 0) {
      const level = (bytes[at++] ?? 0) & 1
      levels.fill(level, value, Math.min(values, value + count))
      all &&= level === 1
      value += count
      continue
    }
    for (let bit = 0; bit < count * 8 && value < values; bit++) {
      const level = ((bytes[at + (bit >> 3)] ?? 0) >> (bit & 7)) & 1
      levels[value++] = level
      all &&= level === 1
    }
    at += count
  }
  if (value < values) throw damaged('its levels end too early')
  return all ? undefined : levels
}

/** The bytes of a page, unpacked, piece by piece. */
function pieces(path: string, { start, bytes, packed }: { start: number; bytes: number; packed: boolean }): Readable {
  if (bytes === 0) return Readable.from([])
  const source = createReadStream(path, { start, end: start + bytes - 1, highWaterMark: readBytes })
  if (!packed) return source
  const decoder = createZstdDecompress({ chunkSize: readBytes })
  source.once('error', (error) => decoder.destroy(error))
  decoder.once('close', () => source.destroy())
  return source.pipe(decoder)
}

/** Reads a page's bytes in order; what `take` gives is good until the next piece. */
class PageReader {
  readonly #source: Readable
  readonly #pieces: AsyncIterator<Buffer>
  #piece: Buffer = Buffer.alloc(0)
  #at = 0

  constructor(source: Readable) {
    this.#source = source
    this.#pieces = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  /** Bytes left of the present piece. */
  get left(): number {
    return this.#piece.length - this.#at
  }

  /** A length of four bytes, where they lie in the present piece. */
  shortLength(): number | undefined {
    if (this.left < 4) return undefined
    this.#at += 4
    return this.#piece.readUInt32LE(this.#at - 4)
  }

  /** A length of four bytes, wherever they lie. */
  async length(): Promise<number> {
    const bytes = await this.gather(4, { bytes: Buffer.alloc(4) })
    return bytes.readUInt32LE(0)
  }

  /** So many bytes of the present piece, which must have them. */
  take(length: number): Buffer {
    this.#at += length
    return this.#piece.subarray(this.#at - length, this.#at)
  }

  /** So many bytes, put together in `spare`. */
  async gather(length: number, spare: Spare): Promise<Buffer> {
    if (spare.bytes.length < length) spare.bytes = Buffer.allocUnsafeSlow(length)
    let done = 0
    while (done < length) {
      if (this.left === 0) await this.#next()
      const part = Math.min(this.left, length - done)
      this.#piece.copy(spare.bytes, done, this.#at, this.#at + part)
      this.#at += part
      done += part
    }
    return spare.bytes.subarray(0, length)
  }

  async skip(length: number): Promise<void> {
    let rest = length
    while (rest > 0) {
      if (this.left === 0) await this.#next()
      const part = Math.min(this.left, rest)
      this.#at += part
      rest -= part
    }
  }

  /** Nothing may be left. */
  async end(): Promise<void> {
    if (this.left > 0 || (await this.#pieces.next()).done !== true) throw damaged('a page is longer than its values')
  }

  async close(): Promise<void> {
    this.#source.destroy()
    await this.#pieces.return?.()
  }

  async #next(): Promise<void> {
    const next = await this.#pieces.next().catch((cause: unknown) => {
      throw damaged('a page cannot be unpacked', cause)
    })
    if (next.done === true) throw damaged('a page ends too early')
    this.#piece = next.value
    this.#at = 0
  }
}

function damaged(what: string, cause?: unknown): LakeError {
  return new LakeError('file-unreadable', `A data file of the lake cannot be read: ${what}.`, {
    hint: 'floe rebuild --lake DIR   # makes silver anew from bronze',
    cause,
  })
}
