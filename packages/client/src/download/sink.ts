import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import type { Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGunzip, createGzip, createZstdCompress } from 'node:zlib'
import type { FileDone } from '../folder/state.ts'
import { LineCounter } from '../ndjson.ts'
import type { Compression } from '../types.ts'
import { HashedFile } from './hashed-file.ts'

export interface SinkOptions {
  /** The `.part` file. */
  path: string
  /** How the bytes handed over are coded: `gzip` as received is decoded for counting and, unless kept, for the disk. */
  coding: 'identity' | 'gzip'
  compress: Compression
  onContent?: (chunk: Uint8Array) => void
}

/** Takes the bytes of one file in any pieces and brings them to disk as asked, counted and hashed on the way. */
export interface Sink {
  /** Lines of the content so far. */
  readonly lines: number
  /** Copies what it keeps before it returns. Undefined when there is nothing to wait for: most chunks only fill a block. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Rejects when the content is cut or damaged. */
  finish(): Promise<FileDone>
  /** Closes what is open; the `.part` file stays for the next try to overwrite. */
  abandon(): Promise<void>
  /** Where it can go on in another run: makes what came durable and closes it. Gives its size. */
  suspend?(): Promise<number>
}

export async function openSink({ path, coding, compress, onContent }: SinkOptions): Promise<Sink> {
  const file = await HashedFile.open(path)
  const counter = new LineCounter()
  const count = (chunk: Uint8Array): void => {
    onContent?.(chunk)
    counter.push(chunk)
  }
  if (coding === 'identity' && compress === 'none') return new PlainSink(file, counter, count)
  if (coding === 'gzip' && compress === 'gzip') return new KeptSink(file, counter, count)
  return new RecodingSink({ file, counter, count, coding, compress })
}

/** Goes on with a plain `.part` file of an earlier run; undefined when it is not there as it was left. */
export async function reopenSink(
  { path, onContent }: Pick<SinkOptions, 'path' | 'onContent'>,
  bytes: number,
): Promise<Sink | undefined> {
  const size = await stat(path).then(
    (found) => found.size,
    () => -1,
  )
  if (size !== bytes) return undefined
  const counter = new LineCounter()
  const count = (chunk: Uint8Array): void => {
    onContent?.(chunk)
    counter.push(chunk)
  }
  return new PlainSink(await HashedFile.reopen(path, count), counter, count)
}

/** Bytes to disk as they are. */
class PlainSink implements Sink {
  readonly #file: HashedFile
  readonly #counter: LineCounter
  readonly #count: (chunk: Uint8Array) => void

  constructor(file: HashedFile, counter: LineCounter, count: (chunk: Uint8Array) => void) {
    this.#file = file
    this.#counter = counter
    this.#count = count
  }

  get lines(): number {
    return this.#counter.lines
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    this.#count(chunk)
    return this.#file.write(chunk)
  }

  async finish(): Promise<FileDone> {
    const { bytes, sha256 } = await this.#file.finish()
    return { bytes, sha256, lines: this.lines, contentBytes: bytes, contentSha256: sha256 }
  }

  abandon(): Promise<void> {
    return this.#file.abandon()
  }

  async suspend(): Promise<number> {
    await this.#file.suspend()
    return this.#file.bytes
  }
}

/** The server's gzip to disk as it came; decompressed beside it only to be counted and checked. */
class KeptSink implements Sink {
  readonly #file: HashedFile
  readonly #counter: LineCounter
  readonly #gunzip: Stage

  constructor(file: HashedFile, counter: LineCounter, count: (chunk: Uint8Array) => void) {
    this.#file = file
    this.#counter = counter
    this.#gunzip = new Stage(createGunzip({ chunkSize: 1 << 18 }), (chunk) => {
      count(chunk)
      return undefined
    })
  }

  get lines(): number {
    return this.#counter.lines
  }

  async write(chunk: Uint8Array): Promise<void> {
    const kept = Buffer.from(chunk)
    await this.#file.write(kept)
    await this.#gunzip.write(kept)
  }

  async finish(): Promise<FileDone> {
    await this.#gunzip.finish()
    const { bytes, sha256 } = await this.#file.finish()
    return { bytes, sha256, lines: this.lines, contentBytes: this.#counter.bytes, contentSha256: null }
  }

  async abandon(): Promise<void> {
    await abandonStages(this.#gunzip)
    await this.#file.abandon()
  }
}

interface RecodingOptions {
  file: HashedFile
  counter: LineCounter
  count: (chunk: Uint8Array) => void
  coding: 'identity' | 'gzip'
  compress: Compression
}

/** Decompressed, compressed, or both: in the thread pool, by stages that wait for each other. */
class RecodingSink implements Sink {
  readonly #file: HashedFile
  readonly #counter: LineCounter
  readonly #content: Hash = createHash('sha256')
  readonly #count: (chunk: Uint8Array) => void
  readonly #gunzip: Stage | undefined
  readonly #compressor: Stage | undefined

  constructor({ file, counter, count, coding, compress }: RecodingOptions) {
    this.#file = file
    this.#counter = counter
    this.#count = count
    if (coding === 'gzip') this.#gunzip = new Stage(createGunzip({ chunkSize: 1 << 18 }), (chunk) => this.#take(chunk))
    const compressor =
      compress === 'gzip'
        ? createGzip({ chunkSize: 1 << 18 })
        : compress === 'zstd'
          ? createZstdCompress({ chunkSize: 1 << 18 })
          : undefined
    if (compressor !== undefined) this.#compressor = new Stage(compressor, (chunk) => file.write(chunk))
  }

  get lines(): number {
    return this.#counter.lines
  }

  #take(content: Uint8Array): Promise<void> | undefined {
    this.#content.update(content)
    this.#count(content)
    return (this.#compressor ?? this.#file).write(content)
  }

  async write(chunk: Uint8Array): Promise<void> {
    const kept = Buffer.from(chunk)
    await (this.#gunzip === undefined ? this.#take(kept) : this.#gunzip.write(kept))
  }

  async finish(): Promise<FileDone> {
    await this.#gunzip?.finish()
    await this.#compressor?.finish()
    const { bytes, sha256 } = await this.#file.finish()
    return { bytes, sha256, lines: this.lines, contentBytes: this.#counter.bytes, contentSha256: this.#content.digest('hex') }
  }

  async abandon(): Promise<void> {
    await abandonStages(this.#gunzip, this.#compressor)
    await this.#file.abandon()
  }
}

/**
 * Frees the memory of a chunk that was its last piece, instead of leaving it to the collector: else that runs through the whole heap
 * for each few dozen MB of content. zlib has taken new memory by the time that a reader sees the end of the old.
 */
function letGo({ buffer, byteOffset, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteOffset + length === buffer.byteLength) buffer.transfer(0)
}

/**
 * A transform stream driven by awaited writes; its output goes to `take`, one chunk after the other. Where `take` returns nothing to
 * wait for, it must have copied what it keeps.
 */
class Stage {
  readonly #transform: Transform
  readonly #done: Promise<void>
  #failure: unknown

  constructor(transform: Transform, take: (chunk: Uint8Array) => Promise<void> | undefined) {
    this.#transform = transform
    this.#done = this.#drain(take)
    this.#done.catch(() => {})
  }

  async #drain(take: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void> {
    try {
      for await (const chunk of this.#transform) {
        const waiting = take(chunk as Buffer)
        if (waiting === undefined) letGo(chunk as Buffer)
        else await waiting
      }
    } catch (cause) {
      this.#failure = cause
      throw cause
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#transform.write(chunk)) return
    await Promise.race([once(this.#transform, 'drain'), this.#done])
  }

  async finish(): Promise<void> {
    this.#transform.end()
    await this.#done
    await finished(this.#transform)
  }

  destroy(): void {
    this.#transform.on('error', () => {})
    this.#transform.destroy()
  }

  /** Resolves when the stage has stopped, however it did. */
  async stopped(): Promise<void> {
    await this.#done.catch(() => {})
  }
}

/** All are stopped before any is waited for: one may wait for the other. Only then may the file be closed under them. */
async function abandonStages(...stages: (Stage | undefined)[]): Promise<void> {
  for (const stage of stages) stage?.destroy()
  for (const stage of stages) await stage?.stopped()
}
