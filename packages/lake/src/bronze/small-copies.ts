import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, fsync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { zstdParams } from './copy.ts'
import { rawFrame, rawMost } from './raw-frame.ts'
import type { Compression } from './types.ts'

interface Part {
  readonly file: number
  readonly part: string
  readonly path: string
}

/** Up to so many copies are made durable one by one; of more, the file system is asked to write all that it holds. */
const oneByOne = 1000

/**
 * Copies of small files (0600, folders 0700), some hundred at a time: the disk is waited for by all of them together. All are
 * durable after `durable`.
 */
export class SmallCopies {
  readonly #dir: string
  readonly #many: boolean
  readonly #folders = new Set<string>()
  readonly #mark = randomBytes(4).toString('hex')
  #parts: Part[] = []

  /** So many copies, at most, below a folder. */
  constructor(dir: string, count: number) {
    this.#dir = dir
    this.#many = count > oneByOne
  }

  add(path: string, compression: Compression, bytes: Buffer): void {
    const folder = dirname(path)
    if (!this.#folders.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#folders.add(folder)
    const part = `${path}.${this.#mark}.part`
    const file = openSync(part, 'w', 0o600)
    this.#parts.push({ file, part, path })
    const packed = this.#many && compression === 'zstd' && bytes.length <= rawMost ? rawFrame(bytes) : pack(compression, bytes)
    for (let at = 0; at < packed.length; ) at += writeSync(file, packed, at)
  }

  /** Gives the copies that were added their names; more may be added meanwhile. */
  async finish(): Promise<void> {
    const parts = this.#parts
    this.#parts = []
    const done = this.#many ? [] : await Promise.allSettled(parts.map(({ file }) => synced(file)))
    for (const { file } of parts) closeSync(file)
    const failed = done.find((it) => it.status === 'rejected')
    for (const { part, path } of parts) {
      if (failed === undefined) renameSync(part, path)
      else rmSync(part, { force: true })
    }
    if (failed !== undefined) throw failed.reason
  }

  /** To be called after the last `finish`, with the paths of all copies. */
  async durable(paths: () => Iterable<string>): Promise<void> {
    if (!this.#many || (await syncFileSystem(this.#dir))) return
    const waiting = paths()[Symbol.iterator]() as IteratorObject<string>
    const next = async (): Promise<void> => {
      for (const path of waiting) {
        await using file = await open(path, 'r+')
        await file.sync()
      }
    }
    await Promise.all(Array.from({ length: 8 }, next))
  }

  /** Leaves nothing of what was added since `finish`. */
  abort(): void {
    for (const { file, part } of this.#parts) {
      closeSync(file)
      rmSync(part, { force: true })
    }
    this.#parts = []
  }
}

function pack(compression: Compression, bytes: Buffer): Buffer {
  if (compression === 'gzip') return gzipSync(bytes, { level: 1 })
  return compression === 'zstd' ? zstdCompressSync(bytes, { params: { ...zstdParams } }) : bytes
}

const synced = (file: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fsync(file, (error) => (error ? reject(error) : resolve()))
  })

/**
 * Writes down all that a file system holds: the call that Node lacks (syncfs), by the tool that has it. A million files, each
 * waited for alone, would take the disk half an hour. False where there is no such tool.
 */
async function syncFileSystem(dir: string): Promise<boolean> {
  if (process.platform !== 'linux') return false
  for (const tool of ['/usr/bin/sync', '/bin/sync']) {
    const done = await promisify(execFile)(tool, ['-f', dir]).then(
      () => true,
      () => false,
    )
    if (done) return true
  }
  return false
}
