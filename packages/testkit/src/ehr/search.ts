import type { Resource } from './fhir.ts'
import type { Held } from './population.ts'
import { type Reply, refusal } from './reply.ts'
import { type Criterion, criterionOf } from './type-filter.ts'

/** Parameters that change the answer's form, not which resources match. */
const formOnly: ReadonlySet<string> = new Set(['_count', '_format', '_elements', '_summary', '_sort', '_page'])
const largestPage = 200

/**
 * Answers a search for one type with a page of a searchset Bundle. Resources stand in it as they are stored, byte for byte.
 *
 * `_id`, `identifier`, `patient`, `subject` and what `_typeFilter` takes; anything else is refused.
 */
export function search(held: Iterable<Held>, url: URL): Reply {
  const criteria: Criterion[] = []
  for (const [name, value] of url.searchParams) {
    if (formOnly.has(name)) continue
    const criterion =
      name === '_id' ? idIn(value) : name === 'identifier' ? identifierIn(value) : criterionOf(name, value.split(','))
    if (criterion === null) return refusal(400, 'not-supported', `The search parameter ${name.slice(0, 40)} is not supported`)
    criteria.push(criterion)
  }
  const matches = [...held].filter(({ resource }) => criteria.every((criterion) => criterion.matches(resource)))
  const count = Math.min(Number(url.searchParams.get('_count') ?? largestPage) || largestPage, largestPage)
  const page = Number(url.searchParams.get('_page') ?? 1)
  const base = `${url.origin}${url.pathname}`
  const entries = matches
    .slice((page - 1) * count, page * count)
    .map(
      ({ resource, text }) =>
        `{"fullUrl":${JSON.stringify(`${base}/${idOf(resource)}`)},"resource":${text},"search":{"mode":"match"}}`,
    )
  const links = [`{"relation":"self","url":${JSON.stringify(url.href)}}`]
  if (page * count < matches.length) {
    const next = new URL(url)
    next.searchParams.set('_page', String(page + 1))
    links.push(`{"relation":"next","url":${JSON.stringify(next.href)}}`)
  }
  const body = `{"resourceType":"Bundle","type":"searchset","total":${matches.length},"link":[${links.join(',')}],"entry":[${entries.join(',')}]}`
  return {
    status: 200,
    headers: { 'content-type': 'application/fhir+json' },
    body: entries.length === 0 ? body.replace(',"entry":[]', '') : body,
  }
}

/** One resource as it is stored; a Binary as the content that it holds, unless FHIR is asked for. */
export function read(held: Held | undefined, accept: string | undefined): Reply {
  if (held === undefined) return refusal(404, 'not-found', 'There is no such resource')
  const { resourceType, contentType, data } = held.resource
  const wantsFhir = /^application\/(fhir\+)?json/i.test(accept ?? '')
  if (resourceType === 'Binary' && !wantsFhir && typeof data === 'string') {
    return { status: 200, headers: { 'content-type': String(contentType) }, body: Buffer.from(data, 'base64').toString() }
  }
  return { status: 200, headers: { 'content-type': 'application/fhir+json' }, body: held.text }
}

function idIn(value: string): Criterion {
  const ids = new Set(value.split(','))
  return { matches: ({ id }) => typeof id === 'string' && ids.has(id) }
}

/** `SYSTEM|VALUE`, several joined by commas. */
function identifierIn(value: string): Criterion {
  const tokens = new Set(value.split(','))
  return {
    matches: ({ identifier }) =>
      Array.isArray(identifier) &&
      identifier.some((one: { system?: unknown; value?: unknown }) => tokens.has(`${one.system}|${one.value}`)),
  }
}

function idOf({ id }: Resource): string {
  return typeof id === 'string' ? id : ''
}
