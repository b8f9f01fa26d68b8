import type { Hono } from 'hono'
import { bearer } from './access.ts'
import { type AppEnv, addressOf, type ServerContext } from './context.ts'

/** `/healthz`, `/readyz`, `/metrics`: for who watches the server. */
export function operationsRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    try {
      context.control.one('select 1')
      await context.provider.pin()
      return c.json({ status: 'ready' })
    } catch {
      return c.json({ status: 'not ready' }, 503)
    }
  })
  app.get('/metrics', async (c) => {
    const near = /^(127\.|::1$|::ffff:127\.)/.test(addressOf(c) ?? '127.0.0.1')
    if (!near && !context.settings.open) c.set('caller', bearer(context, c.req.header('authorization')))
    return c.body(await context.metrics.registry.metrics(), 200, { 'Content-Type': context.metrics.registry.contentType })
  })
}
