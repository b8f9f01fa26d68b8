import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job } from '../jobs/store.ts'
import type { ServerContext } from './context.ts'
import { jobCounter } from './metrics.ts'

/** Stops a job and takes its files away. */
export async function removeJob(context: ServerContext, job: Job): Promise<void> {
  const unfinished = job.state === 'queued' || job.state === 'running'
  // The row goes first: from here on nobody finds the job, whatever happens next.
  context.jobs.remove(job.id)
  await context.worker().cancel(job.id)
  await rm(join(context.jobsDir, job.id), { recursive: true, force: true })
  if (unfinished) jobCounter(context.metrics, job.kind).inc({ status: 'cancelled' })
}
