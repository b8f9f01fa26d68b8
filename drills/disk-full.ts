/**
 * Exports to a disk, and loads a lake on a disk, that is too small by chance (a tmpfs; Linux, as root). Each must end with an
 * error that says so; once the disk has grown, the same command must come to the undisturbed result.
 *
 * node --conditions=floe-source drills/disk-full.ts [--faults 20] [--seed 1]
 */
import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startEhr } from '@floe/testkit'
import { runFloe } from '../e2e/cli.ts'
import { digests, scratch } from '../e2e/support.ts'
import { commandTimeout, type DrillOptions, type DrillResult, drillOptions, random, type Skipped } from './drill.ts'
import { lakeState } from './lake-state.ts'
import { resourceFolder } from './resources.ts'

function ran(...command: readonly string[]): boolean {
  const [program = '', ...args] = command
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

/** A small disk at a folder, unmounted at the end. */
async function disk(dir: string, kilobytes: number): Promise<Disposable & { grow(): void }> {
  await mkdir(dir, { recursive: true })
  if (!ran('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', dir)) throw new Error('the small disk cannot be mounted')
  return {
    grow() {
      if (!ran('mount', '-o', 'remount,size=1g', dir)) throw new Error('the small disk cannot grow')
    },
    [Symbol.dispose]: () => ran('umount', '-l', dir),
  }
}

export async function diskFull({ faults, seed, onPoint }: DrillOptions): Promise<DrillResult | Skipped> {
  await using work = await scratch('disk-full')
  if (process.getuid?.() !== 0 || !ran('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', work.dir)) {
    return { skipped: 'small disks need Linux and root' }
  }
  ran('umount', '-l', work.dir)
  const next = random(seed)
  const source = await resourceFolder({
    dir: join(work.dir, 'source'),
    counts: { Condition: 1000, Observation: 3000, Patient: 500 },
  })
  const served = JSON.stringify(await digests(source))
  await using ehr = await startEhr({ folder: source, polls: 0 })
  const load = (lake: string): string[] => ['load', source, '--lake', lake, '--untracked', '--quiet']
  const expected = join(work.dir, 'expected')
  const first = await runFloe(load(expected), { timeout: commandTimeout })
  if (first.code !== 0) throw new Error(`the undisturbed load ended with ${first.code}: ${first.stderr}`)
  const undisturbed = await lakeState(expected)
  const seen = { faults: 0, lost: 0, doubled: 0, falseCompletions: 0, converged: 0 }
  const problems: string[] = []
  for (let point = 0; seen.faults < faults && point < faults * 3; point++) {
    const dir = join(work.dir, `disk-${point}`)
    const exporting = point % 2 === 0
    const kilobytes = Math.round(next() * (exporting ? 2000 : 400)) + 8
    using small = await disk(dir, kilobytes)
    const target = join(dir, 'it')
    const command = exporting
      ? [
          'export',
          `${ehr.fhirUrl}/Group/demo`,
          target,
          '--min-free-space',
          '0',
          '--retries',
          '1',
          '--retry-max-time',
          '2s',
          '--quiet',
        ]
      : load(target)
    const what = `seed ${seed}, point ${point}: ${exporting ? 'export' : 'load'} to ${kilobytes} kB`
    const holds = async (): Promise<boolean> =>
      exporting ? JSON.stringify(await digests(target)) === served : (await lakeState(target)).digest === undisturbed.digest
    const { code } = await runFloe(command, { timeout: commandTimeout })
    if (code === 0) {
      if (!(await holds())) {
        seen.falseCompletions++
        problems.push(`${what} ended with 0 and is not whole`)
      }
      continue
    }
    seen.faults++
    small.grow()
    const again = await runFloe(command, { timeout: commandTimeout })
    if (again.code !== 0) problems.push(`${what}: ${code}, and with room ${again.code}: ${again.stderr.slice(-300)}`)
    else if (!(await holds())) {
      problems.push(`${what}: with room it is not whole`)
      seen.lost++
    } else seen.converged++
    if (!exporting) seen.doubled += (await lakeState(target)).doubled
    onPoint?.(`${what}: ${code}, with room ${again.code}`)
  }
  return {
    ...seen,
    problems,
    equation: `SHA-256 of ${Object.keys(JSON.parse(served)).length} files = served; digest of ${undisturbed.rows} rows = undisturbed`,
  }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await diskFull(drillOptions(process.argv, 20)))}\n`)
