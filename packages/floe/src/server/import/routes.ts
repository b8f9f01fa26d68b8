import type { Hono } from 'hono'
import type { AppEnv, ServerContext } from '../context.ts'
import { Refusal } from '../refusal.ts'

/** `$import`. */
export function importRoutes(app: Hono<AppEnv>, _context: ServerContext): void {
  app.post('/fhir/$import', () => {
    throw new Refusal(501, 'not-supported', 'This server takes no imports.')
  })
}
