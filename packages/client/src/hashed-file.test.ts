import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HashedFile } from './hashed-file.ts'

const content = randomBytes(1_500_000)

/** A slow disk is one whose every write takes longer by the clock; from then on the thread pool writes, in the same order. */
test.each([
  ['a fast disk', 0],
  ['a slow disk', 1000],
])('pieces of any size reach %s in order, copied before write returns', async (_name, millis) => {
  const folder = await mkdtemp(join(tmpdir(), 'floe-'))
  try {
    let clock = 0
    const file = await HashedFile.open(join(folder, 'x'), () => {
      clock += millis
      return clock
    })
    const waits: (Promise<void> | undefined)[] = []
    const piece = Buffer.alloc(300_000)
    for (let from = 0, size = 1; from < content.length; from += size, size = (size * 5 + 3) % 299_993) {
      const copied = content.copy(piece, 0, from, Math.min(content.length, from + size))
      waits.push(file.write(piece.subarray(0, copied)))
      piece.fill(0)
    }
    const done = await file.finish()
    expect(waits.some((waiting) => waiting !== undefined)).toBe(millis > 0)
    expect(done).toEqual({ bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') })
    expect((await readFile(join(folder, 'x'))).equals(content)).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})
