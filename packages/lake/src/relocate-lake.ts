import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openEngine } from './engine/duckdb.ts'
import { relocate } from './iceberg/relocate.ts'
import { takeLock } from './lock.ts'
import type { LakeOptions, RelocationReceipt } from './types.ts'

/**
 * Makes a lake that was moved or copied name the folder that it lies in now; a moved lake cannot be opened before.
 *
 * @example
 * await relocateLake({ dir: './copy-of-lake' })
 */
export async function relocateLake({
  dir,
  memoryLimit = '1GB',
}: Pick<LakeOptions, 'dir' | 'memoryLimit'>): Promise<RelocationReceipt> {
  const tempDir = join(dir, 'tmp', `${process.pid}-${randomBytes(4).toString('hex')}`)
  using _ = await takeLock(join(dir, 'lock.db'))
  try {
    await using engine = await openEngine({ tempDir, memoryLimit })
    return await relocate(join(dir, 'catalog.db'), engine)
  } finally {
    await rm(tempDir, { recursive: true, force: true })
  }
}
