import type { Job } from '../jobs/store.ts'
import type { ServerContext } from './context.ts'

/** How far running jobs are, between 0 and 1, and since when it is known; of a job taken up again the finished units tell until the first new line. */
const fractions = new Map<string, { readonly fraction: number; readonly since: number }>()

/** Progress never goes back. */
export function noteProgress(job: string, fraction: number): void {
  const known = fractions.get(job)
  if (known === undefined) fractions.set(job, { fraction, since: Date.now() })
  else if (fraction > known.fraction) fractions.set(job, { ...known, fraction })
}

export function endProgress(job: string): void {
  fractions.delete(job)
}

/** Percent of rows read, and when to ask again by the pace so far. */
export function progressHeaders({ jobs, now }: Pick<ServerContext, 'jobs' | 'now'>, job: Job): Record<string, string> {
  const known = fractions.get(job.id)
  const units = known === undefined ? jobs.units(job.id) : []
  const weight = units.reduce((sum, unit) => sum + unit.weight, 0)
  const done = units.filter((unit) => unit.done).reduce((sum, unit) => sum + unit.weight, 0)
  const fraction = known?.fraction ?? (weight === 0 ? 0 : done / weight)
  const elapsed = (now().getTime() - (known?.since ?? now().getTime())) / 1000
  const remaining = fraction <= 0 ? 1 : (elapsed * (1 - fraction)) / fraction
  return {
    'X-Progress': job.state === 'queued' ? 'queued' : `${Math.floor(Math.min(fraction, 0.99) * 100)}%`,
    'Retry-After': String(Math.min(120, Math.max(1, Math.ceil(remaining / 2)))),
  }
}
