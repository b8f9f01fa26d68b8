import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { LakeError } from '../errors.ts'
import { LineFile } from './lines.ts'
import { copyOf } from './paths-of.ts'
import { sourceChanged } from './scan-file.ts'
import { LineScanner } from './scanner.ts'
import { SmallFileReader, sha256Of, unpackSmall } from './small-file.ts'
import type { BronzeState, StoredFile } from './state-types.ts'
import type { BronzeFile, Compression } from './types.ts'

/** Where the bytes of a file are now. */
export interface Place {
  readonly path: string
  readonly compression: Compression
}

/** Good lines of many small files of one type, in their order, as one file for the engine: each that it opens costs it as much. */
export interface Bundle extends BronzeFile {
  /** Of so many files. */
  readonly count: number
}

/** How the files of one type are read. */
export interface TypePlan {
  /** A file by itself, or a bundle of several that stand behind each other; in order of arrival. */
  readonly parts: readonly (StoredFile | Bundle)[]
  readonly bundles: readonly Bundle[]
  /** Lines are taken one by one, with the spaces around them. */
  readonly padded: boolean
}

/** Fewer small files than this are read as they are. */
const worthBundles = 256
/** A file larger than this is worth being opened. */
const mostBytes = 64 << 10
const bundleBytes = 64 << 20

/** Whether a bundle may take a file. What came as zstd may have several frames, which cannot be unpacked in one go. */
const fits = ({ report, size, compression }: StoredFile): boolean =>
  report !== null && !report.torn && report.bytes <= mostBytes && size <= mostBytes && compression !== 'zstd'

const goodLines = ({ report }: StoredFile, type: string): number => {
  const stats = report?.types[type]
  return stats === undefined ? 0 : stats.lines - stats.quarantined
}

/** Nothing but good lines of one type: its bytes are these lines. */
export function isWhole({ report }: StoredFile): boolean {
  if (!report || report.bom || report.torn || report.padded) return false
  let types = 0
  for (const type in report.types) {
    const { lines = 0, quarantined = 0 } = report.types[type] ?? {}
    if (quarantined > 0) return false
    if (lines > 0) types += 1
  }
  return types <= 1
}

interface Sums {
  lines: number
  bytes: number
  maxLine: number
  count: number
}

/** Which files of a type are put together in this folder, told by their reports alone. */
export function planType(holders: readonly StoredFile[], type: string, folder: string): TypePlan {
  const good = holders.filter((file) => goodLines(file, type) > 0)
  const small = good.filter(fits)
  if (small.length < worthBundles) return { parts: good, bundles: [], padded: false }
  const padded = small.some(({ report }) => report?.padded)
  const parts: (StoredFile | Bundle)[] = []
  const bundles: Bundle[] = []
  let sums: Sums | undefined
  const close = (): void => {
    if (sums === undefined) return
    const path = join(folder, `${type}.${bundles.length}.ndjson`)
    const bundle: Bundle = { path, compression: 'none', padded, ...sums }
    sums = undefined
    bundles.push(bundle)
    parts.push(bundle)
  }
  for (const file of good) {
    const stats = file.report?.types[type]
    if (stats === undefined || !fits(file)) {
      close()
      parts.push(file)
      continue
    }
    sums ??= { lines: 0, bytes: 0, maxLine: 0, count: 0 }
    sums.count += 1
    sums.lines += stats.lines - stats.quarantined
    sums.bytes += isWhole(file) ? (file.report?.bytes ?? 0) : stats.bytes
    sums.maxLine = Math.max(sums.maxLine, stats.maxLine)
    if (sums.bytes >= bundleBytes) close()
  }
  close()
  return { parts, bundles, padded }
}

export const isBundle = (part: StoredFile | Bundle): part is Bundle => 'count' in part

export interface BundleOptions {
  readonly state: BronzeState
  readonly dir: string
  /** Bronze is read instead of the source. */
  readonly ours: boolean
  readonly place: (file: StoredFile) => Place
  readonly signal?: AbortSignal | undefined
}

/** Writes the bundles of these plans, by type: each small file is read once. */
export async function writeBundles(plans: ReadonlyMap<string, TypePlan>, options: BundleOptions): Promise<void> {
  const writers = new Map<string, BundleWriter>()
  for (const [type, plan] of plans) if (plan.bundles.length > 0) writers.set(type, new BundleWriter(plan))
  if (writers.size === 0) return
  const source = new SmallSource(options)
  let read = 0
  try {
    for (const file of options.state.files) {
      if (file.kind !== 'output' || !fits(file)) continue
      const wanted = Object.keys(file.report?.types ?? {}).filter((type) => writers.has(type) && goodLines(file, type) > 0)
      if (wanted.length === 0) continue
      const whole = isWhole(file)
      const text = source.read(file)
      if (whole && wanted.every((type) => writers.get(type)?.padded === false)) writers.get(wanted[0] ?? '')?.addText(text)
      else source.goodLines(file, text, (bytes, start, end, type) => writers.get(type)?.addLine(bytes, start, end))
      for (const type of wanted) writers.get(type)?.endFile()
      if (++read % 500 > 0) continue
      await setImmediate()
      options.signal?.throwIfAborted()
    }
  } finally {
    for (const writer of writers.values()) writer.close()
  }
}

/** The bytes of small files, as they were when they were registered. */
class SmallSource {
  readonly #reader = new SmallFileReader()
  readonly #scanner = new LineScanner()
  readonly #options: BundleOptions

  constructor(options: BundleOptions) {
    this.#options = options
  }

  /** Good until the next one is read. */
  read(file: StoredFile): Buffer {
    const { path, compression } = this.#options.place(file)
    const found = this.#found(path)
    const text = found && unpackSmall(found, compression)
    if (found !== undefined && text !== undefined) {
      if (sha256Of(found) === file.sha256) return text
      if (compression !== 'none' && sha256Of(text) === file.sha256) return text
    }
    if (this.#options.ours || path === join(this.#options.dir, copyOf(file))) throw damaged()
    throw sourceChanged()
  }

  #found(path: string): Buffer | undefined {
    try {
      return this.#reader.read(path)?.bytes
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  goodLines(file: StoredFile, text: Buffer, onGood: (bytes: Uint8Array, start: number, end: number, type: string) => void): void {
    const { type, hint } = file
    const { maxLine } = this.#options.state
    const block = Math.max(1 << 12, text.length)
    const lines = new LineFile(this.#scanner, { type: type ?? undefined, hint: hint ?? undefined, maxLine, block, onGood })
    lines.push(text)
    lines.end()
  }
}

const damaged = (): LakeError =>
  new LakeError('bronze-missing', 'A file of an export in bronze is gone, or is not what it was.', {
    hint: 'Restore bronze from a backup.',
  })

const lineFeed = 0x0a
const bufferSize = 64 << 10

/** Writes the bundles of one type, one after the other, as planned. */
class BundleWriter {
  readonly padded: boolean
  readonly #bundles: Iterator<Bundle>
  #left = 0
  #file = -1
  readonly #buffer = Buffer.allocUnsafeSlow(bufferSize)
  #used = 0

  constructor({ bundles, padded }: TypePlan) {
    this.padded = padded
    this.#bundles = bundles.values()
  }

  addText(text: Buffer): void {
    this.#add(text, 0, text.length)
    if (text.at(-1) !== lineFeed) this.#add(ending, 0, 1)
  }

  addLine(bytes: Uint8Array, start: number, end: number): void {
    this.#add(bytes, start, end)
    this.#add(ending, 0, 1)
  }

  endFile(): void {
    this.#left -= 1
    if (this.#left === 0) this.close()
  }

  close(): void {
    if (this.#file < 0) return
    this.#flush()
    closeSync(this.#file)
    this.#file = -1
  }

  #add(bytes: Uint8Array, start: number, end: number): void {
    if (this.#file < 0) this.#open()
    if (this.#used + end - start > bufferSize) this.#flush()
    if (end - start > bufferSize) {
      for (let at = start; at < end; ) at += writeSync(this.#file, bytes, at, end - at)
      return
    }
    this.#buffer.set(bytes.subarray(start, end), this.#used)
    this.#used += end - start
  }

  #flush(): void {
    for (let at = 0; at < this.#used; ) at += writeSync(this.#file, this.#buffer, at, this.#used - at)
    this.#used = 0
  }

  #open(): void {
    const bundle = this.#bundles.next().value as Bundle
    this.#left = bundle.count
    mkdirSync(join(bundle.path, '..'), { recursive: true, mode: 0o700 })
    rmSync(bundle.path, { force: true })
    this.#file = openSync(bundle.path, 'wx', 0o600)
  }
}

const ending = Buffer.from('\n')
