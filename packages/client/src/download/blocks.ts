import { closeSync, constants, openSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'

const writeAsync = promisify(write)

/** Files go to the disk in blocks of this size; of smaller ones a disk takes fewer bytes a second. */
export const blockBytes: number = 1 << 20

/** What the memory, the length and the place of a write past the page cache have to be multiples of. */
const pageBytes = 4096

/** Through the page cache bytes go in writes of this size: for larger ones Linux looks for larger runs of free memory. */
const cachedBytes = 64 << 10

/** Blocks are used again: with 20,000 small files fresh ones would be gigabytes of garbage. */
const pool: Buffer[] = []
const pooledBlocks = 16

/** Memory that begins at a page: that of a resizable buffer does, that of a plain one begins anywhere. */
export function takeBlock(): Buffer {
  return pool.pop() ?? Buffer.from(new ArrayBuffer(blockBytes, { maxByteLength: blockBytes }))
}

export function giveBack(block: Buffer): void {
  if (pool.length < pooledBlocks) pool.push(block)
}

/**
 * Writes blocks to their places in a file, whole ones past the page cache (`O_DIRECT`) where the file system can.
 *
 * What is downloaded has to be durable before it counts, so the disk is waited for anyway. The page cache only adds a copy, which
 * costs more CPU than hash, parser and socket together, and a sync at the end that finds most bytes still to be written.
 */
export class BlockWriter {
  readonly #path: string
  readonly #fd: number
  /** The same file, opened for writes past the page cache: with the first whole block. */
  #direct: number | undefined
  #refused = constants.O_DIRECT === undefined

  /** `fd` is open for writing, without `O_APPEND`; its owner closes it. */
  constructor(path: string, fd: number) {
    this.#path = path
    this.#fd = fd
  }

  /** Writes the first bytes of a block. The block is not to change until then. */
  async write(block: Buffer, length: number, position: number): Promise<void> {
    let written = 0
    while (written < length) {
      const fd = this.#wayFor(length - written, position + written)
      try {
        written += (await writeAsync(fd, block, written, length - written, position + written)).bytesWritten
      } catch (cause) {
        // The other blocks that are under way are refused, too, and come here by themselves.
        if (fd === this.#fd || !isRefusal(cause)) throw cause
        this.#refused = true
      }
    }
  }

  /** Writes the end of a file, in the caller's turn: for a small file the way to the thread pool costs more than the writing. */
  writeRest(block: Buffer, length: number, position: number): void {
    for (let from = 0; from < length; )
      from += writeSync(this.#fd, block, from, Math.min(cachedBytes, length - from), position + from)
  }

  #wayFor(length: number, position: number): number {
    if (this.#refused || length % pageBytes !== 0 || position % pageBytes !== 0) return this.#fd
    try {
      this.#direct ??= openSync(this.#path, constants.O_WRONLY | constants.O_DIRECT)
      return this.#direct
    } catch {
      this.#refused = true
      return this.#fd
    }
  }

  /** Closes what it opened; only when no write is under way, since the number may be another file's after it. */
  close(): void {
    if (this.#direct !== undefined) closeSync(this.#direct)
    this.#direct = undefined
    this.#refused = true
  }
}

/** How file systems say that they do not do it, some only when it is done. */
function isRefusal(cause: unknown): boolean {
  return ['EINVAL', 'EOPNOTSUPP', 'ENOTSUP'].includes((cause as NodeJS.ErrnoException).code ?? '')
}
