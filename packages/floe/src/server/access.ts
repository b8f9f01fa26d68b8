import type { Context, Next } from 'hono'
import type { Job, JobKind } from '../jobs/store.ts'
import { allowed } from './auth/scopes.ts'
import { anonymous, type Caller, callerOf } from './auth/tokens.ts'
import { type AppContext, type AppEnv, recordFor, type ServerContext } from './context.ts'
import { insufficientScope, notFound, Refusal } from './refusal.ts'

/** Who asks: the owner of the bearer token, or everybody on an open server. */
export function authenticate(context: ServerContext): (c: Context<AppEnv>, next: Next) => Promise<void> {
  return async (c, next) => {
    c.set('caller', context.settings.open ? anonymous : bearer(context, c.req.header('authorization')))
    await next()
  }
}

export function bearer({ control, now }: ServerContext, header: string | undefined): Caller {
  if (header === undefined) throw unauthorized('This server wants an access token.', 'Bearer')
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header.trim())?.[1]
  const caller = token === undefined ? undefined : callerOf(control, token, now().getTime() / 1000)
  if (caller === undefined) throw unauthorized('The access token is not valid, or no longer.', 'Bearer error="invalid_token"')
  return caller
}

function unauthorized(message: string, challenge: string): Refusal {
  return new Refusal(401, 'login', message, { headers: { 'WWW-Authenticate': challenge } })
}

/** Whom a job is for; kept with it and asked again whenever it is touched. */
export interface JobAccess {
  /** Types whose read scope the caller needs. */
  readonly types: readonly string[]
  /** The Group that it exports; undefined for other levels. */
  readonly group: string | undefined
}

/**
 * The caller's own job. What is not there, past its limit, or another client's looks the same; then the caller's present scopes and
 * Groups are held against what the job was for.
 */
export function ownJob<Spec extends { readonly access: JobAccess }>(
  context: ServerContext,
  c: AppContext,
  kind: JobKind,
): Job<Spec> {
  const caller = c.get('caller')
  const id = c.req.param('job') ?? ''
  const job = context.jobs.find(id, context.now().getTime()) as Job<Spec> | undefined
  if (job === undefined || job.kind !== kind) throw notFound('job')
  const { access } = job.spec
  const outside =
    kind === 'export' && caller.groups !== undefined && (access.group === undefined || !caller.groups.includes(access.group))
  if (job.client !== caller.client || outside) {
    recordFor(context, c, {
      what: 'denial',
      action: 'R',
      outcome: '4',
      description: `${c.req.method} of a job that is not the caller's`,
    })
    throw notFound('job')
  }
  return job
}

/** Refuses a caller whose token does not cover what a job holds. */
export function needScopes(caller: Caller, types: readonly string[], letters: string): void {
  for (const type of types) {
    if (!allowed(caller.scopes, type, letters).ok) throw insufficientScope(`The token gives no access to ${type}.`)
  }
}
