import type { Pin, Selection } from '@floe/lake'
import { resourceTypes } from '@floe/views/fhir'
import { allowed } from '../auth/scopes.ts'
import type { Caller } from '../auth/tokens.ts'
import type { ServerContext } from '../context.ts'
import { badParameter, insufficientScope, notFound, Refusal, safe } from '../refusal.ts'
import { inCompartment } from './compartment.ts'
import { elementsParameter } from './elements.ts'
import { instantOf, listOf, type Parameters, sinceOf } from './parameters.ts'
import type { ExportSpec } from './spec.ts'
import { scopeFilters, typeFilters } from './type-filter.ts'

export type Level =
  | { readonly kind: 'system' }
  | { readonly kind: 'patients' }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'patient'; readonly id: string }

export interface KickOff {
  readonly level: Level
  readonly parameters: Parameters
  /** `Prefer: handling=lenient`: what cannot be followed is left out and told in the outcome file. */
  readonly lenient: boolean
  /** It came as a POST with a Parameters resource. */
  readonly posted: boolean
  readonly caller: Caller
}

const known = new Set(
  '_outputFormat _since _until _type _typeFilter _elements patient includeAssociatedData organizeOutputBy allowPartialManifests'.split(
    ' ',
  ),
)
const ndjson = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson'])
const parquet = new Set(['application/vnd.apache.parquet', 'parquet'])

/** Holds a kick-off against the lake, the specification and the caller's rights, and says what the job will do. */
export async function planExport(
  { provider, now, settings }: Pick<ServerContext, 'provider' | 'now' | 'settings'>,
  kickoff: KickOff,
): Promise<ExportSpec> {
  const { caller, level, parameters } = kickoff
  const ignored: string[] = []
  const soft = <T>(action: () => T, otherwise: T): T => softly(kickoff, ignored, action, otherwise)
  for (const name of parameters.keys()) {
    soft(() => {
      if (!known.has(name)) throw badParameter(safe(name), `The parameter ${safe(name)} is not supported.`)
    }, undefined)
  }
  const format = formatOf(kickoff, soft)
  checkPartial(parameters, soft)
  const provenance = provenanceOf(parameters, soft)
  const organized = organizedBy(kickoff, soft)
  const pin = await provider.pin()
  await checkLevel({ provider }, pin, level, caller)
  const filters = soft(() => typeFilters(parameters.get('_typeFilter') ?? []), [])
  const shared = level.kind === 'system' || organized !== undefined ? [] : settings.sharedTypes
  const asked = exportTypes({ kickoff, held: provider.types(pin), soft, provenance: provenance !== undefined, shared })
  const types = format === undefined ? withTexts(asked, provider.textless(pin), soft) : asked
  const stray = filters.filter(({ type }) => parameters.has('_type') && !types.includes(type))
  if (stray.length > 0) soft(() => refuse('_typeFilter', 'A _typeFilter is for a type that _type leaves out.'), undefined)
  const narrowed = Object.fromEntries(
    types.flatMap((type) => {
      const right = allowed(caller.scopes, type, 'rs')
      return right.ok && right.queries !== undefined ? [[type, right.queries] as const] : []
    }),
  )
  const limits = Object.entries(narrowed).flatMap(([type, queries]) => scopeFilters(type, queries))
  await provider.check(pin, { level: { kind: 'system' }, limits }).catch(() => {
    throw insufficientScope('The token narrows a type by a search that this server cannot hold.')
  })
  const patients = await patientsOf({ provider }, pin, kickoff, soft)
  const since = sinceOf(parameters, now())
  const until = instantOf(parameters, '_until')
  const elements = soft(() => elementsParameter(listOf(parameters, '_elements')), undefined)
  const selection: Selection = {
    level: selectionLevel(level, patients),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(limits.length === 0 ? {} : { limits }),
    ...(provenance === 'latest' ? { latestProvenance: true } : {}),
  }
  const followed = await followedFilters(
    { provider },
    pin,
    filters.filter((filter) => !stray.includes(filter)),
    soft,
  )
  return {
    access: {
      types,
      group: level.kind === 'group' ? level.id : undefined,
      ...(level.kind === 'patient' ? { patients: [level.id] } : {}),
      ...(limits.length === 0 ? {} : { narrowed }),
    },
    pin,
    selection: followed.length === 0 ? selection : { ...selection, filters: followed },
    types,
    ...(shared.length === 0 ? {} : { shared: types.filter((type) => shared.includes(type)) }),
    ignored,
    ...(elements === undefined ? {} : { elements }),
    ...(format === undefined ? {} : { format }),
    ...(organized === undefined ? {} : { organizedBy: organized }),
  }
}

type Soft = <T>(action: () => T, otherwise: T) => T

/** Does it; where it is refused and the caller is lenient, notes why and takes the other value. Only 400s are negotiable. */
function softly<T>({ lenient }: KickOff, ignored: string[], action: () => T, otherwise: T): T {
  try {
    return action()
  } catch (error) {
    if (!lenient || !(error instanceof Refusal) || error.status !== 400) throw error
    ignored.push(error.message)
    return otherwise
  }
}

function refuse(name: string, message: string): never {
  throw badParameter(name, message)
}

/** Parquet has the columns of a table: nothing of it is organised by patient or cut down to elements. */
function formatOf({ parameters }: KickOff, soft: Soft): 'parquet' | undefined {
  const wanted = (parameters.get('_outputFormat') ?? []).map((format) =>
    soft(() => {
      if (ndjson.has(format)) return 'ndjson'
      if (!parquet.has(format))
        refuse('_outputFormat', 'The formats are application/fhir+ndjson and application/vnd.apache.parquet.')
      const clash = ['_elements', 'organizeOutputBy'].find((name) => parameters.has(name))
      if (clash !== undefined) refuse('_outputFormat', `Parquet does not go with ${clash}.`)
      return 'parquet'
    }, 'ndjson'),
  )
  if (new Set(wanted).size > 1) refuse('_outputFormat', 'One format at a time.')
  return wanted[0] === 'parquet' ? 'parquet' : undefined
}

function checkPartial(parameters: Parameters, soft: Soft): void {
  for (const value of parameters.get('allowPartialManifests') ?? []) {
    soft(() => (/^(true|false)$/.test(value) ? undefined : refuse('allowPartialManifests', 'Takes true or false.')), undefined)
  }
}

/** Which Provenance go along: all of what is exported, or the newest of each resource; asked for both, all do. */
function provenanceOf(parameters: Parameters, soft: Soft): 'all' | 'latest' | undefined {
  const values = listOf(parameters, 'includeAssociatedData').filter((value) =>
    soft(() => associated.has(value) || refuse('includeAssociatedData', 'Only Provenance can be included.'), false),
  )
  if (values.includes('RelevantProvenanceResources')) return 'all'
  return values.length === 0 ? undefined : 'latest'
}

const associated = new Set(['LatestProvenanceResources', 'RelevantProvenanceResources'])

function organizedBy({ parameters, level }: KickOff, soft: Soft): 'Patient' | undefined {
  const [value] = parameters.get('organizeOutputBy') ?? []
  if (value === undefined) return undefined
  return soft(() => {
    if (value !== 'Patient') refuse('organizeOutputBy', 'Files are organised by Patient only.')
    if (level.kind === 'system') refuse('organizeOutputBy', 'Files are organised by Patient at patient and Group level.')
    return 'Patient' as const
  }, undefined)
}

/** Group and patient must be there; a caller bound to Groups sees nothing beside them. */
async function checkLevel({ provider }: Pick<ServerContext, 'provider'>, pin: Pin, level: Level, caller: Caller): Promise<void> {
  const { groups } = caller
  if ('id' in level && !/^[A-Za-z0-9.-]{1,64}$/.test(level.id)) throw notFound(level.kind === 'group' ? 'Group' : 'Patient')
  switch (level.kind) {
    case 'group': {
      if (groups !== undefined && !groups.includes(level.id)) throw notFound('Group')
      if ((await provider.groups(pin, [level.id])).length === 0) throw notFound('Group')
      return
    }
    case 'patient': {
      if (!(await provider.knownPatients(pin, [level.id], groups)).has(level.id)) throw notFound('Patient')
      return
    }
    default:
      if (groups !== undefined) throw new Refusal(403, 'forbidden', 'This client may export its Groups only.')
  }
}

interface TypesInput {
  readonly kickoff: KickOff
  /** Types that the lake holds. */
  readonly held: readonly string[]
  readonly soft: Soft
  /** Provenance go along, whatever `_type` says. */
  readonly provenance: boolean
  /** Types of nobody's that go along. */
  readonly shared: readonly string[]
}

/**
 * What is exported: the types asked for, or all that the lake holds and the scopes allow; at patient levels the compartment, and
 * what is shared.
 */
function exportTypes({ kickoff: { level, parameters, caller }, held, soft, provenance, shared }: TypesInput): string[] {
  const fits = (type: string): boolean => level.kind === 'system' || inCompartment(type) || shared.includes(type)
  if (!parameters.has('_type')) {
    const types = held.filter((type) => fits(type) && allowed(caller.scopes, type, 'rs').ok)
    if (types.length === 0 && caller.scopes.every(({ letters }) => !letters.includes('r') || !letters.includes('s'))) {
      throw insufficientScope('The token gives no read access to any type.')
    }
    return types
  }
  const asked = [...new Set([...listOf(parameters, '_type'), ...(provenance ? ['Provenance'] : [])])].filter((type) =>
    soft(() => {
      if (!resourceTypes.has(type)) refuse('_type', `${safe(type)} is no resource type of FHIR R4.`)
      if (!fits(type)) refuse('_type', `${type} is not in the compartment of a patient.`)
      return true
    }, false),
  )
  for (const type of asked) {
    if (!allowed(caller.scopes, type, 'rs').ok) throw insufficientScope(`The token gives no read access to ${type}.`)
  }
  return asked
}

/** NDJSON hands on texts: what was loaded without them is refused, or left out where the caller is lenient. */
function withTexts(types: readonly string[], textless: readonly string[], soft: Soft): string[] {
  const without = types.filter((type) => textless.includes(type))
  if (without.length === 0) return [...types]
  const text =
    `The lake keeps no texts of ${without.join(', ')} (they were loaded with --no-raw): name the other types in _type, or ask for ` +
    '_outputFormat=application/vnd.apache.parquet; for NDJSON the exports have to be loaded into a new lake without --no-raw.'
  return soft(
    () => refuse('_type', text),
    types.filter((type) => !textless.includes(type)),
  )
}

/** `patient`: who of those asked for is in the lake, and in the Group; anybody else is refused. */
async function patientsOf(
  { provider }: Pick<ServerContext, 'provider'>,
  pin: Pin,
  { level, parameters, posted }: KickOff,
  soft: Soft,
): Promise<readonly string[] | undefined> {
  if (!parameters.has('patient')) return undefined
  const ids = listOf(parameters, 'patient').map((value) => value.replace(/^(?:.*\/)?Patient\//, ''))
  const usable = soft(() => {
    if (!posted) refuse('patient', 'The parameter patient is taken in a POST with a Parameters resource only.')
    if (level.kind !== 'patients' && level.kind !== 'group')
      refuse('patient', 'The parameter patient is for patient and Group level.')
    if (ids.length === 0 || ids.some((id) => !/^[A-Za-z0-9.-]{1,64}$/.test(id))) refuse('patient', 'A patient is Patient/id.')
    return true
  }, false)
  if (!usable) return undefined
  const found = await provider.knownPatients(pin, ids, level.kind === 'group' ? [level.id] : undefined)
  if (found.size < new Set(ids).size)
    soft(() => refuse('patient', 'Some of these patients are not there, or not in the Group.'), undefined)
  return [...found]
}

function selectionLevel(level: Level, patients: readonly string[] | undefined): Selection['level'] {
  if (level.kind === 'patient') return { kind: 'some', patients: [level.id] }
  if (level.kind === 'group') return patients === undefined ? level : { ...level, patients }
  return patients === undefined ? level : { kind: 'some', patients }
}

/** Filters that the lake can meet; the others are refused, or left out where the caller is lenient. */
async function followedFilters(
  { provider }: Pick<ServerContext, 'provider'>,
  pin: Pin,
  filters: readonly NonNullable<Selection['filters']>[number][],
  soft: Soft,
): Promise<NonNullable<Selection['filters']>[number][]> {
  const followed: NonNullable<Selection['filters']>[number][] = []
  for (const filter of filters) {
    const wrong = await provider.check(pin, { level: { kind: 'system' }, filters: [filter] }).then(
      () => undefined,
      (error: Error) => error.message,
    )
    if (soft(() => (wrong === undefined ? true : refuse('_typeFilter', wrong)), false)) followed.push(filter)
  }
  return followed
}
