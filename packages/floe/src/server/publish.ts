import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Hono } from 'hono'
import type { Job } from '../jobs/store.ts'
import { allowed } from './auth/scopes.ts'
import { type AppContext, type AppEnv, originOf, recordFor, requestUrl, type ServerContext } from './context.ts'
import { planExport } from './export/kickoff.ts'
import { outputManifest } from './export/manifest.ts'
import type { ExportSpec } from './export/spec.ts'
import { checkRunning } from './job-limits.ts'
import { Refusal } from './refusal.ts'

/** How long a request waits for the files of a new state before it is told to come back. */
const patienceMs = 30_000

/**
 * `GET /fhir/$bulk-publish`: a manifest of the lake's present state with files that are never rewritten under one address (Bulk
 * Data v4).
 *
 * The files of a state are written once per client; while the lake stays as it is the same manifest comes again, by its ETag.
 */
export function publishRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  app.get('/fhir/$bulk-publish', async (c) => {
    const caller = c.get('caller')
    const spec = await planExport(context, {
      level: { kind: 'system' },
      parameters: new Map(),
      lenient: false,
      posted: false,
      caller,
    })
    const state = createHash('sha256')
      .update(JSON.stringify([spec.pin.tables, spec.types, spec.selection]))
      .digest('hex')
    const job = await published(context, c, spec, state)
    const etag = `"${createHash('sha256').update(job.id).digest('hex').slice(0, 32)}"`
    const headers = { ETag: etag, 'Cache-Control': 'private, max-age=5', Expires: new Date(job.expiresAt).toUTCString() }
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
    // Its body must stay the same while the lake does: no signatures with a time in them.
    const urlOf = (name: string): string => `${originOf(context, c)}/fhir/$export-file/${job.id}/${name}`
    const {
      request: _,
      error,
      ...manifest
    } = outputManifest(job, context.jobs.files(job.id), { urlOf, requiresAccessToken: !context.settings.open })
    recordFor(context, c, { what: 'status', action: 'R', outcome: '0', description: '$bulk-publish' })
    return c.json({ ...manifest, outcome: error }, 200, headers)
  })
}

interface PublishSpec extends ExportSpec {
  /** Which state of the lake, of which types. */
  readonly publishes: string
}

async function published(context: ServerContext, c: AppContext, spec: ExportSpec, state: string): Promise<Job<PublishSpec>> {
  const { jobs, worker, now, settings, drain } = context
  const { client, scopes } = c.get('caller')
  if (!spec.types.every((type) => allowed(scopes, type, 'r').ok))
    throw new Refusal(403, 'forbidden', 'The token gives no access.')
  const mine = (job: Job): job is Job<PublishSpec> =>
    job.client === client && (job.spec as Partial<PublishSpec>).publishes === state
  const [known] = jobs.all('export', client, now().getTime()).filter(mine).toReversed()
  let job = known === undefined || known.state === 'failed' ? undefined : known
  if (job === undefined) {
    checkRunning(context)
    if (jobs.unfinished('export').length >= settings.maxExports) {
      throw new Refusal(429, 'throttled', 'Too many exports are running.', { headers: { 'Retry-After': '10' } })
    }
    const { transactionTime } = spec.pin
    job = jobs.create({
      kind: 'export',
      client,
      request: requestUrl(context, c),
      spec: { ...spec, publishes: state },
      transactionTime,
    }) as Job<PublishSpec>
    worker().wake()
  }
  for (const until = Date.now() + patienceMs; Date.now() < until && !drain.stopping(); ) {
    const present = jobs.find(job.id, now().getTime()) as Job<PublishSpec> | undefined
    if (present?.state === 'complete') return present
    if (present === undefined || present.state === 'failed')
      throw new Refusal(500, 'exception', 'The files could not be written.')
    await sleep(50)
  }
  throw new Refusal(503, 'transient', 'The files are being written.', { headers: { 'Retry-After': '10' } })
}
