import { badParameter, safe } from '../refusal.ts'

/** The parameters of a kick-off, whatever way they came: names as in the specification, values as text. */
export type Parameters = ReadonlyMap<string, readonly string[]>

/** Parameters of a query. A `+` that was not encoded came as a blank: neither times nor media types hold one. */
export function queryParameters(search: URLSearchParams): Parameters {
  const found = new Map<string, string[]>()
  for (const [name, value] of search) {
    const text = /^_(since|until|outputFormat)$/.test(name) ? value.trim().replace(/ (?=\d\d:?\d\d$|[a-z])/g, '+') : value
    found.set(name, [...(found.get(name) ?? []), text])
  }
  return found
}

/** Parameters of a Parameters resource; throws a 400 where it is none. */
export function bodyParameters(body: unknown): Parameters {
  const resource = body as { resourceType?: unknown; parameter?: unknown } | null
  if (typeof resource !== 'object' || resource?.resourceType !== 'Parameters' || !Array.isArray(resource.parameter ?? [])) {
    throw badParameter('Parameters', 'The body must be a Parameters resource.')
  }
  const found = new Map<string, string[]>()
  for (const one of (resource.parameter ?? []) as readonly unknown[]) {
    const { name, ...values } = (one ?? {}) as { name?: unknown }
    if (typeof name !== 'string') throw badParameter('Parameters.parameter.name', 'A parameter has no name.')
    found.set(name, [...(found.get(name) ?? []), textOf(name, values)])
  }
  return found
}

function textOf(name: string, values: object): string {
  const [value] = Object.entries(values).flatMap(([key, each]) => (/^value[A-Z]/.test(key) ? [each as unknown] : []))
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'object' && value !== null) {
    const { reference, code } = value as { reference?: unknown; code?: unknown }
    if (typeof reference === 'string') return reference
    if (typeof code === 'string') return code
  }
  throw badParameter(name, `The parameter ${safe(name)} has no value that can be read.`)
}

export function merged(a: Parameters, b: Parameters): Parameters {
  const names = [...new Set([...a.keys(), ...b.keys()])]
  return new Map(names.map((name) => [name, [...(a.get(name) ?? []), ...(b.get(name) ?? [])]]))
}

/** Comma lists and repeats mean the same (Bulk Data v2 §kick-off). */
export function listOf(parameters: Parameters, name: string): readonly string[] {
  return (parameters.get(name) ?? [])
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')
}

const instantForm = /^(?!0000)(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/

/** A FHIR instant. */
export function instantOf(parameters: Parameters, name: string): string | undefined {
  const [value, other] = parameters.get(name) ?? []
  if (value === undefined) return undefined
  if (other !== undefined) throw badParameter(name, `The parameter ${name} stands there twice.`)
  const day = instantForm.exec(value)?.[1]
  // `Date` takes 31 February for 3 March; the engine does not.
  const real = day !== undefined && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
  if (!real) {
    throw badParameter(name, `The parameter ${name} is no instant, such as 2026-11-21T14:02:00Z.`)
  }
  return value
}

/** Clocks may differ so much, in ms. */
const skew = 60_000

/** `_since`: one in the future would give nothing, now and to whoever builds on the answer. */
export function sinceOf(parameters: Parameters, now: Date): string | undefined {
  const since = instantOf(parameters, '_since')
  if (since !== undefined && Date.parse(since) > now.getTime() + skew)
    throw badParameter('_since', 'The parameter _since lies in the future.')
  return since
}
