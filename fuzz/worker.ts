/** Runs one target until its time is over. The main thread sees from the counter whether an input never ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { inputOf } from './mutate.ts'
import { corpusOf, targets } from './targets.ts'

export interface Job {
  readonly name: string
  readonly seed: number
  readonly ms: number
  /** `[number of the input]`; below 0: the seeds, the first is -1; `notBegun` until the first of them. */
  readonly counter: Int32Array
}

export interface Found {
  readonly input: Buffer
  readonly message: string
}

const { name, seed, ms, counter } = workerData as Job
const target = targets[name]
if (target === undefined) throw new Error(`no target ${name}`)

const kinds = new Set<string>()
let input: Buffer = Buffer.alloc(0)

function found(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const kind = text.split('\n', 3).join('\n').replace(/\d+/g, '0')
  if (kinds.has(kind) || kinds.size >= 10) return
  kinds.add(kind)
  parentPort?.postMessage({ input, message: text } satisfies Found)
}
process.on('uncaughtException', found)
process.on('unhandledRejection', found)

async function run(bytes: Buffer): Promise<void> {
  input = bytes
  try {
    await target?.run(bytes)
  } catch (error) {
    found(error)
  }
}

const corpus = corpusOf(name)
const material = { ...target, seeds: [...target.seeds, ...corpus] }
const until = Date.now() + ms
for (const [index, each] of material.seeds.entries()) {
  Atomics.store(counter, 0, -1 - index)
  await run(each)
}
for (let number = 0; Date.now() < until; number++) {
  Atomics.store(counter, 0, number)
  await run(inputOf(material, seed, number))
}
process.exit(0)
