/**
 * Several processes load into one lake at the same time, each its own exports, which share resources; some are killed and given
 * again. The lake must hold what one process after the other would have left, each row once, and every load as complete once.
 *
 * node --conditions=floe-source drills/writers.ts [--faults 24] [--seed 1]
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLake } from '@floe/lake'
import { runFloe, startFloe } from '../e2e/cli.ts'
import { scratch } from '../e2e/support.ts'
import { commandTimeout, type DrillOptions, type DrillResult, drillOptions, random } from './drill.ts'
import { lakeState } from './lake-state.ts'
import { resourceFolder } from './resources.ts'

const processes = 4

async function completeLoads(dir: string): Promise<number> {
  await using lake = await openLake({ dir, create: false, threads: 1 })
  await using result = await lake.query(
    "select count(distinct export_id) as n, count(*) as all_n from floe.loads where status = 'complete'",
  )
  for await (const rows of result.rows) return Number((rows[0] as { n?: unknown } | undefined)?.n ?? 0)
  return 0
}

/** Each fault is a load that meets others at work; every fifth of them is killed as well. */
export async function writers({ faults, seed, onPoint }: DrillOptions): Promise<DrillResult> {
  await using work = await scratch('writers')
  const next = random(seed)
  const folders: string[] = []
  for (let number = 0; number < Math.max(processes, faults); number++) {
    const counts = { Patient: 60, Condition: 120 }
    folders.push(await resourceFolder({ dir: join(work.dir, `in-${number}`), counts, from: number * 20, day: 1 + (number % 9) }))
  }
  const load = (lake: string, folder: string): string[] => ['load', folder, '--lake', lake, '--untracked', '--quiet']
  const [alone, together] = [join(work.dir, 'alone'), join(work.dir, 'together')]
  const whole = await runFloe(['load', ...folders, '--lake', alone, '--untracked', '--quiet'], { timeout: commandTimeout })
  const left = [...folders]
  const problems: string[] = whole.code === 0 ? [] : [`one process ended with ${whole.code}: ${whole.stderr.slice(-300)}`]
  let [met, converged] = [0, 0]
  const one = async (): Promise<void> => {
    for (let folder = left.shift(); folder !== undefined; folder = left.shift()) {
      const { child, result } = startFloe(load(together, folder), { timeout: commandTimeout })
      met++
      if (next() < 0.2) {
        await Promise.race([sleep(300 + next() * 2500), result])
        if (child.kill('SIGKILL')) met++
      }
      let { code, stderr } = await result
      for (let attempt = 0; code !== 0 && attempt < 5; attempt++) {
        const again = await runFloe(load(together, folder), { timeout: commandTimeout })
        if (again.code === 0) converged++
        ;({ code, stderr } = again)
      }
      if (code !== 0) problems.push(`seed ${seed}: a load ended with ${code}: ${stderr.slice(-300)}`)
      onPoint?.(`seed ${seed}: ${folders.length - left.length} of ${folders.length} loads begun`)
    }
  }
  await Promise.all(Array.from({ length: processes }, one))
  const [expected, found] = [await lakeState(alone), await lakeState(together)]
  const loads = await completeLoads(together)
  if (found.digest !== expected.digest)
    problems.push(`seed ${seed}: other rows than one process leaves (${found.rows} for ${expected.rows})`)
  if (loads !== folders.length) problems.push(`seed ${seed}: ${loads} complete loads of ${folders.length}`)
  return {
    faults: met,
    lost: Math.max(0, expected.rows - found.rows),
    doubled: found.doubled,
    falseCompletions: Math.max(0, loads - folders.length) + (found.digest === expected.digest ? 0 : 1),
    converged,
    problems,
    equation: `digest of ${found.rows} rows by ${processes} processes = by one; ${loads} loads of ${folders.length} complete`,
  }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await writers(drillOptions(process.argv, 24)))}\n`)
