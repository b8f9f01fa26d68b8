import type { Hono } from 'hono'
import type { Job } from '../../jobs/store.ts'
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
import { checkExports, checkRunning } from '../job-limits.ts'
import { limitBody } from '../limit-body.ts'
import { outcome, Refusal } from '../refusal.ts'
import { statusRoutes } from '../status-routes.ts'
import { type Level, planExport } from './kickoff.ts'
import { outputManifest } from './manifest.ts'
import { bodyParameters, merged, type Parameters, queryParameters } from './parameters.ts'
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
  statusRoutes<Job<ExportSpec>>(app, context, {
    kind: 'export',
    called: 'export job',
    letters: 'r',
    complete: (c, job) => {
      const access = fileAccess(context, c, job)
      return c.json(outputManifest(job, context.jobs.files(job.id), access), 200, { Expires: access.expires })
    },
    failed: 'The export failed.',
    gone: 'The export and its files are gone.',
  })
}

async function kickOff(context: ServerContext, c: AppContext, level: Level): Promise<Response> {
  const { jobs, worker } = context
  const caller = c.get('caller')
  // A HEAD is answered like a GET elsewhere; here it would begin an export.
  if (c.req.method === 'HEAD')
    throw new Refusal(405, 'not-supported', 'A kick-off is GET or POST.', { headers: { Allow: 'GET, POST' } })
  checkRunning(context)
  const { parameters, posted } = await parametersOf(c)
  const lenient = /\bhandling\s*=\s*"?lenient\b/i.test(c.req.header('prefer') ?? '')
  const spec = await planExport(context, { level, parameters, lenient, posted, caller })
  checkExports(context, caller.client)
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
