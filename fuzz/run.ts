/**
 * `npm run fuzz -- [--minutes N | --seconds N] [--seed N] [target …]`: feeds changed inputs to every parser that reads bytes of
 * others. A parser may refuse with an error of floe's; any other error, an input that takes ten seconds, or memory beyond a
 * gigabyte is a finding. Findings are written to fuzz/findings; what has been mended moves to fuzz/corpus and is tried first in
 * every run.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { inputOf } from './mutate.ts'
import { corpusOf, targets } from './targets.ts'
import type { Found } from './worker.ts'

const longestInput = 10_000
/** A worker may take so long to start on a busy machine. */
const longestStart = 120_000
const notBegun = -(2 ** 31)
const memoryLimit = 1 << 30

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string', default: '1' } },
})
const names = positionals.length > 0 ? positionals : Object.keys(targets)
const total = values.minutes === undefined ? Number(values.seconds ?? 20) * 1000 : Number(values.minutes) * 60_000
const seed = Number(values.seed)
const findings = join(import.meta.dirname, 'findings')
let count = 0

function note(name: string, { input, message }: Found): void {
  count++
  const file = join(findings, `${name}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`)
  mkdirSync(findings, { recursive: true })
  writeFileSync(file, input)
  process.stdout.write(`FOUND ${name}: ${message}\n  input: ${file}\n`)
}

interface Ran {
  readonly inputs: number
  readonly memory: number
}

function fuzz(name: string, ms: number): Promise<Ran> {
  const counter = new Int32Array(new SharedArrayBuffer(4)).fill(notBegun)
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { name, seed, ms, counter },
    resourceLimits: { maxOldGenerationSizeMb: memoryLimit >> 20 },
  })
  const before = process.memoryUsage().rss
  let [seen, since, memory] = [notBegun, Date.now(), 0]
  const current = (): Buffer => {
    const target = targets[name]
    if (target === undefined || seen === notBegun) return Buffer.alloc(0)
    const seeds = [...target.seeds, ...corpusOf(name)]
    return seen < 0 ? (seeds[-1 - seen] ?? Buffer.alloc(0)) : inputOf({ ...target, seeds }, seed, seen)
  }
  return new Promise((resolve) => {
    const watch = setInterval(() => {
      memory = Math.max(memory, process.memoryUsage().rss - before)
      const at = Atomics.load(counter, 0)
      if (at !== seen) [seen, since] = [at, Date.now()]
      const longest = seen === notBegun ? longestStart : longestInput
      if (Date.now() - since < longest && memory < memoryLimit) return
      clearInterval(watch)
      note(name, { input: current(), message: memory < memoryLimit ? 'does not end' : `takes ${memory >> 20} MB` })
      void worker.terminate()
    }, 250)
    worker.on('message', (found: Found) => note(name, { ...found, input: Buffer.from(found.input) }))
    worker.on('error', (error) => note(name, { input: current(), message: String(error) }))
    worker.on('exit', (code) => {
      clearInterval(watch)
      seen = Atomics.load(counter, 0)
      const inputs = Math.max(0, seen)
      // 13: nothing was left that could have settled the promise.
      if (code === 13) note(name, { input: current(), message: 'waits for ever' })
      resolve({ inputs, memory })
    })
  })
}

const unknown = names.filter((name) => !(name in targets))
if (unknown.length > 0) {
  process.stderr.write(`fuzz: no ${unknown.join(', ')}; there is ${Object.keys(targets).join(', ')}\n`)
  process.exit(2)
}
let inputs = 0
for (const name of names) {
  const ran = await fuzz(name, total / names.length)
  inputs += ran.inputs
  process.stdout.write(
    `${name.padEnd(22)} ${String(ran.inputs).padStart(9)} inputs  ${String(ran.memory >> 20).padStart(5)} MB\n`,
  )
}
process.stdout.write(`${names.length} targets, ${inputs.toLocaleString('en')} inputs, seed ${seed}: ${count} findings\n`)
process.exitCode = count === 0 ? 0 : 1
