import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { LakeError } from '../errors.ts'
import type { Storage, StoredObject } from './storage.ts'

/** Files of this machine. Folders are made 0700, files 0600. */
export const localStorage: Storage = { read, list, putIfAbsent, delete: remove }

/**
 * The `file:///abs` form of a path, as the lake writes it. Nothing is percent-encoded: neither Java's nor Python's readers decode
 * it.
 */
export function fileUri(path: string): string {
  if (!isAbsolute(path)) throw new TypeError('a location is made of an absolute path')
  return `file://${path}`
}

/** The path of `file:///abs` (ours, pyiceberg, Trino), `file:/abs` (Spark) or a bare `/abs`. */
export function localPath(location: string): string {
  if (location.startsWith('/')) return location
  const match = /^file:(?:\/\/(?:localhost)?)?(\/(?!\/).*)$/i.exec(location)
  if (match?.[1] !== undefined) return match[1]
  throw new LakeError(
    'unsupported-location',
    `Only local files are read; this lake names a ${location.split(':', 1)[0]} location.`,
  )
}

async function read(location: string): Promise<Uint8Array> {
  return await readFile(localPath(location)).catch((cause: unknown) => {
    if (codeOf(cause) !== 'ENOENT') throw cause
    throw new LakeError('not-found', 'A file that the lake refers to is missing.', {
      hint: 'If the lake was moved or copied, run: floe maintain --relocate',
      cause,
    })
  })
}

async function* list(folder: string): AsyncIterable<StoredObject> {
  const path = localPath(folder)
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return []
    throw cause
  })
  for (const entry of entries) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) yield* list(fileUri(child))
    else if (entry.isFile()) {
      const { size, mtimeMs } = await stat(child)
      yield { location: fileUri(child), size, modified: mtimeMs }
    }
  }
}

async function putIfAbsent(location: string, bytes: Uint8Array): Promise<void> {
  const path = localPath(location)
  const file = await openNew(path)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(dirname(path))
}

async function openNew(path: string): ReturnType<typeof open> {
  for (const made of [false, true]) {
    try {
      return await open(path, 'wx', 0o600)
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') throw new LakeError('exists', 'A file of that name is there already.', { cause })
      if (codeOf(cause) !== 'ENOENT' || made) throw writeError(cause)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    }
  }
  throw new LakeError('failed', 'The folder of a new file could not be made.')
}

function writeError(cause: unknown): unknown {
  if (codeOf(cause) !== 'ENOSPC' && codeOf(cause) !== 'EDQUOT') return cause
  return new LakeError('disk-full', 'The disk is full.', { retryable: true, cause })
}

/** The entry of a new file is durable only when its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function remove(location: string): Promise<void> {
  await rm(localPath(location), { force: true })
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
