import { once } from 'node:events'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress, constants as zlib } from 'node:zlib'
import type { ResourceType, Sink } from './recorder.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

const endings: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', zstd: '.zst' }

/** A chunk is handed to the disk when it is full. One type holds one of them, so memory is types × this, and what waits. */
const CHUNK = 1 << 18

/** At most this much waits for the disk before {@link ExportWriter.flush} does. */
const PENDING = 1 << 24

export interface WrittenFile {
  readonly type: string
  /** Path below the folder. */
  readonly path: string
  readonly lines: number
  /** Before compression. */
  readonly bytes: number
}

interface OpenFile {
  readonly path: string
  lines: number
  bytes: number
  output: Promise<Output> | undefined
}

interface Output {
  write(chunk: Buffer): Promise<void>
  close(): Promise<void>
}

function compressor(compression: Compression): Transform | undefined {
  if (compression === 'gzip') return createGzip({ level: 6 })
  if (compression === 'zstd') return createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: 3 } })
  return undefined
}

function plainOutput(handle: FileHandle): Output {
  return {
    async write(chunk) {
      for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten
    },
    close: () => handle.close(),
  }
}

function compressedOutput(handle: FileHandle, transform: Transform): Output {
  const done = pipeline(transform, handle.createWriteStream())
  done.catch(() => {})
  return {
    async write(chunk) {
      if (!transform.write(chunk)) await Promise.race([once(transform, 'drain'), done])
    },
    async close() {
      transform.end()
      await done
    },
  }
}

async function openOutput(path: string, compression: Compression): Promise<Output> {
  const handle = await open(path, 'wx', 0o600)
  const transform = compressor(compression)
  return transform === undefined ? plainOutput(handle) : compressedOutput(handle, transform)
}

/** A chunk on its way to the disk. */
interface Full {
  readonly file: OpenFile
  readonly chunk: Buffer
  readonly used: number
  /** The file ends with it. */
  readonly last: boolean
}

interface Stream {
  chunk: Buffer
  used: number
  readonly files: OpenFile[]
}

/**
 * Writes lines into `Type.NNN.ndjson` files, a new one after `fileBytes`.
 *
 * `line` never waits; call `flush` between people. Files are called `*.part` until {@link ExportWriter.finish}: an interrupted
 * folder holds nothing that a loader reads.
 */
export class ExportWriter implements Sink {
  readonly #folder: string
  readonly #compression: Compression
  readonly #fileBytes: number
  readonly #streams = new Map<string, Stream>()
  #queue: Full[] = []
  #queued = 0
  #writing: Promise<void> = Promise.resolve()
  /** Chunks that are free again. */
  readonly #free: Buffer[] = []
  lines = 0
  bytes = 0

  constructor(options: { folder: string; compression: Compression; fileBytes: number }) {
    this.#folder = options.folder
    this.#compression = options.compression
    this.#fileBytes = options.fileBytes
  }

  line(type: ResourceType, text: string): void {
    this.append(type, text)
  }

  /** Adds a line to a type's file; `deleted/Bundle` is a type of its own. */
  append(type: string, text: string): void {
    const stream = this.#streams.get(type) ?? this.#open(type)
    const need = text.length * 3 + 1
    if (stream.used + need > stream.chunk.length) {
      this.#push(stream, false)
      if (need > stream.chunk.length) stream.chunk = Buffer.allocUnsafe(need)
    }
    const file = stream.files.at(-1)
    if (file === undefined) return
    const start = stream.used
    stream.used += stream.chunk.write(text, start)
    stream.chunk[stream.used++] = 10
    const length = stream.used - start
    file.lines += 1
    file.bytes += length
    this.lines += 1
    this.bytes += length
    if (file.bytes >= this.#fileBytes) {
      this.#push(stream, true)
      stream.files.push(this.#nextFile(type, stream.files.length))
    }
  }

  #open(type: string): Stream {
    const stream: Stream = { chunk: Buffer.allocUnsafe(CHUNK), used: 0, files: [this.#nextFile(type, 0)] }
    this.#streams.set(type, stream)
    return stream
  }

  #nextFile(type: string, number: number): OpenFile {
    const path = `${type}.${String(number).padStart(3, '0')}.ndjson${endings[this.#compression]}`
    return { path, lines: 0, bytes: 0, output: undefined }
  }

  #push(stream: Stream, last: boolean): void {
    const file = stream.files.at(-1)
    if (file === undefined || (stream.used === 0 && !last)) return
    this.#queue.push({ file, chunk: stream.chunk, used: stream.used, last })
    this.#queued += stream.used
    stream.chunk = this.#free.pop() ?? Buffer.allocUnsafe(CHUNK)
    stream.used = 0
  }

  /** Hands full chunks to the disk; waits only while too much is under way. Throws what an earlier write met. */
  async flush(): Promise<void> {
    if (this.#queue.length === 0) return
    if (this.#queued > PENDING) await this.#writing
    const queue = this.#queue
    const queued = this.#queued
    this.#queue = []
    this.#writing = this.#writing.then(async () => {
      await this.#drain(queue)
      this.#queued -= queued
    })
    this.#writing.catch(() => {})
  }

  async #drain(queue: readonly Full[]): Promise<void> {
    for (const { file, chunk, used, last } of queue) {
      file.output ??= openOutput(join(this.#folder, `${file.path}.part`), this.#compression)
      const output = await file.output
      await output.write(chunk.subarray(0, used))
      // A compressor reads its input after the write has returned: only a chunk that is on disk is used again.
      if (this.#compression === 'none' && chunk.length === CHUNK) this.#free.push(chunk)
      if (last) await output.close()
    }
  }

  /** Writes the rest, gives the files their names, and lists those that hold lines. */
  async finish(): Promise<WrittenFile[]> {
    for (const stream of this.#streams.values()) this.#push(stream, true)
    await this.flush()
    await this.#writing
    const written: WrittenFile[] = []
    for (const [type, { files }] of this.#streams) {
      for (const { path, lines, bytes } of files) {
        if (lines === 0) {
          await rm(join(this.#folder, `${path}.part`), { force: true })
          continue
        }
        await rename(join(this.#folder, `${path}.part`), join(this.#folder, path))
        written.push({ type, path, lines, bytes })
      }
    }
    return written.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** Closes and removes what was begun. */
  async abort(): Promise<void> {
    await this.#writing.catch(() => {})
    for (const { files } of this.#streams.values()) {
      for (const { path, output } of files) {
        await output?.then((it) => it.close()).catch(() => {})
        await rm(join(this.#folder, `${path}.part`), { force: true })
      }
    }
  }
}
