import { BulkError } from '../errors.ts'
import type { StoredRequest } from '../folder/state.ts'
import type { ExportLevel, ExportRequest } from '../types.ts'
import { checkTypeFilter } from './kickoff-parameters.ts'
import { decoded } from './status-url.ts'

/** A kick-off request, ready to be sent. */
export interface KickoffRequest {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body: string | null
  /** The parameters for the log; of `patient` only how many: readers must see that it is a slice, nobody needs to see of whom. */
  logged: Record<string, string>
}

/** Checks a request and writes its times as FHIR instants: the form that the state keeps and that requests are compared in. */
export function normalizeRequest(request: ExportRequest): StoredRequest {
  const { since, until, groupId, ...rest } = request
  if (request.level === 'group' && !groupId) throw usage('a group export needs the id of the Group')
  if (groupId !== undefined && request.level !== 'group') throw usage('a Group was named, but the level is not "group"')
  if (groupId !== undefined && !isId(groupId)) throw usage('a Group id has letters, digits, "-", "_" and "."')
  if (rest.patient !== undefined && rest.patient.length > 0) {
    if (request.level === 'system') throw usage('the parameter patient cannot be used at system level')
    if (rest.kickoff === 'get' && rest.mode !== 'crawl') throw usage('the parameter patient can only be sent by POST')
    if (!rest.patient.every((id) => isId(id.replace(/^Patient\//, '')))) throw usage('one of the patient ids is not a FHIR id')
  }
  for (const filter of rest.typeFilter ?? []) checkTypeFilter(filter)
  if ((rest.identifier?.length ?? 0) > 0) {
    if (rest.mode !== 'crawl') throw usage('patients are found by identifier in a crawl only')
    if ((rest.patient?.length ?? 0) > 0) throw usage('patients are told by id or by identifier, not by both')
    if (!rest.identifier?.every((token) => /^[^|]+\|[^|]+$/.test(token))) throw usage('an identifier is written SYSTEM|VALUE')
  }
  if (rest.mode === 'crawl' && (rest.type ?? []).length === 0) throw usage('a crawl needs the resource types to search for')
  if (rest.mode === 'crawl' && rest.level === 'system')
    throw usage('a crawl goes patient by patient: name a Group, patients, or the patient level')
  const unknown = rest.type?.find((type) => !/^[A-Z][A-Za-z]{0,63}$/.test(type))
  if (unknown !== undefined)
    throw usage(`"${unknown}" is not a resource type`, 'Write it as in FHIR, with capitals: Patient, MedicationRequest.')
  const isAbsent = ([key, value]: [string, unknown]): boolean =>
    value === undefined || (Array.isArray(value) && value.length === 0) || (key === 'mode' && value === 'bulk')
  const kept = Object.entries(rest).filter((entry) => !isAbsent(entry))
  return {
    ...(Object.fromEntries(kept) as Omit<ExportRequest, 'since' | 'until'>),
    ...(groupId === undefined ? {} : { groupId }),
    ...(since === undefined ? {} : { since: instant('since', since) }),
    ...(until === undefined ? {} : { until: instant('until', until) }),
  }
}

/** Whether two requests ask for the same: order of keys does not matter, that of lists does not either. */
export function sameRequest(a: StoredRequest, b: StoredRequest): boolean {
  return canonical(a) === canonical(b)
}

function canonical({ kickoff: _, ...request }: StoredRequest): string {
  const entries = Object.entries(request).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.map(String).toSorted() : value,
  ])
  return JSON.stringify(entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}

const paths: Readonly<Record<ExportLevel, string>> = { system: '$export', patient: 'Patient/$export', group: '' }

/** The address of an export operation without its parameters. */
export function exportUrl(fhirUrl: string, { level, groupId }: Pick<StoredRequest, 'level' | 'groupId'>): string {
  const path = level === 'group' ? `Group/${encodeURIComponent(groupId ?? '')}/$export` : paths[level]
  return `${fhirUrl.replace(/\/+$/, '')}/${path}`
}

export interface KickoffOptions {
  /** The server speaks Bulk Data v4 only: POST, no comma lists, `includeAssociatedData` as Coding. */
  v4?: boolean
  /** Parameters that the server spells otherwise. */
  rename?: Readonly<Record<string, string>>
}

/** Writes the kick-off request: GET with comma lists (one server refuses repeats), POST with a Parameters resource. */
export function kickoffRequest(
  fhirUrl: string,
  request: StoredRequest,
  { v4 = false, rename = {} }: KickoffOptions = {},
): KickoffRequest {
  // `auto` on a v4-only server; GET when it was asked for, whatever the server says.
  const auto = v4 || (request.patient?.length ?? 0) > 0 ? 'post' : 'get'
  const method = request.kickoff === undefined || request.kickoff === 'auto' ? auto : request.kickoff
  const base = exportUrl(fhirUrl, request)
  const parameters = listParameters(request).map((parameter) => ({
    ...parameter,
    name: rename[parameter.name] ?? parameter.name,
  }))
  const headers: Record<string, string> = {
    accept: 'application/fhir+json',
    prefer: request.lenient ? 'respond-async, handling=lenient' : 'respond-async',
  }
  const query = queryString(parameters)
  const patients = request.patient?.length ?? 0
  const logged = {
    ...Object.fromEntries(joined(parameters).map(({ name, values }) => [name, values.join(',')])),
    ...(patients === 0 ? {} : { patient: `(${patients})` }),
  }
  if (method === 'get') return { method: 'GET', url: query === '' ? base : `${base}?${query}`, headers, body: null, logged }
  return {
    method: 'POST',
    url: base,
    headers: { ...headers, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(parametersResource(request, parameters, v4)),
    logged,
  }
}

interface Parameter {
  name: string
  values: readonly string[]
  /** How the value is typed in a Parameters resource. */
  type: 'String' | 'Instant' | 'Boolean' | 'Code'
}

function listParameters(request: StoredRequest): Parameter[] {
  const parameters: Parameter[] = [
    { name: '_outputFormat', values: one(request.outputFormat), type: 'String' },
    { name: '_type', values: request.type ?? [], type: 'String' },
    { name: '_since', values: one(request.since), type: 'Instant' },
    { name: '_until', values: one(request.until), type: 'Instant' },
    { name: '_elements', values: request.elements ?? [], type: 'String' },
    { name: '_typeFilter', values: request.typeFilter ?? [], type: 'String' },
    { name: 'includeAssociatedData', values: request.includeAssociatedData ?? [], type: 'Code' },
    { name: 'organizeOutputBy', values: one(request.organizeOutputBy), type: 'String' },
    { name: 'allowPartialManifests', values: request.allowPartialManifests ? ['true'] : [], type: 'Boolean' },
    ...(request.parameters ?? []).map(([name, value]) => ({ name, values: [value], type: 'String' as const })),
  ]
  return parameters.filter(({ values }) => values.length > 0)
}

function joined(parameters: readonly Parameter[]): { name: string; values: string[] }[] {
  const byName = Map.groupBy(parameters, ({ name }) => name)
  return [...byName].map(([name, same]) => ({ name, values: same.flatMap(({ values }) => [...values]) }))
}

function queryString(parameters: readonly Parameter[]): string {
  return parameters
    .flatMap(({ name, values }) => {
      const encoded = values.map(encodeURIComponent)
      // A comma inside a value would be taken for the list's: such lists are repeated, which means the same (v2, v3).
      const list = values.some((value) => value.includes(',')) ? encoded : [encoded.join(',')]
      return list.map((value) => `${encodeURIComponent(name)}=${value}`)
    })
    .join('&')
}

function parametersResource(request: StoredRequest, parameters: readonly Parameter[], v4: boolean): unknown {
  const simple = parameters.flatMap(({ name, values, type }) => values.map((value) => parameterPart({ name, value, type, v4 })))
  const patients = (request.patient ?? []).map((id) => ({
    name: 'patient',
    valueReference: { reference: id.startsWith('Patient/') ? id : `Patient/${id}` },
  }))
  return { resourceType: 'Parameters', parameter: [...simple, ...patients] }
}

const associatedDataSystem = 'http://hl7.org/fhir/uv/bulkdata/CodeSystem/include-associated-data'

function parameterPart({
  name,
  value,
  type,
  v4,
}: {
  name: string
  value: string
  type: Parameter['type']
  v4: boolean
}): unknown {
  if (type === 'Boolean') return { name, valueBoolean: value === 'true' }
  if (type === 'Code' && v4) return { name, valueCoding: { system: associatedDataSystem, code: value } }
  return { name, [`value${type}`]: value }
}

/** What a FHIR URL of a command says: a base, `…/Group/ID`, `…/Patient`, or a whole `…$export?…`. */
export interface ParsedExportUrl {
  fhirUrl: string
  level?: ExportLevel
  groupId?: string
  /** Parameters of the URL's query. */
  request: Partial<ExportRequest>
}

/** Takes an export URL apart. The query is understood where floe knows the parameter and kept as it is where not. */
export function parseExportUrl(text: string): ParsedExportUrl {
  if (!URL.canParse(text)) throw usage(`"${text.slice(0, 200)}" is not a URL`)
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw usage('a FHIR URL begins with http:// or https://')
  if (url.username !== '' || url.password !== '') {
    throw usage('a FHIR URL carries no user name or password', 'Use --basic-user and --basic-passwd.')
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/?(\$|%24)export$/i, '')
  const request = parseQuery(url.searchParams)
  const group = /^(.*)\/Group\/([^/]+)$/.exec(path)
  if (group) {
    const groupId = decoded(group[2] ?? '')
    if (groupId === undefined) throw usage('the id of the Group in the URL is not well encoded (%)')
    return { fhirUrl: `${url.origin}${group[1]}`, level: 'group', groupId, request }
  }
  if (path.endsWith('/Patient'))
    return { fhirUrl: `${url.origin}${path.slice(0, -'/Patient'.length)}`, level: 'patient', request }
  const whole = /\/?(\$|%24)export$/i.test(url.pathname.replace(/\/+$/, ''))
  return { fhirUrl: `${url.origin}${path}`, ...(whole ? { level: 'system' as const } : {}), request }
}

function parseQuery(query: URLSearchParams): Partial<ExportRequest> {
  const request: Partial<Record<keyof ExportRequest, unknown>> = {}
  const lists = {
    _type: 'type',
    _elements: 'elements',
    _typeFilter: 'typeFilter',
    includeAssociatedData: 'includeAssociatedData',
  } as const
  const singles = {
    _since: 'since',
    _until: 'until',
    _outputFormat: 'outputFormat',
    organizeOutputBy: 'organizeOutputBy',
  } as const
  const others: [string, string][] = []
  for (const [name, value] of query) {
    if (name === '_typeFilter') {
      // A new filter begins after a comma only where a type and a question mark follow: commas inside a filter stay.
      request.typeFilter = [...((request.typeFilter as string[]) ?? []), ...value.split(/,(?=[A-Z][A-Za-z]*\?)/)]
    } else if (name in lists) {
      const key = lists[name as keyof typeof lists]
      request[key] = [...((request[key] as string[]) ?? []), ...value.split(',').filter((item) => item !== '')]
    } else if (name in singles) {
      // A "+" of a zone that was not encoded arrives as a space.
      request[singles[name as keyof typeof singles]] = value.replace(/ (?=\d{2}:\d{2}$)/, '+')
    } else if (name === 'patient') {
      request.patient = [...((request.patient as string[]) ?? []), ...value.split(',')]
    } else if (name === 'allowPartialManifests') request.allowPartialManifests = value === 'true'
    else others.push([name, value])
  }
  if (others.length > 0) request.parameters = others
  return request as Partial<ExportRequest>
}

/** A FHIR instant: seconds and zone. A plain date means its midnight in UTC. */
export function instant(name: string, value: string | Date): string {
  if (value instanceof Date) {
    if (!Number.isNaN(value.getTime())) return value.toISOString()
  } else if (/^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))) return `${value}T00:00:00Z`
  else if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(value) && !Number.isNaN(Date.parse(value)))
    return value
  throw usage(`${name} must be an instant such as 2026-11-21T02:00:00Z`)
}

function one(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value]
}

function isId(text: string): boolean {
  // FHIR allows fewer characters; real servers have ids with "_" and longer ones.
  return /^[\w.~%-]{1,256}$/.test(text) && !/^\.+$/.test(text)
}

function usage(message: string, hint?: string): BulkError {
  return new BulkError({ code: 'usage', message, hint })
}
