import type { AppContext, ServerContext } from './context.ts'
import { isLoopback } from './fetch-guard.ts'
import { Refusal } from './refusal.ts'

/**
 * On a server without authentication, only requests to a loopback name are taken: a page in the operator's browser whose name was
 * pointed at 127.0.0.1 (DNS rebinding) would otherwise read everything. Elsewhere the Host only has to be one.
 */
export function guardHost({ settings }: ServerContext) {
  return async (c: AppContext, next: () => Promise<void>): Promise<void> => {
    const host = c.req.header('host') ?? ''
    const url = /^[A-Za-z0-9.:[\]_-]{1,255}$/.test(host) && URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined
    if (url === undefined) throw new Refusal(400, 'invalid', 'The Host header is not right.')
    if (settings.open && !isLoopback(url)) throw new Refusal(403, 'security', 'An open server answers on loopback names only.')
    await next()
  }
}
