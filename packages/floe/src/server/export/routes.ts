import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hono } from 'hono'
import type { Job } from '../../jobs/store.ts'
import { needScopes, ownJob } from '../access.ts'
import {
  type AppContext,
  type AppEnv,
  addressOf,
  fileAccess,
  originOf,
  recordFor,
  requestUrl,
  type ServerContext,
} from '../context.ts'
import { limitBody } from '../limit-body.ts'
import { jobCounter } from '../metrics.ts'
import { pollLimit } from '../polls.ts'
import { outcome, Refusal } from '../refusal.ts'
import { type Level, planExport } from './kickoff.ts'
import { outputManifest } from './manifest.ts'
import { bodyParameters, merged, type Parameters, queryParameters } from './parameters.ts'
import { progressOf } from './progress.ts'
import type { ExportSpec } from './spec.ts'

const maxBody = 1024 * 1024

/** `$export` at its four levels, and the status of its jobs. */
export function exportRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  const limit = limitBody(maxBody)
  const levels: readonly [string, (c: AppContext) => Level][] = [
    ['/fhir/$export', () => ({ kind: 'system' })],
    ['/fhir/Patient/$export', () => ({ kind: 'patients' })],
    ['/fhir/Group/:id/$export', (c) => ({ kind: 'group', id: c.req.param('id') ?? '' })],
    ['/fhir/Patient/:id/$export', (c) => ({ kind: 'patient', id: c.req.param('id') ?? '' })],
  ]
  for (const [path, level] of levels) app.on(['GET', 'POST'], path, limit, (c) => kickOff(context, c, level(c)))
  const poll = pollLimit(() => context.now().getTime())
  app.get('/fhir/$export-status/:job', async (c) => {
    const job = await ownJob<ExportSpec>(context, c, ['export'])
    poll(job.id)
    needScopes(c.get('caller'), job.spec.access, job.spec.access.types, 'r')
    return status(context, c, job)
  })
  app.delete('/fhir/$export-status/:job', async (c) => {
    const job = await ownJob<ExportSpec>(context, c, ['export'])
    needScopes(c.get('caller'), job.spec.access, job.spec.access.types, 'r')
    await removeJob(context, job)
    recordFor(context, c, { what: 'delete', action: 'D', outcome: '0', description: 'export job' })
    return c.json(outcome('informational', 'The export and its files are gone.', 'information'), 202)
  })
}

async function kickOff(context: ServerContext, c: AppContext, level: Level): Promise<Response> {
  const { jobs, worker } = context
  const caller = c.get('caller')
  // A HEAD is answered like a GET elsewhere; here it would begin an export.
  if (c.req.method === 'HEAD')
    throw new Refusal(405, 'not-supported', 'A kick-off is GET or POST.', { headers: { Allow: 'GET, POST' } })
  const { parameters, posted } = await parametersOf(c)
  const lenient = /\bhandling\s*=\s*"?lenient\b/i.test(c.req.header('prefer') ?? '')
  const spec = await planExport(context, { level, parameters, lenient, posted, caller })
  checkLimits(context, caller.client)
  const { transactionTime } = spec.pin
  const from = addressOf(c)
  const access = { ...spec.access, ...(from === undefined ? {} : { from }) }
  const request = requestUrl(context, c)
  const job = jobs.create({ kind: 'export', client: caller.client, request, spec: { ...spec, access }, transactionTime })
  recordFor(context, c, {
    what: 'kick-off',
    action: 'E',
    outcome: '0',
    description: `${level.kind} export of ${spec.types.join(', ')}`,
    query: job.request,
    ...(level.kind === 'group' ? { reference: `Group/${level.id}` } : {}),
    ...(level.kind === 'patient' ? { reference: `Patient/${level.id}` } : {}),
  })
  worker().wake()
  const place = `${originOf(context, c)}/fhir/$export-status/${job.id}`
  return c.json(outcome('informational', 'The export has begun.', 'information'), 202, {
    'Content-Location': place,
    'Content-Type': 'application/fhir+json',
  })
}

async function parametersOf(c: AppContext): Promise<{ parameters: Parameters; posted: boolean }> {
  const query = queryParameters(new URL(c.req.url).searchParams)
  if (c.req.method !== 'POST') return { parameters: query, posted: false }
  const text = await c.req.text()
  if (text.trim() === '') return { parameters: query, posted: false }
  if (!/^application\/(fhir\+)?json\b/i.test(c.req.header('content-type') ?? '')) {
    throw new Refusal(415, 'not-supported', 'The body must be a Parameters resource as application/fhir+json.')
  }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new Refusal(400, 'invalid', 'The body is not valid JSON.')
  }
  return { parameters: merged(query, bodyParameters(body)), posted: true }
}

/** Exports that are not finished, over all and of this client (CONTRACT §5.3). */
export function checkLimits({ jobs, settings }: ServerContext, client: string): void {
  const active = jobs.unfinished().filter(({ kind }) => kind !== 'import')
  const own = active.filter((job) => job.client === client)
  if (active.length >= settings.maxExports || own.length >= settings.maxExportsPerClient) {
    throw new Refusal(429, 'throttled', 'Too many exports are running.', { headers: { 'Retry-After': '10' } })
  }
}

function status(context: ServerContext, c: AppContext, job: Job<ExportSpec>): Response {
  if (job.state === 'failed') throw new Refusal(500, 'exception', job.error ?? 'The export failed.')
  if (job.state === 'complete') {
    const files = context.jobs.files(job.id)
    const access = fileAccess(context, c, job)
    return c.json(outputManifest(job, files, access), 200, { Expires: access.expires })
  }
  return c.body(null, 202, progressHeaders(context, job))
}

/** Percent of rows read, and when to ask again by the pace so far. */
export function progressHeaders({ jobs, now }: ServerContext, job: Job): Record<string, string> {
  const known = progressOf(job.id)
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

/** Stops a job and takes its files away. */
export async function removeJob(context: ServerContext, job: Job): Promise<void> {
  const unfinished = job.state === 'queued' || job.state === 'running'
  // The row goes first: from here on nobody finds the job, whatever happens next.
  context.jobs.remove(job.id)
  await context.worker().cancel(job.id)
  await rm(join(context.jobsDir, job.id), { recursive: true, force: true })
  if (unfinished) jobCounter(context.metrics, job.kind).inc({ status: 'cancelled' })
}
