import type { Pin, Selection } from '@floe/lake'
import { check, compile } from '@floe/views'
import { allowed } from './auth/scopes.ts'
import type { Caller } from './auth/tokens.ts'
import type { ServerContext } from './context.ts'
import { instantOf } from './export/parameters.ts'
import { scopeFilters } from './export/type-filter.ts'
import { badParameter, insufficientScope, Refusal, safe } from './refusal.ts'

/** A parameter of `$sql-run` or `$sql-export`, or a part of one. */
export interface SqlPart {
  readonly name: string
  readonly value: unknown
  readonly part: readonly SqlPart[]
}

/** The parameters of a Parameters resource; a 400 for what is none, or is not among the names. */
export function sqlParts(body: unknown, known: readonly string[]): SqlPart[] {
  const { resourceType, parameter } = (body ?? {}) as { resourceType?: unknown; parameter?: unknown }
  if (resourceType !== 'Parameters' || !Array.isArray(parameter))
    throw badParameter('Parameters', 'The body must be a Parameters resource.')
  return partsOf(parameter, known)
}

export function partsOf(list: readonly unknown[], known: readonly string[]): SqlPart[] {
  return list.map((one) => {
    const { name, part, ...rest } = (one ?? {}) as { name?: unknown; part?: unknown; resource?: unknown }
    if (typeof name !== 'string' || !known.includes(name))
      throw badParameter(safe(String(name)), `The parameter ${safe(String(name))} is not supported.`)
    const value = Object.entries(rest).find(([key]) => /^value[A-Z]|^resource$/.test(key))?.[1] as unknown
    const inner = Array.isArray(part) ? part : []
    return { name, value, part: inner.length === 0 ? [] : partsOf(inner, [...known, 'name']) }
  })
}

/** The one value of a parameter. */
export function sqlValue(parts: readonly SqlPart[], wanted: string): unknown {
  const [first, other] = parts.filter(({ name }) => name === wanted)
  if (other !== undefined) throw badParameter(wanted, `The parameter ${wanted} stands there twice.`)
  return first?.value
}

/** A view, held against the language; and the type that it reads. */
export function viewOf(view: unknown, place: string): { readonly view: object; readonly type: string } {
  if (typeof view !== 'object' || view === null) throw badParameter(place, 'The view is missing.')
  const { resource } = view as { resource?: unknown }
  if (typeof resource !== 'string' || !/^[A-Z][A-Za-z]{0,63}$/.test(resource))
    throw badParameter(place, 'The view names no resource type.')
  try {
    check(view)
    compile(view, { dialect: 'duckdb', source: { kind: 'json', sql: '(select null::json as json where false)' } })
  } catch (error) {
    const { exitCode, message } = error as { exitCode?: unknown; message?: unknown }
    // A view that is nested without end overruns the stack of the compiler.
    if (error instanceof RangeError) throw badParameter(place, 'The view is nested too deeply.')
    if (exitCode === 2 && typeof message === 'string') throw badParameter(place, message)
    throw error
  }
  return { view, type: resource }
}

export interface SqlSelection {
  readonly selection: Selection
  /** By type: the searches of scopes that narrowed it. */
  readonly narrowed: Readonly<Record<string, readonly string[]>>
  readonly group: string | undefined
}

/** What views may see: `patient`, `group` and `_since`, and the caller's scopes and Groups, before a view looks at anything. */
export async function sqlSelection(
  { provider }: Pick<ServerContext, 'provider'>,
  {
    caller,
    pin,
    types,
    parts,
  }: { readonly caller: Caller; readonly pin: Pin; readonly types: readonly string[]; readonly parts: readonly SqlPart[] },
): Promise<SqlSelection> {
  const narrowed: Record<string, readonly string[]> = {}
  for (const type of types) {
    const right = allowed(caller.scopes, type, 'rs')
    if (!right.ok) throw insufficientScope(`The token gives no access to ${type}.`)
    if (right.queries !== undefined) narrowed[type] = right.queries
  }
  const limits = Object.entries(narrowed).flatMap(([type, queries]) => scopeFilters(type, queries))
  await provider.check(pin, { level: { kind: 'system' }, limits }).catch(() => {
    throw insufficientScope('The token narrows a type by a search that this server cannot hold.')
  })
  const [group, second] = idsOf(parts, 'group')
  if (second !== undefined) throw badParameter('group', 'One Group at a time.')
  const patients = idsOf(parts, 'patient')
  const level = await levelOf({ provider }, { caller, pin, group, patients })
  const times = parts.flatMap(({ name, value }) => (name === '_since' ? [String(value)] : []))
  const since = instantOf(new Map(times.length === 0 ? [] : [['_since', times]]), '_since')
  return {
    selection: { level, ...(since === undefined ? {} : { since }), ...(limits.length === 0 ? {} : { limits }) },
    narrowed,
    group,
  }
}

function idsOf(parts: readonly SqlPart[], wanted: string): string[] {
  return parts
    .filter(({ name }) => name === wanted)
    .map(({ value }) => {
      const reference = (value as { reference?: unknown } | null | undefined)?.reference ?? value
      const id = typeof reference === 'string' ? /^(?:[A-Z][a-z]+\/)?([A-Za-z0-9.-]{1,64})$/.exec(reference)?.[1] : undefined
      return id ?? notHere(wanted)
    })
}

function notHere(name: string): never {
  throw badParameter(name, `The parameter ${name} names none that is there.`)
}

async function levelOf(
  { provider }: Pick<ServerContext, 'provider'>,
  {
    caller,
    pin,
    group,
    patients,
  }: { readonly caller: Caller; readonly pin: Pin; readonly group: string | undefined; readonly patients: readonly string[] },
): Promise<Selection['level']> {
  const { groups } = caller
  if (group !== undefined) {
    const visible = groups === undefined || groups.includes(group)
    if (!visible || (await provider.groups(pin, [group])).length === 0) return notHere('group')
  }
  if (patients.length > 0) {
    const found = await provider.knownPatients(pin, patients, group === undefined ? groups : [group])
    if (found.size < new Set(patients).size) return notHere('patient')
  }
  if (group !== undefined) return { kind: 'group', id: group, ...(patients.length === 0 ? {} : { patients }) }
  if (patients.length > 0) return { kind: 'some', patients }
  if (groups !== undefined) throw new Refusal(403, 'forbidden', 'This client sees its Groups only: give group or patient.')
  return { kind: 'system' }
}
