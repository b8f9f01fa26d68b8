import { open } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError } from './errors.ts'

export interface LockOptions {
  /** How long to wait for another writer. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

const busy = 5

/**
 * The right to write to a lake, held until disposed.
 *
 * It is the operating system's lock on an SQLite file: whoever dies, however, holds nobody up, and no process id is ever guessed
 * at. Fails with `lake-busy` (retryable) when another writer does not finish in time.
 */
export async function takeLock(file: string, { waitMs = 60_000, signal }: LockOptions = {}): Promise<Disposable> {
  await (await open(file, 'a', 0o600)).close()
  const until = Date.now() + waitMs
  for (;;) {
    signal?.throwIfAborted()
    const lock = tryLock(file)
    if (lock !== undefined) return lock
    if (Date.now() >= until) {
      throw new LakeError('lake-busy', 'Another process is writing to this lake.', {
        hint: 'Run the same command again when it is done.',
        retryable: true,
      })
    }
    await sleep(50, undefined, signal === undefined ? {} : { signal })
  }
}

function tryLock(file: string): Disposable | undefined {
  // Waiting inside SQLite would block this process, perhaps the very load that holds the lock.
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('begin exclusive')
    return { [Symbol.dispose]: () => database.close() }
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined
    throw error
  }
}
