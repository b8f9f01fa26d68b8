import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobFile } from '../../jobs/store.ts'

/** A file ends when it is this long. */
const fileBytes = 128 * 1024 * 1024
/** Text that is gathered before it is written. */
const chunkBytes = 1024 * 1024

export interface LineFilesOptions {
  readonly dir: string
  /** `Patient.003`: what the names of the files begin with. */
  readonly stem: string
  readonly item: JobFile['item']
  readonly type: string
  /** A file ends between blocks only. */
  readonly wholeBlocks?: boolean
}

interface OpenFile {
  readonly handle: FileHandle
  readonly name: string
  readonly hash: Hash
  bytes: number
  lines: number
}

/** Writes NDJSON into files of about 128 MB: `.part`, fsync, rename. What a crash left under the same names is written over. */
export class LineFiles {
  readonly #options: LineFilesOptions
  readonly #done: JobFile[] = []
  #current: OpenFile | undefined
  /** Used again and again: lines of megabytes would otherwise leave as many megabytes to collect. */
  #buffer: Buffer = Buffer.allocUnsafeSlow(2 * chunkBytes)
  #used = 0
  #lines = 0

  constructor(options: LineFilesOptions) {
    this.#options = options
  }

  /** A line, without its end; bytes are UTF-8 and may be used again afterwards. */
  async write(line: string | Uint8Array): Promise<void> {
    const size = typeof line === 'string' ? Buffer.byteLength(line) : line.length
    if (this.#used + size + 1 > this.#buffer.length) {
      await this.#flush()
      if (size + 1 > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(size + 1)
    }
    if (typeof line === 'string') this.#buffer.write(line, this.#used)
    else this.#buffer.set(line, this.#used)
    this.#used += size
    this.#buffer[this.#used++] = 0x0a
    this.#lines++
    if (this.#used >= chunkBytes) await this.#flush()
  }

  /** What comes next may go into another file. */
  async endBlock(): Promise<void> {
    if ((this.#current?.bytes ?? 0) + this.#used < fileBytes) return
    await this.#flush()
    await this.#close()
  }

  /** The files, whole and on disk; none when there was no line. */
  async finish(): Promise<JobFile[]> {
    await this.#flush()
    await this.#close()
    return this.#done
  }

  async abort(): Promise<void> {
    const name = this.#current?.name
    await this.#current?.handle.close()
    this.#current = undefined
    if (name !== undefined) await rm(this.#path(`${name}.part`), { force: true })
  }

  async #flush(): Promise<void> {
    if (this.#used === 0) return
    const bytes = this.#buffer.subarray(0, this.#used)
    const lines = this.#lines
    this.#used = 0
    this.#lines = 0
    this.#current ??= await this.#open()
    const { handle, hash } = this.#current
    hash.update(bytes)
    await handle.writeFile(bytes)
    this.#current.bytes += bytes.length
    this.#current.lines += lines
    if (this.#current.bytes >= fileBytes && this.#options.wholeBlocks !== true) await this.#close()
  }

  async #open(): Promise<OpenFile> {
    const name = `${this.#options.stem}.${this.#done.length}.ndjson`
    const handle = await open(this.#path(`${name}.part`), 'w', 0o600)
    return { handle, name, hash: createHash('sha256'), bytes: 0, lines: 0 }
  }

  async #close(): Promise<void> {
    const current = this.#current
    if (current === undefined) return
    this.#current = undefined
    await current.handle.sync()
    await current.handle.close()
    await rename(this.#path(`${current.name}.part`), this.#path(current.name))
    const { name, hash, bytes, lines } = current
    this.#done.push({ name, item: this.#options.item, type: this.#options.type, bytes, lines, sha256: hash.digest('hex') })
  }

  #path(name: string): string {
    return join(this.#options.dir, name)
  }
}
