import { setTimeout as wait } from 'node:timers/promises'
import { LakeError } from '../errors.ts'
import type { Catalog } from './catalog.ts'
import type { StagedChange } from './stage.ts'

export interface CommitRetry {
  /** Attempts after the first; Iceberg's `commit.retry.num-retries`. */
  readonly retries?: number
  /** First and longest wait (`commit.retry.min-wait-ms`, `…max-wait-ms`), in ms; each wait doubles, with jitter. */
  readonly minWait?: number
  readonly maxWait?: number
  /** All attempts together (`commit.retry.total-timeout-ms`). */
  readonly totalTime?: number
  readonly signal?: AbortSignal
  readonly random?: () => number
}

/**
 * Plans, stages and commits; on a conflict again from the start.
 *
 * `plan` gets the number of the attempt and must read the tables anew each time. An append may stage the same data files again;
 * who looked for rows by key (upsert, delete) has to look again, because the other writer may have brought the same keys.
 */
export async function commitWithRetry(
  catalog: Catalog,
  plan: (attempt: number) => Promise<readonly StagedChange[]>,
  { retries = 4, minWait = 100, maxWait = 60_000, totalTime = 1_800_000, signal, random = Math.random }: CommitRetry = {},
): Promise<readonly StagedChange[]> {
  const deadline = performance.now() + totalTime
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted()
    try {
      const changes = await plan(attempt)
      await catalog.commit(changes)
      return changes
    } catch (error) {
      const conflict = error instanceof LakeError && error.code === 'lake-conflict'
      if (!conflict || attempt >= retries || performance.now() > deadline) throw error
    }
    const longest = Math.min(maxWait, minWait * 2 ** attempt)
    await wait(longest * (0.5 + random() / 2), undefined, signal === undefined ? {} : { signal })
  }
}
