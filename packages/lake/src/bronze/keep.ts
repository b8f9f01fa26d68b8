import { createHash, randomBytes } from 'node:crypto'
import { chmod, copyFile, mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pieces, realCompression } from './archive.ts'
import { openCopy } from './copy.ts'
import type { FileReport } from './scan-file.ts'
import { scanAll } from './scan-pool.ts'
import type { StoredFile } from './state.ts'
import type { BronzeShape, Compression, ExportFile, PlannedExport, RegisterOptions } from './types.ts'

export interface KeepOptions extends RegisterOptions {
  readonly dir: string
  /** The files lie in `dir` already. */
  readonly inPlace: boolean
  readonly maxLine: number
  /** Names of all files of the export: a copy's name must not be that of another. */
  readonly taken: ReadonlySet<string>
}

/** What came of reading files. */
export interface ReadFiles {
  readonly files: readonly StoredFile[]
  readonly shapes: readonly Readonly<Record<string, { readonly struct: Readonly<Record<string, BronzeShape>> }>>[]
  /** Sentences about files that could not be read, and their types. */
  readonly unread: readonly string[]
  readonly unreadTypes: readonly string[]
}

const suffix: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', zstd: '.zst' }
/** The file is there and cannot be read: its own trouble, not that of the load. */
const ownTrouble: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EIO', 'ENOENT', 'ESTALE'])

/** Reads files, each once, and copies them into bronze in the same pass. */
export async function readFiles(named: readonly ExportFile[], options: KeepOptions): Promise<ReadFiles> {
  const files: ExportFile[] = []
  for (const file of named) {
    // A file that cannot be opened fails where it is read.
    const compression = await realCompression(file.path, file.compression).catch(() => file.compression)
    files.push({ ...file, compression })
  }
  const total = files.reduce((sum, it) => sum + it.size, 0)
  let done = 0
  const onBytes = (bytes: number): void => {
    done += bytes
    options.onProgress?.({ doneBytes: done, totalBytes: total })
  }
  const outputs = files.filter((it) => it.kind === 'output').map((file) => ({ file, copy: copyOf(file, options) }))
  const tasks = outputs.map(({ file, copy }) => ({
    size: file.size,
    task: {
      path: file.path,
      compression: file.compression,
      type: file.type ?? undefined,
      hint: file.hint ?? undefined,
      maxLine: options.maxLine,
      // A compressed file is kept as delivered: its bytes are not packed once more.
      copy: options.inPlace
        ? undefined
        : { path: join(options.dir, copy.name), compression: file.compression === 'none' ? copy.compression : ('none' as const) },
    },
  }))
  const reports = await scanAll(tasks, { threads: options.threads, signal: options.signal, onBytes })
  const results = outputs.map(({ file, copy }, index) => stored(file, copy, reports[index]))
  for (const file of files.filter((it) => it.kind !== 'output')) {
    options.signal?.throwIfAborted()
    const copy = copyOf(file, options)
    const report = await keepWhole(file, copy, options).catch((error: Error) => error)
    results.push(stored(file, copy, report))
    onBytes(file.size)
  }
  return {
    files: results.flatMap((it) => it.stored ?? []),
    shapes: results.map((it) => it.shapes).filter((it) => it !== undefined),
    unread: results.flatMap((it) => it.unread ?? []),
    unreadTypes: results.flatMap(({ unread, file }) => (unread && file.type ? [file.type] : [])),
  }
}

interface Copy {
  readonly name: string
  readonly compression: Compression
}

function copyOf({ relative, compression }: ExportFile, { inPlace, compress = 'zstd', taken }: KeepOptions): Copy {
  if (inPlace || compression !== 'none') return { name: relative, compression }
  const name = relative + suffix[compress]
  return taken.has(name) ? { name: relative, compression: 'none' } : { name, compression: compress }
}

interface Result {
  readonly file: ExportFile
  readonly stored?: StoredFile
  readonly shapes?: FileReport['shapes']
  readonly unread?: string
}

type Read = Pick<FileReport, 'sha256' | 'size' | 'mtimeMs'> & Partial<FileReport>

function stored(file: ExportFile, copy: Copy, read: Read | Error | undefined): Result {
  if (read === undefined) throw new Error('a file was not scanned')
  if (read instanceof Error) {
    const { code = '' } = read as NodeJS.ErrnoException
    if (!ownTrouble.has(code)) throw read
    return { file, unread: `${file.relative}: cannot be read (${code})` }
  }
  const { sha256, size, mtimeMs, shapes, ...rest } = read
  const report = file.kind === 'output' ? (rest as StoredFile['report']) : null
  const entry = { ...file, size, mtimeMs, sha256, copy: copy.name, copyCompression: copy.compression, report }
  return shapes ? { file, stored: entry, shapes } : { file, stored: entry }
}

/** Deletions and outcomes: hashed and copied here, read later. */
async function keepWhole(file: ExportFile, copy: Copy, { dir, inPlace }: KeepOptions): Promise<Read> {
  const hash = createHash('sha256')
  await using source = await open(file.path)
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
  return { sha256: hash.digest('hex'), size, mtimeMs }
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
