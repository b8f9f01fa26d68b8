import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ofRawFrame, rawFrame, rawMost } from './raw-frame.ts'

test.each([0, 1, 255, 256, 257, rawMost])('a frame of %i bytes as they are', (size) => {
  const bytes = Buffer.from(Array.from({ length: size }, (_, n) => Math.imul(n, 2_654_435_761) >>> 24))
  const frame = rawFrame(bytes)
  expect(zstdDecompressSync(frame)).toEqual(bytes)
  expect(ofRawFrame(frame)).toEqual(bytes)
  for (const other of [frame.subarray(0, -1), Buffer.concat([frame, frame]), zstdCompressSync(Buffer.alloc(size + 100))])
    expect(ofRawFrame(other)).toBeUndefined()
})
