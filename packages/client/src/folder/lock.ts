import { readFileSync, rmSync } from 'node:fs'
import { open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { BulkError } from '../errors.ts'
import { folderNames } from './names.ts'

/** Keeps two processes from working in one export folder. A lock whose process is gone holds nobody up. */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const path = join(folder, folderNames.lock)
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) })
  for (let tries = 0; ; tries += 1) {
    try {
      const file = await open(path, 'wx', 0o600)
      await file.writeFile(owner)
      await file.close()
      held.add(path)
      return { [Symbol.asyncDispose]: async () => unlock(path, owner) }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
      const holder = held.has(path) ? `process ${process.pid}` : await holderOf(path)
      if (holder !== undefined || tries === 3) {
        throw new BulkError({
          code: 'usage',
          message: `another floe process${holder === undefined ? '' : ` (${holder})`} is working in ${folder}`,
          retryable: true,
          hint: `Wait for it to end; if there is none, remove ${path}.`,
        })
      }
      await rm(path, { force: true })
    }
  }
}

/** The living holder of a lock, or undefined when the lock is left over. */
async function holderOf(path: string): Promise<string | undefined> {
  let pid: unknown
  let host: unknown
  let started: unknown
  try {
    ;({ pid, host, started } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>)
  } catch {
    // Cut short by a crash, or just being written: a try later it is either readable or left over.
    return undefined
  }
  if (typeof pid !== 'number') return undefined
  if (host !== hostname()) return `process ${pid} on ${String(host).slice(0, 100)}`
  // In a container the number of a process that was killed is soon another's, often our own.
  if (pid === process.pid || (typeof started === 'string' && started !== startOf(pid))) return undefined
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return undefined
  }
  return `process ${pid}`
}

/** The locks of this process: it may run several exports, each in a folder of its own. */
const held = new Set<string>()

/** When a process began, as the system counts; undefined where it does not tell. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold spaces; the start is the 20th field after it.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function unlock(path: string, owner: string): void {
  held.delete(path)
  try {
    if (readFileSync(path, 'utf8') === owner) rmSync(path, { force: true })
  } catch {
    // Already gone.
  }
}
