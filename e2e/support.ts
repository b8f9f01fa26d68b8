import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A folder of the test's own, removed at its end. */
export async function scratch(name: string): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), `floe-e2e-${name}-`))
  return {
    dir,
    async [Symbol.asyncDispose]() {
      for (const path of await paths(dir, true)) await chmod(path, 0o700).catch(() => undefined)
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** What a made file holds: so many lines of at least so many bytes. */
export interface MadeFile {
  lines: number
  bytes?: number
}

/**
 * Writes an export folder of plain NDJSON: `{ 'Patient.000.ndjson': { lines: 10 } }`, or the text itself.
 *
 * The lines have what peers have damaged: decimals with trailing zeros, integers beyond 2^53, characters of two to four bytes.
 */
export async function makeExportFolder(dir: string, files: Record<string, MadeFile | string | Buffer>): Promise<string> {
  await mkdir(dir, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    const path = join(dir, name)
    await mkdir(join(path, '..'), { recursive: true })
    const type = name.split('/').at(-1)?.split('.')[0] ?? ''
    const made = typeof content === 'string' || Buffer.isBuffer(content) ? content : linesOf(type, content)
    await writeFile(path, made)
  }
  await writeFile(join(dir, 'manifest.json'), JSON.stringify({ transactionTime: '2026-02-01T00:00:00.123Z' }))
  return dir
}

function linesOf(type: string, { lines, bytes = 200 }: MadeFile): string {
  const parts: string[] = []
  for (let number = 0; number < lines; number++) {
    const id = `${type.toLowerCase()}-${String(number).padStart(6, '0')}`
    const head = `{"resourceType":"${type}","id":"${id}","meta":{"lastUpdated":"2026-01-01T00:00:00.100+02:00"},"x":[1.10,-0.0,1E400,12345678901234567890]`
    const pad = 'Grüße ∑ 😀 '.repeat(Math.max(0, Math.ceil((bytes - head.length - 20) / 19)))
    parts.push(`${head},"text":"${pad}${number % 7}"}\n`)
  }
  return parts.join('')
}

/** SHA-256 of a file, hex. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** `name` → SHA-256, over the NDJSON files of an export folder, those of `deleted/` and `error/` too, without the log. */
export async function digests(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const path of await paths(folder)) {
    const name = relative(folder, path)
    if (/\.ndjson$/.test(name) && name !== 'log.ndjson') found[name] = await sha256(path)
  }
  return found
}

/** All files below a folder, sorted; with `folders` these and the folder itself, too. */
export async function paths(folder: string, folders = false): Promise<string[]> {
  const found = folders ? [folder] : []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      for (const inner of await paths(path, folders)) found.push(inner)
    } else found.push(path)
  }
  return found.sort()
}

/** Permission bits of everything below a folder: `['700']` for folders, `['600']` for files when all is well. */
export async function modes(folder: string): Promise<{ folders: string[]; files: string[] }> {
  const seen = { folders: new Set<string>(), files: new Set<string>() }
  for (const path of await paths(folder, true)) {
    const status = await stat(path)
    seen[status.isDirectory() ? 'folders' : 'files'].add((status.mode & 0o777).toString(8))
  }
  return { folders: [...seen.folders].sort(), files: [...seen.files].sort() }
}

/** The export log, line by line. */
export async function readLog(
  folder: string,
): Promise<{ exportId: string; eventId: string; eventDetail: Record<string, unknown> }[]> {
  const text = await readFile(join(folder, 'log.ndjson'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/**
 * What Cumulus ETL reads from a log, by its documented rules: the last `kickoff` decides the export; the group is the last path
 * part after `/Group/` of its `exportUrl`, or empty; the time is that of the `status_complete` with the same id, without which it
 * refuses.
 */
export async function cumulusIdentity(folder: string): Promise<{ exportId: string; group: string; transactionTime: string }> {
  const log = await readLog(folder)
  const kickoff = log.findLast(({ eventId }) => eventId === 'kickoff')
  const url = kickoff?.eventDetail.exportUrl
  if (kickoff === undefined || typeof url !== 'string') throw new Error('no kickoff with an exportUrl')
  const complete = log.findLast(({ eventId, exportId }) => eventId === 'status_complete' && exportId === kickoff.exportId)
  const time = complete?.eventDetail.transactionTime
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) throw new Error('no status_complete with a transactionTime')
  return { exportId: kickoff.exportId, group: /\/Group\/([^/?]+)/.exec(url)?.[1] ?? '', transactionTime: time }
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
