import { createHash, randomBytes } from 'node:crypto'
import { existsSync, statfsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HashedFile } from './hashed-file.ts'

const content = randomBytes(5_500_000)
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Writes in pieces that the caller overwrites as soon as `write` returned, and waits when it is told to. */
async function writeAll(file: HashedFile, bytes: Buffer): Promise<void> {
  const piece = Buffer.alloc(300_000)
  for (let from = 0, size = 1; from < bytes.length; from += size, size = (size * 5 + 3) % 299_993) {
    const copied = bytes.copy(piece, 0, from, Math.min(bytes.length, from + size))
    const waiting = file.write(piece.subarray(0, copied))
    piece.fill(0)
    await waiting
  }
}

test.each([0, 1, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20, content.length])(
  '%i bytes in pieces of any size arrive in order, copied before write returns',
  async (size) => {
    const bytes = content.subarray(0, size)
    const file = await HashedFile.open(join(folder, 'x'))
    await writeAll(file, bytes)
    expect(await file.finish()).toEqual({ bytes: size, sha256: sha256(bytes) })
    expect((await readFile(join(folder, 'x'))).equals(bytes)).toBe(true)
  },
)

test('a chunk of many blocks is taken at once', async () => {
  const file = await HashedFile.open(join(folder, 'x'))
  await file.write(content)
  expect(await file.finish()).toEqual({ bytes: content.length, sha256: sha256(content) })
  expect((await readFile(join(folder, 'x'))).equals(content)).toBe(true)
})

test.each([1, 4096, 1_000_000, 1 << 20, (2 << 20) + 17])('goes on after %i bytes, the same file in the end', async (size) => {
  const path = join(folder, 'x')
  const first = await HashedFile.open(path)
  await writeAll(first, content.subarray(0, size))
  await first.suspend()
  const replayed: Buffer[] = []
  const second = await HashedFile.reopen(path, (chunk) => replayed.push(Buffer.from(chunk)))
  expect(Buffer.concat(replayed).equals(content.subarray(0, size))).toBe(true)
  await writeAll(second, content.subarray(size))
  expect(await second.finish()).toEqual({ bytes: content.length, sha256: sha256(content) })
  expect((await readFile(path)).equals(content)).toBe(true)
})

/** Linux's device that has no room: it takes no write past the page cache either, so the way back is gone, too. */
describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  test('is told by a later write, and again at the end', async () => {
    const file = await HashedFile.open('/dev/full')
    await expect(
      (async () => {
        for (let written = 0; written < 10; written += 1) await file.write(content)
      })(),
    ).rejects.toThrow('ENOSPC')
    await expect(file.finish()).rejects.toThrow('ENOSPC')
    await file.abandon()
  })

  test('is told at the end of a small file', async () => {
    const file = await HashedFile.open('/dev/full')
    await file.write(Buffer.from('x'))
    await expect(file.finish()).rejects.toThrow('ENOSPC')
    await file.abandon()
  })
})

test('a file that is let go of can be written anew while its blocks are still under way', async () => {
  const path = join(folder, 'x')
  const first = await HashedFile.open(path)
  first.write(content)?.catch(() => {})
  await first.abandon()
  const second = await HashedFile.open(path)
  await second.write(content.subarray(0, 10))
  expect((await second.finish()).bytes).toBe(10)
  expect((await readFile(path)).equals(content.subarray(0, 10))).toBe(true)
})

const memoryFolder = '/dev/shm'
const hasMemoryFolder = existsSync(memoryFolder) && statfsSync(memoryFolder).bavail * statfsSync(memoryFolder).bsize > 16 << 20

test.skipIf(!hasMemoryFolder)('a file system in memory takes the same bytes', async () => {
  const path = join(memoryFolder, `floe-${process.pid}`)
  try {
    const file = await HashedFile.open(path)
    await writeAll(file, content)
    expect((await file.finish()).sha256).toBe(sha256(content))
    expect((await readFile(path)).equals(content)).toBe(true)
  } finally {
    await rm(path, { force: true })
  }
})
