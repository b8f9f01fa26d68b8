import { hostname, networkInterfaces } from 'node:os'
import type { AppContext, ServerContext } from './context.ts'
import { isLoopback, literalAddress } from './fetch-guard.ts'
import { Refusal } from './refusal.ts'

/**
 * Without `--public-url` the request's Host says what the server is called, so it must be a name of this machine: an assertion
 * that a client signed for somebody else's token endpoint would otherwise be good here by naming that host. An open server
 * answers loopback names only: a page in the operator's browser whose name was pointed at 127.0.0.1 (DNS rebinding) would read
 * everything.
 */
export function guardHost({ settings }: ServerContext): (c: AppContext, next: () => Promise<void>) => Promise<void> {
  return async (c, next) => {
    const host = c.req.header('host') ?? ''
    const url = /^[A-Za-z0-9.:[\]_-]{1,255}$/.test(host) && URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined
    if (url === undefined) throw new Refusal(400, 'invalid', 'The Host header is not right.')
    // The target of a request may be a whole address (RFC 9112 §3.2.2); then that would be the server's name, not its Host.
    if (new URL(c.req.url).host !== url.host) throw new Refusal(400, 'invalid', 'Host and address of the request differ.')
    if (settings.open && fromAnotherSite(c)) throw new Refusal(403, 'security', 'An open server answers no other site.')
    if (settings.open && !isLoopback(url)) throw new Refusal(403, 'security', 'An open server answers on loopback names only.')
    if (settings.publicUrl === undefined && !isOwnName(url)) {
      throw new Refusal(421, 'security', 'This is not the name of this server; its operator can tell it with --public-url.')
    }
    await next()
  }
}

/** A page that the operator has open elsewhere may send forms and pictures here without asking: nobody else stands in its way. */
function fromAnotherSite(c: AppContext): boolean {
  const [origin, site] = [c.req.header('origin'), c.req.header('sec-fetch-site')]
  const foreign = origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === c.req.header('host'))
  return foreign || (site !== undefined && site !== 'same-origin' && site !== 'none')
}

function isOwnName(url: URL): boolean {
  if (isLoopback(url)) return true
  const address = literalAddress(url)
  if (address === undefined) return url.hostname.toLowerCase() === hostname().toLowerCase()
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address) === true)
}
