import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Spool } from './spool.ts'

async function spooled(texts: readonly (readonly [string, string])[], about: number): Promise<Record<string, string[]>> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-spool-'))
  try {
    await using spool = await Spool.open(dir, about)
    const reused = Buffer.alloc(100_000)
    for (const [key, text] of texts) await spool.add(key, reused.subarray(0, reused.write(text)))
    const found: [string, string[]][] = []
    for await (const { key, texts: own } of spool.groups()) {
      const group: string[] = []
      for await (const text of own) group.push(Buffer.from(text).toString())
      found.push([key, group])
    }
    expect(new Set(found.map(([key]) => key)).size).toBe(found.length)
    await spool[Symbol.asyncDispose]()
    expect(await readdir(dir)).toEqual([])
    return Object.fromEntries(found)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const grouped = (texts: readonly (readonly [string, string])[]): Record<string, string[]> =>
  Object.fromEntries(
    Array.from(
      Map.groupBy(texts, ([key]) => key),
      ([key, own]) => [key, own.map(([, text]) => text)],
    ),
  )

test('gives each key once, with its texts in their order', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.nat({ max: 90_000 }).map((length) => 'x'.repeat(length)),
  )
  const key = fc.constantFrom('a', 'b', 'é', 'c'.repeat(64), '__proto__')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(key, text), { maxLength: 60 }), fc.constantFrom(0, 1, 100_000), async (texts, about) => {
      expect(await spooled(texts, about)).toEqual(grouped(texts))
    }),
    { numRuns: 30 },
  )
})

test('holds no more than a text and 64 MB, however long the texts are', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'floe-spool-'))
  try {
    await using spool = await Spool.open(dir, 300)
    const text = Buffer.alloc(1_000_000, 'x')
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const look = (): void => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    for (let n = 0; n < 300; n++) {
      await spool.add(`p${n % 7}`, text)
      look()
    }
    let bytes = 0
    for await (const { texts } of spool.groups()) {
      for await (const one of texts) {
        bytes += one.length
        look()
      }
    }
    expect(bytes).toBe(300_000_000)
    expect(most).toBeLessThan(70_000_000)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
