import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Compression } from './types.ts'
import { frameOf, zstdInput } from './zstd-frames.ts'

export { type ArchiveEnd, frameOf, type ZstdInput, zstdInput } from './zstd-frames.ts'

const LF = 10

/** How a file is compressed, told by the end of its name without regard to case. */
export function compressionOf(path: string): Compression {
  const name = path.toLowerCase()
  if (name.endsWith('.gz')) return 'gzip'
  if (name.endsWith('.zst')) return 'zstd'
  return 'none'
}

/**
 * The bytes of a file, decompressed by its name where nothing else is told. A gzip or zstd file whose end is missing fails at the
 * cut.
 */
export function openDecompressed(path: string, compression: Compression = compressionOf(path)): Readable {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 })
  if (compression === 'none') return file
  if (compression === 'zstd') return Readable.from(unzstd(file), { objectMode: false })
  // The reader sees a failure of either stream as an error of the decoder; the callback only stops it being unhandled.
  return pipeline(file, createGunzip({ chunkSize: 256 * 1024 }), () => {}) as unknown as Readable
}

/**
 * Several frames behind each other are one file, as for zstd itself: Node's decoder reads one, and is silent about a missing end.
 */
async function* unzstd(file: Readable): AsyncGenerator<Buffer> {
  const source = zstdInput(file[Symbol.asyncIterator]() as AsyncIterator<Buffer>)
  try {
    while (await source.more()) {
      const decoder = createZstdDecompress({ chunkSize: 256 * 1024 })
      pipeline(Readable.from(frameOf(source), { objectMode: false }), decoder, () => {})
      for await (const chunk of decoder) yield chunk as Buffer
      if (source.end === 'damaged') throw new Error('not a zstd frame')
      if (source.end === 'truncated') throw new Error('unexpected end of file')
    }
  } finally {
    file.destroy()
  }
}

/** What the lines of a file add up to. */
export interface LineCount {
  /** Lines that hold a byte other than space, tab, CR or BOM. */
  lines: number
  /** Bytes after decompression. */
  bytes: number
}

/**
 * Counts the lines of a byte stream that comes in chunks of any size.
 *
 * A line counts when it holds a byte other than space, tab, CR or a BOM; a last line without a line end counts too.
 */
export class LineCounter {
  #complete = 0
  #bytes = 0
  /** Whether the line that is open at the end of the last chunk has content already. */
  #content = false
  /** How many bytes of a BOM the open line ends with: EF, EF BB. */
  #bom = 0

  /** Bytes seen. */
  get bytes(): number {
    return this.#bytes
  }

  /** Lines with content, the open one included. */
  get lines(): number {
    return this.#complete + (this.#content || this.#bom > 0 ? 1 : 0)
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    let start = 0
    while (start < chunk.length) {
      const newline = chunk.indexOf(LF, start)
      const end = newline < 0 ? chunk.length : newline
      if (!this.#content) this.#scan(chunk, start, end)
      if (newline < 0) return
      if (this.#content || this.#bom > 0) this.#complete += 1
      this.#content = false
      this.#bom = 0
      start = newline + 1
    }
  }

  #scan(chunk: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += 1) {
      const byte = chunk[at]
      if (this.#bom === 0 && (byte === 0x20 || byte === 0x09 || byte === 0x0d)) continue
      if (byte === bomBytes[this.#bom]) {
        this.#bom = (this.#bom + 1) % bomBytes.length
        continue
      }
      this.#content = true
      this.#bom = 0
      return
    }
  }
}

const bomBytes = [0xef, 0xbb, 0xbf] as const

/** Counts the lines of a file, plain, gzip or zstd by its name. */
export async function countLines(path: string): Promise<LineCount> {
  const counter = new LineCounter()
  for await (const chunk of openDecompressed(path)) counter.push(chunk as Buffer)
  return { lines: counter.lines, bytes: counter.bytes }
}

/** One line of NDJSON, without its end. */
export interface Line {
  /** Without its line end (LF; a CR before it stays). Valid until the next step of the iteration. */
  bytes: Buffer
  /** From 1, as an editor counts: blank lines have numbers too. */
  number: number
  /** False for a last line without a line end. */
  terminated: boolean
}

/** Limits of reading. */
export interface LinesOptions {
  /** A longer line is an error. Default 64 MB. */
  maxLineBytes?: number
}

/** The lines of a chunked byte stream, blank ones included. Memory is bound by the longest line. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  { maxLineBytes = 64 << 20 }: LinesOptions = {},
): AsyncGenerator<Line> {
  let open: Uint8Array[] = []
  let openBytes = 0
  let number = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let newline = chunk.indexOf(LF); newline >= 0; newline = chunk.indexOf(LF, start)) {
      const tail = Buffer.from(chunk.buffer, chunk.byteOffset + start, newline - start)
      number += 1
      yield { bytes: openBytes === 0 ? tail : Buffer.concat([...open, tail]), number, terminated: true }
      open = []
      openBytes = 0
      start = newline + 1
    }
    if (start === chunk.length) continue
    open.push(Buffer.from(chunk.subarray(start)))
    openBytes += chunk.length - start
    if (openBytes > maxLineBytes) throw new RangeError(`line ${number + 1} is longer than ${maxLineBytes} bytes`)
  }
  if (openBytes > 0) yield { bytes: Buffer.concat(open), number: number + 1, terminated: false }
}

/** The lines of a file, plain, gzip or zstd by its name. */
export function openLines(path: string, options: LinesOptions = {}): AsyncGenerator<Line> {
  return splitLines(openDecompressed(path), options)
}

/** Whether a line holds nothing but spaces, tabs, CR and BOM. */
export function isBlankLine(bytes: Uint8Array): boolean {
  const counter = new LineCounter()
  counter.push(bytes)
  return counter.lines === 0
}

/** The text of a line without BOM and CR, ready for `JSON.parse`. */
export function lineText(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  const from = text.charCodeAt(0) === 0xfeff ? 1 : 0
  return text.endsWith('\r') ? text.slice(from, -1) : text.slice(from)
}
