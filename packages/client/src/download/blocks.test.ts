import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BlockWriter, blockBytes, takeBlock } from './blocks.ts'

/** Memory that begins anywhere is what Linux refuses to write past its page cache: each block then goes the other way. */
test.each([
  ['memory of its own', takeBlock],
  ['memory that the system refuses', () => Buffer.allocUnsafeSlow(blockBytes + 8).subarray(8)],
])('blocks of %s come to their places, whichever is first', async (_name, make) => {
  const folder = await mkdtemp(join(tmpdir(), 'floe-'))
  try {
    const path = join(folder, 'x')
    const content = randomBytes(4 * blockBytes + 100)
    const fd = openSync(path, 'w', 0o600)
    const writer = new BlockWriter(path, fd)
    const part = (at: number): Buffer => {
      const block = make()
      content.copy(block, 0, at * blockBytes)
      return block
    }
    await Promise.all([3, 1, 2, 0].map((at) => writer.write(part(at), blockBytes, at * blockBytes)))
    writer.writeRest(part(4), 100, 4 * blockBytes)
    writer.close()
    closeSync(fd)
    expect((await readFile(path)).equals(content)).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})
