import { createHash, type Hash } from 'node:crypto'
import { createReadStream, write as writeCallback } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'

/** On a descriptor: a third of the cost of FileHandle's own. */
const write = promisify(writeCallback)

/** Chunks of a socket are gathered to this size: one hash update, one write, one turn of the thread pool. */
const blockBytes = 1 << 20

/** Blocks are used again: with 20,000 small files fresh ones would be 40 GB of garbage. */
const pool: Buffer[] = []
const pooledBlocks = 16

function takeBlock(): Buffer {
  return pool.pop() ?? Buffer.allocUnsafeSlow(blockBytes)
}

function giveBlock(block: Buffer): void {
  if (pool.length < pooledBlocks) pool.push(block)
}

/** A file being written: gathers chunks, hashes what reaches the disk, and fills one block while the other is written. */
export class HashedFile {
  readonly #file: FileHandle
  readonly #hash: Hash = createHash('sha256')
  #block: Buffer | undefined
  #filled = 0
  #inFlight: Promise<void> = Promise.resolve()
  bytes = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Creates or empties the file, mode 0600. */
  static async open(path: string): Promise<HashedFile> {
    return new HashedFile(await open(path, 'w', 0o600))
  }

  /** Goes on at the end of a file that holds what was written before; `replay` sees all of it. */
  static async reopen(path: string, replay: (chunk: Uint8Array) => void): Promise<HashedFile> {
    const file = new HashedFile(await open(path, 'a+', 0o600))
    for await (const chunk of createReadStream(path, { highWaterMark: blockBytes })) {
      file.#hash.update(chunk as Buffer)
      file.bytes += (chunk as Buffer).length
      replay(chunk as Buffer)
    }
    return file
  }

  /** Copies the chunk: its memory may be used again at once. Undefined when there is nothing to wait for. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    this.bytes += chunk.length
    this.#block ??= takeBlock()
    if (this.#filled + chunk.length < blockBytes) {
      this.#block.set(chunk, this.#filled)
      this.#filled += chunk.length
      return undefined
    }
    return this.#writeLong(chunk)
  }

  async #writeLong(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      this.#block ??= takeBlock()
      const part = chunk.subarray(from, from + blockBytes - this.#filled)
      this.#block.set(part, this.#filled)
      this.#filled += part.length
      from += part.length
      if (this.#filled === blockBytes) await this.#flush()
    }
  }

  async #flush(): Promise<void> {
    const block = this.#block
    if (block === undefined) return
    const size = this.#filled
    this.#block = undefined
    this.#filled = 0
    this.#hash.update(block.subarray(0, size))
    await this.#inFlight
    const written = writeAll(this.#file.fd, block, size).finally(() => giveBlock(block))
    // The next flush or the end awaits it; until then a failure must not count as unhandled.
    written.catch(() => {})
    this.#inFlight = written
  }

  /** Makes all bytes durable and closes the file. */
  async finish(): Promise<{ bytes: number; sha256: string }> {
    await this.suspend()
    return { bytes: this.bytes, sha256: this.#hash.digest('hex') }
  }

  /** Makes all bytes durable and closes the file, to be reopened later. */
  async suspend(): Promise<void> {
    await this.#flush()
    await this.#inFlight
    await this.#file.sync()
    await this.#file.close()
  }

  async abandon(): Promise<void> {
    await this.#inFlight.catch(() => {})
    if (this.#block !== undefined) giveBlock(this.#block)
    this.#block = undefined
    await this.#file.close().catch(() => {})
  }
}

/** A write may take less than it was given. */
async function writeAll(fd: number, block: Buffer, size: number): Promise<void> {
  for (let from = 0; from < size; ) from += (await write(fd, block, from, size - from, null)).bytesWritten
}
