import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const bin = join(root, 'packages/floe/bin/floe.js')
/** Compiled code is kept from run to run: starting from the sources then takes half of the time. */
const NODE_COMPILE_CACHE = join(root, 'node_modules/.cache/floe-e2e')

export interface RunOptions {
  /** Added to the environment, which is otherwise the test's own without any `FLOE_*`. */
  env?: Record<string, string>
  cwd?: string
  /** Standard input; without it there is none. */
  input?: string | Buffer
  /** Milliseconds until the process is killed (60,000). */
  timeout?: number
  /** What a shell does before it becomes the process, e.g. `ulimit -f 1000`. */
  first?: string
}

export interface RunResult {
  /** Exit code; `null` when a signal ended the process. */
  code: number | null
  stdout: string
  stderr: string
  /** The last line of stdout as JSON, where it is JSON; with `--json` the command's result. */
  json: unknown
  /** The lines of stdout before the last one, as JSON: the events of `export`, `resume` and `etl`. */
  events: Record<string, unknown>[]
  /** The `error` of the last line of stderr, where there is one. */
  error: { code: string; message: string; hint?: string; retryable: boolean } | undefined
}

/** A `floe` that is running. */
export interface RunningFloe {
  child: ChildProcess
  result: Promise<RunResult>
}

/**
 * Starts the command as it was built (`tsc -b`).
 *
 * @example
 * const { child, result } = startFloe(['export', url, to])
 * child.kill('SIGKILL')
 */
export function startFloe(
  args: readonly string[],
  { env = {}, cwd = root, input, timeout = 60_000, first }: RunOptions = {},
): RunningFloe {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(FLOE_|NODE_OPTIONS|VITEST|FORCE_COLOR)/.test(name))
  const command = [process.execPath, bin, ...args]
  const [program = '', ...rest] = first === undefined ? command : ['bash', '-c', `${first}; exec "$0" "$@"`, ...command]
  const child = spawn(program, rest, {
    cwd,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', NODE_COMPILE_CACHE, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  })
  child.stdin?.on('error', () => undefined).end(input)
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
  const result = new Promise<RunResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(resultOf(code, Buffer.concat(out).toString(), Buffer.concat(err).toString())))
  })
  return { child, result }
}

/** Runs the command to its end. A failure of the command is a result, not an exception. */
export function runFloe(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return startFloe(args, options).result
}

function resultOf(code: number | null, stdout: string, stderr: string): RunResult {
  const lines = stdout.trimEnd().split('\n')
  const json = parse(lines.at(-1) ?? '') ?? parse(stdout)
  const events = lines.slice(0, -1).flatMap((line) => (parse(line) as Record<string, unknown> | undefined) ?? []) as Record<
    string,
    unknown
  >[]
  const last = parse(stderr.trimEnd().split('\n').at(-1) ?? '') as { error?: RunResult['error'] } | undefined
  return { code, stdout, stderr, json, events, error: last?.error }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The first group of `pattern` in what the command prints, as soon as it is there; rejects when the command ends without. */
export async function printed({ child, result }: RunningFloe, pattern: RegExp): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [, found] = pattern.exec(text) ?? []
      if (found !== undefined) resolve(found)
    })
    void result.then(({ code, stderr }) => reject(new Error(`the command ended with ${code}: ${stderr}`)))
  })
}
