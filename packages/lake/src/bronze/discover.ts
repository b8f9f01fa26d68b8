import { type Dirent, type Stats, statSync } from 'node:fs'
import { opendir, realpath, stat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { resourceTypes } from '@floe/views/fhir'
import { LakeError, usageError } from '../errors.ts'
import { compressionOf } from './archive.ts'
import { typeInLowerCase } from './release.ts'
import type { ExportFile } from './types.ts'

/** What lies in one export folder, links followed and told apart. */
export interface FoundFolder {
  /** Absolute, free of links. */
  readonly folder: string
  /** Path below the folder that was asked for; `''` for itself. */
  readonly below: string
  /** In order of path. */
  readonly files: readonly ExportFile[]
  /** Names of `log*.ndjson` beside the data. */
  readonly logs: readonly string[]
  /** Names of `manifest*.json` and `floe-export.json` beside the data. */
  readonly manifests: readonly string[]
  readonly notices: readonly string[]
  /** What was not read though it looks like data: exit 7. `type` where its name tells one. */
  readonly refused: readonly { readonly message: string; readonly type: string | null }[]
}

const dataName = /\.(ndjson|jsonl)(\.(gz|zst))?$/i
const logName = /^log.*\.ndjson(\.(gz|zst))?$/i
const realLog = /^log(\.[^/]*)?\.ndjson$/
const quietName = /^(manifest.*\.json|floe-export\.json|floe-bronze\.json)$/

interface Entry {
  /** Absolute, free of links; null where it is `relative` below the root. */
  readonly real: string | null
  readonly relative: string
  readonly size: number
  readonly mtimeMs: number
  /** Device and number of a file that has several names; null where it has one. */
  readonly inode: string | null
}

interface Walk {
  readonly root: string
  readonly files: Entry[]
  readonly links: string[]
  readonly folders: Set<string>
  readonly notices: string[]
  readonly refused: { path: string; message: string }[]
}

/**
 * Finds the exports in a folder: itself, and each folder below that has a log of its own. CONTRACT §4, what `floe load` reads, 1.
 * Nothing is opened. A file that is reached twice (by a link) belongs to where it really lies.
 */
export async function readFolder(folder: string): Promise<FoundFolder[]> {
  const root = await rootOf(folder)
  const walk: Walk = { root, files: [], links: [], folders: new Set(), notices: [], refused: [] }
  await walkFolder(walk, root, '')
  await followLinks(walk)
  walk.files.sort((a, b) => (a.relative < b.relative ? -1 : 1))
  return split(walk)
}

async function rootOf(folder: string): Promise<string> {
  try {
    const root = await realpath(folder)
    if ((await stat(root)).isDirectory()) return root
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw unreadable(folder, code, cause)
    throw usageError(`there is no folder ${folder}`, 'Give the folder of an export: floe load FOLDER --lake DIR')
  }
  throw usageError(`${folder} is not a folder`, 'Give the folder that the file is in.')
}

const unreadable = (folder: string, code: string | undefined, cause: unknown): LakeError =>
  new LakeError('folder-unreadable', `cannot read the folder ${folder} (${code})`, {
    hint: 'Check who may read it (ls -ld), then run the same command again.',
    cause,
  })

const below = (parent: string, name: string): string => (parent === '' ? name : `${parent}/${name}`)

async function walkFolder(walk: Walk, real: string, relative: string): Promise<void> {
  if (walk.folders.has(real)) return
  walk.folders.add(real)
  const names: string[] = []
  const others: Dirent[] = []
  try {
    for await (const entry of await opendir(real, { bufferSize: 1024 })) {
      if (entry.isFile()) names.push(entry.name)
      else others.push(entry)
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (relative === '') throw unreadable(real, code, cause)
    walk.refused.push({ path: relative, message: `${relative}: the folder cannot be read (${code})` })
    return
  }
  if (relative !== '' && isLake(names, others)) {
    walk.notices.push(`${relative}: a lake, not read`)
    return
  }
  await addFiles(walk, real, relative, names)
  for (const entry of others.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const path = below(relative, entry.name)
    if (entry.isDirectory()) await walkFolder(walk, join(real, entry.name), path)
    else if (entry.isSymbolicLink()) walk.links.push(path)
    else walk.refused.push({ path, message: `${path}: not a regular file, not read` })
  }
}

/** A lake that was made beside the data holds copies of them: they are no export of their own. */
function isLake(files: readonly string[], others: readonly Dirent[]): boolean {
  const names = new Set(others.map((it) => it.name))
  return names.has('bronze') && (names.has('warehouse') || names.has('catalog.db') || files.includes('catalog.db'))
}

/** A million files, maybe: each is asked for its size without a turn of its own. */
async function addFiles(walk: Walk, real: string, relative: string, names: readonly string[]): Promise<void> {
  const isBelow = real === join(walk.root, relative)
  for (const [index, name] of names.entries()) {
    if (index % 1000 === 999) await setImmediate()
    if (name.startsWith('.')) continue
    const path = below(relative, name)
    try {
      const lies = join(real, name)
      walk.files.push(entryOf(isBelow ? null : lies, path, statSync(lies)))
    } catch (cause) {
      walk.refused.push({ path, message: `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})` })
    }
  }
}

function entryOf(real: string | null, relative: string, { size, mtimeMs, nlink, dev, ino }: Stats): Entry {
  return { real, relative, size, mtimeMs, inode: nlink > 1 ? `${dev}:${ino}` : null }
}

/** Links are looked at after everything else, so that a file keeps the place where it lies. */
async function followLinks(walk: Walk): Promise<void> {
  if (walk.links.length === 0) return
  const known = new Set(walk.files.map((it) => it.real ?? join(walk.root, it.relative)))
  for (let index = 0; index < walk.links.length; index += 1) {
    const relative = walk.links[index] as string
    const real = await realpath(join(walk.root, relative)).catch(() => undefined)
    if (real === undefined) walk.refused.push({ path: relative, message: `${relative}: a link that leads nowhere, not read` })
    else if (!`${real}${sep}`.startsWith(`${walk.root}${sep}`)) {
      walk.refused.push({ path: relative, message: `${relative}: a link that leads out of the folder, not read` })
    } else if (!known.has(real)) {
      const stats = await stat(real)
      known.add(real)
      if (stats.isDirectory()) {
        if (!walk.root.startsWith(`${real}${sep}`) && real !== walk.root) await walkFolder(walk, real, relative)
      } else if (stats.isFile()) walk.files.push(entryOf(real, relative, stats))
      else walk.refused.push({ path: relative, message: `${relative}: not a regular file, not read` })
    }
  }
}

const folderOf = (relative: string): string => relative.slice(0, Math.max(0, relative.lastIndexOf('/')))

/** Each file goes to the nearest folder above it that has a log; without one to the folder that was asked for. */
function split(walk: Walk): FoundFolder[] {
  const owners = new Set([''])
  for (const { relative } of walk.files) if (realLog.test(basename(relative))) owners.add(folderOf(relative))
  const ownerOf = (relative: string): string => {
    let at = folderOf(relative)
    while (!owners.has(at)) at = folderOf(at)
    return at
  }
  const files = Map.groupBy(walk.files, (it) => ownerOf(it.relative))
  const refused = Map.groupBy(walk.refused, (it) => ownerOf(it.path))
  return [...owners]
    .map((owner) => {
      const found = foundFolder(walk.root, owner, files.get(owner) ?? [], refused.get(owner) ?? [])
      return owner === '' ? { ...found, notices: [...walk.notices, ...found.notices] } : found
    })
    .filter((it) => it.below === '' || it.files.length > 0 || it.logs.length > 0)
}

function foundFolder(
  root: string,
  owner: string,
  entries: readonly Entry[],
  refused: readonly { path: string; message: string }[],
): FoundFolder {
  const files: ExportFile[] = []
  const logs: string[] = []
  const manifests: string[] = []
  const notices: string[] = []
  const inodes = new Map<string, string>()
  let attachments = 0
  const folder = owner === '' ? root : join(root, owner)
  for (const entry of entries) {
    const { relative, inode } = entry
    const name = basename(relative)
    const inside = owner === '' ? relative : relative.slice(owner.length + 1)
    const twin = inode === null ? undefined : inodes.get(inode)
    if (inode !== null) inodes.set(inode, relative)
    if (logName.test(name)) {
      if (!realLog.test(name)) notices.push(`${relative}: taken for a log by its name, not read as data`)
      else if (inside === name) logs.push(name)
    } else if (quietName.test(name)) {
      if (inside === name) manifests.push(name)
    } else if (/\.part$/i.test(name)) notices.push(`${relative}: an unfinished file, not read`)
    else if (!dataName.test(name) && isAttachment(inside)) attachments += 1
    else if (!dataName.test(name)) notices.push(`${relative}: not read (no .ndjson, .jsonl, .gz or .zst file)`)
    else if (twin !== undefined) notices.push(`${relative}: the same file as ${twin}, read once`)
    else files.push(exportFile(folder, inside, entry))
  }
  if (attachments > 0) notices.push(`attachments: ${attachments} files, left where they are (index.tsv says what belongs where)`)
  return {
    folder,
    below: owner,
    files,
    logs: logs.sort(),
    manifests: manifests.sort(),
    notices,
    refused: refused.map(({ path, message }) => ({ message, type: typeInName(basename(path)).type })),
  }
}

/** Notes as files, a million of them maybe: named together. What looks like data is read all the same. */
const isAttachment = (inside: string): boolean => inside.startsWith('attachments/')

function exportFile(root: string, relative: string, { real, size, mtimeMs }: Entry): ExportFile {
  const folders = relative.split('/').slice(0, -1)
  const special = folders.findLast((it) => it === 'deleted' || it === 'error') as 'deleted' | 'error' | undefined
  const named = special ? { type: null, hint: null } : typeInName(basename(relative))
  return { root, relative, real, kind: special ?? 'output', ...named, compression: compressionOf(relative), size, mtimeMs }
}

/**
 * The R4 type that stands as a word in a file's name: `1.Patient.ndjson`, `Observation.results.ndjson`. Words are runs of
 * letters. In another case (`condition.NDJSON`) it is a hint only, for names are also English (`list of patients.ndjson`);
 * several types are none.
 */
export function typeInName(name: string): { type: string | null; hint: string | null } {
  const names = name
    .replace(dataName, '')
    .split(/[^A-Za-z]+/)
    .filter(Boolean)
  const types = new Set(names.filter((it) => resourceTypes.has(it)))
  if (types.size > 0) return { type: types.size === 1 ? ([...types][0] ?? null) : null, hint: null }
  const hints = new Set(names.map((it) => typeInLowerCase(it.toLowerCase())).filter((it) => it !== undefined))
  return { type: null, hint: hints.size === 1 ? ([...hints][0] ?? null) : null }
}
