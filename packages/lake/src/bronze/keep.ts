import { createHash, randomBytes } from 'node:crypto'
import { chmod, copyFile, mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pieces, realCompression } from './archive.ts'
import { openCopy } from './copy.ts'
import type { LineReport } from './lines.ts'
import { copyNamed, copyOf, pathOf, suffix } from './paths-of.ts'
import type { FileReport } from './scan-file.ts'
import { scanAll } from './scan-pool.ts'
import { isSmall, type SmallReport, SmallScan } from './scan-small.ts'
import type { StoredFile } from './state-types.ts'
import type { Compression, ExportFile, PlannedExport, RegisterOptions } from './types.ts'

export interface KeepOptions extends RegisterOptions {
  readonly dir: string
  /** The files lie in `dir` already. */
  readonly inPlace: boolean
  readonly maxLine: number
  /** Names of the export's files that are packed: a copy's name must not be that of another. */
  readonly taken: ReadonlySet<string>
}

/** What came of reading files. */
export interface ReadFiles {
  readonly files: readonly StoredFile[]
  readonly shapes: readonly LineReport['shapes'][]
  /** Sentences about files that could not be read, and their types. */
  readonly unread: readonly string[]
  readonly unreadTypes: readonly string[]
}

/** The file is there and cannot be read: its own trouble, not that of the load. */
const ownTrouble: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EIO', 'ENOENT', 'ESTALE'])
/** So many small files wait for the disk together. */
const together = 128

/** Reads files, each once, and copies them into bronze in the same pass. */
export async function readFiles(named: readonly ExportFile[], options: KeepOptions): Promise<ReadFiles> {
  const total = named.reduce((sum, it) => sum + it.size, 0)
  let done = 0
  const reading = new Reading(options, (bytes) => {
    done += bytes
    options.onProgress?.({ doneBytes: done, totalBytes: total })
  })
  await reading.small(named)
  await reading.large()
  return reading.read()
}

interface Copy {
  readonly name: string
  readonly compression: Compression
}

function copyFor({ relative, compression }: ExportFile, { inPlace, compress = 'zstd', taken }: KeepOptions): Copy {
  if (inPlace || compression !== 'none') return { name: relative, compression }
  const name = relative + suffix[compress]
  return taken.has(name) ? { name: relative, compression: 'none' } : { name, compression: compress }
}

class Reading {
  readonly #options: KeepOptions
  readonly #onBytes: (bytes: number) => void
  readonly #files: StoredFile[] = []
  readonly #shapes: LineReport['shapes'][] = []
  readonly #unread: { readonly message: string; readonly type: string | null }[] = []
  /** Files that are not to be read in one go. */
  #others: ExportFile[] = []

  constructor(options: KeepOptions, onBytes: (bytes: number) => void) {
    this.#options = options
    this.#onBytes = onBytes
  }

  read(): ReadFiles {
    const unread = this.#unread.toSorted((a, b) => (a.message < b.message ? -1 : 1))
    return {
      files: this.#files,
      shapes: this.#shapes,
      unread: unread.map(({ message }) => message),
      unreadTypes: unread.flatMap(({ type }) => type ?? []),
    }
  }

  async small(named: readonly ExportFile[]): Promise<void> {
    const { dir, inPlace, signal } = this.#options
    const most = named.reduce((sum, it) => sum + (isSmall(it.size, it.compression) ? 1 : 0), 0)
    const scan = new SmallScan(dir, most)
    let count = 0
    let bytes = 0
    let written = Promise.resolve()
    try {
      for (const file of named) {
        if (!isSmall(file.size, file.compression)) {
          this.#others.push(file)
          continue
        }
        this.#oneSmall(scan, file)
        bytes += file.size
        if (++count % together > 0) continue
        this.#onBytes(bytes)
        bytes = 0
        await written
        written = scan.finish()
        written.catch(() => {})
        await setImmediate()
        signal?.throwIfAborted()
      }
      await written
      await scan.finish()
      if (!inPlace) await scan.durable(() => this.#files.values().map((file) => join(dir, copyOf(file))))
    } catch (error) {
      await written.catch(() => {})
      scan.abort()
      throw error
    }
    this.#onBytes(bytes)
    this.#shapes.push(scan.shapes())
  }

  #oneSmall(scan: SmallScan, file: ExportFile): void {
    const { dir, inPlace, maxLine } = this.#options
    const copy = copyFor(file, this.#options)
    const pack = file.compression === 'none' ? copy.compression : 'none'
    try {
      const report = scan.scan({
        path: pathOf(file),
        compression: file.compression,
        type: file.type ?? undefined,
        hint: file.hint ?? undefined,
        maxLine,
        lines: file.kind === 'output',
        copy: inPlace ? undefined : { path: `${dir}/${copy.name}`, compression: pack },
      })
      if (report === undefined) this.#others.push(file)
      else this.#keep(file, copy, report)
    } catch (error) {
      this.#fail(file, error)
    }
  }

  async large(): Promise<void> {
    const { options, others } = { options: this.#options, others: this.#others }
    this.#others = []
    const files: ExportFile[] = []
    for (const file of others) {
      // A file that cannot be opened fails where it is read.
      const compression = await realCompression(pathOf(file), file.compression).catch(() => file.compression)
      files.push({ ...file, compression })
    }
    const outputs = files.filter((it) => it.kind === 'output').map((file) => ({ file, copy: copyFor(file, options) }))
    const tasks = outputs.map(({ file, copy }) => ({
      size: file.size,
      task: {
        path: pathOf(file),
        compression: file.compression,
        type: file.type ?? undefined,
        hint: file.hint ?? undefined,
        maxLine: options.maxLine,
        // A compressed file is kept as delivered: its bytes are not packed once more.
        copy: options.inPlace
          ? undefined
          : {
              path: join(options.dir, copy.name),
              compression: file.compression === 'none' ? copy.compression : ('none' as const),
            },
      },
    }))
    const reports = await scanAll(tasks, { threads: options.threads, signal: options.signal, onBytes: this.#onBytes })
    for (const [index, { file, copy }] of outputs.entries()) this.#take(file, copy, reports[index])
    for (const file of files.filter((it) => it.kind !== 'output')) {
      options.signal?.throwIfAborted()
      const copy = copyFor(file, options)
      try {
        this.#keep(file, copy, await keepWhole(file, copy, options))
      } catch (error) {
        this.#fail(file, error)
      }
      this.#onBytes(file.size)
    }
  }

  #take(file: ExportFile, copy: Copy, found: FileReport | Error | undefined): void {
    if (found === undefined) throw new Error('a file was not scanned')
    if (found instanceof Error) this.#fail(file, found)
    else {
      const { sha256, size, mtimeMs, shapes, ...report } = found
      this.#shapes.push(shapes)
      this.#keep(file, copy, { sha256, size, mtimeMs, report })
    }
  }

  #keep(file: ExportFile, copy: Copy, { sha256, size, mtimeMs, report }: SmallReport): void {
    const { root, relative, real, kind, type, hint, compression } = file
    const copyCompression = copy.compression
    const name = copyNamed(copy.name, { relative, compression, copyCompression })
    const seen = { root, relative, real, kind, type, hint, compression, size, mtimeMs, sha256 }
    this.#files.push({ ...seen, copy: name, copyCompression, report })
  }

  #fail(file: ExportFile, error: unknown): void {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!ownTrouble.has(code)) throw error
    this.#unread.push({ message: `${file.relative}: cannot be read (${code})`, type: file.type })
  }
}

/** Deletions and outcomes: hashed and copied here, read later. */
async function keepWhole(file: ExportFile, copy: Copy, { dir, inPlace }: KeepOptions): Promise<SmallReport> {
  const hash = createHash('sha256')
  await using source = await open(pathOf(file))
  const { size, mtimeMs } = await source.stat()
  const pack = file.compression === 'none' ? copy.compression : 'none'
  const writer = inPlace ? undefined : await openCopy(join(dir, copy.name), pack)
  try {
    for await (const piece of pieces(source)) {
      hash.update(piece)
      await writer?.write(piece)
    }
    await writer?.finish()
  } catch (error) {
    await writer?.abort()
    throw error
  }
  return { sha256: hash.digest('hex'), size, mtimeMs, report: null }
}

/** Keeps log and manifest beside the data, so that the folder in bronze is an export folder itself. */
export async function keepCompanions({ folder, companions }: PlannedExport, dir: string): Promise<void> {
  for (const name of companions) {
    const to = join(dir, name)
    const part = `${to}.${randomBytes(4).toString('hex')}.part`
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await copyFile(join(folder, name), part)
    await chmod(part, 0o600)
    await rename(part, to)
  }
}
