import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { root } from '../scripts/sources.ts'

/** What one run of a program cost: wall and CPU seconds (children included), peak resident memory in bytes. */
export interface Cost {
  readonly wall: number
  readonly cpu: number
  readonly rss: number
}

const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`

/**
 * Runs a program to its end and measures it from outside, so that floe and its peers are measured alike.
 * Peak memory is read from /proc (Linux): the largest of the program's own high-water marks; 0 elsewhere.
 */
export async function measure(
  command: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Cost> {
  // bash's `time` reports the CPU of the whole process tree, which Node does not for a child.
  const script = 'TIMEFORMAT="floe-time %R %U %S"; time "$@"'
  const child = spawn('bash', ['-c', script, 'bench', ...command], {
    cwd: options.cwd ?? root,
    env: { ...process.env, PATH: path, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  let rss = 0
  const timer = setInterval(() => {
    rss = Math.max(rss, peakOfTree(child.pid ?? 0))
  }, 25)
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  clearInterval(timer)
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${stderr.slice(-2000)}`)
  const [, wall = '0', user = '0', system = '0'] = /floe-time (\S+) (\S+) (\S+)/.exec(stderr) ?? []
  return { wall: Number(wall), cpu: Number(user) + Number(system), rss }
}

function peakOfTree(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const own = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    return Math.max(own, ...children.map((child) => peakOfTree(Number(child))))
  } catch {
    return 0 // the process has just ended
  }
}

/** The middle value, the smallest and the largest of some numbers. */
export function spread(values: readonly number[]): { median: number; min: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 }
}

/** Runs the contenders in turn, several rounds, so that a noisy moment of the machine hits all of them alike. */
export async function rounds<Name extends string>(
  count: number,
  contenders: Record<Name, () => Promise<Cost>>,
): Promise<Record<Name, Cost[]>> {
  const names = Object.keys(contenders) as Name[]
  const costs = Object.fromEntries(names.map((name) => [name, [] as Cost[]])) as Record<Name, Cost[]>
  for (let round = 0; round < count; round++) {
    for (const name of names) costs[name].push(await contenders[name]())
  }
  return costs
}
