import { setTimeout as delay } from 'node:timers/promises'
import { BulkError } from '../errors.ts'

/** Clock and chance, passed in so that tests of long waits take no time. */
export interface Timing {
  /** Milliseconds since 1970. */
  now(): number
  /** Waits; rejects with `interrupted` when the signal fires. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>
  /** In [0, 1). */
  random(): number
}

/** Timers of Node fire at once beyond this. */
const longestTimer = 2 ** 31 - 1

export const systemTiming: Timing = {
  now: () => Date.now(),
  random: () => Math.random(),
  async sleep(ms, signal) {
    try {
      await delay(Math.min(ms, longestTimer), undefined, signal === undefined ? {} : { signal })
    } catch (cause) {
      throw new BulkError({ code: 'interrupted', message: 'interrupted', retryable: true, cause })
    }
  },
}
