export const bulk = 'http://hl7.org/fhir/uv/bulkdata'
const sqlOnFhir = 'http://hl7.org/fhir/uv/sql-on-fhir'

interface Parameter {
  readonly name: string
  readonly type: string
  readonly max: '1' | '*'
  readonly min?: 0 | 1
  readonly documentation: string
  readonly part?: readonly Parameter[]
}

/** An operation as this server does it: what it does not take does not stand here. */
export interface Operation {
  readonly id: string
  readonly name: string
  /** `system`, or the type whose operation it is. */
  readonly level: 'system' | 'Patient' | 'Group'
  readonly instance: boolean
  /** The definition that it follows; undefined for floe's own. */
  readonly canonical?: string
  readonly parameters: readonly Parameter[]
}

const one = (name: string, type: string, documentation: string): Parameter => ({ name, type, max: '1', documentation })
const many = (name: string, type: string, documentation: string): Parameter => ({ name, type, max: '*', documentation })

const everywhere: readonly Parameter[] = [
  one(
    '_outputFormat',
    'string',
    'application/fhir+ndjson (application/ndjson, ndjson) or application/vnd.apache.parquet (parquet)',
  ),
  one('_since', 'instant', 'what changed, or came into this server, after it; deletions come along'),
  one('_until', 'instant', 'what changed before it'),
  many('_type', 'string', 'resource types'),
  many(
    '_typeFilter',
    'string',
    'a type and a search of the parameters that the CapabilityStatement lists for it: Observation?status=final',
  ),
  many('_elements', 'string', 'root elements to keep; not with Parquet'),
  many('includeAssociatedData', 'code', 'LatestProvenanceResources or RelevantProvenanceResources'),
  one('allowPartialManifests', 'boolean', 'taken; the manifest comes whole all the same'),
]
const ofPatients: readonly Parameter[] = [
  one('organizeOutputBy', 'string', 'Patient; not with Parquet'),
  many('patient', 'Reference', 'some patients only; in a POST'),
]
const ofViews: readonly Parameter[] = [
  one('header', 'boolean', 'a header line in CSV; true by default'),
  many('patient', 'Reference', 'resources of these patients only'),
  one('group', 'Reference', 'resources of the members of this Group only'),
  one('_since', 'instant', 'resources that changed after it only'),
]
const view: Parameter = { ...one('subjectResource', 'Resource', 'a ViewDefinition'), min: 1 }

/** Every operation of the server. */
export const operations: readonly Operation[] = [
  {
    id: 'export',
    name: 'export',
    level: 'system',
    instance: false,
    canonical: `${bulk}/OperationDefinition/export`,
    parameters: everywhere,
  },
  {
    id: 'patient-export',
    name: 'export',
    level: 'Patient',
    instance: true,
    canonical: `${bulk}/OperationDefinition/patient-export`,
    parameters: [...everywhere, ...ofPatients],
  },
  {
    id: 'group-export',
    name: 'export',
    level: 'Group',
    instance: true,
    canonical: `${bulk}/OperationDefinition/group-export`,
    parameters: [...everywhere, ...ofPatients],
  },
  {
    id: 'bulk-publish',
    name: 'bulk-publish',
    level: 'system',
    instance: false,
    canonical: `${bulk}/OperationDefinition/bulk-publish`,
    parameters: [],
  },
  {
    id: 'import',
    name: 'import',
    level: 'system',
    instance: false,
    parameters: [
      one('inputFormat', 'code', 'application/fhir+ndjson (application/ndjson, ndjson)'),
      one('inputSource', 'uri', 'taken, and not written into resources: lines are stored as sent'),
      one('mode', 'code', 'merge (the newest version wins; default), append, ignore, overwrite, error'),
      {
        ...one('storageDetail', 'Element', 'taken where it tells nothing else than https'),
        part: [one('type', 'code', 'https'), one('contentEncoding', 'code', 'gzip or identity; the bytes tell')],
      },
      {
        ...many('input', 'Element', 'what to import'),
        min: 1,
        part: [
          { ...one('url', 'url', 'an address that the operator allows'), min: 1 },
          one('type', 'code', 'the one resource type in it'),
          one('etag', 'string', 'another ETag fails the input'),
        ],
      },
    ],
  },
  {
    id: 'sql-run',
    name: 'sql-run',
    level: 'system',
    instance: false,
    canonical: `${sqlOnFhir}/OperationDefinition/sql-run`,
    parameters: [view, one('_format', 'code', 'ndjson, json or csv'), one('_limit', 'integer', 'rows at most'), ...ofViews],
  },
  {
    id: 'sql-export',
    name: 'sql-export',
    level: 'system',
    instance: false,
    canonical: `${sqlOnFhir}/OperationDefinition/sql-export`,
    parameters: [
      {
        ...many('subject', 'Element', 'a view and the name of its output'),
        min: 1,
        part: [one('name', 'string', 'name of the output'), view],
      },
      one('clientTrackingId', 'string', 'told again in the manifest'),
      one('_format', 'code', 'ndjson, json, csv or parquet'),
      ...ofViews,
    ],
  },
]

/** `GET /fhir/OperationDefinition/{id}`: FHIR R4. */
export function operationDefinition(id: string, base: string): object | undefined {
  const found = operations.find((each) => each.id === id)
  if (found === undefined) return undefined
  const { name, level, instance, canonical, parameters } = found
  return {
    resourceType: 'OperationDefinition',
    id,
    url: `${base}/OperationDefinition/${id}`,
    name: id.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase()),
    status: 'active',
    kind: 'operation',
    affectsState: id === 'import',
    code: name,
    ...(canonical === undefined ? {} : { base: canonical }),
    ...(level === 'system' ? {} : { resource: [level] }),
    system: level === 'system',
    type: level === 'Patient',
    instance,
    parameter: parameters.map(parameterOf),
  }
}

/** A parameter of type Element has parts instead of a value. */
function parameterOf({ name, type, min = 0, max, documentation, part }: Parameter): object {
  const shape = part === undefined ? { type } : { part: part.map(parameterOf) }
  return { name, use: 'in', min, max, documentation, ...shape }
}
