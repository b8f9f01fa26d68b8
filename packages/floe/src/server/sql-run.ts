import { once } from 'node:events'
import { openLake, type QueryResult } from '@floe/lake'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { printRows } from '../cli/rows.ts'
import { allowed } from './auth/scopes.ts'
import { type AppContext, type AppEnv, recordFor, type ServerContext } from './context.ts'
import { badParameter, insufficientScope, Refusal, safe, tooLong } from './refusal.ts'

const maxBody = 1024 * 1024
const formats = { ndjson: 'application/x-ndjson', json: 'application/json', csv: 'text/csv' } as const
type Format = keyof typeof formats

interface SqlRun {
  readonly view: unknown
  readonly format: Format
  readonly limit: number | undefined
}

/** `POST /fhir/$sql-run`: the rows of a ViewDefinition over the lake's present state (SQL on FHIR 3.0.0-ballot, system level). */
export function sqlRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  const limit = bodyLimit({
    maxSize: maxBody,
    onError: () => {
      throw tooLong()
    },
  })
  app.post('/fhir/$sql-run', limit, async (c) => {
    const asked = readRequest(await body(c))
    const type = resourceOf(asked.view)
    mayRead(c, type)
    await using lake = await openLake(context.lake)
    const result = await lake.runView(asked.view, { signal: gone(c) }).catch(asRefusal)
    await using _ = result
    recordFor(context, c, { what: 'kick-off', action: 'E', outcome: '0', description: `$sql-run over ${type}` })
    return await send(c, limited(result, asked.limit), asked.format)
  })
}

async function body(c: AppContext): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text())
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(400, 'invalid', 'The body is not valid JSON.')
  }
}

const taken = new Set(['subjectResource', '_format', '_limit', 'header'])

function readRequest(parameters: unknown): SqlRun {
  const { resourceType, parameter } = (parameters ?? {}) as { resourceType?: unknown; parameter?: unknown }
  if (resourceType !== 'Parameters' || !Array.isArray(parameter))
    throw badParameter('Parameters', 'The body must be a Parameters resource.')
  const parts = parameter as readonly Readonly<Record<string, unknown>>[]
  for (const { name } of parts) {
    if (typeof name !== 'string' || !taken.has(name))
      throw badParameter(safe(String(name)), `The parameter ${safe(String(name))} is not supported.`)
  }
  const value = (wanted: string): unknown => {
    const part = parts.find(({ name }) => name === wanted)
    return part === undefined ? undefined : Object.entries(part).find(([key]) => /^value[A-Z]|^resource$/.test(key))?.[1]
  }
  const view = value('subjectResource')
  if (view === undefined) throw badParameter('subjectResource', 'The view is missing.')
  const format = formatOf(value('_format') ?? 'ndjson')
  const limit = value('_limit')
  if (limit !== undefined && !(Number.isSafeInteger(limit) && Number(limit) >= 0))
    throw badParameter('_limit', 'A limit is a whole number.')
  return { view, format, limit: limit === undefined ? undefined : Number(limit) }
}

function formatOf(told: unknown): Format {
  const found = (Object.keys(formats) as Format[]).find(
    (name) => told === name || told === formats[name] || (name === 'ndjson' && told === 'application/ndjson'),
  )
  return found ?? badFormat()
}

function badFormat(): never {
  throw badParameter('_format', 'The format is ndjson, json or csv.')
}

function resourceOf(view: unknown): string {
  const { resource } = (typeof view === 'object' && view !== null ? view : {}) as { resource?: unknown }
  if (typeof resource !== 'string' || !/^[A-Z][A-Za-z]{0,63}$/.test(resource))
    throw badParameter('subjectResource', 'The view names no resource type.')
  return resource
}

/** A view sees every resource of its type: neither a search in the scope nor a Group can narrow it. */
function mayRead(c: AppContext, type: string): void {
  const { scopes, groups } = c.get('caller')
  const right = allowed(scopes, type, 'rs')
  if (!right.ok || right.queries !== undefined) throw insufficientScope(`The token gives no access to all of ${type}.`)
  if (groups !== undefined) throw new Refusal(403, 'forbidden', 'This client may export its Groups only.')
}

function gone(c: AppContext): AbortSignal {
  const controller = new AbortController()
  c.env.outgoing.once('close', () => controller.abort(new Error('the client went away')))
  return controller.signal
}

/** What is wrong with a view is the client's to mend. */
function asRefusal(error: unknown): never {
  const { exitCode, message } = error as { exitCode?: unknown; message?: unknown }
  if (exitCode === 2 && typeof message === 'string') throw badParameter('subjectResource', message)
  throw error
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

async function send(c: AppContext, result: QueryResult, format: Format): Promise<Response> {
  const { outgoing } = c.env
  const write = async (text: string): Promise<boolean> => {
    if (!outgoing.headersSent)
      outgoing.writeHead(200, {
        'Content-Type': formats[format],
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      })
    if (!outgoing.write(text) && !outgoing.destroyed) await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')])
    return !outgoing.destroyed
  }
  try {
    await printRows(result, format, write, 0)
    await write('')
    outgoing.end()
  } catch (error) {
    // After the first row nobody can be told any more but by the connection.
    if (!outgoing.headersSent) throw error
    outgoing.destroy()
  }
  return RESPONSE_ALREADY_SENT
}
