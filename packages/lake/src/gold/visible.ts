import { typeInLowerCase } from '../bronze/release.ts'
import { literal, literals } from '../engine/sql.ts'
import type { StructShape } from '../iceberg/shape.ts'
import { referenceAt, referredId } from '../silver/reference.ts'

/**
 * Types that must be loaded at or after an Encounter's export before it counts: the ten of Cumulus, and MedicationDispense, which
 * Cumulus Library asks for since 6.3.
 */
export const requiredTypes: readonly string[] = [
  'AllergyIntolerance',
  'Condition',
  'DiagnosticReport',
  'DocumentReference',
  'EpisodeOfCare',
  'MedicationDispense',
  'MedicationRequest',
  'Observation',
  'Procedure',
  'ServiceRequest',
  'Specimen',
]

/** Relations that the rule reads, each as SQL. */
export interface VisibilitySources {
  readonly loads: string
  readonly completion: string
  readonly tracked: string
  /** (_source, id) */
  readonly encounters: string
  readonly required: readonly string[]
}

/**
 * Per Encounter that a group tracks: which type it waits for, and until when (CONTRACT §4 rule 11; reference: cumulus §1.5).
 *
 * An Encounter is tracked since its earliest export over all its groups; each required type must have a complete load at or after
 * that in any of these groups. What the newest load of a group excludes is not waited for. Columns: (source, id, groups, since,
 * type).
 */
export function waitingSql({ loads, completion, tracked, required }: Omit<VisibilitySources, 'encounters'>): string {
  return `(
    with excluded as (
      select source, group_name, unnest(string_split(arg_max(coalesce(excluded_resources, ''), started_at), ',')) as type
      from ${loads}
      where status in ('complete', 'incomplete') and group_name is not null
      group by source, group_name),
    reached as (
      select source, group_name, type, max(export_time) as reached
      from ${completion}
      where complete
      group by source, group_name, type),
    followed as (
      select source, encounter_id as id, min(export_time) as since, list_sort(list_distinct(list(group_name))) as groups
      from ${tracked}
      group by source, encounter_id),
    -- Encounters by the thousand share a group and a time: the rule is asked once for each such set.
    kinds as (select distinct source, groups, since from followed),
    waits as (
      select k.source, k.groups, k.since, r.type
      from kinds k, (select unnest(${literals(required)}::varchar[]) as type) r
      where not exists (
          select 1 from reached c
          where c.source = k.source and list_contains(k.groups, c.group_name) and c.type = r.type and c.reached >= k.since)
        and not exists (
          select 1 from excluded e
          where e.source = k.source and list_contains(k.groups, e.group_name) and e.type = r.type))
    select f.source, f.id, f.groups, f.since, w.type
    from followed f
    join waits w on w.source = f.source and w.groups = f.groups and w.since = f.since)`
}

/** View `floe.encounters(_source, id, visible, blocked_by)`. */
export function encountersSql(sources: VisibilitySources): string {
  return `select e._source, e.id, w.types is null as visible, array_to_string(w.types, ', ') as blocked_by
    from ${sources.encounters} e
    left join (select source, id, list_sort(list(type)) as types from ${waitingSql(sources)} group by source, id) w
      on w.source = e._source and w.id = e.id`
}

/** Hidden Encounters (_source, id). */
export function hiddenSql(sources: VisibilitySources): string {
  return `(select distinct source as _source, id from ${waitingSql(sources)})`
}

/**
 * Which rows of a silver table are visible: neither hidden Encounters nor what refers to one (`encounter`, `context.encounter`).
 */
export function visibleRows(type: string, shape: StructShape, relation: string, hidden: string): string {
  if (type === 'Encounter') {
    return `(select * from ${relation} t where not exists (select 1 from ${hidden} h where h._source = t._source and h.id = t.id))`
  }
  const references = [['encounter'], ['context', 'encounter']].flatMap((path) => referenceAt('t', path, shape) ?? [])
  if (references.length === 0) return relation
  const conditions = references.map(({ sql, list }) =>
    list
      ? `not exists (
          select 1 from (select _source, id, unnest(${sql}) as reference from ${relation} t) r
          join ${hidden} h on h._source = r._source and h.id = ${referredId('Encounter', 'r.reference')}
          where r._source = t._source and r.id = t.id)`
      : `not exists (select 1 from ${hidden} h where h._source = t._source and h.id = ${referredId('Encounter', sql)})`,
  )
  return `(select * from ${relation} t where ${conditions.join(' and ')})`
}

/** The FHIR type of a silver table's name. */
export function typeOfTable(name: string): string | undefined {
  return typeInLowerCase(name)
}

export interface SilverTable {
  readonly type: string
  readonly relation: string
  readonly shape: StructShape
}

/** View `floe.visible(_source, type, id)`: every silver resource but hidden Encounters and what refers to one. */
export function visibleSql(tables: readonly SilverTable[], hidden: string): string {
  const parts = tables.map(
    ({ type, relation, shape }) =>
      `select _source, ${literal(type)} as type, id from ${visibleRows(type, shape, relation, hidden)}`,
  )
  return parts.length === 0
    ? 'select null::varchar as _source, null::varchar as type, null::varchar as id where false'
    : parts.join('\nunion all ')
}
