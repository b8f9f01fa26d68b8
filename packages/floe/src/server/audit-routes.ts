import type { Hono } from 'hono'
import { allowed } from './auth/scopes.ts'
import { type AppContext, type AppEnv, originOf, recordFor, requestUrl, type ServerContext } from './context.ts'
import { disclosureEvent } from './disclosures.ts'
import { badParameter, insufficientScope, safe } from './refusal.ts'

const longestPage = 1000

/** `GET /fhir/AuditEvent`: newest first, by date, agent, action and outcome; pages by `_count` and `_before`. */
export function auditRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  app.get('/fhir/AuditEvent', (c) => {
    const { scopes } = c.get('caller')
    if (!allowed(scopes, 'AuditEvent', 'rs').ok) throw insufficientScope('The token gives no access to AuditEvent.')
    const query = new URL(c.req.url).searchParams
    const patient = query.get('patient') ?? undefined
    const { where, values } = conditions(query, patient !== undefined)
    const count = Math.min(longestPage, Math.max(1, Number(query.get('_count') ?? 100) || 100))
    const table = patient === undefined ? 'audit' : 'disclosures'
    const rows = context.control.all(`select * from ${table} where ${where} order by id desc limit ?`, [...values, count + 1])
    const page = rows.slice(0, count)
    recordFor(context, c, {
      what: 'audit',
      action: 'E',
      outcome: '0',
      description: 'AuditEvents read',
      query: requestUrl(context, c),
    })
    return c.body(bundle(context, c, page, rows.length > count), 200, { 'Content-Type': 'application/fhir+json' })
  })
}

function bundle(
  context: ServerContext,
  c: AppContext,
  rows: readonly Readonly<Record<string, unknown>>[],
  more: boolean,
): string {
  const origin = originOf(context, c)
  const next = new URL(c.req.url)
  next.searchParams.set('_before', String(rows.at(-1)?.id ?? ''))
  const link = more ? [{ relation: 'next', url: `${origin}/fhir/AuditEvent${next.search}` }] : []
  const entry = rows.map(eventOf).map((resource) => ({ fullUrl: `${origin}/fhir/AuditEvent/${resource.id}`, resource }))
  return JSON.stringify({
    resourceType: 'Bundle',
    type: 'searchset',
    ...(link.length === 0 ? {} : { link }),
    ...(entry.length === 0 ? {} : { entry }),
  })
}

function eventOf(row: Readonly<Record<string, unknown>>): { readonly id: string } {
  return 'patient' in row ? disclosureEvent(row) : { ...(JSON.parse(String(row.event)) as object), id: String(row.id) }
}

const operators: Readonly<Record<string, string>> = { ge: '>=', gt: '>', le: '<=', lt: '<' }

/** Of disclosures (`patient`) as of the trail itself; every disclosure is a reading (R) that was done (0). */
function conditions(query: URLSearchParams, disclosed: boolean): { where: string; values: (string | number)[] } {
  const parts = ['true']
  const values: (string | number)[] = []
  for (const [name, value] of query) {
    if (name === '_count') continue
    if (name === '_before' && /^\d{1,15}$/.test(value)) {
      parts.push('id < ?')
      values.push(Number(value))
    } else if (name === 'patient') {
      parts.push('patient = ?')
      values.push(value.replace(/^.*\//, ''))
    } else if (disclosed && (name === 'action' || name === 'outcome')) {
      if (value !== (name === 'action' ? 'R' : '0')) parts.push('false')
    } else if (name === 'action' || name === 'outcome') {
      parts.push(`${name} = ?`)
      values.push(value)
    } else if (name === 'agent') {
      parts.push('client = ?')
      values.push(value)
    } else if (name === 'date') {
      const [, prefix = '', date = ''] = /^(ge|gt|le|lt)?(\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?)$/.exec(value) ?? []
      if (date === '') throw badParameter('date', 'A date is 2026-11-21, or an instant in UTC, with ge, gt, le or lt before it.')
      parts.push(prefix === '' ? 'substr(recorded, 1, 10) = substr(?, 1, 10)' : `recorded ${operators[prefix]} ?`)
      values.push(date)
    } else throw badParameter(safe(name), `AuditEvents are not found by ${safe(name)}.`)
  }
  return { where: parts.join(' and '), values }
}
