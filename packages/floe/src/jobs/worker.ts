import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, JobStore } from './store.ts'

export interface WorkerOptions {
  readonly jobs: JobStore
  /** Does the rest of a job, whatever was done before; ends it in the store itself. */
  readonly run: (job: Job, signal: AbortSignal) => Promise<void>
  /** What to do with a job whose run threw. */
  readonly failed: (job: Job, error: unknown) => void
  /** Jobs at the same time. */
  readonly concurrency: number
}

/** Runs the jobs of the store, oldest first. Whatever ends it, the next one goes on with what is unfinished. */
export interface Worker {
  /** Looks for work. */
  wake(): void
  /** Stops one job, and resolves when nothing of it runs. */
  cancel(id: string): Promise<void>
  /** Stops all; their jobs stay unfinished. */
  stop(): Promise<void>
}

const attempts = 5

export function startWorker({ jobs, run, failed, concurrency }: WorkerOptions): Worker {
  const running = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>()
  let stopped = false
  const wake = (): void => {
    if (stopped) return
    for (const job of jobs.unfinished()) {
      if (running.size >= concurrency) return
      if (running.has(job.id)) continue
      const controller = new AbortController()
      jobs.start(job.id)
      const done = persist(job, controller.signal).finally(() => {
        running.delete(job.id)
        wake()
      })
      running.set(job.id, { controller, done })
    }
  }
  const persist = async (job: Job, signal: AbortSignal): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await run(job, signal)
        return
      } catch (error) {
        if (signal.aborted) return
        const again = (error as { retryable?: unknown } | undefined)?.retryable === true && attempt < attempts
        if (!again) {
          failed(job, error)
          return
        }
        await sleep(250 * 2 ** attempt, undefined, { signal }).catch(() => undefined)
      }
    }
  }
  return {
    wake,
    cancel: async (id) => {
      const one = running.get(id)
      one?.controller.abort(new Error('cancelled'))
      await one?.done
    },
    stop: async () => {
      stopped = true
      for (const { controller } of running.values()) controller.abort(new Error('the server stops'))
      await Promise.all(Array.from(running.values(), ({ done }) => done))
    },
  }
}
