import type { AppContext } from './context.ts'

/** A small body that takes longer is not waited for. */
const smallBodyMs = 30_000
/** An upload may take long, but not stand still. */
const idleMs = 60_000

/** Ends the connection of who sends a small body (a token request, Parameters, a manifest) byte by byte. */
export async function smallBodyDeadline(c: AppContext, next: () => Promise<void>): Promise<void> {
  const { incoming } = c.env ?? {}
  if (incoming === undefined || incoming.complete || isUpload(c)) return await next()
  const timer = setTimeout(() => {
    if (!incoming.complete) incoming.destroy(new Error('the body did not come in time'))
  }, smallBodyMs)
  timer.unref()
  incoming.once('end', () => clearTimeout(timer))
  try {
    await next()
  } finally {
    clearTimeout(timer)
  }
}

function isUpload(c: AppContext): boolean {
  if (c.req.path !== '/fhir/$import') return false
  c.env.incoming.setTimeout(idleMs, () => {
    if (!c.env.incoming.complete) c.env.incoming.destroy(new Error('the upload stood still'))
  })
  return !/json/i.test((c.req.header('content-type') ?? '').replace(/ndjson/gi, ''))
}
