import type { AppContext } from './context.ts'

/** How long slow senders are waited for, in ms. */
export interface Patience {
  /** The head of a request. */
  readonly head: number
  /** A small body, as a whole. */
  readonly body: number
  /** An upload may take long, but not stand still. */
  readonly idle: number
}

export const usualPatience: Patience = { head: 10_000, body: 30_000, idle: 60_000 }

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
