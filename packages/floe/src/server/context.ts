import type { LakeOptions, Provider } from '@floe/lake'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Control } from '../jobs/control.ts'
import type { JobStore } from '../jobs/store.ts'
import type { Worker } from '../jobs/worker.ts'
import type { Audit, AuditEntry } from './audit.ts'
import type { JwksCache } from './auth/jwks.ts'
import type { Caller } from './auth/tokens.ts'
import type { Drain } from './drain.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { ServerSettings } from './settings.ts'
import type { UrlSigner } from './signed-urls.ts'

/** What the handlers of a server share. */
export interface ServerContext {
  readonly settings: ServerSettings
  readonly lake: LakeOptions
  readonly control: Control
  readonly jobs: JobStore
  readonly provider: Provider
  readonly audit: Audit
  readonly metrics: Metrics
  readonly log: Logger
  readonly jwks: JwksCache
  readonly signer: UrlSigner
  readonly now: () => Date
  /** Where files of jobs lie: a folder per job. */
  readonly jobsDir: string
  readonly worker: () => Worker
  readonly drain: Drain
}

export interface AppEnv {
  Bindings: HttpBindings
  Variables: {
    caller: Caller
    /** A denial that is no refusal by itself: a stranger's request for a job. */
    stranger: boolean
  }
}

export type AppContext = Context<AppEnv>

/** The server's own address as the client sees it, without a slash at the end. */
export function originOf({ settings }: Pick<ServerContext, 'settings'>, c: AppContext): string {
  return settings.publicUrl?.replace(/\/+$/, '') ?? new URL(c.req.url).origin
}

/** Where the request came from. */
export function addressOf(c: AppContext): string | undefined {
  return c.env?.incoming?.socket?.remoteAddress
}

/** Writes down what a caller did. */
export function recordFor(
  context: ServerContext,
  c: AppContext,
  entry: Omit<AuditEntry, 'client' | 'address'> & { readonly client?: string },
): void {
  const caller = c.get('caller') as Caller | undefined
  context.audit.record({ client: caller?.client, address: addressOf(c), ...entry })
}

/** How a manifest names the files of a job: with an access token, or for a time by signed addresses. */
export function fileAccess(
  context: ServerContext,
  c: AppContext,
  { id, expiresAt }: { readonly id: string; readonly expiresAt: number },
): { readonly requiresAccessToken: boolean; readonly expires: string; readonly urlOf: (name: string) => string } {
  const { settings, now, signer } = context
  const signed = settings.fileUrls === 'signed' && !settings.open
  const until = signed ? Math.min(expiresAt, now().getTime() + settings.fileUrlTtl) : expiresAt
  const plain = (name: string): string => `${originOf(context, c)}/fhir/$export-file/${id}/${name}`
  return {
    requiresAccessToken: !signed && !settings.open,
    expires: new Date(until).toUTCString(),
    urlOf: signed ? (name) => signer.sign(plain(name), until) : plain,
  }
}

/** The kick-off's own address, for `request` of a manifest. */
export function requestUrl(context: ServerContext, c: AppContext): string {
  const { pathname, search } = new URL(c.req.url)
  return `${originOf(context, c)}${pathname.replace(/%24/gi, '$')}${search}`
}
