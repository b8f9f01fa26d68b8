/**
 * `npm run drills [-- name …] [--short] [--seed N] [--faults N]`: injects faults and checks after each what was lost, doubled, or
 * said to be complete and was not. The long set injects more than a thousand; `--short` is what `npm run check` runs. The same
 * seed gives the same faults.
 */
import { parseArgs } from 'node:util'
import { clockJump } from './clock-jump.ts'
import { diskFull } from './disk-full.ts'
import type { Drill, DrillOptions, DrillResult } from './drill.ts'
import { httpFaults } from './http-faults.ts'
import { drill as killExport } from './kill-export.ts'
import { drill as killLake } from './kill-lake.ts'
import { drill as killServer } from './kill-server.ts'
import { networkCut } from './network-cut.ts'
import { writers } from './writers.ts'

interface Planned {
  readonly drill: Drill
  /** Faults in the long set, and in the short one; 0 leaves it out there. */
  readonly long: number
  readonly short: number
}

const drills: Readonly<Record<string, Planned>> = {
  'http-faults': { drill: httpFaults, long: 800, short: 40 },
  'kill-export': { drill: exportKilled, long: 60, short: 0 },
  'kill-lake': { drill: lakeKilled, long: 80, short: 0 },
  'kill-server': { drill: killServer, long: 20, short: 0 },
  'disk-full': { drill: diskFull, long: 40, short: 3 },
  'network-cut': { drill: networkCut, long: 40, short: 3 },
  'clock-jump': { drill: clockJump, long: 40, short: 3 },
  writers: { drill: writers, long: 40, short: 4 },
}

async function exportKilled({ faults, seed, onPoint }: DrillOptions): Promise<DrillResult> {
  const report = await killExport({ points: faults, seed, ...(onPoint === undefined ? {} : { onPoint }) })
  const { points, landed, refetched, secondKickoffs, differing, jobsLeft } = report
  return {
    faults: points,
    lost: differing,
    doubled: refetched + secondKickoffs,
    falseCompletions: 0,
    converged: points - differing,
    problems: jobsLeft > 0 ? [`${jobsLeft} jobs were left on the server`] : [],
    equation: `SHA-256 of each file = served; none of ${landed} landed files fetched again`,
  }
}

async function lakeKilled({ faults, seed, onPoint }: DrillOptions): Promise<DrillResult> {
  const { points, before, after } = await killLake({
    points: faults,
    seed,
    lines: 2000,
    ...(onPoint === undefined ? {} : { onPoint }),
  })
  return {
    ...{ faults: points, lost: 0, doubled: 0, falseCompletions: 0, converged: points, problems: [] },
    equation: `digest of rows and ledger = before (${before}) or after (${after}) each step; again = undisturbed`,
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string' },
    verbose: { type: 'boolean', short: 'v', default: false },
  },
})
const unknown = positionals.filter((name) => !(name in drills))
if (unknown.length > 0) {
  process.stderr.write(`drills: no ${unknown.join(', ')}; there is ${Object.keys(drills).join(', ')}\n`)
  process.exit(2)
}
const seed = Number(values.seed)
const total = { faults: 0, lost: 0, doubled: 0, falseCompletions: 0, converged: 0, problems: 0 }

async function run(name: string, { drill, long, short }: Planned): Promise<void> {
  const faults = Number(values.faults ?? (values.short ? short : long))
  if (faults === 0) return
  const started = performance.now()
  const onPoint = values.verbose ? (text: string): boolean => process.stderr.write(`${name}: ${text}\n`) : undefined
  const result = await drill({ faults, seed, ...(onPoint === undefined ? {} : { onPoint }) }).catch((error: unknown) => ({
    ...{ faults: 0, lost: 0, doubled: 0, falseCompletions: 0, converged: 0, equation: 'it broke off' },
    problems: [error instanceof Error ? error.message : String(error)],
  }))
  const seconds = `${((performance.now() - started) / 1000).toFixed(0)} s`
  if ('skipped' in result) {
    process.stdout.write(`skipped ${name}: ${result.skipped}\n`)
    return
  }
  const { problems, equation, ...counts } = result
  for (const key of ['faults', 'lost', 'doubled', 'falseCompletions', 'converged'] as const) total[key] += counts[key]
  total.problems += problems.length
  process.stdout.write(
    `${problems.length === 0 ? 'ok     ' : 'FAILED '} ${name.padEnd(12)} ${String(counts.faults).padStart(5)} faults · ${counts.lost} lost · ${counts.doubled} doubled · ${counts.falseCompletions} false completions · ${seconds}\n        ${equation}\n`,
  )
  for (const problem of problems) process.stdout.write(`        ${problem}\n`)
}

const chosen = Object.entries(drills).filter(([name]) => positionals.length === 0 || positionals.includes(name))
// Drills wait more than they work: side by side they take little longer than the longest.
const left = [...chosen]
const worker = async (): Promise<void> => {
  for (let next = left.shift(); next !== undefined; next = left.shift()) await run(...next)
}
await Promise.all(Array.from({ length: values.short ? chosen.length : 3 }, worker))
process.stdout.write(
  `${total.faults.toLocaleString('en')} faults injected (seed ${seed}): ${total.lost} lost, ${total.doubled} doubled, ${total.falseCompletions} false completions, ${total.problems} problems\n`,
)
process.exitCode = total.lost + total.doubled + total.falseCompletions + total.problems === 0 ? 0 : 1
