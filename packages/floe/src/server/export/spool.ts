import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** So many texts are meant to lie in one file. */
const textsOfFile = 20_000
const mostFiles = 256
/** What is gathered of a file before it is written. */
const gatherBytes = 32 * 1024
/** A file up to this long is put in order in memory; of a longer one each text is read by itself. */
const inMemoryBytes = 64 * 1024 * 1024
/** Before each text: the length of its key in one byte, its own in four. */
const headBytes = 5
const longestKey = 255

interface SpoolFile {
  readonly path: string
  readonly handle: FileHandle
  readonly gathered: Buffer
  used: number
  bytes: number
}

/**
 * Gathers texts by a key, on disk: in memory there is 32 kB for each of at most 256 files, and while they are read 64 MB, the
 * longest text, and a place for each text of one file. What a crash left under the same names is written over.
 */
export class Spool implements AsyncDisposable {
  readonly #files: readonly SpoolFile[]

  private constructor(files: readonly SpoolFile[]) {
    this.#files = files
  }

  /** `texts`: about how many come. */
  static async open(dir: string, texts: number): Promise<Spool> {
    const count = Math.min(mostFiles, Math.max(1, Math.ceil(texts / textsOfFile)))
    const files: SpoolFile[] = []
    for (let number = 0; number < count; number++) {
      const path = join(dir, `spool.${number}.part`)
      const handle = await open(path, 'w+', 0o600)
      files.push({ path, handle, gathered: Buffer.allocUnsafeSlow(gatherBytes), used: 0, bytes: 0 })
    }
    return new Spool(files)
  }

  /** The bytes may be used again afterwards. */
  async add(key: string, text: Uint8Array): Promise<void> {
    const file = this.#files[placeOf(key, this.#files.length)]
    const keyBytes = Buffer.byteLength(key)
    if (file === undefined || keyBytes > longestKey) throw new Error('a key of the spool is too long')
    const size = headBytes + keyBytes + text.length
    if (file.used + size > gatherBytes) await flush(file)
    const fits = size <= gatherBytes
    file.used = file.gathered.writeUInt8(keyBytes, file.used)
    file.used = file.gathered.writeUInt32LE(text.length, file.used)
    file.used += file.gathered.write(key, file.used)
    if (fits) {
      file.gathered.set(text, file.used)
      file.used += text.length
      return
    }
    await flush(file)
    await file.handle.writeFile(text)
    file.bytes += text.length
  }

  /** Each key with its texts, in the order in which they came; a text is good until the next one is asked for. */
  async *groups(): AsyncGenerator<{ readonly key: string; readonly texts: AsyncIterable<Uint8Array> }> {
    for (const file of this.#files) {
      await flush(file)
      const whole = file.bytes <= inMemoryBytes ? await readAt(file, Buffer.allocUnsafeSlow(file.bytes), 0) : undefined
      for (const [key, places] of await placesByKey(file, whole)) yield { key, texts: textsAt(file, whole, places) }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { handle, path } of this.#files) {
      await handle.close()
      await rm(path, { force: true })
    }
  }
}

interface Place {
  readonly start: number
  readonly length: number
}

async function placesByKey(file: SpoolFile, whole: Buffer | undefined): Promise<ReadonlyMap<string, readonly Place[]>> {
  const found = new Map<string, Place[]>()
  let window = whole ?? Buffer.alloc(0)
  let from = 0
  for (let at = 0; at < file.bytes; ) {
    const head = Math.min(headBytes + longestKey, file.bytes - at)
    if (at < from || at + head > from + window.length) {
      window = await readAt(file, Buffer.allocUnsafeSlow(Math.min(gatherBytes, file.bytes - at)), at)
      from = at
    }
    const keyBytes = window.readUInt8(at - from)
    const length = window.readUInt32LE(at - from + 1)
    const key = window.toString('utf8', at - from + headBytes, at - from + headBytes + keyBytes)
    const start = at + headBytes + keyBytes
    const places = found.get(key) ?? []
    found.set(key, places)
    places.push({ start, length })
    at = start + length
  }
  return found
}

async function* textsAt(file: SpoolFile, whole: Buffer | undefined, places: readonly Place[]): AsyncGenerator<Uint8Array> {
  let spare: Buffer = Buffer.alloc(0)
  for (const { start, length } of places) {
    if (whole !== undefined) {
      yield whole.subarray(start, start + length)
      continue
    }
    if (spare.length < length) spare = Buffer.allocUnsafeSlow(length)
    yield await readAt(file, spare.subarray(0, length), start)
  }
}

async function readAt({ handle }: SpoolFile, into: Buffer, start: number): Promise<Buffer> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, start + done)
    if (bytesRead === 0) throw new Error('a spool file is shorter than what was written')
    done += bytesRead
  }
  return into
}

async function flush(file: SpoolFile): Promise<void> {
  if (file.used === 0) return
  await file.handle.writeFile(file.gathered.subarray(0, file.used))
  file.bytes += file.used
  file.used = 0
}

/** FNV-1a: equal keys lie in one file. */
function placeOf(key: string, files: number): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % files
}
