import { createHash, type Hash } from 'node:crypto'
import { closeSync, createReadStream, fsync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { BlockWriter, blockBytes, giveBack, takeBlock } from './blocks.ts'

const syncAsync = promisify(fsync)

/** So many blocks of a file may be on their way to the disk while the next one fills; then the server waits. */
const blocksUnderWay = 1

/**
 * A file being written: gathers chunks of any size into blocks, hashes them and brings them to the disk.
 *
 * It opens, writes the end and closes at once, in the caller's turn: that takes 20 µs, less than handing it to the thread pool
 * costs, and on a busy machine much less than waiting there for one's turn six times for each of 20,000 files. Whole blocks and the
 * sync are waited for.
 */
export class HashedFile {
  /** -1 once closed: the number may be another file's by then. */
  #fd: number
  readonly #writer: BlockWriter
  readonly #hash: Hash = createHash('sha256')
  #block: Buffer | undefined
  #filled = 0
  readonly #underWay = new Set<Promise<void>>()
  #failure: unknown
  /** All bytes taken, those of an earlier run included. */
  bytes = 0

  private constructor(path: string, flags: 'w' | 'r+') {
    this.#fd = openSync(path, flags, 0o600)
    this.#writer = new BlockWriter(path, this.#fd)
  }

  /** Creates or empties the file, mode 0600. */
  static async open(path: string): Promise<HashedFile> {
    return new HashedFile(path, 'w')
  }

  /** Goes on at the end of a file that holds what was written before; `replay` sees all of it. */
  static async reopen(path: string, replay: (chunk: Uint8Array) => void): Promise<HashedFile> {
    const file = new HashedFile(path, 'r+')
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      file.#hash.update(chunk as Buffer)
      file.bytes += (chunk as Buffer).length
      replay(chunk as Buffer)
    }
    return file
  }

  /** Copies the chunk before it returns: its memory may be used again. Undefined when there is nothing to wait for. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    for (let from = 0; from < chunk.length; ) {
      this.#block ??= takeBlock()
      // The first block after going on may be a short one: the ones behind it begin at multiples of their size.
      const room = blockBytes - (this.bytes % blockBytes)
      const part = from === 0 && chunk.length <= room ? chunk : chunk.subarray(from, from + room)
      this.#block.set(part, this.#filled)
      this.#filled += part.length
      this.bytes += part.length
      from += part.length
      if (this.bytes % blockBytes === 0) this.#send(this.#block)
    }
    return this.#underWay.size > blocksUnderWay || this.#failure !== undefined ? this.#settle(blocksUnderWay) : undefined
  }

  #send(block: Buffer): void {
    const length = this.#filled
    this.#block = undefined
    this.#filled = 0
    this.#hash.update(block.subarray(0, length))
    const written = this.#writer
      .write(block, length, this.bytes - length)
      .catch((cause: unknown) => {
        this.#failure ??= cause
      })
      .finally(() => {
        this.#underWay.delete(written)
        giveBack(block)
      })
    this.#underWay.add(written)
  }

  /** Waits until no more than so many blocks are under way; rejects when one of those before could not be written. */
  async #settle(left: number): Promise<void> {
    while (this.#underWay.size > left) await Promise.race(this.#underWay)
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Makes all bytes durable and closes the file. */
  async finish(): Promise<{ bytes: number; sha256: string }> {
    await this.suspend()
    return { bytes: this.bytes, sha256: this.#hash.digest('hex') }
  }

  /** Makes all bytes durable and closes the file, to be reopened later. */
  async suspend(): Promise<void> {
    if (this.#block !== undefined) {
      this.#hash.update(this.#block.subarray(0, this.#filled))
      this.#writer.writeRest(this.#block, this.#filled, this.bytes - this.#filled)
      this.#release()
    }
    await this.#settle(0)
    await syncAsync(this.#fd)
    this.#close()
  }

  async abandon(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.race(this.#underWay)
    this.#release()
    try {
      this.#close()
    } catch {
      // What is let go of need not have been written.
    }
  }

  #close(): void {
    const fd = this.#fd
    this.#fd = -1
    if (fd === -1) return
    this.#writer.close()
    closeSync(fd)
  }

  #release(): void {
    if (this.#block !== undefined) giveBack(this.#block)
    this.#block = undefined
    this.#filled = 0
  }
}
