import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unpack } from './archive.ts'
import type { Compression } from './types.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-archive-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

// Lines that do not compress to nothing, so that a cut in the middle of the archive is one in the middle of the text.
let state = 1
const noise = (): string => {
  state = (state * 48271) % 2147483647
  return state.toString(36)
}
const text = Buffer.from(Array.from({ length: 60_000 }, (_, id) => `{"id":"${id}","x":"${noise()}${noise()}"}\n`).join(''))

/** `pause`: milliseconds between two steps, so that the reader lags behind. */
async function read(bytes: Buffer, compression: Compression, pause = 0): Promise<{ end: string; out: Buffer; packed: number }> {
  const path = join(dir, 'file')
  await writeFile(path, bytes)
  await using file = await open(path)
  const out: Buffer[] = []
  let packed = 0
  const unpacking = unpack(file, compression, (piece) => {
    packed += piece.length
  })
  for (;;) {
    const step = await unpacking.next()
    if (step.done) return { end: step.value, out: Buffer.concat(out), packed }
    out.push(step.value)
    if (pause > 0) await setTimeout(pause)
  }
}

const packers = {
  gzip: gzipSync,
  zstd: (bytes: Buffer) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
}

describe.each(['gzip', 'zstd'] as const)('%s', (compression) => {
  const pack = packers[compression]
  const packed = pack(text)

  test('a whole archive, and several in one file', async () => {
    expect(await read(packed, compression)).toEqual({ end: 'whole', out: text, packed: packed.length })
    const double = Buffer.concat([packed, pack(Buffer.alloc(0)), packed])
    expect((await read(double, compression)).out.equals(Buffer.concat([text, text]))).toBe(true)
  })

  test('an empty file is whole', async () => {
    expect(await read(Buffer.alloc(0), compression)).toEqual({ end: 'whole', out: Buffer.alloc(0), packed: 0 })
    expect((await read(pack(Buffer.alloc(0)), compression)).end).toBe('whole')
  })

  test.each([0.25, 0.5, 0.999])('cut after %f of its bytes: what is before the cut is given', async (part) => {
    const { end, out } = await read(packed.subarray(0, Math.floor(packed.length * part)), compression)
    expect(end).toBe('truncated')
    expect(out.equals(text.subarray(0, out.length))).toBe(true)
    expect(out.length / text.length).toBeGreaterThan(part - 0.1)
    const again = await read(packed.subarray(0, Math.floor(packed.length * part)), compression, 5)
    expect(again.out.length).toBe(out.length)
  })

  test('cut inside the second of two archives', async () => {
    const { end, out } = await read(Buffer.concat([packed, packed.subarray(0, 1000)]), compression)
    expect(end).toBe('truncated')
    expect(out.subarray(0, text.length).equals(text)).toBe(true)
  })

  test('bytes behind the end that are no archive: nothing is lost', async () => {
    const { end, out } = await read(Buffer.concat([packed, Buffer.from('hello world')]), compression)
    expect(end).toBe('damaged')
    expect(out.equals(text)).toBe(true)
  })

  test('damaged in the middle', async () => {
    const broken = Buffer.from(packed)
    broken.fill(0xa5, broken.length >> 1, (broken.length >> 1) + 40)
    const { end, out } = await read(broken, compression)
    expect(end).toBe('damaged')
    expect((await read(broken, compression, 5)).out.length).toBe(out.length)
    expect(out.length).toBeGreaterThan(text.length / 4)
  })
})

test('zstd frames without data are passed over', async () => {
  const note = Buffer.alloc(8 + 5)
  note.writeUInt32LE(0x184d2a53, 0)
  note.writeUInt32LE(5, 4)
  const { end, out } = await read(Buffer.concat([note, zstdCompressSync(Buffer.from('a')), note]), 'zstd')
  expect([end, out.toString()]).toEqual(['whole', 'a'])
})

test('a bomb is unpacked in pieces', async () => {
  const path = join(dir, 'bomb')
  await writeFile(path, gzipSync(Buffer.alloc(64 << 20)))
  await using file = await open(path)
  let largest = 0
  let total = 0
  for await (const chunk of unpack(file, 'gzip', () => {})) {
    largest = Math.max(largest, chunk.length)
    total += chunk.length
  }
  expect([largest <= 256 * 1024, total]).toEqual([true, 64 << 20])
})
