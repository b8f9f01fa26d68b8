import type { Hono } from 'hono'
import type { Job, JobKind } from '../jobs/store.ts'
import { type JobAccess, needScopes, ownJob } from './access.ts'
import { type AppContext, type AppEnv, recordFor, type ServerContext } from './context.ts'
import { progressHeaders } from './job-progress.ts'
import { pollLimit } from './polls.ts'
import { outcome, Refusal } from './refusal.ts'
import { removeJob } from './remove-job.ts'

export interface StatusRoutes<J extends Job<{ readonly access: JobAccess }>> {
  readonly kind: JobKind
  /** What the audit trail calls a job of this kind. */
  readonly called: string
  /** Scope letters that a caller needs for the types of a job. */
  readonly letters: 'r' | 'c'
  /** The answer of a job that is complete. */
  readonly complete: (c: AppContext, job: J) => Response
  /** What is told of a job that failed without a message. */
  readonly failed: string
  /** What is told of a job that was taken away. */
  readonly gone: string
  /** Takes away what else a job left. */
  readonly tidy?: (job: J) => Promise<void>
}

/** `GET|DELETE /fhir/$KIND-status/{job}`: how far a job of the caller is, and its end. */
export function statusRoutes<J extends Job<{ readonly access: JobAccess }>>(
  app: Hono<AppEnv>,
  context: ServerContext,
  { kind, called, letters, complete, failed, gone, tidy }: StatusRoutes<J>,
): void {
  const path = `/fhir/$${kind}-status/:job`
  const poll = pollLimit(() => context.now().getTime())
  app.get(path, async (c) => {
    const job = (await ownJob(context, c, [kind])) as J
    poll(job.id)
    needScopes(c.get('caller'), job.spec.access, job.spec.access.types, letters)
    if (job.state === 'failed') throw new Refusal(500, 'exception', job.error ?? failed)
    return job.state === 'complete' ? complete(c, job) : c.body(null, 202, progressHeaders(context, job))
  })
  app.delete(path, async (c) => {
    const job = (await ownJob(context, c, [kind])) as J
    needScopes(c.get('caller'), job.spec.access, job.spec.access.types, letters)
    await removeJob(context, job)
    await tidy?.(job)
    recordFor(context, c, { what: 'delete', action: 'D', outcome: '0', description: called })
    return c.json(outcome('informational', gone, 'information'), 202)
  })
}
