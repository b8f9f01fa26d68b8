import { hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { ofRawFrame } from './raw-frame.ts'
import { sourceChanged } from './scan-file.ts'
import type { Compression } from './types.ts'

/** Files up to this size, packed and unpacked, may be read whole. */
export const smallFile: number = 256 << 10

/** A small file as it lies there. Its bytes are good until the next one is read. */
export interface SmallFile {
  readonly bytes: Buffer
  readonly size: number
  readonly mtimeMs: number
}

/**
 * Reads small files one after the other into the same memory. Calls of the system that do not wait for their turn on another
 * thread: a file of a line costs less than a tenth that way.
 */
export class SmallFileReader {
  readonly #bytes = Buffer.allocUnsafeSlow(smallFile + 1)

  /** Undefined for a file that is not small. A file that changes meanwhile fails with `source-changed`. */
  read(path: string): SmallFile | undefined {
    const file = openSync(path, 'r')
    try {
      const { size, mtimeMs } = fstatSync(file)
      if (size > smallFile) return undefined
      // A byte more than there should be: a file that grows is noticed.
      let filled = 0
      for (let read = -1; read !== 0 && filled <= size; filled += read) {
        read = readSync(file, this.#bytes, filled, size + 1 - filled, filled)
      }
      const after = fstatSync(file)
      if (filled !== size || after.size !== size || after.mtimeMs !== mtimeMs) throw sourceChanged()
      return { bytes: this.#bytes.subarray(0, size), size, mtimeMs }
    } finally {
      closeSync(file)
    }
  }
}

/** What is packed in small bytes; undefined where a part is missing or damaged, or where it is not small. */
export function unpackSmall(bytes: Buffer, compression: Compression): Buffer | undefined {
  if (compression === 'none') return bytes
  const raw = compression === 'zstd' ? ofRawFrame(bytes) : undefined
  if (raw !== undefined) return raw
  try {
    const unpack = compression === 'gzip' ? gunzipSync : zstdDecompressSync
    return unpack(bytes, { maxOutputLength: smallFile })
  } catch {
    return undefined
  }
}

const [gzipMagic, zstdMagic, skippableMagic] = [0x8b1f, 0xfd2fb528, 0x184d2a5]

/** Whether bytes are what the end of their name says; where they are not, `realCompression` tells. */
export function isAsNamed(bytes: Buffer, named: Compression): boolean {
  if (bytes.length < 4) return named === 'none'
  const gzip = bytes.readUInt16LE(0) === gzipMagic
  if (named === 'gzip') return gzip
  const word = bytes.readUInt32LE(0)
  return named === 'none' && !gzip && word !== zstdMagic && word >>> 4 !== skippableMagic
}

export const sha256Of = (bytes: Buffer): string => hash('sha256', bytes, 'hex')
