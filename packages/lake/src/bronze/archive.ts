import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Compression } from './types.ts'
import { type ArchiveEnd, frameOf, type ZstdInput, zstdInput } from './zstd-frames.ts'

export type { ArchiveEnd }

const pieceSize = 64 * 1024
const outputSize = 256 * 1024

/** Told by the end of the name, without regard to case. */
export function compressionOf(name: string): Compression {
  const lower = name.toLowerCase()
  if (lower.endsWith('.gz')) return 'gzip'
  return lower.endsWith('.zst') ? 'zstd' : 'none'
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
 * Unpacks an open file and says how it ended. All that can be unpacked before a cut or a damage is given; memory is bound, whatever the ratio.
 * Several gzip members or zstd frames behind each other are one file, as for their own tools. `onPiece` gets each packed piece once, in
 * order, and all of them only when the end is `whole`.
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

const through = (input: AsyncIterable<Buffer>, decoder: NodeJS.ReadWriteStream): AsyncIterable<Buffer> =>
  Readable.from(input, { highWaterMark: 1 }).pipe(decoder) as unknown as AsyncIterable<Buffer>

const isCut = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR'

async function* gunzip(file: FileHandle, onPiece: (piece: Buffer) => void): AsyncGenerator<Buffer, ArchiveEnd> {
  let taken = 0
  let given = 0
  const unzipped = (input: AsyncIterable<Buffer>): AsyncIterable<Buffer> => {
    taken = 0
    const count = (piece: Buffer): void => {
      taken += piece.length
    }
    return through(watched(input, count), createGunzip({ chunkSize: outputSize }))
  }
  try {
    for await (const chunk of unzipped(watched(pieces(file), onPiece))) {
      given += chunk.length
      yield chunk
    }
    return 'whole'
  } catch (error) {
    if (taken === 0) return 'whole'
    if (isCut(error)) return 'truncated'
  }
  // zlib drops what it unpacked of the piece that it fails in: again, with smaller pieces about that place, then byte by byte.
  let size = pieceSize
  for (const crumb of [512, 1]) {
    let seen = 0
    try {
      for await (const chunk of unzipped(crumbs(file, taken - 4 * size, crumb))) {
        const news = chunk.subarray(Math.max(0, Math.min(chunk.length, given - seen)))
        seen += chunk.length
        given += news.length
        if (news.length > 0) yield news
      }
    } catch {
      size = crumb
    }
  }
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
    try {
      // Node's decoder reads one frame and is silent about a missing end: the frames are told apart here.
      for await (const chunk of through(frameOf(source), createZstdDecompress({ chunkSize: outputSize }))) yield chunk
    } catch {
      return 'damaged'
    }
    if (source.end !== 'whole') return source.end
  }
  return 'whole'
}
