import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import type { Compression } from './types.ts'

/** A file in the making. Nothing has its name before `finish`. */
export interface CopyWriter {
  /** Takes the bytes; they may be changed again when it is done. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes the file durable, then gives it its name: the commit point of one file. The name lasts when its folder is synced. */
  finish(): Promise<void>
  /** Leaves nothing behind. */
  abort(): Promise<void>
}

function packer(compression: Compression): (Writable & NodeJS.ReadWriteStream) | undefined {
  if (compression === 'gzip') return createGzip({ level: 1, chunkSize: 256 * 1024 })
  if (compression === 'none') return undefined
  return createZstdCompress({ params: zstdParams, chunkSize: 256 * 1024 })
}

/** How bronze packs. */
export const zstdParams: Readonly<Record<number, number>> = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_checksumFlag]: 1,
}

/** Writes `path` (0600, its folders 0700) through a `.part` file of a name that no other process has. */
export async function openCopy(path: string, compression: Compression): Promise<CopyWriter> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const part = `${path}.${randomBytes(4).toString('hex')}.part`
  const file = createWriteStream(part, { mode: 0o600, flush: true, highWaterMark: 1 << 20 })
  const pack = packer(compression)
  let failure: Error | undefined
  const failed = (error: Error): void => {
    failure ??= error
  }
  file.on('error', failed)
  pack?.on('error', failed)
  pack?.pipe(file)
  const into = pack ?? file
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure) reject(failure)
      // A full disk fails the file, after which the packer waits for ever: whichever comes first decides.
      else {
        const broken = (error: Error): void => reject(error)
        file.once('error', broken)
        into.write(bytes, (error) => {
          file.off('error', broken)
          if (error) reject(error)
          else resolve()
        })
      }
    })
  const finish = async (): Promise<void> => {
    if (failure) throw failure
    const closed = once(file, 'close')
    into.end()
    await closed
    if (failure) throw failure
    await rename(part, path)
  }
  const abort = async (): Promise<void> => {
    pack?.destroy()
    if (!file.closed) {
      const closed = once(file, 'close')
      file.destroy()
      await closed.catch(() => {})
    }
    await rm(part, { force: true })
  }
  return { write, finish, abort }
}

/** Makes names that were given or taken in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync().catch(() => {})
}
