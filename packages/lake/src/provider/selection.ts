import { ident, literal, literals } from '../engine/sql.ts'
import type { ScanPlan } from '../iceberg/plan.ts'
import { scanSql } from '../iceberg/plan.ts'
import { shapeOf } from '../iceberg/shape.ts'
import { controlColumns, rawColumn } from '../silver/columns.ts'
import { filterSql } from './search.ts'
import type { Selection, TypeFilter } from './types.ts'

/** Relations that a selection reads beside the type's own table. */
export interface SelectionSources {
  /** (source, export_id, started_at, export_time, committed): when each load was published. */
  readonly loads: string
  /** ms since 1970 of the lake's first commit; undefined before it. */
  readonly firstCommit: number | undefined
  /** (patient): members of the Group, where the selection names one. */
  readonly members: string | undefined
  /** The table holds rows of several sources. */
  readonly severalSources: boolean
  /** (reference): `Type/id` of everything in the compartment, where Provenance of it is asked for. */
  readonly compartment: string | undefined
}

export interface SelectionPlan {
  readonly type: string
  readonly plan: ScanPlan
  /** Holds the data files to read. */
  readonly part: ScanPlan
  readonly selection: Selection
  readonly sources: SelectionSources
}

/** A SELECT (patient, raw) of what a selection takes of one type, each resource once. */
export function patientLinesSql(taken: SelectionPlan): string {
  return selectionSql(taken, { columns: [rawColumn], select: `t._patient as patient, t.${ident(rawColumn)} as raw` })
}

/**
 * A SELECT (_file, _pos) of the rows that a selection takes of one type, each resource once; undefined when it is all of them.
 */
export function placesSql(taken: SelectionPlan): string | undefined {
  const all = conditionsOf(taken).length === 0 && taken.part.files.every(({ deletes }) => deletes.length === 0)
  return all ? undefined : selectionSql(taken, { columns: [], select: 't._file, t._pos', positions: true })
}

/** A SELECT of columns of the rows that a selection takes of one type, each resource once. */
export function rowsSql(taken: SelectionPlan, columns: readonly string[]): string {
  return selectionSql(taken, { columns, select: columns.map((name) => `t.${ident(name)}`).join(', ') })
}

/** A SELECT (patient) of whose resources a selection takes of one type. */
export function patientsSql(taken: SelectionPlan): string {
  return selectionSql(taken, { columns: [], select: 'distinct t._patient as patient' })
}

function selectionSql(
  taken: SelectionPlan,
  { columns, select, positions = false }: { columns: readonly string[]; select: string; positions?: boolean },
): string {
  const { plan, part, selection, sources } = taken
  const conditions = conditionsOf(taken)
  const known = Object.keys(shapeOf(plan.schema).struct)
  const read = known.filter((name) => columns.includes(name) || reads(name, conditions.join(' ')))
  const where = conditions.length === 0 ? '' : `\nwhere ${conditions.join('\n  and ')}`
  return `select ${select} from (${scanSql(part, { columns: read, positions })}) t
${selection.since === undefined ? '' : `left join ${sources.loads} l on l.source = t._source and l.export_id = t._export_id and l.started_at = t._ingested_at`}${where}`
}

function conditionsOf(taken: SelectionPlan): string[] {
  const { type, plan, selection, sources } = taken
  const shape = shapeOf(plan.schema)
  return [
    ...(sources.compartment === undefined
      ? levelConditions(selection, sources.members)
      : [aboutCompartment(plan, sources.compartment)]),
    ...(type === 'Provenance' && selection.latestProvenance === true ? [latest(plan)] : []),
    ...sinceConditions(selection, sources),
    ...(selection.until === undefined ? [] : [`coalesce(t._last_updated, t._ingested_at) < ${instant(selection.until)}`]),
    ...anyOf(type, selection.filters, shape),
    ...anyOf(type, selection.limits, shape),
    ...(sources.severalSources
      ? [`not exists (select 1 from ${losersSql(taken)} x where x._source = t._source and x.id = t.id)`]
      : []),
  ]
}

/** Only columns that are named are read: control columns, and elements of filters. */
function reads(name: string, conditions: string): boolean {
  return Object.hasOwn(controlColumns.struct, name) || conditions.includes(`t.${ident(name)}`)
}

/** What of a table belongs to the level; `t` is the row. */
export function levelConditions({ level }: Selection, members: string | undefined, patient = 't._patient'): string[] {
  switch (level.kind) {
    case 'system':
      return []
    case 'patients':
      return [`${patient} is not null`]
    case 'group':
      return [
        `${patient} in (select patient from ${members ?? '(select null::varchar as patient where false)'})`,
        ...(level.patients === undefined ? [] : [`list_contains(${literals(level.patients)}::varchar[], ${patient})`]),
      ]
    case 'some':
      return [`list_contains(${literals(level.patients)}::varchar[], ${patient})`]
  }
}

/**
 * Later by the resource's own time, or later in this lake: a late arrival is seen by who asks for what changed since the last
 * transaction time (CONTRACT §5.7).
 */
function sinceConditions({ since }: Selection, { firstCommit }: SelectionSources): string[] {
  if (since === undefined) return []
  const chained = firstCommit !== undefined && Date.parse(since) >= firstCommit
  const late = `coalesce(l.committed, t._ingested_at, 'infinity'::timestamptz) > ${instant(since)}`
  return [`(t._last_updated > ${instant(since)}${chained ? ` or ${late}` : ''})`]
}

function anyOf(type: string, filters: readonly TypeFilter[] | undefined, shape: ReturnType<typeof shapeOf>): string[] {
  const own = (filters ?? []).filter((filter) => filter.type === type)
  return own.length === 0 ? [] : [`(${own.map((filter) => filterSql(filter, shape)).join(' or ')})`]
}

const versionNumber = `coalesce(try_cast(case when regexp_full_match(_version_id, '[0-9]{1,38}') then _version_id end as hugeint), 0::hugeint)`

/** Rows (_source, id) of `part` that another source holds in a newer version (CONTRACT §5.8, by §4 rule 9). */
function losersSql({ plan, part, sources: { loads } }: SelectionPlan): string {
  const narrow = scanSql(plan, { columns: ['id', '_source', '_version_id', '_last_updated', '_export_id', '_ingested_at'] })
  return `(select _source, id from (
    select n._source, n.id, row_number() over (
      partition by n.id
      order by coalesce(n._last_updated, e.export_time, '-infinity'::timestamptz) desc, ${versionNumber} desc,
        e.export_time desc nulls last, n._ingested_at desc nulls last, n._source) as place
    from (${narrow}) n
    left join ${loads} e on e.source = n._source and e.export_id = n._export_id and e.started_at = n._ingested_at
    where n.id in (
      select id from (${scanSql(plan, { columns: ['id'] })})
      where id in (select id from (${scanSql(part, { columns: ['id'] })}))
      group by id having count(*) > 1))
  where place > 1)`
}

/** (id, recorded, reference): what each Provenance is about. */
function targets(plan: ScanPlan): string {
  const recorded = plan.schema.fields.some(({ name }) => name === 'recorded')
  return `(select id, ${recorded ? 'recorded' : 'null::varchar as recorded'},
      regexp_extract(u.x.reference, '([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?$', 1) as reference
    from (select ${recorded ? 'id, recorded' : 'id'}, unnest(target) as x from (${scanSql(plan, { columns: recorded ? ['id', 'recorded', 'target'] : ['id', 'target'] })})) u)`
}

/** Provenance belongs to a patient through what it is about (Bulk Data: all Provenance of the compartment's resources). */
function aboutCompartment(plan: ScanPlan, compartment: string): string {
  return `t.id in (select p.id from ${targets(plan)} p join ${compartment} k on k.reference = p.reference)`
}

function latest(plan: ScanPlan): string {
  return `t.id in (select arg_max(id, coalesce(recorded, '')) from ${targets(plan)} group by reference)`
}

export function instant(text: string): string {
  return `timestamptz ${literal(text)}`
}
