import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** `NAME.part` becomes NAME: on disk, hashed, and only then there. */
export async function sealFile(dir: string, name: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const part = join(dir, `${name}.part`)
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(part, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  await using handle = await open(part, 'r+')
  await handle.chmod(0o600)
  await handle.sync()
  await rename(part, join(dir, name))
  return { bytes, sha256: hash.digest('hex') }
}

export async function dropPart(dir: string, name: string): Promise<void> {
  await rm(join(dir, `${name}.part`), { force: true })
}
