import type { ServerContext } from './context.ts'
import { Refusal } from './refusal.ts'

type Limits = Pick<ServerContext, 'jobs' | 'settings'>

/** Imports that wait or run. */
const maxImports = 20
const retryAfter = { 'Retry-After': '10' }

/** A server that stops takes nothing new: another instance does, or this one when it is back. What is left of a body is not read. */
export function checkRunning({ drain }: Pick<ServerContext, 'drain'>): void {
  if (!drain.stopping()) return
  throw new Refusal(503, 'transient', 'The server is stopping.', { headers: { ...retryAfter, Connection: 'close' } })
}

/** Exports that are not finished, over all and of this client (CONTRACT §5.3). */
export function checkExports({ jobs, settings }: Limits, client: string): void {
  const active = jobs.unfinished().filter(({ kind }) => kind !== 'import')
  const own = active.filter((job) => job.client === client)
  if (active.length >= settings.maxExports || own.length >= settings.maxExportsPerClient) {
    throw new Refusal(429, 'throttled', 'Too many exports are running.', { headers: retryAfter })
  }
}

/** More imports than wait already are told to come back, before their body is read. */
export function checkImports({ jobs }: Pick<Limits, 'jobs'>): void {
  if (jobs.unfinished('import').length < maxImports) return
  throw new Refusal(429, 'throttled', 'Too many imports are waiting.', { headers: { ...retryAfter, Connection: 'close' } })
}
