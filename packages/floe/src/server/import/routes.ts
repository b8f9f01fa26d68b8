import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pin } from '@floe/lake'
import type { Hono } from 'hono'
import type { Job } from '../../jobs/store.ts'
import { allowed } from '../auth/scopes.ts'
import type { Caller } from '../auth/tokens.ts'
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
import { checkImports, checkRunning } from '../job-limits.ts'
import { limitBody } from '../limit-body.ts'
import { insufficientScope, outcome, Refusal } from '../refusal.ts'
import { statusRoutes } from '../status-routes.ts'
import { holdsType } from './modes.ts'
import { readRequest } from './request.ts'
import type { ImportInput, ImportMode, ImportResult, ImportSpec } from './spec.ts'
import { takeBody, takeMultipart } from './upload.ts'

const maxManifest = 1024 * 1024

/** `$import` and the status of its jobs. */
export function importRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  const limit = limitBody(maxManifest)
  app.post(
    '/fhir/$import',
    (c, next) => (kindOf(c) === 'manifest' ? limit(c, next) : next()),
    (c) => kickOff(context, c),
  )
  statusRoutes<Job<ImportSpec, ImportResult>>(app, context, {
    kind: 'import',
    called: 'import job',
    letters: 'c',
    complete: (c, job) => manifest(context, c, job),
    failed: 'The import failed.',
    gone: 'The import job is gone; what it had published stays.',
    tidy: ({ spec }) => rm(join(context.jobsDir, spec.stage), { recursive: true, force: true }),
  })
}

type BodyKind = 'manifest' | 'multipart' | 'ndjson' | undefined

function kindOf(c: AppContext): BodyKind {
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/json' || type === 'application/fhir+json') return 'manifest'
  if (type === 'multipart/form-data') return 'multipart'
  return ['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson', 'ndjson'].includes(type) ? 'ndjson' : undefined
}

async function kickOff(context: ServerContext, c: AppContext): Promise<Response> {
  const { jobs, jobsDir, settings } = context
  checkRunning(context)
  const caller = c.get('caller')
  const kind = kindOf(c)
  if (kind === undefined)
    throw new Refusal(415, 'not-supported', 'The body is JSON, multipart/form-data or application/fhir+ndjson.')
  const stage = `stage-${randomBytes(16).toString('hex')}`
  if (kind !== 'manifest') mayImport(caller, [undefined])
  checkImports(context)
  const dir = join(jobsDir, stage)
  try {
    const { inputs, mode } = await askedFor(context, c, kind, dir)
    mayImport(
      caller,
      inputs.map(({ type }) => type),
      mode === 'overwrite' ? 'cud' : 'cu',
    )
    const pin = mode === 'merge' ? undefined : await context.provider.pin()
    if (mode === 'error' && pin !== undefined) await needEmpty(context, pin, inputs)
    const types = [...new Set(inputs.flatMap(({ type }) => type ?? []))]
    const mayDelete = everywhere(caller, 'd')
    const from = addressOf(c)
    const access = { types, group: undefined, ...(from === undefined ? {} : { from }) }
    const spec: ImportSpec = { access, mode, ...(pin === undefined ? {} : { pin }), inputs, stage, mayDelete }
    const job = jobs.create({ kind: 'import', client: caller.client, request: requestUrl(context, c), spec })
    recordFor(context, c, {
      what: 'import',
      action: 'C',
      outcome: '0',
      description: 'import kick-off',
      counts: { inputs: inputs.length },
    })
    context.worker().wake()
    return c.json(outcome('informational', 'The import has begun.', 'information'), 202, {
      'Content-Location': `${originOf(context, c)}/fhir/$import-status/${job.id}`,
      'Content-Type': 'application/fhir+json',
    })
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    if (kind !== 'manifest' && !(error instanceof Refusal) && settings.maxImport > 0 && c.env.incoming.destroyed) {
      throw new Refusal(400, 'invalid', 'The body ended too early.')
    }
    throw error
  }
}

async function askedFor(
  context: ServerContext,
  c: AppContext,
  kind: NonNullable<BodyKind>,
  dir: string,
): Promise<{ readonly inputs: readonly ImportInput[]; readonly mode: ImportMode }> {
  const { maxImport } = context.settings
  if (kind === 'multipart') return { inputs: await takeMultipart(c.env.incoming, dir, maxImport), mode: 'merge' }
  if (kind === 'ndjson') return { inputs: await takeBody(c.env.incoming, dir, maxImport), mode: 'merge' }
  let body: unknown
  try {
    body = JSON.parse(await c.req.text())
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(400, 'invalid', 'The body is not valid JSON.')
  }
  return readRequest(body, context)
}

/** What is known at the kick-off is refused there; the job looks again. */
async function needEmpty({ provider }: ServerContext, pin: Pin, inputs: readonly ImportInput[]): Promise<void> {
  for (const type of new Set(inputs.flatMap((input) => input.type ?? []))) {
    if (await holdsType(provider, pin, type)) throw new Refusal(409, 'conflict', `The lake holds ${type} already.`)
  }
}

/**
 * `system/Type.cu` for every declared type, `system/*.cu` where the lines tell (C.3). A scope with a search gives no right to
 * write.
 */
function mayImport(caller: Caller, types: readonly (string | undefined)[], letters = 'cu'): void {
  // A Group that it wrote itself would make every patient its own.
  if (caller.groups !== undefined) throw new Refusal(403, 'forbidden', 'A client that is bound to Groups imports nothing.')
  for (const type of new Set(types)) {
    const right = type === undefined || type === 'Bundle' ? everywhere(caller, letters) : writes(caller, type, letters)
    if (!right) throw insufficientScope(`The token gives no right to import ${type ?? 'every type'}.`)
  }
}

function writes({ scopes }: Caller, type: string, letters: string): boolean {
  const right = allowed(scopes, type, letters)
  return right.ok && right.queries === undefined
}

function everywhere({ scopes }: Caller, letters: string): boolean {
  return scopes.some(
    ({ type, query, letters: own }) => type === '*' && query === undefined && [...letters].every((one) => own.includes(one)),
  )
}

function manifest(context: ServerContext, c: AppContext, job: Job<ImportSpec, ImportResult>): Response {
  const { urlOf, requiresAccessToken, expires } = fileAccess(context, c, job)
  const { output, error } = job.result ?? { output: [], error: [] }
  const body = {
    transactionTime: job.transactionTime ?? job.createdAt,
    request: job.request,
    requiresAccessToken,
    output: output.map(({ type, ...rest }) => ({ ...(type === null ? {} : { type }), ...rest })),
    error: error.map(({ file, type, ...rest }) => ({ ...(type === null ? {} : { type }), ...rest, url: urlOf(file) })),
  }
  return c.json(body, 200, { Expires: expires })
}
