import type { Engine } from '../engine/engine.ts'
import { ident } from '../engine/sql.ts'
import type { BlockedRow, CompletionRow, LoadRow, QualityRow, ReconciliationRow, StatusReport } from '../types.ts'
import { encountersSql, type VisibilitySources, waitingSql } from './visible.ts'

export interface StatusSources extends VisibilitySources {
  readonly reconciliation: string
  /** Rows of `floe.quality`. */
  readonly quality: readonly QualityRow[]
}

const loadColumns = 'load_id export_id source group_name export_time kind status asserted started_at finished_at'
const reconciliationColumns = 'load_id export_id source type manifest_count lines rows duplicates stale quarantined holds'
const completionColumns = 'source group_name type export_id export_time kind rows quarantined complete'

/** `floe status --lake`: loads, completeness per group and type, and what blocks hidden Encounters. */
export async function statusReport(engine: Engine, sources: StatusSources): Promise<StatusReport> {
  const { loads, completion, reconciliation } = sources
  const [encounters] = await engine.all<{ visible: number; hidden: number }>(
    `select count(*) filter (where visible) as visible, count(*) filter (where not visible) as hidden from (${encountersSql(sources)})`,
  )
  return {
    loads: await engine.all<LoadRow>(`select ${list(loadColumns)} from ${loads} order by started_at, load_id`),
    reconciliation: await engine.all<ReconciliationRow>(
      `select ${list(reconciliationColumns)} from ${reconciliation} r
       join (select load_id, started_at from ${loads}) using (load_id) order by started_at, load_id, type`,
    ),
    completion: await engine.all<CompletionRow>(
      `select ${list(completionColumns)} from ${completion} order by source, group_name, export_time, export_id, type`,
    ),
    encounters: encounters ?? { visible: 0, hidden: 0 },
    blocked: await blocked(engine, sources),
    quality: sources.quality,
  }
}

/** Encounters that are in the lake still and wait; one row per group and type, with the latest time that any of them needs. */
async function blocked(engine: Engine, sources: VisibilitySources): Promise<BlockedRow[]> {
  return await engine.all<BlockedRow>(`
    with waits as (
      select w.source, unnest(w.groups) as group_name, w.type, w.since, w.id
      from ${waitingSql(sources)} w
      where exists (select 1 from ${sources.encounters} e where e._source = w.source and e.id = w.id))
    select w.source, w.group_name as "group", w.type, c.have, max(w.since) as need, count(*) as encounters
    from waits w
    left join (
      select source, group_name, type, max(export_time) as have from ${sources.completion} where complete group by all) c
      on c.source = w.source and c.group_name = w.group_name and c.type = w.type
    group by w.source, w.group_name, w.type, c.have
    order by w.source, w.group_name, w.type`)
}

function list(names: string): string {
  return names.split(' ').map(ident).join(', ')
}
