import type { Control } from '../jobs/control.ts'

/** What is written down of one thing that happened. */
export interface AuditEntry {
  readonly what: 'token' | 'kick-off' | 'completion' | 'status' | 'download' | 'delete' | 'import' | 'group' | 'audit' | 'denial'
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
}

export interface Audit {
  record(entry: AuditEntry): void
}

const dicom = 'http://dicom.nema.org/resources/ontology/DCM'
const restful = 'http://hl7.org/fhir/restful-interaction'
const eventTypes = 'http://terminology.hl7.org/CodeSystem/audit-event-type'

/** DICOM code and subtype of each kind (BALP: data export 110106, import 110107, user authentication 110114). */
const kinds: Readonly<Record<AuditEntry['what'], { readonly type: object; readonly subtype: object }>> = {
  token: {
    type: { system: dicom, code: '110114', display: 'User Authentication' },
    subtype: { system: dicom, code: '110122', display: 'Login' },
  },
  'kick-off': rest('operation'),
  completion: { type: { system: dicom, code: '110106', display: 'Export' }, subtype: { system: restful, code: 'operation' } },
  status: rest('read'),
  download: { type: { system: dicom, code: '110106', display: 'Export' }, subtype: { system: restful, code: 'read' } },
  delete: rest('delete'),
  import: { type: { system: dicom, code: '110107', display: 'Import' }, subtype: { system: restful, code: 'operation' } },
  group: rest('read'),
  audit: rest('search-type'),
  denial: {
    type: { system: dicom, code: '110113', display: 'Security Alert' },
    subtype: { system: dicom, code: '110126', display: 'Node Authentication' },
  },
}

function rest(code: string): { type: object; subtype: object } {
  return { type: { system: eventTypes, code: 'rest', display: 'RESTful Operation' }, subtype: { system: restful, code } }
}

/** The audit trail: a table of AuditEvents that is only ever added to. */
export function openAudit(control: Control, now: () => Date): Audit {
  return {
    record: (entry) => {
      const recorded = now().toISOString()
      control.run('insert into audit (recorded, client, action, outcome, event) values (?, ?, ?, ?, ?)', [
        recorded,
        entry.client ?? null,
        entry.action,
        entry.outcome,
        JSON.stringify(auditEvent(entry, recorded)),
      ])
    },
  }
}

/** An AuditEvent in the shapes of BALP: the client and the server as agents, what was asked for as entities. */
export function auditEvent(entry: AuditEntry, recorded: string): object {
  const { what, action, outcome, client, address, description, jti, reference, counts = {} } = entry
  const { type, subtype } = kinds[what]
  const observer = { display: 'floe serve' }
  const details = Object.entries(counts).map(([key, value]) => ({ type: key, valueString: String(value) }))
  const entities = [
    ...(reference === undefined
      ? []
      : [
          {
            what: { reference },
            type: code('http://terminology.hl7.org/CodeSystem/audit-entity-type', '1'),
            role: objectRole('1'),
          },
        ]),
    ...(description === undefined && details.length === 0
      ? []
      : [
          {
            type: code('http://terminology.hl7.org/CodeSystem/audit-entity-type', '2'),
            role: objectRole('24'),
            ...(description === undefined ? {} : { description }),
            ...(details.length === 0 ? {} : { detail: details }),
          },
        ]),
  ]
  return {
    resourceType: 'AuditEvent',
    type,
    subtype: [subtype],
    action,
    recorded,
    outcome,
    agent: [
      {
        type: { coding: [{ system: dicom, code: '110153', display: 'Source Role ID' }] },
        who: what === 'import' ? clientOf(client) : observer,
        requestor: what === 'import',
      },
      {
        type: { coding: [{ system: dicom, code: '110152', display: 'Destination Role ID' }] },
        who: what === 'import' ? observer : clientOf(client),
        requestor: what !== 'import',
        ...(address === undefined ? {} : { network: { address, type: '2' } }),
        ...(jti === undefined ? {} : { policy: [`urn:ietf:params:oauth:jti:${jti}`] }),
      },
    ],
    source: { observer, type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }] },
    ...(entities.length === 0 ? {} : { entity: entities }),
  }
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
