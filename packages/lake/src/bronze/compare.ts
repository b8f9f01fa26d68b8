import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pieces } from './archive.ts'
import type { BronzeState, StoredFile } from './state.ts'
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
  for (const file of files) {
    const old = known.get(file.relative)
    if (
      !old ||
      !(await isSame(old, file)) ||
      wantsMore(old, before, maxLine) ||
      (!inPlace && !(await exists(join(dir, old.copy))))
    ) {
      fresh.push(file)
      continue
    }
    const moved = old.path !== file.path || old.mtimeMs !== file.mtimeMs
    if (moved) touched = true
    kept.push(moved ? { ...old, path: file.path, mtimeMs: file.mtimeMs } : old)
  }
  const gone = inPlace ? [] : await goneFiles(files, known, kept, dir)
  return { kept, fresh, gone, touched: touched || gone.some((it) => it.path !== known.get(it.relative)?.path) }
}

/**
 * Whether a folder is the bronze folder of an export that was copied into it: its files are the copies, and stand for what was
 * read then.
 */
export const isOwnCopy = (files: readonly ExportFile[], { files: stored }: BronzeState, dir: string): boolean => {
  const copies = new Map(stored.map((it) => [it.copy, it]))
  const own = files.map((it) => copies.get(it.relative))
  return files.length === stored.length && own.every((it) => it && it.path !== join(dir, it.copy))
}

async function isSame(old: StoredFile, file: ExportFile): Promise<boolean> {
  if (old.size !== file.size || old.kind !== file.kind || old.type !== file.type || old.hint !== file.hint) return false
  if (old.path === file.path && old.mtimeMs === file.mtimeMs) return true
  return old.sha256 === (await hashFile(file.path).catch(() => ''))
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
    const path = join(dir, old.copy)
    const stats = await stat(path).catch(() => undefined)
    if (stats) gone.push({ ...old, path, compression: old.copyCompression, size: stats.size, mtimeMs: stats.mtimeMs })
  }
  return gone
}

/** A file that somebody packed or unpacked since takes the place of what it was. */
const unpackedName = (relative: string): string => relative.replace(/\.(gz|zst)$/i, '')

/** Whether all copies of an export are there. */
export async function hasCopies(dir: string, { files }: BronzeState): Promise<boolean> {
  for (const { copy } of files) if (!(await exists(join(dir, copy)))) return false
  return true
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** SHA-256 of a file as it lies there. */
async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await using file = await open(path)
  for await (const piece of pieces(file, 0, 1 << 20)) hash.update(piece)
  return hash.digest('hex')
}
