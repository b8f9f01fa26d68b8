import { LineFile, type LineReport } from './lines.ts'
import type { FileReport } from './scan-file.ts'
import { LineScanner } from './scanner.ts'
import { SmallCopies } from './small-copies.ts'
import { isAsNamed, SmallFileReader, sha256Of, smallFile, unpackSmall } from './small-file.ts'
import { mergeStructs } from './state.ts'
import { sharedReports } from './state-text.ts'
import type { Compression } from './types.ts'

export interface SmallTask {
  readonly path: string
  /** As the file's name says. */
  readonly compression: Compression
  readonly type: string | undefined
  readonly hint: string | undefined
  readonly maxLine: number
  /** Whether its lines are checked, too. */
  readonly lines: boolean
  /** Where to put a copy, and how; `none` for a compressed file means as it is. */
  readonly copy: { readonly path: string; readonly compression: Compression } | undefined
}

export interface SmallReport extends Pick<FileReport, 'sha256' | 'size' | 'mtimeMs'> {
  /** Null where lines are not checked. */
  readonly report: Omit<LineReport, 'shapes'> | null
}

/** Whether `SmallScan` may take a file of this size and packing. Of zstd only a frame at a time can be unpacked. */
export const isSmall = (size: number, compression: Compression): boolean => size <= smallFile && compression !== 'zstd'

const roomFor = smallFile + 64

/**
 * `scanFile` for small files, a million of them maybe: one after the other, with one shape for all, in memory that is used again.
 */
export class SmallScan {
  readonly #scanner = new LineScanner()
  readonly #reader = new SmallFileReader()
  readonly #copies: SmallCopies
  readonly #buffer = Buffer.allocUnsafeSlow(roomFor)
  readonly #share = sharedReports()
  /** Types met since the shapes were taken. */
  readonly #met = new Set<string>()
  #shapes: Record<string, LineReport['shapes'][string]> = {}

  /** For so many files, at most, with copies below a folder. */
  constructor(dir: string, count: number) {
    this.#copies = new SmallCopies(dir, count)
    this.#scanner.paths.startFile()
  }

  /** Undefined for a file that is not what its name or its size says, or is damaged: `scanFile` can tell. */
  scan({ path, compression, lines, copy, ...task }: SmallTask): SmallReport | undefined {
    const found = this.#reader.read(path)
    if (found === undefined || !isAsNamed(found.bytes, compression)) return undefined
    const { bytes, size, mtimeMs } = found
    const text = unpackSmall(bytes, compression)
    if (text === undefined) return undefined
    const report = lines ? this.#report(text, task) : null
    if (copy !== undefined) this.#copies.add(copy.path, copy.compression, bytes)
    return { report, sha256: sha256Of(bytes), size, mtimeMs }
  }

  #report(text: Buffer, task: Pick<SmallTask, 'type' | 'hint' | 'maxLine'>): SmallReport['report'] {
    if (this.#scanner.paths.crowded) this.#takeShapes()
    const file = new LineFile(this.#scanner, { ...task, buffer: this.#buffer, joined: true })
    file.push(text)
    const { shapes: _, ...report } = file.end()
    for (const type in report.types) if (type !== '') this.#met.add(type)
    return this.#share(report)
  }

  #takeShapes(): void {
    for (const type of this.#met) {
      this.#shapes[type] = mergeStructs(this.#shapes[type] ?? { struct: {} }, this.#scanner.paths.shape(type))
    }
    this.#met.clear()
    this.#scanner.paths.startFile()
  }

  /** Gives the copies of the files up to here their names; others may be scanned meanwhile. */
  async finish(): Promise<void> {
    await this.#copies.finish()
  }

  /** See `SmallCopies.durable`. */
  async durable(paths: () => Iterable<string>): Promise<void> {
    await this.#copies.durable(paths)
  }

  abort(): void {
    this.#copies.abort()
  }

  /** What occurs in the good lines of all files. */
  shapes(): LineReport['shapes'] {
    this.#takeShapes()
    return this.#shapes
  }
}
