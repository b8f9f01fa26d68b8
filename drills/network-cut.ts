/**
 * Exports over a virtual cable that is cut at random moments for random times (a network namespace; Linux, as root). Every export
 * must end complete with the served bytes.
 *
 * node --conditions=floe-source drills/network-cut.ts [--faults 20] [--seed 1]
 */
import { spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEhr } from '@floe/testkit'
import { startFloe } from '../e2e/cli.ts'
import { digests, makeExportFolder, scratch } from '../e2e/support.ts'
import { commandTimeout, type DrillOptions, type DrillResult, drillOptions, random, type Skipped } from './drill.ts'

function ip(...args: readonly string[]): boolean {
  return spawnSync('ip', args, { stdio: 'ignore' }).status === 0
}

interface Cable extends Disposable {
  /** What a shell does before the command in the other namespace. */
  readonly first: string
  readonly host: string
  cut(): void
  mend(): void
}

/** A namespace of its own at the other end of a virtual cable; undefined where that may not be made. */
function cable(): Cable | undefined {
  const name = `floe${process.pid}`
  const [net, here, there] = [`10.213.${(process.pid >> 8) % 256}.${process.pid % 64}`, `${name}a`, `${name}b`]
  const host = net.replace(/\.\d+$/, '.1')
  const made =
    ip('netns', 'add', name) &&
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name) &&
    ip('address', 'add', `${host}/30`, 'dev', here) &&
    ip('link', 'set', here, 'up') &&
    ip('-n', name, 'address', 'add', host.replace(/1$/, '2/30'), 'dev', there) &&
    ip('-n', name, 'link', 'set', there, 'up') &&
    ip('-n', name, 'link', 'set', 'lo', 'up')
  const drop = (): void => {
    ip('link', 'del', here)
    ip('netns', 'del', name)
  }
  if (!made) {
    drop()
    return undefined
  }
  return {
    first: `exec ip netns exec ${name} "$0" "$@"`,
    host,
    cut: () => ip('link', 'set', here, 'down'),
    mend: () => ip('link', 'set', here, 'up'),
    [Symbol.dispose]: drop,
  }
}

export async function networkCut({ faults, seed, onPoint }: DrillOptions): Promise<DrillResult | Skipped> {
  using wire = process.getuid?.() === 0 ? cable() : undefined
  if (wire === undefined) return { skipped: 'network namespaces need Linux and root' }
  await using work = await scratch('network-cut')
  const next = random(seed)
  const source = await makeExportFolder(join(work.dir, 'source'), {
    'Condition.000.ndjson': { lines: 400, bytes: 400 },
    'Observation.000.ndjson': { lines: 2000, bytes: 400 },
    'Patient.000.ndjson': { lines: 200, bytes: 400 },
  })
  const served = JSON.stringify(await digests(source))
  const drip = [{ on: 'file' as const, do: { kind: 'drip' as const, bytes: 16_384, everyMs: 40 } }]
  await using ehr = await startEhr({ folder: source, host: wire.host, polls: 1, retryAfter: '1', faults: drip })
  const seen = { faults: 0, lost: 0, doubled: 0, falseCompletions: 0, converged: 0 }
  const problems: string[] = []
  for (let point = 0; seen.faults < faults; point++) {
    const folder = join(work.dir, String(point))
    const limits = ['--idle-timeout', '2s', '--poll-max', '1s', '--quiet']
    const { child, result } = startFloe(['export', `${ehr.fhirUrl}/Group/demo`, folder, ...limits], {
      first: wire.first,
      timeout: commandTimeout,
    })
    let cuts = 0
    while (child.exitCode === null && cuts < 4) {
      await Promise.race([sleep(300 + next() * 1500), result])
      if (child.exitCode !== null) break
      const down = 50 + next() ** 2 * 4000
      wire.cut()
      cuts++
      await sleep(down)
      wire.mend()
    }
    const { code, stderr } = await result
    seen.faults += cuts
    const whole = JSON.stringify(await digests(folder).catch(() => ({}))) === served
    if (code !== 0) problems.push(`seed ${seed}, point ${point}: exit ${code}: ${stderr.slice(-300)}`)
    else if (!whole) {
      seen.falseCompletions++
      problems.push(`seed ${seed}, point ${point}: exit 0, other bytes than served`)
    } else seen.converged++
    onPoint?.(`seed ${seed}, point ${point}: ${cuts} cuts, exit ${code}`)
    await rm(folder, { recursive: true, force: true })
  }
  return { ...seen, problems, equation: `SHA-256 of ${Object.keys(JSON.parse(served)).length} files = served, in one run each` }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await networkCut(drillOptions(process.argv, 20)))}\n`)
