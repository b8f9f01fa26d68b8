import { reopenExport } from '../bronze/register.ts'
import type { BronzeExport } from '../bronze/types.ts'
import { literal } from '../engine/sql.ts'
import { rawColumn } from './columns.ts'
import type { LakeContext } from './context.ts'
import { linesOf } from './copy.ts'
import { instant, lastUpdatedOf, versionNumber } from './newest.ts'

/** An export whose lines of one type are in the lake. */
export interface LoadedExport {
  readonly exportId: string
  /** Microseconds since 1970. */
  readonly exportTime: number
}

export interface LoadedExports {
  readonly source: string
  readonly type: string
  readonly exports: readonly LoadedExport[]
}

/**
 * A row that a newer export has sent again, unchanged, is as new as that export, though it keeps the id of the one that brought
 * it: equal content is no change. So the row of a table is at least as new as any version of it that was ever loaded; where its
 * own key does not tell who wins, bronze is asked for a newer one. Changes `floe_met`: a doubtful row whose key (lu, v, time) is
 * older than a version in one of these exports does not win; exports before its `since` cannot hold one.
 */
export async function confirmByLater({ engine, dir }: LakeContext, { source, type, exports }: LoadedExports): Promise<void> {
  const [doubt] = await engine.all<{ since: number | null }>(
    'select epoch_us(min(since)) as since from floe_met where newer and doubtful',
  )
  const since = doubt?.since ?? null
  if (since === null) return
  for (const { exportId, exportTime } of exports) {
    if (exportTime < Number(since)) continue
    const bronze = await reopenExport({ source, exportId }, { lakeDir: dir })
    const files = bronze?.types.find((each) => each.type === type)?.files ?? []
    if (bronze === undefined || files.length === 0) continue
    await bronze.stage(type)
    const time = `make_timestamptz(${exportTime})`
    await engine.run(`update floe_met set newer = false from (
        select json_extract_string(json, '$.id') as id,
          coalesce(${lastUpdatedOf("json_extract_string(json, '$.meta.lastUpdated')")}, ${time}) as lu,
          ${versionNumber("json_extract_string(json, '$.meta.versionId')")} as v
        from ${linesOf(files)}
        where json_extract_string(json, '$.id') in (select id from floe_met where newer and doubtful)) seen
      where floe_met.newer and floe_met.doubtful and floe_met.id = seen.id
        and (seen.lu, seen.v, ${time}) > (floe_met.lu, floe_met.v, floe_met.time)`)
    await bronze.release()
  }
}

/** An export some lines of which come after the others. */
export type LateExport = Pick<BronzeExport, 'types' | 'stage' | 'release'>

/**
 * Lines that were refused at first arrived with their export, where they stand in its files: of lines with equal keys the last
 * is the newest, whichever was loaded first. Changes `floe_met`; `texts` is a relation (file, pos, _raw) of the lines that come.
 */
export async function confirmByPlace(
  { engine }: LakeContext,
  { late, type, texts, exportTime }: { late: LateExport; type: string; texts: string; exportTime: string },
): Promise<void> {
  const [tied] = await engine.all<{ n: number }>('select count(*) as n from floe_met where newer and tied')
  const files = late.types.find((each) => each.type === type)?.files ?? []
  if ((tied?.n ?? 0) === 0 || files.length === 0) return
  await late.stage(type)
  await engine.run(`update floe_met set newer = false from (
      select f.file, f.pos
      from floe_met m
      join (select file, pos, md5_number(${rawColumn}) as content from ${texts}) f on f.file = m.file and f.pos = m.pos
      join (select id, lu, v, arg_max(content, n) as content
            from (select row_number() over () as n, json_extract_string(json, '$.id') as id,
                    coalesce(${lastUpdatedOf("json_extract_string(json, '$.meta.lastUpdated')")}, ${instant(exportTime)}) as lu,
                    ${versionNumber("json_extract_string(json, '$.meta.versionId')")} as v, md5_number(json::varchar) as content
                  from ${linesOf(files)}
                  where json_extract_string(json, '$.id') in (select id from floe_met where newer and tied))
            group by id, lu, v) last on last.id = m.id and last.lu = m.lu and last.v = m.v
      where m.newer and m.tied and last.content <> f.content) earlier
    where floe_met.file = earlier.file and floe_met.pos = earlier.pos`)
  await late.release()
}

/** All exports of this source and type but the one at work: (export_id, export_time in microseconds since 1970). */
export function otherExportsSql(
  completion: string,
  { source, type, exportId }: { source: string; type: string; exportId: string },
): string {
  return `select export_id, epoch_us(max(export_time)) as export_time from ${completion}
    where source = ${literal(source)} and type = ${literal(type)} and export_id <> ${literal(exportId)} and export_time is not null
    group by export_id order by export_id`
}
