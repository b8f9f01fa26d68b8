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

/** A virtual environment with pyiceberg, made once and kept below `node_modules/.cache`. */
export async function pyicebergPython(python: string): Promise<string> {
  return await environment(python, `pyiceberg-${pyicebergVersion}`, [`pyiceberg[sql-sqlite,pyarrow]==${pyicebergVersion}`])
}

/** A virtual environment, made once; two test files may ask for it at the same time, and a half-made one is never used. */
export async function environment(python: string, name: string, requirements: readonly string[]): Promise<string> {
  const venv = join(cache, name)
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
    await run(binary, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', ...requirements], {
      timeout: 900_000,
    })
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

/** Another program behind a pipe. */
export interface Peer extends AsyncDisposable {
  /** Sends one command of the script and gives its answer; an exception there is an error here. */
  call<T = unknown>(command: Readonly<Record<string, unknown>>): Promise<T>
}

/** pyiceberg on the catalog of a lake. */
export function openPyIceberg(python: string, catalogFile: string): Peer {
  return openPeer(python, 'peer.py', [catalogFile])
}

/** A script of this folder: one JSON command per line in, one line beginning with `answer ` out; other lines are its own. */
export function openPeer(
  python: string,
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Peer {
  const child = spawn(python, [join(import.meta.dirname, script), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000)
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    call: async (command) => {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      for (;;) {
        const { value, done } = await lines.next()
        if (done === true) throw new Error(`${script} ended: ${complaints}`)
        if (!value.startsWith('answer ')) continue
        const answer = JSON.parse(value.slice('answer '.length)) as { ok: unknown; error?: string }
        if (answer.error !== undefined) throw new Error(answer.error)
        return answer.ok as never
      }
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
