import type { Hono } from 'hono'
import { allowed } from './auth/scopes.ts'
import { type AppContext, type AppEnv, originOf, recordFor, requestUrl, type ServerContext } from './context.ts'
import { badParameter, insufficientScope, notFound } from './refusal.ts'

/** `GET /fhir/Group` and `/fhir/Group/{id}`: the Groups that the caller may export, as they were loaded. */
export function groupRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  app.get('/fhir/Group', async (c) => {
    const query = new URL(c.req.url).searchParams
    const unknown = [...query.keys()].find((name) => name !== '_id')
    if (unknown !== undefined) throw badParameter('Group', 'Groups are found by _id only.')
    const asked = query.get('_id')?.split(',')
    const groups = await visibleGroups(context, c, asked)
    recordFor(context, c, {
      what: 'search',
      action: 'E',
      outcome: '0',
      description: 'Groups listed',
      query: requestUrl(context, c),
      counts: { groups: groups.length },
    })
    const base = `${originOf(context, c)}/fhir`
    // The texts are put together as they are: nothing of a Group is written anew.
    const entries = groups.map(({ id, raw }) => `{"fullUrl":${JSON.stringify(`${base}/Group/${id}`)},"resource":${raw}}`)
    const text = `{"resourceType":"Bundle","type":"searchset","total":${groups.length},"entry":[${entries.join(',')}]}`
    return c.body(groups.length === 0 ? text.replace(',"entry":[]', '') : text, 200, fhirJson)
  })
  app.get('/fhir/Group/:id', async (c) => {
    const [group] = await visibleGroups(context, c, [c.req.param('id')])
    if (group === undefined) throw notFound('Group')
    recordFor(context, c, { what: 'group', action: 'R', outcome: '0', reference: `Group/${group.id}` })
    return c.body(group.raw, 200, fhirJson)
  })
}

const fhirJson = { 'Content-Type': 'application/fhir+json' }

async function visibleGroups(
  { provider }: ServerContext,
  c: AppContext,
  ids: readonly string[] | undefined,
): Promise<{ id: string; raw: string }[]> {
  const { scopes, groups } = c.get('caller')
  if (!allowed(scopes, 'Group', 'r').ok) throw insufficientScope('The token gives no access to Group.')
  if (ids?.some((id) => !/^[A-Za-z0-9.-]{1,64}$/.test(id)) === true) return []
  const wanted = groups === undefined ? ids : (ids ?? groups).filter((id) => groups.includes(id))
  return await provider.groups(await provider.pin(), wanted)
}
