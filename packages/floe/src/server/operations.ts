import type { Hono } from 'hono'
import { bearer } from './access.ts'
import { type AppContext, type AppEnv, addressOf, type ServerContext } from './context.ts'
import { isLoopback } from './fetch-guard.ts'

/** Without a proxy in between, that speaks for everybody from this machine. */
function fromThisMachine(c: AppContext): boolean {
  const near = /^(127\.|::1$|::ffff:127\.)/.test(addressOf(c) ?? '127.0.0.1')
  const proxied = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'via'].some((name) => c.req.header(name) !== undefined)
  return near && !proxied && isLoopback(new URL(`http://${c.req.header('host')}`))
}

/** `/healthz`, `/readyz`, `/metrics`: for who watches the server. */
export function operationsRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    if (context.drain.stopping()) return c.json({ status: 'stopping' }, 503)
    try {
      context.control.one('select 1')
      await context.provider.pin()
      return c.json({ status: 'ready' })
    } catch {
      return c.json({ status: 'not ready' }, 503)
    }
  })
  app.get('/metrics', async (c) => {
    if (!fromThisMachine(c) && !context.settings.open) c.set('caller', await bearer(context, c))
    return c.body(await context.metrics.registry.metrics(), 200, { 'Content-Type': context.metrics.registry.contentType })
  })
}
