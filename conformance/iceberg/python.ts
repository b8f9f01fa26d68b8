import { execFile, spawn } from 'node:child_process'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = join(import.meta.dirname, '../../node_modules/.cache/floe-interop')
export const pyicebergVersion = '0.12.0'

/** The Python to make environments with; undefined when there is none that pyiceberg takes (3.10 or newer, with venv). */
export async function findPython(): Promise<string | undefined> {
  for (const python of ['python3', 'python']) {
    try {
      await run(python, ['-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 10)'])
      return python
    } catch {
      // The next name.
    }
  }
  return undefined
}

/** A virtual environment with pyiceberg, made once and kept below `node_modules/.cache`; a half-made one is never used. */
export async function pyicebergPython(python: string): Promise<string> {
  const venv = join(cache, `pyiceberg-${pyicebergVersion}`)
  const ready = join(venv, 'ready')
  const binary = join(venv, 'bin/python')
  if (await exists(ready)) return binary
  await mkdir(cache, { recursive: true })
  const lock = `${venv}.lock`
  try {
    await mkdir(lock)
  } catch {
    for (let waited = 0; waited < 300 && !(await exists(ready)); waited++)
      await new Promise((resolve) => setTimeout(resolve, 1000))
    if (!(await exists(ready)))
      throw new Error(`another run has been making ${venv} for five minutes; if there is none, remove ${lock}`)
    return binary
  }
  try {
    await rm(venv, { recursive: true, force: true })
    await run(python, ['-m', 'venv', venv])
    const requirement = `pyiceberg[sql-sqlite,pyarrow]==${pyicebergVersion}`
    await run(binary, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement], { timeout: 600_000 })
    await mkdir(`${ready}.part`)
    await rename(`${ready}.part`, ready)
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
  return binary
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

export interface PyIceberg extends AsyncDisposable {
  /** Sends one command of `peer.py` and gives its answer; an exception there is an error here. */
  call<T = unknown>(command: Readonly<Record<string, unknown>>): Promise<T>
}

/** pyiceberg on the catalog of a lake. */
export function openPyIceberg(python: string, catalogFile: string): PyIceberg {
  const child = spawn(python, [join(import.meta.dirname, 'peer.py'), catalogFile], { stdio: ['pipe', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000)
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    call: async (command) => {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      const { value, done } = await answers.next()
      if (done === true) throw new Error(`pyiceberg ended: ${complaints}`)
      const answer = JSON.parse(value) as { ok: unknown; error?: string }
      if (answer.error !== undefined) throw new Error(answer.error)
      return answer.ok as never
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
    },
  }
}

/** pyiceberg does not keep NULL apart from an empty list of structs (FHIR has no empty arrays), and gives doubles 17 digits. */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, comparable(each)]))
}
