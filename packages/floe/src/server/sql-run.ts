import { once } from 'node:events'
import type { QueryResult } from '@floe/lake'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Hono } from 'hono'
import { printRows, type Write } from '../cli/rows.ts'
import { type AppContext, type AppEnv, recordFor, type ServerContext } from './context.ts'
import { limitBody } from './limit-body.ts'
import { badParameter, Refusal } from './refusal.ts'
import { sqlParts, sqlSelection, sqlValue, viewOf } from './sql-parameters.ts'

const maxBody = 1024 * 1024
export const sqlFormats = { ndjson: 'application/x-ndjson', json: 'application/json', csv: 'text/csv' } as const
type Format = keyof typeof sqlFormats

const known = ['subjectResource', '_format', 'header', '_limit', 'patient', 'group', '_since']

/** `POST /fhir/$sql-run`: the rows of a ViewDefinition over the lake's present state (SQL on FHIR 3.0.0-ballot, system level). */
export function sqlRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  let running = 0
  const limit = limitBody(maxBody)
  app.post('/fhir/$sql-run', limit, async (c) => {
    const parts = sqlParts(await jsonBody(c), known)
    const { view, type } = viewOf(sqlValue(parts, 'subjectResource'), 'subjectResource')
    const format = formatOf(sqlValue(parts, '_format') ?? 'ndjson', sqlFormats)
    const rows = limitOf(sqlValue(parts, '_limit'))
    if (running >= context.settings.maxExports)
      throw new Refusal(429, 'throttled', 'Too many views are running.', { headers: { 'Retry-After': '5' } })
    running += 1
    try {
      const pin = await context.provider.pin()
      const { selection } = await sqlSelection(context, { caller: c.get('caller'), pin, types: [type], parts })
      await using result = await context.provider.view(pin, view, selection, { signal: gone(c) })
      recordFor(context, c, { what: 'kick-off', action: 'E', outcome: '0', description: `$sql-run over ${type}` })
      return await send(c, limited(result, rows), format, sqlValue(parts, 'header') !== false)
    } finally {
      running -= 1
    }
  })
}

export async function jsonBody(c: AppContext): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text())
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(400, 'invalid', 'The body is not valid JSON.')
  }
}

/** A format by name or media type. */
export function formatOf<F extends string>(told: unknown, formats: Readonly<Record<F, string>>): F {
  const names = Object.keys(formats) as F[]
  const found = names.find(
    (name) => told === name || told === formats[name] || (name === 'ndjson' && told === 'application/ndjson'),
  )
  if (found === undefined) throw badParameter('_format', `The format is one of ${names.join(', ')}.`)
  return found
}

function limitOf(limit: unknown): number | undefined {
  if (limit === undefined) return undefined
  if (!Number.isSafeInteger(limit) || Number(limit) < 0) throw badParameter('_limit', 'A limit is a whole number.')
  return Number(limit)
}

function gone(c: AppContext): AbortSignal {
  const controller = new AbortController()
  c.env.outgoing.once('close', () => controller.abort(new Error('the client went away')))
  return controller.signal
}

function limited(result: QueryResult, limit: number | undefined): QueryResult {
  if (limit === undefined) return result
  async function* rows(): AsyncGenerator<readonly Record<string, unknown>[]> {
    let left = limit ?? 0
    if (left === 0) return
    for await (const chunk of result.rows) {
      yield chunk.slice(0, left)
      left -= chunk.length
      if (left <= 0) return
    }
  }
  return { ...result, columns: result.columns, rows: rows() }
}

/** Takes the first line off: names of columns hold no line end. */
export function withoutHeader(write: Write): Write {
  let over = false
  return async (text) => {
    if (over) return await write(text)
    const at = text.indexOf('\n')
    over = at >= 0
    return await write(over ? text.slice(at + 1) : '')
  }
}

async function send(c: AppContext, result: QueryResult, format: Format, header: boolean): Promise<Response> {
  const { outgoing } = c.env
  const write = async (text: string): Promise<boolean> => {
    if (!outgoing.headersSent)
      outgoing.writeHead(200, {
        'Content-Type': sqlFormats[format],
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      })
    if (!outgoing.write(text) && !outgoing.destroyed) await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')])
    return !outgoing.destroyed
  }
  try {
    await printRows(result, format, format === 'csv' && !header ? withoutHeader(write) : write, 0)
    await write('')
    outgoing.end()
  } catch (error) {
    // After the first row nobody can be told any more but by the connection.
    if (!outgoing.headersSent) throw error
    outgoing.destroy()
  }
  return RESPONSE_ALREADY_SENT
}
