import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { LakeError } from '../errors.ts'
import { type ArchiveEnd, pieces, unpack } from './archive.ts'
import { type CopyWriter, openCopy } from './copy.ts'
import { type GoodLine, LineFile, type LineReport } from './lines.ts'
import type { LineScanner } from './scanner.ts'
import type { Compression } from './types.ts'

/** One file to read; plain data, so that it can go to another thread. */
export interface ScanTask {
  readonly path: string
  readonly compression: Compression
  /** See `LineFileOptions`. */
  readonly type?: string | undefined
  readonly hint?: string | undefined
  readonly maxLine: number
  /** Where to put a copy on the way, and how; `none` for a compressed file means as it is. */
  readonly copy?: { readonly path: string; readonly compression: Compression } | undefined
  /** Writes the good lines of each of these types to a plain file. */
  readonly clean?: Readonly<Record<string, string>> | undefined
}

/** What a file is and holds. */
export interface FileReport extends LineReport {
  /** Of the bytes as delivered. */
  readonly sha256: string
  readonly size: number
  readonly mtimeMs: number
}

export interface ScanOptions {
  readonly signal?: AbortSignal | undefined
  /** Called with the number of packed bytes that were read since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined
}

const blockSize = 1 << 20

/**
 * Reads a file once: hash, lines, shape, and the copy, all in the same pass. Two megabytes and the longest line are in memory.
 * A file that changes while it is read fails with `source-changed`.
 */
export async function scanFile(task: ScanTask, scanner: LineScanner, options: ScanOptions = {}): Promise<FileReport> {
  await using file = await open(task.path)
  const before = await file.stat()
  const cleaner = task.clean && new Cleaner(task.clean)
  const block = Math.max(1 << 16, Math.min(before.size, blockSize))
  const { type, hint, maxLine } = task
  const lines = new LineFile(scanner, { type, hint, maxLine, block, onGood: cleaner?.take })
  const copy = task.copy && (await openCopy(task.copy.path, task.copy.compression))
  try {
    const pass = { file, block, lines, copy, cleaner, hash: createHash('sha256'), ...options }
    const end = task.compression === 'none' ? await readPlain(pass) : await readPacked(pass, task.compression)
    const report = lines.end(end === 'whole' ? undefined : end)
    await cleaner?.finish()
    const after = await file.stat()
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw sourceChanged()
    await copy?.finish()
    return { ...report, sha256: pass.hash.digest('hex'), size: before.size, mtimeMs: before.mtimeMs }
  } catch (error) {
    await copy?.abort()
    await cleaner?.abort()
    throw error
  }
}

/** A file changed while it was read, or before the load was published. */
export const sourceChanged = (): LakeError =>
  new LakeError('source-changed', 'a file of the export changed while it was read', {
    hint: 'Wait until whatever writes into the folder is done, then run the same command again.',
    retryable: true,
  })

interface Pass extends ScanOptions {
  readonly file: FileHandle
  /** Bytes that are read at once. */
  readonly block: number
  readonly lines: LineFile
  readonly copy: CopyWriter | undefined
  readonly cleaner: Cleaner | undefined
  readonly hash: Hash
}

/** While one block is hashed and checked here, the next one is read and this one is packed on other threads. */
async function readPlain({ file, block, lines, copy, cleaner, hash, signal, onBytes }: Pass): Promise<ArchiveEnd> {
  const blocks = [Buffer.allocUnsafeSlow(block), Buffer.allocUnsafeSlow(block)] as const
  let position = 0
  let current = 0
  let reading = file.read(blocks[0], 0, block, 0)
  for (;;) {
    const { bytesRead } = await reading
    if (bytesRead === 0) return 'whole'
    signal?.throwIfAborted()
    position += bytesRead
    const bytes = (current === 0 ? blocks[0] : blocks[1]).subarray(0, bytesRead)
    current = 1 - current
    reading = file.read(current === 0 ? blocks[0] : blocks[1], 0, block, position)
    const copied = copy?.write(bytes)
    // Both are awaited below; until then a failure must not count as unhandled.
    reading.catch(() => {})
    copied?.catch(() => {})
    hash.update(bytes)
    lines.push(bytes)
    await cleaner?.drain()
    await copied
    onBytes?.(bytesRead)
  }
}

/** The packed bytes are few: they are hashed and copied first, as delivered, whatever comes out of them. */
async function readPacked(pass: Pass, compression: Compression): Promise<ArchiveEnd> {
  const { file, lines, copy, cleaner, hash, signal, onBytes } = pass
  for await (const piece of pieces(file, 0, blockSize)) {
    signal?.throwIfAborted()
    hash.update(piece)
    await copy?.write(piece)
  }
  const unpacking = unpack(file, compression, (piece) => onBytes?.(piece.length))
  for (;;) {
    const step = await unpacking.next()
    signal?.throwIfAborted()
    if (step.done) return step.value
    lines.push(step.value)
    await cleaner?.drain()
  }
}

/** Good lines of one type that wait to be written; the buffer is used again and again. */
interface Waiting {
  bytes: Buffer
  used: number
}

/** Puts good lines into one plain file per type. */
class Cleaner {
  private readonly paths: Readonly<Record<string, string>>
  private readonly writers = new Map<string, CopyWriter>()
  private readonly waiting = new Map<string, Waiting>()

  constructor(paths: Readonly<Record<string, string>>) {
    this.paths = paths
  }

  readonly take: GoodLine = (bytes, start, end, type) => {
    let waiting = this.waiting.get(type)
    if (waiting === undefined) {
      waiting = { bytes: Buffer.allocUnsafeSlow(1 << 16), used: 0 }
      this.waiting.set(type, waiting)
    }
    const needed = waiting.used + end - start + 1
    if (needed > waiting.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, waiting.bytes.length * 2))
      waiting.bytes.copy(grown, 0, 0, waiting.used)
      waiting.bytes = grown
    }
    waiting.bytes.set(bytes.subarray(start, end), waiting.used)
    waiting.bytes[needed - 1] = 0x0a
    waiting.used = needed
  }

  async drain(): Promise<void> {
    for (const [type, waiting] of this.waiting) {
      const path = this.paths[type]
      const { bytes, used } = waiting
      waiting.used = 0
      if (path === undefined || used === 0) continue
      const writer = this.writers.get(type) ?? (await openCopy(path, 'none'))
      this.writers.set(type, writer)
      await writer.write(bytes.subarray(0, used))
    }
  }

  async finish(): Promise<void> {
    await this.drain()
    for (const writer of this.writers.values()) await writer.finish()
  }

  async abort(): Promise<void> {
    for (const writer of this.writers.values()) await writer.abort()
  }
}
