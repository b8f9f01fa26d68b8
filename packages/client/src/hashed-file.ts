import { createHash, type Hash } from 'node:crypto'
import { closeSync, createReadStream, fsync, openSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'

const syncAsync = promisify(fsync)
const writeAsync = promisify(write)

/**
 * Bytes go to the disk in writes of this size. Larger ones make Linux look for larger runs of free memory for its page cache,
 * which on a machine that has run for a while costs three times as much as the copying itself.
 */
const writeBytes = 64 << 10

/** A write that took so long met a disk that pushes back; for so long after it the thread pool waits, not the process. */
const slowWriteMs = 250
const slowForMs = 2_000

/** Blocks are used again: with 20,000 small files fresh ones would be a gigabyte of garbage. */
const pool: Buffer[] = []
const pooledBlocks = 16

/**
 * A file being written: gathers small chunks and hashes what reaches the disk.
 *
 * It opens, writes and closes at once, in the caller's turn: that takes 20 µs, less than handing it to the thread pool costs, and
 * on a busy machine much less than waiting there for one's turn six times for each of 20,000 files. Only the sync is waited for.
 */
export class HashedFile {
  /** -1 once closed: the number may be another file's by then. */
  #fd: number
  readonly #now: () => number
  readonly #hash: Hash = createHash('sha256')
  #block: Buffer | undefined
  #filled = 0
  /** The writes that were handed to the thread pool, until they have ended. */
  #pending: Promise<void> | undefined
  #slowUntil = Number.NEGATIVE_INFINITY
  bytes = 0

  private constructor(fd: number, now: () => number) {
    this.#fd = fd
    this.#now = now
  }

  /** Creates or empties the file, mode 0600. */
  static async open(path: string, now: () => number = () => performance.now()): Promise<HashedFile> {
    return new HashedFile(openSync(path, 'w', 0o600), now)
  }

  /** Goes on at the end of a file that holds what was written before; `replay` sees all of it. */
  static async reopen(path: string, replay: (chunk: Uint8Array) => void): Promise<HashedFile> {
    const file = new HashedFile(openSync(path, 'a+', 0o600), () => performance.now())
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      file.#hash.update(chunk as Buffer)
      file.bytes += (chunk as Buffer).length
      replay(chunk as Buffer)
    }
    return file
  }

  /** Writes or copies the chunk before it returns: its memory may be used again. Undefined when there is nothing to wait for. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    this.bytes += chunk.length
    let from = 0
    if (this.#filled > 0) {
      from = this.#gather(chunk, 0)
      if (this.#filled === writeBytes) this.#flush()
    }
    for (; chunk.length - from >= writeBytes; from += writeBytes) this.#writeOut(chunk.subarray(from, from + writeBytes))
    if (from < chunk.length) this.#gather(chunk, from)
    return this.#pending
  }

  #gather(chunk: Uint8Array, from: number): number {
    this.#block ??= pool.pop() ?? Buffer.allocUnsafeSlow(writeBytes)
    const part = chunk.subarray(from, from + writeBytes - this.#filled)
    this.#block.set(part, this.#filled)
    this.#filled += part.length
    return from + part.length
  }

  #flush(): void {
    if (this.#block === undefined) return
    if (this.#filled > 0) this.#writeOut(this.#block.subarray(0, this.#filled))
    this.#filled = 0
  }

  #writeOut(bytes: Uint8Array): void {
    this.#hash.update(bytes)
    const started = this.#now()
    if (this.#pending !== undefined || started < this.#slowUntil) {
      this.#writeLater(Buffer.from(bytes))
      return
    }
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#fd, bytes, from, bytes.length - from, null)
    const ended = this.#now()
    if (ended - started > slowWriteMs) this.#slowUntil = ended + slowForMs
  }

  /** After a write that failed none follows: whoever waits, or the end, gets the failure. */
  #writeLater(bytes: Buffer): void {
    const pending = (this.#pending ?? Promise.resolve())
      .then(() => writeAll(this.#fd, bytes))
      .then(() => {
        if (this.#pending === pending) this.#pending = undefined
      })
    pending.catch(() => {})
    this.#pending = pending
  }

  /** Makes all bytes durable and closes the file. */
  async finish(): Promise<{ bytes: number; sha256: string }> {
    await this.suspend()
    return { bytes: this.bytes, sha256: this.#hash.digest('hex') }
  }

  /** Makes all bytes durable and closes the file, to be reopened later. */
  async suspend(): Promise<void> {
    this.#flush()
    await this.#pending
    this.#release()
    await syncAsync(this.#fd)
    this.#close()
  }

  async abandon(): Promise<void> {
    await this.#pending?.catch(() => {})
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
    if (fd !== -1) closeSync(fd)
  }

  #release(): void {
    if (this.#block !== undefined && pool.length < pooledBlocks) pool.push(this.#block)
    this.#block = undefined
    this.#filled = 0
  }
}

/** A write may take less than it was given. */
async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let from = 0; from < bytes.length; ) from += (await writeAsync(fd, bytes, from, bytes.length - from, null)).bytesWritten
}
