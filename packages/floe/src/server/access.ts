import type { Context, Next } from 'hono'
import type { Job, JobKind } from '../jobs/store.ts'
import { callerOfIssuer } from './auth/issuer.ts'
import { allowed } from './auth/scopes.ts'
import { anonymous, type Caller, callerOf, callerOfClient } from './auth/tokens.ts'
import { type AppContext, type AppEnv, originOf, recordFor, type ServerContext } from './context.ts'
import { insufficientScope, notFound, Refusal } from './refusal.ts'

/** Who asks: the owner of the bearer token, or everybody on an open server. */
export function authenticate(context: ServerContext): (c: Context<AppEnv>, next: Next) => Promise<void> {
  return async (c, next) => {
    c.set('caller', context.settings.open ? anonymous : (bySignature(context, c) ?? (await bearer(context, c))))
    await next()
  }
}

/** Who holds the bearer token: one of ours, or one of the issuer's. */
export async function bearer(context: ServerContext, c: AppContext): Promise<Caller> {
  const { control, settings, now } = context
  const header = c.req.header('authorization')
  if (header === undefined) throw unauthorized('This server wants an access token.', 'Bearer')
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header.trim())?.[1]
  const { issuer } = settings
  let caller = token === undefined ? undefined : callerOf(control, token, now().getTime() / 1000)
  if (caller === undefined && issuer !== undefined && token !== undefined && token.split('.').length === 3)
    caller = await callerOfIssuer(context, issuer, token, issuer.audience ?? `${originOf(context, c)}/fhir`)
  if (caller === undefined) throw unauthorized('The access token is not valid, or no longer.', 'Bearer error="invalid_token"')
  return caller
}

/** A signed address of a file speaks for the client whose job it is, with what that client may do now. */
function bySignature({ control, settings, jobs, signer, now }: ServerContext, c: AppContext): Caller | undefined {
  const [, id] = /^\/fhir\/\$export-file\/([0-9a-f]{40})\/[^/]+$/.exec(c.req.path) ?? []
  const state = settings.fileUrls === 'signed' && id !== undefined ? signer.verify(new URL(c.req.url)) : undefined
  if (id === undefined || state === undefined) return undefined
  if (state === 'wrong') throw new Refusal(403, 'forbidden', 'The signature of this address is not right.')
  if (state === 'expired')
    throw new Refusal(403, 'expired', 'The time of this address is over; the status gives the files with new ones.')
  const owner = jobs.find(id, now().getTime())?.client
  const caller = owner === undefined ? undefined : callerOfClient(control, owner)
  if (caller === undefined) throw notFound('file')
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
  /** Address that the kick-off came from, for the audit trail. */
  readonly from?: string
  /** The patients that it exports, where they were named. */
  readonly patients?: readonly string[]
  /** By type: the searches of the scopes that narrowed it. A token that is narrower still does not read what these let in. */
  readonly narrowed?: Readonly<Record<string, readonly string[]>>
}

/**
 * The caller's own job. What is not there, past its limit, or another client's looks the same; then the caller's present scopes
 * and Groups are held against what the job was for.
 */
export async function ownJob<Spec extends { readonly access: JobAccess }>(
  context: ServerContext,
  c: AppContext,
  kinds: readonly JobKind[],
): Promise<Job<Spec>> {
  const caller = c.get('caller')
  const id = c.req.param('job') ?? ''
  const job = context.jobs.find(id, context.now().getTime()) as Job<Spec> | undefined
  if (job === undefined || !kinds.includes(job.kind)) throw notFound('job')
  if (job.client !== caller.client || !(await withinGroups(context, caller, job))) {
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

/** A caller that is bound to Groups reaches exports of these Groups, and of one of their present members. */
async function withinGroups(
  { provider }: Pick<ServerContext, 'provider'>,
  { groups }: Pick<Caller, 'groups'>,
  { kind, spec: { access } }: Job<{ readonly access: JobAccess }>,
): Promise<boolean> {
  if (groups === undefined) return true
  if (kind === 'import') return false
  if (access.group !== undefined) return groups.includes(access.group)
  const { patients } = access
  if (patients === undefined) return false
  return (await provider.knownPatients(await provider.pin(), patients, groups)).size === new Set(patients).size
}

/** Refuses a caller whose token does not cover what a job holds. */
export function needScopes(
  { scopes }: Pick<Caller, 'scopes'>,
  { narrowed = {} }: JobAccess,
  types: readonly string[],
  letters: string,
): void {
  for (const type of types) {
    const right = allowed(scopes, type, letters)
    const within =
      right.ok && (right.queries === undefined || narrowed[type]?.every((one) => right.queries?.includes(one)) === true)
    if (!within) throw insufficientScope(`The token gives no access to ${type}.`)
  }
}
