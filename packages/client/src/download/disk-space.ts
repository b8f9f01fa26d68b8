import { statfs } from 'node:fs/promises'
import { BulkError } from '../errors.ts'
import type { Timing } from '../http/timing.ts'

export interface DiskSpaceOptions {
  folder: string
  /** Bytes that stay free. */
  reserve: number
  timing: Timing
}

/** How long an answer of the disk holds for small files: 20,000 of them need not ask 20,000 times. */
const holdsMs = 500
const smallBytes = 16 << 20

/** Stops before the disk is full: a disk that is full also stops the log and the state. */
export class DiskSpace {
  readonly #options: DiskSpaceOptions
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(options: DiskSpaceOptions) {
    this.#options = options
  }

  /** Rejects unless the disk has room for these bytes and the reserve. File systems that cannot tell are trusted. */
  async ensure(bytes: number): Promise<void> {
    const { folder, reserve, timing } = this.#options
    if (bytes <= smallBytes && timing.now() - this.#askedAt < holdsMs) return
    const disk = await statfs(folder).catch(() => undefined)
    this.#askedAt = timing.now()
    if (disk === undefined || disk.blocks === 0) return
    const free = disk.bavail * disk.bsize
    if (free >= bytes + reserve) return
    const megabytes = (size: number): string => `${Math.ceil(size / 1e6)} MB`
    throw new BulkError({
      code: 'download-failed',
      message: `the disk has ${megabytes(free)} left; the next file needs ${megabytes(bytes)}, and ${megabytes(reserve)} stay free`,
      retryable: true,
      hint: 'Free some space.',
    })
  }
}
