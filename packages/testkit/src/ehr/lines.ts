import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

export type Compression = 'none' | 'gzip' | 'zstd'

/** Compression by the ending of a file name, without regard to case. */
export function compressionOf(path: string): Compression {
  if (/\.gz$/i.test(path)) return 'gzip'
  return /\.zst$/i.test(path) ? 'zstd' : 'none'
}

const chunkBytes = 1 << 19

/**
 * The bytes of a file from `start` to `end` (exclusive), one chunk read ahead of the consumer.
 *
 * A plain read loop moves more than `createReadStream` does, and half a megabyte at a time more than either smaller or larger
 * chunks.
 */
export async function* fileBytes(path: string, start = 0, end: number = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  await using handle = await open(path, 'r')
  let position = start
  let ahead = readChunk(handle, position, end)
  for (;;) {
    const chunk = await ahead
    if (chunk === null) return
    position += chunk.length
    ahead = readChunk(handle, position, end)
    // The consumer may stop here; the read under way then settles before the handle is closed.
    try {
      yield chunk
    } finally {
      await ahead.catch(() => null)
    }
  }
}

async function readChunk(handle: FileHandle, position: number, end: number): Promise<Buffer | null> {
  const length = Math.min(chunkBytes, end - position)
  if (length <= 0) return null
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(length), 0, length, position)
  return bytesRead === 0 ? null : buffer.subarray(0, bytesRead)
}

/** The uncompressed bytes of a file. */
export async function* plainBytes(path: string, compression: Compression = compressionOf(path)): AsyncGenerator<Buffer> {
  if (compression === 'none') {
    yield* fileBytes(path)
    return
  }
  const { createReadStream } = await import('node:fs')
  const options = { chunkSize: chunkBytes }
  const decoder = compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options)
  const source = createReadStream(path, { highWaterMark: chunkBytes })
  source.on('error', (error) => decoder.destroy(error))
  try {
    yield* source.pipe(decoder) as Readable & AsyncIterable<Buffer>
  } finally {
    source.destroy()
    decoder.destroy()
  }
}

/** Only the bytes from `start` to `end` (exclusive) of what another iterable gives. */
export async function* slice(chunks: AsyncIterable<Buffer>, start: number, end: number): AsyncGenerator<Buffer> {
  let position = 0
  for await (const chunk of chunks) {
    const from = Math.max(start - position, 0)
    const to = Math.min(end - position, chunk.length)
    position += chunk.length
    if (from < to) yield from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to)
    if (position >= end) return
  }
}

/** Lines of NDJSON without their line end; blank ones are left out. */
export async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const part = chunk.subarray(from, end)
      const line = rest.length === 0 ? part : Buffer.concat([...rest, part])
      rest = []
      from = end + 1
      if (!isBlank(line)) yield line
    }
    if (from < chunk.length) rest.push(chunk.subarray(from))
  }
  const last = Buffer.concat(rest)
  if (!isBlank(last)) yield last
}

/** Lines and uncompressed bytes of NDJSON. */
export async function measure(chunks: AsyncIterable<Buffer>): Promise<{ count: number; bytes: number }> {
  let count = 0
  let bytes = 0
  let pending = false
  for await (const chunk of chunks) {
    bytes += chunk.length
    let from = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      if (pending || !isBlank(chunk, from, end)) count++
      pending = false
      from = end + 1
    }
    if (!pending && !isBlank(chunk, from, chunk.length)) pending = true
  }
  return { count: pending ? count + 1 : count, bytes }
}

/** A line counts when it holds a byte other than space, tab, CR or those of a byte order mark. */
function isBlank(bytes: Buffer, from = 0, to: number = bytes.length): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i]
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) return false
  }
  return true
}
