import { hostname } from 'node:os'
import type { Control } from '../jobs/control.ts'

export type AuditKind =
  | 'token'
  | 'kick-off'
  | 'completion'
  | 'status'
  | 'download'
  | 'disclosure'
  | 'delete'
  | 'import'
  | 'group'
  | 'search'
  | 'audit'
  | 'denial'

/** What is written down of one thing that happened. */
export interface AuditEntry {
  readonly what: AuditKind
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E'
  /** 0 done, 4 refused, 8 failed. */
  readonly outcome: '0' | '4' | '8'
  readonly client: string | undefined
  /** Where the request came from. */
  readonly address: string | undefined
  /** Route template and what was asked for; never a resource's content. */
  readonly description?: string
  /** Of a token: its assertion's jti. */
  readonly jti?: string
  /** `Group/42`, `Patient/7` */
  readonly reference?: string
  readonly counts?: Readonly<Record<string, string | number>>
  /** The request as it came, without its body. */
  readonly query?: string
  /** Of an event about one of the patients of a job: a digest that names the job and opens nothing. */
  readonly job?: string
  /** What this server is called. */
  readonly server?: string
}

export interface Audit {
  record(entry: AuditEntry): void
  /** Writes what was only counted so far, when its minute is over. */
  settle(): void
}

const dicom = 'http://dicom.nema.org/resources/ontology/DCM'
const restful = 'http://hl7.org/fhir/restful-interaction'
const eventTypes = 'http://terminology.hl7.org/CodeSystem/audit-event-type'

const disclose = { system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle', code: 'disclose', display: 'Disclose' }
const exported = { system: dicom, code: '110106', display: 'Export' }

/** DICOM code and subtypes of each kind (BALP: data export 110106, import 110107, user authentication 110114). */
const kinds: Readonly<Record<AuditKind, { readonly type: object; readonly subtype: readonly object[] }>> = {
  token: {
    type: { system: dicom, code: '110114', display: 'User Authentication' },
    subtype: [{ system: dicom, code: '110122', display: 'Login' }],
  },
  'kick-off': rest('operation'),
  completion: { type: exported, subtype: [{ system: restful, code: 'operation' }, disclose] },
  status: rest('read'),
  download: { type: exported, subtype: [{ system: restful, code: 'read' }, disclose] },
  disclosure: { type: exported, subtype: [disclose] },
  delete: rest('delete'),
  import: {
    type: { system: dicom, code: '110107', display: 'Import' },
    subtype: [{ system: restful, code: 'operation' }],
  },
  group: rest('read'),
  search: rest('search-type'),
  audit: rest('search-type'),
  denial: {
    type: { system: dicom, code: '110113', display: 'Security Alert' },
    subtype: [{ system: dicom, code: '110126', display: 'Node Authentication' }],
  },
}

function rest(interaction: string): { type: object; subtype: object[] } {
  const subtype = [{ system: restful, code: interaction }]
  return { type: { system: eventTypes, code: 'rest', display: 'RESTful Operation' }, subtype }
}

/** Refusals of nobody in particular that are written down one by one in a minute; the others are counted. */
const anonymousPerMinute = 100

/**
 * The audit trail: a table of AuditEvents that is only ever added to.
 *
 * Whoever is not let in could fill the disk with refusals, so of those only the first hundred of a minute stand there by
 * themselves.
 */
export function openAudit(control: Control, now: () => Date): Audit {
  let minute = 0
  let seen = 0
  const write = (entry: AuditEntry): void => {
    const recorded = now().toISOString()
    control.run('insert into audit (recorded, client, action, outcome, event) values (?, ?, ?, ?, ?)', [
      recorded,
      entry.client ?? null,
      entry.action,
      entry.outcome,
      JSON.stringify(auditEvent(entry, recorded)),
    ])
  }
  const endMinute = (): void => {
    const present = Math.floor(now().getTime() / 60_000)
    if (present === minute) return
    const untold = seen - anonymousPerMinute
    minute = present
    seen = 0
    if (untold <= 0) return
    const description = 'refusals without a client, beyond those told'
    write({ what: 'denial', action: 'E', outcome: '4', client: undefined, address: undefined, description, counts: { untold } })
  }
  return {
    record: (entry) => {
      endMinute()
      if (entry.outcome === '4' && entry.client === undefined && ++seen > anonymousPerMinute) return
      write(entry)
    },
    settle: endMinute,
  }
}

/** An AuditEvent in the shapes of BALP: the client and the server as agents, what was asked for as entities. */
export function auditEvent(entry: AuditEntry, recorded: string): object {
  const { what, action, outcome, reference, server = serverName } = entry
  const { type, subtype } = kinds[what]
  const observer = { display: 'floe serve' }
  const own = { who: observer, requestor: false, network: { address: server, type: '1' } }
  const entities = [...(reference === undefined ? [] : [referenceEntity(reference)]), ...askedFor(entry)]
  return {
    resourceType: 'AuditEvent',
    type,
    subtype,
    action,
    recorded,
    outcome,
    agent: what === 'token' ? tokenAgents(entry, own) : dataAgents(entry, own),
    source: { observer, type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }] },
    ...(entities.length === 0 ? {} : { entity: entities }),
  }
}

const serverName = hostname()
const dicomType = (value: string, display: string): object => ({ coding: [{ system: dicom, code: value, display }] })

/** Where the data comes from and where it goes: of an import, and of a search (BALP PatientQuery), the client is the source. */
function dataAgents({ what, client, address }: AuditEntry, own: object): object[] {
  const network = address === undefined ? {} : { network: { address, type: '2' } }
  const asking = { who: clientOf(client), requestor: true, ...network }
  const [source, destination] = what === 'import' || what === 'search' || what === 'audit' ? [asking, own] : [own, asking]
  return [
    { type: dicomType('110153', 'Source Role ID'), ...source },
    { type: dicomType('110152', 'Destination Role ID'), ...destination },
  ]
}

/** BALP, OAuth tokens: who presented which assertion, the application, and who answered. */
function tokenAgents({ client, address, jti }: AuditEntry, own: object): object[] {
  const network = address === undefined ? {} : { network: { address, type: '2' } }
  const who = clientOf(client)
  const user = { coding: [{ system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/UserAgentTypes', code: 'UserOauthAgent' }] }
  return [
    { type: user, who, requestor: true, ...(jti === undefined ? {} : { policy: [`urn:ietf:params:oauth:jti:${jti}`] }) },
    { type: dicomType('110150', 'Application'), who, requestor: false, ...network },
    { type: dicomType('110152', 'Destination Role ID'), ...own },
  ]
}

const entityType = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'

/** A patient is a person (1, 1); a Group a system object (2) that is a list (20). */
function referenceEntity(reference: string): object {
  const [type, role] = reference.startsWith('Patient/') ? ['1', '1'] : ['2', '20']
  return { what: { reference }, type: code(entityType, type), role: objectRole(role) }
}

/** What was asked for (type 2, role 24 with the request as base64), what came of it, and which patients it is about as a set. */
function askedFor({ description, query, counts = {}, job }: AuditEntry): object[] {
  const details = Object.entries(counts).map(([key, value]) => ({ type: key, valueString: String(value) }))
  const set =
    job === undefined ? [] : [{ what: { identifier: { value: job } }, type: code(entityType, '4'), role: objectRole('20') }]
  if (description === undefined && query === undefined && details.length === 0) return set
  const entity = {
    type: code(entityType, '2'),
    role: objectRole('24'),
    ...(description === undefined ? {} : { description }),
    ...(query === undefined ? {} : { query: Buffer.from(query).toString('base64') }),
    ...(details.length === 0 ? {} : { detail: details }),
  }
  return [entity, ...set]
}

function clientOf(client: string | undefined): object {
  return client === undefined ? { display: 'unknown' } : { identifier: { value: client } }
}

function code(system: string, value: string): { system: string; code: string } {
  return { system, code: value }
}

function objectRole(value: string): object {
  return code('http://terminology.hl7.org/CodeSystem/object-role', value)
}
