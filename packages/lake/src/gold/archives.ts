import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { frameOf, zstdInput } from '@floe/client/ndjson'
import { compressionOf, pieces, unpack } from '../bronze/archive.ts'
import { LakeError } from '../errors.ts'

/**
 * Refuses compressed files that were cut short or damaged: the engine takes what there is of them for all, and says nothing.
 * zstd tells the sizes of its blocks, so nothing is unpacked for that; gzip does not.
 */
export async function checkArchives(paths: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  for (const path of paths) {
    signal?.throwIfAborted()
    const compression = compressionOf(path)
    if (compression === 'none') continue
    const end = compression === 'zstd' ? await zstdEnd(path) : await gzipEnd(path)
    if (end === 'whole') continue
    const said = end === 'truncated' ? 'was cut short: its end is missing' : 'is damaged: it cannot be unpacked'
    throw new LakeError('file-unreadable', `${basename(path)} ${said}`)
  }
}

async function zstdEnd(path: string): Promise<string> {
  await using file = await open(path)
  const source = zstdInput(pieces(file))
  while (await source.more()) {
    for await (const _ of frameOf(source)) {
      // Sizes only.
    }
    if (source.end !== 'whole') return source.end
  }
  return 'whole'
}

async function gzipEnd(path: string): Promise<string> {
  await using file = await open(path)
  const contents = unpack(file, 'gzip', () => {})
  for (;;) {
    const { done, value } = await contents.next()
    if (done) return value
  }
}
