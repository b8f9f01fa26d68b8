/**
 * Inputs that are meant to hurt: memory stays bounded and the outcome is clear. Each loads in a process of its own, whose memory
 * is measured.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { LoadReceipt } from '@floe/lake'
import { expect, test } from 'vitest'

const script = `
  const { openLake } = await import(${JSON.stringify(join(import.meta.dirname, '../../packages/lake/src/index.ts'))})
  const [dir, folder] = process.argv.slice(1)
  const lake = await openLake({ dir, create: true, threads: 2, memoryLimit: '1GB' })
  const options = { exportGroup: 'g', exportTimestamp: '2026-01-01T00:00:00Z' }
  const [receipt] = await lake.load({ folders: [folder], ...options })
  const quarantine = await lake.quarantine()
  await lake.close()
  console.log(JSON.stringify({ receipt, quarantine, memory: process.resourceUsage().maxRSS * 1024 }))`

interface Outcome {
  readonly receipt: LoadReceipt
  readonly quarantine: readonly { readonly line: number; readonly reason: string }[]
  /** Most bytes that were resident. */
  readonly memory: number
}

async function loaded(fill: (folder: string) => Promise<void>): Promise<Outcome> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-hostile-'))
  try {
    const folder = join(dir, 'in')
    await mkdir(folder)
    await fill(folder)
    const args = ['--conditions=floe-source', '--input-type=module', '-e', script, join(dir, 'lake'), folder]
    const env = { ...process.env, NODE_NO_WARNINGS: '1' }
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 1 << 26 })
    return JSON.parse(stdout) as Outcome
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const bound = 1.5e9
const counts = ({ receipt }: Outcome) =>
  receipt.types.map(({ type, lines, rows, quarantined, complete }) => [type, lines, rows, quarantined, complete])

test('attachments of 5 MB', async () => {
  const data = 'QUJD'.repeat(1_310_720)
  const outcome = await loaded(async (folder) => {
    await using file = await open(join(folder, 'DocumentReference.000.ndjson'), 'w')
    for (let n = 0; n < 30; n++) {
      const content = [{ attachment: { contentType: 'text/plain', data } }]
      await file.writeFile(`${JSON.stringify({ resourceType: 'DocumentReference', id: `d${n}`, status: 'current', content })}\n`)
    }
  })
  expect(counts(outcome)).toEqual([['DocumentReference', 30, 30, 0, true]])
  expect(outcome.memory).toBeLessThan(bound)
})

test('a megabyte of gzip that unpacks to a line of 1 GB', async () => {
  const outcome = await loaded(async (folder) => {
    // Members behind each other are one file.
    const member = gzipSync(Buffer.alloc(1 << 24, 'a'))
    const head = gzipSync('{"resourceType":"Patient","id":"p1"}\n{"resourceType":"Patient","id":"')
    const tail = gzipSync('"}\n{"resourceType":"Patient","id":"p2"}\n')
    await writeFile(
      join(folder, 'Patient.000.ndjson.gz'),
      Buffer.concat([head, ...Array.from({ length: 64 }, () => member), tail]),
    )
  })
  expect(counts(outcome)).toEqual([['Patient', 3, 2, 1, false]])
  expect(outcome.quarantine).toMatchObject([{ line: 2, reason: 'size' }])
  expect(outcome.receipt.exitCode).toBe(7)
  expect(outcome.memory).toBeLessThan(bound)
})

test('10,000 levels of nesting', async () => {
  const outcome = await loaded(async (folder) => {
    const levels = 10_000
    const nested = `${'{"extension":['.repeat(levels)}${']}'.repeat(levels)}`
    const lines = [`{"resourceType":"Patient","id":"p1"}`, `{"resourceType":"Patient","id":"p2","extension":[${nested}]}`]
    await writeFile(join(folder, 'Patient.000.ndjson'), `${lines.join('\n')}\n`)
  })
  expect(counts(outcome)).toEqual([['Patient', 2, 1, 1, false]])
  expect(outcome.quarantine).toMatchObject([{ line: 2, reason: expect.stringMatching(/^depth/) }])
  expect(outcome.memory).toBeLessThan(bound)
})

test('10,000 distinct extensions', async () => {
  const outcome = await loaded(async (folder) => {
    const lines = Array.from({ length: 10_000 }, (_, n) => {
      const extension = [{ url: `https://example.org/extension/${n}`, valueString: String(n) }]
      return JSON.stringify({ resourceType: 'Patient', id: `p${n}`, extension })
    })
    await writeFile(join(folder, 'Patient.000.ndjson'), `${lines.join('\n')}\n`)
  })
  expect(counts(outcome)).toEqual([['Patient', 10_000, 10_000, 0, true]])
  expect(outcome.memory).toBeLessThan(bound)
})

test('thousands of files with a line each, and names of elements that nobody knows', async () => {
  const types = ['Patient', 'Condition', 'Observation', 'Encounter']
  const outcome = await loaded(async (folder) => {
    for (let n = 0; n < 800; n++) {
      const type = types[n % types.length] ?? ''
      const resource = { resourceType: type, id: `r${n}`, [`never${n}`]: { [`heard${n}`]: n } }
      await writeFile(join(folder, `${type}.${n}.ndjson`), `${JSON.stringify(resource)}\n`)
    }
  })
  expect(counts(outcome)).toEqual(types.toSorted().map((type) => [type, 200, 200, 0, true]))
  expect(outcome.memory).toBeLessThan(bound)
})
