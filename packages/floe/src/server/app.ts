import { Hono } from 'hono'
import { matchedRoutes } from 'hono/route'
import { authenticate } from './access.ts'
import { auditRoutes } from './audit-routes.ts'
import { authRoutes } from './auth/routes.ts'
import { bodyDeadline } from './body-deadline.ts'
import { type AppContext, type AppEnv, recordFor, type ServerContext } from './context.ts'
import { exportRoutes } from './export/routes.ts'
import { fileRoutes } from './files.ts'
import { groupRoutes } from './group.ts'
import { guardHost } from './host.ts'
import { importRoutes } from './import/routes.ts'
import { loggable } from './log.ts'
import { metadataRoutes } from './metadata.ts'
import { operationsRoutes } from './operations.ts'
import { publishRoutes } from './publish.ts'
import { outcomeOf, Refusal } from './refusal.ts'
import { sqlExportRoutes } from './sql-export.ts'
import { sqlRoutes } from './sql-run.ts'

/** The whole server as routes; what listens on a port is `serve.ts`. */
export function buildApp(context: ServerContext): Hono<AppEnv> {
  // `$` may come encoded.
  const app = new Hono<AppEnv>({ getPath: (request) => new URL(request.url).pathname.replace(/%24/gi, '$') })
  app.use('*', observe(context))
  app.use('*', guardHost(context))
  app.use('*', bodyDeadline(context.settings.patience))
  app.onError((error, c) => answerTo(context, c, error))
  app.notFound((c) => answerTo(context, c, new Refusal(404, 'not-found', 'There is nothing at this address.')))
  operationsRoutes(app, context)
  authRoutes(app, context)
  metadataRoutes(app, context)
  app.use('/fhir/*', authenticate(context))
  exportRoutes(app, context)
  fileRoutes(app, context)
  importRoutes(app, context)
  groupRoutes(app, context)
  auditRoutes(app, context)
  publishRoutes(app, context)
  sqlRoutes(app, context)
  sqlExportRoutes(app, context)
  return app
}

/** Every failure of `/fhir` is an OperationOutcome; denials go into the audit trail. */
function answerTo(context: ServerContext, c: AppContext, error: Error): Response {
  const refusal =
    error instanceof Refusal ? error : new Refusal(500, 'exception', 'The server failed on this request; its log tells more.')
  if (!(error instanceof Refusal)) context.log.error({ route: routeOf(c), err: loggable(error) }, 'request failed')
  if (refusal.status === 401 || refusal.status === 403) {
    recordFor(context, c, {
      what: 'denial',
      action: 'E',
      outcome: '4',
      description: `${c.req.method} ${routeOf(c)}: ${refusal.status}`,
    })
  }
  const headers = { 'Cache-Control': 'no-store', ...refusal.headers, 'Content-Type': 'application/fhir+json' }
  return new Response(JSON.stringify(outcomeOf(refusal)), { status: refusal.status, headers })
}

/** `/fhir/Group/:id/$export`: what logs and metrics know of a path. */
function routeOf(c: AppContext): string {
  const found = matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'))
  return found?.path ?? 'other'
}

function observe({ log, metrics, drain }: ServerContext) {
  return async (c: AppContext, next: () => Promise<void>): Promise<void> => {
    const started = performance.now()
    const answered = drain.enter()
    // Files are written past the Response: this holds for them, too.
    if (drain.stopping() && c.env?.outgoing !== undefined) c.env.outgoing.shouldKeepAlive = false
    await next().finally(answered)
    const seconds = (performance.now() - started) / 1000
    const status = c.env?.outgoing?.headersSent === true ? c.env.outgoing.statusCode : c.res.status
    const route = routeOf(c)
    metrics.requests.inc({ route, method: c.req.method, status: String(status) })
    metrics.seconds.observe({ route }, seconds)
    log.info({ method: c.req.method, route, status, ms: Math.round(seconds * 1000) }, 'request')
    if (!c.res.headers.has('X-Content-Type-Options')) c.res.headers.set('X-Content-Type-Options', 'nosniff')
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
  }
}
