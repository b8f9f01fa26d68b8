import type { AppContext } from './context.ts'
import type { Patience } from './settings.ts'

/** Ends the connection of who sends a small body (a token request, Parameters, a manifest) byte by byte. */
export function bodyDeadline({ body, idle }: Patience): (c: AppContext, next: () => Promise<void>) => Promise<void> {
  return async (c, next) => await within(c, next, { body, idle })
}

async function within(c: AppContext, next: () => Promise<void>, { body, idle }: Omit<Patience, 'head'>): Promise<void> {
  const { incoming } = c.env ?? {}
  if (incoming === undefined || incoming.complete || isUpload(c, idle)) return await next()
  const timer = setTimeout(() => {
    if (!incoming.complete) incoming.destroy(new Error('the body did not come in time'))
  }, body)
  timer.unref()
  incoming.once('end', () => clearTimeout(timer))
  try {
    await next()
  } finally {
    clearTimeout(timer)
  }
}

function isUpload(c: AppContext, idle: number): boolean {
  if (c.req.path !== '/fhir/$import') return false
  c.env.incoming.setTimeout(idle, () => {
    if (!c.env.incoming.complete) c.env.incoming.destroy(new Error('the upload stood still'))
  })
  return !/json/i.test((c.req.header('content-type') ?? '').replace(/ndjson/gi, ''))
}
