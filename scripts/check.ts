/** `npm run check`: every proof that the tree is sound, cheapest first, with the time of each and one closing line. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const reports = join(root, 'node_modules/.cache/floe-check')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

type Step = { name: string; command: readonly string[]; tests?: boolean }

const vitest = (project: string): Step => ({
  name: project,
  tests: true,
  command: [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reports}/${project}.json`,
  ],
})

const steps: readonly Step[] = [
  { name: 'lint', command: ['biome', 'check', '--error-on-warnings'] },
  { name: 'layers', command: ['node', 'scripts/check-layers.ts'] },
  { name: 'types', command: ['tsc', '-b'] },
  { name: 'types of tests', command: ['tsc', '-p', 'tsconfig.check.json'] },
  vitest('unit'),
  vitest('conformance'),
  vitest('e2e'),
  { name: 'drills', command: ['node', '--conditions=floe-source', 'drills/run.ts', '--short'] },
  { name: 'fuzz', command: ['node', '--conditions=floe-source', 'fuzz/run.ts', '--seconds', '15'] },
  { name: 'pack canary', command: ['node', 'scripts/check-pack.ts'] },
  { name: 'docs', command: ['node', '--conditions=floe-source', 'scripts/check-docs.ts'] },
]

type Counts = { passed: number; failed: number; skipped: number }

function countsOf(project: string): Counts {
  const report = JSON.parse(readFileSync(join(reports, `${project}.json`), 'utf8')) as Record<string, number>
  return { passed: report.numPassedTests ?? 0, failed: report.numFailedTests ?? 0, skipped: report.numPendingTests ?? 0 }
}

const wanted = process.argv.slice(2)
const total: Counts = { passed: 0, failed: 0, skipped: 0 }
const times: string[] = []
let broken = 0
for (const step of steps) {
  if (wanted.length > 0 && !wanted.includes(step.name)) continue
  const started = performance.now()
  process.stdout.write(`\n── ${step.name}\n`)
  const [program = '', ...args] = step.command
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  const ok = status === 0
  times.push(`${ok ? 'ok    ' : 'FAILED'} ${step.name.padEnd(16)} ${((performance.now() - started) / 1000).toFixed(1)} s`)
  if (!ok) broken++
  if (step.tests) {
    const counts = countsOf(step.name)
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
  } else if (ok) total.passed++
  else total.failed++
}

process.stdout.write(`\n${times.join('\n')}\n\n`)
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
process.exitCode = broken === 0 ? 0 : 1
