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

const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`

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
export async function rounds(count: number, contenders: Record<string, () => Promise<Cost>>): Promise<Record<string, Cost[]>> {
  const costs: Record<string, Cost[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round < count; round++) {
    for (const [name, run] of Object.entries(contenders)) costs[name]?.push(await run())
  }
  return costs
}

/** One line per contender and, against the named floor, the ratio of medians (1.00 is as fast as the floor). */
export function report(title: string, bytes: number, costs: Record<string, Cost[]>, floor: string): string {
  const floorWall = spread((costs[floor] ?? []).map((cost) => cost.wall)).median
  const floorCpu = spread((costs[floor] ?? []).map((cost) => cost.cpu)).median
  const lines = Object.entries(costs).map(([name, list]) => {
    const wall = spread(list.map((cost) => cost.wall))
    const cpu = spread(list.map((cost) => cost.cpu))
    const rss = Math.max(...list.map((cost) => cost.rss))
    return [
      name.padEnd(28),
      `${wall.median.toFixed(2)} s (${wall.min.toFixed(2)}–${wall.max.toFixed(2)})`.padEnd(24),
      `${(bytes / 1e6 / wall.median).toFixed(0)} MB/s`.padEnd(10),
      `cpu ${cpu.median.toFixed(2)} s`.padEnd(14),
      `rss ${(rss / 1e6).toFixed(0)} MB`.padEnd(14),
      `ratio ${(floorWall / wall.median).toFixed(2)} (cpu ${(floorCpu / cpu.median).toFixed(2)})`,
    ].join('  ')
  })
  return [`${title} · ${(bytes / 1e6).toFixed(0)} MB · floor: ${floor}`, ...lines, ''].join('\n')
}
