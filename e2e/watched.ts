import { readFile } from 'node:fs/promises'
import { type RunResult, startFloe } from './cli.ts'

/** Runs the command and watches its resident memory; `peak` (bytes) is null where the system does not tell it. */
export async function watched(
  args: readonly string[],
  { timeout }: { timeout: number },
): Promise<RunResult & { peak: number | null }> {
  const { child, result } = startFloe(args, { timeout })
  let peak: number | null = null
  const look = async (): Promise<void> => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    const found = /VmHWM:\s+(\d+) kB/.exec(status)?.[1]
    if (found !== undefined) peak = Math.max(peak ?? 0, Number(found) * 1024)
  }
  const timer = setInterval(() => void look(), 25)
  const run = await result
  clearInterval(timer)
  return { ...run, peak: peak as number | null }
}
