import { type FileHandle, open } from 'node:fs/promises'
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import { type ArchiveEnd, frameOf, type ZstdInput, zstdInput } from '@floe/client/ndjson'
import type { Compression } from './types.ts'

export type { ArchiveEnd }

const pieceSize = 64 * 1024
const outputSize = 256 * 1024

/** Told by the end of the name, without regard to case. */
export function compressionOf(name: string): Compression {
  const lower = name.toLowerCase()
  if (lower.endsWith('.gz')) return 'gzip'
  return lower.endsWith('.zst') ? 'zstd' : 'none'
}

const [gzipMagic, zstdMagic, skippableMagic] = [0x1f8b, 0xfd2fb528, 0x184d2a5]

/**
 * How a file really is compressed: some servers pack what they name plainly, some clients unpack and keep the name. What cannot
 * be told goes by the name.
 */
export async function realCompression(path: string, named: Compression): Promise<Compression> {
  await using file = await open(path)
  const head = Buffer.alloc(4)
  const { bytesRead } = await file.read(head, 0, 4, 0)
  if (bytesRead >= 2 && head.readUInt16BE(0) === gzipMagic) return 'gzip'
  const word = head.readUInt32LE(0)
  if (bytesRead === 4 && (word === zstdMagic || word >>> 4 === skippableMagic)) return 'zstd'
  const isText = bytesRead > 0 && [0x7b, 0x20, 0x09, 0x0a, 0x0d, 0xef].includes(head[0] as number)
  return isText ? 'none' : named
}

/** The bytes of an open file from a position on. Each piece is a buffer of its own. */
export async function* pieces(file: FileHandle, from = 0, size: number = pieceSize): AsyncGenerator<Buffer> {
  for (let position = from; ; ) {
    const buffer = Buffer.allocUnsafeSlow(size)
    const { bytesRead } = await file.read(buffer, 0, size, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/**
 * Unpacks an open file and says how it ended. All that can be unpacked before a cut or a damage is given; memory is bound,
 * whatever the ratio. Several gzip members or zstd frames behind each other are one file, as for their own tools. `onPiece` gets
 * each packed piece once, in order, and all of them only when the end is `whole`.
 */
export async function* unpack(
  file: FileHandle,
  compression: Compression,
  onPiece: (piece: Buffer) => void,
): AsyncGenerator<Buffer, ArchiveEnd> {
  if (compression === 'gzip') return yield* gunzip(file, onPiece)
  if (compression === 'zstd') return yield* unzstd(watched(pieces(file), onPiece))
  yield* watched(pieces(file, 0, outputSize), onPiece)
  return 'whole'
}

async function* watched(input: AsyncIterable<Buffer>, onPiece: (piece: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const piece of input) {
    onPiece(piece)
    yield piece
  }
}

/**
 * A decoder that is fed by hand: what it gives for a piece is there when the piece is taken. (Read as a stream it drops, when it
 * fails, what nobody has read yet: what a broken archive gives would then be a matter of luck.)
 */
class Decoder {
  error: NodeJS.ErrnoException | undefined
  private readonly stream: Gunzip | ZstdDecompress
  private given: Buffer[] = []

  constructor(stream: Gunzip | ZstdDecompress) {
    this.stream = stream
    stream.on('data', (chunk: Buffer) => this.given.push(chunk))
    stream.on('error', (error) => {
      this.error = error
    })
  }

  async feed(piece: Buffer): Promise<Buffer[]> {
    await new Promise<void>((resolve) => {
      this.stream.once('close', resolve)
      this.stream.write(piece, () => {
        this.stream.off('close', resolve)
        resolve()
      })
    })
    return this.taken()
  }

  async end(): Promise<Buffer[]> {
    await new Promise<void>((resolve) => {
      if (this.stream.closed) resolve()
      this.stream.once('close', resolve)
      this.stream.end()
    })
    return this.taken()
  }

  private taken(): Buffer[] {
    const { given } = this
    this.given = []
    return given
  }
}

async function* gunzip(file: FileHandle, onPiece: (piece: Buffer) => void): AsyncGenerator<Buffer, ArchiveEnd> {
  let good = 0
  let given = 0
  /**
   * Unpacks pieces, leaves out what was given before; the error that stopped it. `good`: packed bytes before the piece that
   * failed.
   */
  async function* pass(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer, NodeJS.ErrnoException | undefined> {
    const decoder = new Decoder(createGunzip({ chunkSize: outputSize }))
    let seen = 0
    good = 0
    const news = (chunk: Buffer): Buffer => {
      const known = Math.max(0, Math.min(chunk.length, given - seen))
      seen += chunk.length
      given = Math.max(given, seen)
      return chunk.subarray(known)
    }
    for await (const piece of input) {
      yield* (await decoder.feed(piece)).map(news)
      if (decoder.error) return decoder.error
      good += piece.length
    }
    if (good > 0) yield* (await decoder.end()).map(news)
    return decoder.error
  }
  const error = yield* pass(watched(pieces(file), onPiece))
  if (!error) return 'whole'
  if (error.code === 'Z_BUF_ERROR') return 'truncated'
  // zlib drops what it unpacked of the piece that it fails in: again, with smaller pieces about that place, then byte by byte.
  yield* pass(crumbs(file, good, 512))
  yield* pass(crumbs(file, good, 1))
  return 'damaged'
}

async function* crumbs(file: FileHandle, careful: number, size: number): AsyncGenerator<Buffer> {
  let position = 0
  for await (const piece of pieces(file)) {
    const plain = Math.min(piece.length, Math.max(0, careful - position))
    if (plain > 0) yield piece.subarray(0, plain)
    for (let at = plain; at < piece.length; at += size) yield piece.subarray(at, at + size)
    position += piece.length
  }
}

async function* unzstd(input: AsyncGenerator<Buffer>): AsyncGenerator<Buffer, ArchiveEnd> {
  const source: ZstdInput = zstdInput(input)
  while (await source.more()) {
    // Node's decoder reads one frame and is silent about a missing end: the frames are told apart here.
    const decoder = new Decoder(createZstdDecompress({ chunkSize: outputSize }))
    let fed = false
    for await (const piece of groups(frameOf(source))) {
      fed = true
      yield* await decoder.feed(piece)
      if (decoder.error) return 'damaged'
    }
    if (fed) yield* await decoder.end()
    if (decoder.error) return 'damaged'
    if (source.end !== 'whole') return source.end
  }
  return 'whole'
}

/** Parts of a frame together, not more than some dozen blocks of 128 kB at most: so much is unpacked at once. */
async function* groups(frame: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let group: Buffer[] = []
  for await (const part of frame) {
    group.push(part)
    if (group.length < 64) continue
    yield Buffer.concat(group)
    group = []
  }
  if (group.length > 0) yield Buffer.concat(group)
}
