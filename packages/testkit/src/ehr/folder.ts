import type { Dirent } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EhrError } from './errors.ts'
import { type Resource, resourceTypes } from './fhir.ts'
import { type Compression, compressionOf, lines, measure, plainBytes } from './lines.ts'

export type ItemType = 'output' | 'deleted' | 'error'

/** One NDJSON file that the EHR can serve. */
export interface SourceFile {
  path: string
  type: string
  itemType: ItemType
  compression: Compression
}

/** An export folder, as the EHR sees it. */
export interface SourceFolder {
  folder: string
  transactionTime: string
  files: SourceFile[]
}

/** Reads what an export folder holds: `Type.NNN.ndjson` and other names with a resource type in them, plain, `.gz` or `.zst`. */
export async function readFolder(folder: string): Promise<SourceFolder> {
  const files: SourceFile[] = []
  for (const [part, itemType] of [
    ['', 'output'],
    ['deleted', 'deleted'],
    ['error', 'error'],
  ] as const) {
    for (const name of await namesIn(join(folder, part), part === '')) {
      const path = join(folder, part, name)
      const type = await typeOf(path)
      if (type !== null) files.push({ path, type, itemType, compression: compressionOf(name) })
    }
  }
  if (files.length === 0) {
    throw new EhrError(`No NDJSON files in ${folder}`, { hint: 'make some with: floe synth --patients 100 --out DIR' })
  }
  return { folder, transactionTime: await transactionTimeOf(folder), files }
}

async function namesIn(folder: string, required: boolean): Promise<string[]> {
  let entries: Dirent[]
  try {
    entries = await readdir(folder, { withFileTypes: true })
  } catch (cause) {
    if (!required) return []
    throw new EhrError(`Cannot read the folder ${folder}`, { cause })
  }
  return entries
    .filter((entry) => entry.isFile() && /^(?!log\b)[^.].*\.(ndjson|jsonl)(\.gz|\.zst)?$/i.test(entry.name))
    .map((entry) => entry.name)
    .sort()
}

async function typeOf(path: string): Promise<string | null> {
  for (const word of basename(path).split(/[^A-Za-z]+/)) if (resourceTypes.has(word)) return word
  for await (const line of lines(plainBytes(path))) {
    const type = (JSON.parse(line.toString()) as Resource).resourceType
    return typeof type === 'string' && resourceTypes.has(type) ? type : null
  }
  return null
}

async function transactionTimeOf(folder: string): Promise<string> {
  const manifest = await readText(join(folder, 'manifest.json'))
  const told = manifest === null ? undefined : (JSON.parse(manifest) as { transactionTime?: unknown }).transactionTime
  if (typeof told === 'string') return told
  const found = /"transactionTime":"([^"]+)"(?![\s\S]*"transactionTime")/.exec((await readText(join(folder, 'log.ndjson'))) ?? '')
  return found?.[1] ?? new Date().toISOString()
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return null
  }
}

const measured = new Map<string, Promise<{ count: number; bytes: number }>>()

/** Lines and uncompressed bytes of a file; each state of a file is read once in the life of the process. */
export async function measureFile(path: string): Promise<{ count: number; bytes: number }> {
  const { size, mtimeMs, ino } = await stat(path)
  const key = `${path}\n${size}\n${mtimeMs}\n${ino}`
  let result = measured.get(key)
  if (result === undefined) {
    result = measure(plainBytes(path))
    measured.set(key, result)
  }
  return result
}
