import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pieces } from './archive.ts'
import { copyOf, pathOf } from './paths-of.ts'
import type { BronzeState, StoredFile } from './state-types.ts'
import type { ExportFile } from './types.ts'

/** What is known of an export's files already, and what has to be read. */
export interface Comparison {
  readonly kept: readonly StoredFile[]
  readonly fresh: readonly ExportFile[]
  /** Registered once, gone from the folder since: their copies stand for them. */
  readonly gone: readonly StoredFile[]
  /** Files came by other ways or times, with the same content. */
  readonly touched: boolean
}

/**
 * Compares a folder with what was registered of it. Size and time of change tell a file that was not touched, its hash one that
 * was moved or copied: an unchanged export of any size costs a look at its names.
 */
export async function compare(
  files: readonly ExportFile[],
  { before, dir, maxLine, inPlace }: { before: BronzeState | undefined; dir: string; maxLine: number; inPlace: boolean },
): Promise<Comparison> {
  const known = new Map((before?.files ?? []).map((it) => [it.relative, it]))
  const kept: StoredFile[] = []
  const fresh: ExportFile[] = []
  let touched = false
  for (const [index, file] of files.entries()) {
    if (index % 1000 === 999) await setImmediate()
    const old = known.get(file.relative)
    const same = old !== undefined && (isUntouched(old, file) || (await hasContent(old, file)))
    if (!same || wantsMore(old, before, maxLine) || (!inPlace && !exists(dir, old))) {
      fresh.push(file)
      continue
    }
    const moved = !isUntouched(old, file)
    if (moved) touched = true
    kept.push(moved ? { ...old, root: file.root, real: file.real, mtimeMs: file.mtimeMs } : old)
  }
  // Where every known file is there still, none is gone.
  const gone = inPlace || kept.length === known.size ? [] : await goneFiles(files, known, kept, dir)
  return { kept, fresh, gone, touched: touched || gone.some((it) => !liesAt(it, known.get(it.relative))) }
}

/**
 * Whether a folder is the bronze folder of an export that was copied into it: its files are the copies, and stand for what was
 * read then.
 */
export const isOwnCopy = (files: readonly ExportFile[], { files: stored }: BronzeState, dir: string): boolean => {
  if (files.length !== stored.length) return false
  const copies = new Map(stored.map((it) => [copyOf(it), it]))
  const own = files.map((it) => copies.get(it.relative))
  return own.every((it) => it && pathOf(it) !== join(dir, copyOf(it)))
}

const liesAt = (file: StoredFile, old: StoredFile | undefined): boolean => old !== undefined && pathOf(old) === pathOf(file)

const alike = (old: StoredFile, file: ExportFile): boolean =>
  old.size === file.size && old.kind === file.kind && old.type === file.type && old.hint === file.hint

const isUntouched = (old: StoredFile, file: ExportFile): boolean =>
  alike(old, file) && old.mtimeMs === file.mtimeMs && pathOf(old) === pathOf(file)

async function hasContent(old: StoredFile, file: ExportFile): Promise<boolean> {
  return alike(old, file) && old.sha256 === (await hashFile(pathOf(file)).catch(() => ''))
}

/** Lines were refused for their length, and longer ones are taken now. */
const wantsMore = ({ report }: StoredFile, before: BronzeState | undefined, maxLine: number): boolean =>
  before !== undefined && maxLine > before.maxLine && (report?.refused.some((it) => it.reason === 'size') ?? false)

async function goneFiles(
  files: readonly ExportFile[],
  known: ReadonlyMap<string, StoredFile>,
  kept: readonly StoredFile[],
  dir: string,
): Promise<StoredFile[]> {
  const present = new Set(files.map((it) => unpackedName(it.relative)))
  const contents = new Set(kept.map((it) => it.sha256))
  const gone: StoredFile[] = []
  for (const old of known.values()) {
    if (present.has(unpackedName(old.relative)) || contents.has(old.sha256)) continue
    const copy = copyOf(old)
    const real = join(dir, copy)
    const stats = await stat(real).catch(() => undefined)
    if (!stats) continue
    const { size, mtimeMs } = stats
    gone.push({ ...old, real, compression: old.copyCompression, size, mtimeMs, copy })
  }
  return gone
}

/** A file that somebody packed or unpacked since takes the place of what it was. */
const unpackedName = (relative: string): string => relative.replace(/\.(gz|zst)$/i, '')

/** Whether all copies of an export are there. */
export async function hasCopies(dir: string, { files }: BronzeState): Promise<boolean> {
  for (const [index, file] of files.entries()) {
    if (index % 1000 === 999) await setImmediate()
    if (!exists(dir, file)) return false
  }
  return true
}

const exists = (dir: string, file: StoredFile): boolean =>
  statSync(`${dir}/${copyOf(file)}`, { throwIfNoEntry: false }) !== undefined

/** SHA-256 of a file as it lies there. */
async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await using file = await open(path)
  for await (const piece of pieces(file, 0, 1 << 20)) hash.update(piece)
  return hash.digest('hex')
}
