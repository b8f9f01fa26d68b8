import { reopenExport } from '../bronze/register.ts'
import { literal } from '../engine/sql.ts'
import type { LakeContext } from './context.ts'
import { linesOf } from './copy.ts'

export interface LaterExports {
  readonly source: string
  readonly type: string
  /** Export ids, from newer export times than that of the load at work. */
  readonly exports: readonly string[]
}

/**
 * Rows that a newer export has sent again, unchanged, are as new as that export, though they keep the id of the one that brought them:
 * equal content is no change. It matters when an older export is loaded late, and its rows carry no `lastUpdated`; only then bronze is
 * asked. Changes `floe_met`: what came late does not win over such a row.
 */
export async function confirmByLater({ engine, dir }: LakeContext, { source, type, exports }: LaterExports): Promise<void> {
  for (const exportId of exports) {
    const bronze = await reopenExport({ source, exportId }, { lakeDir: dir })
    const files = bronze?.types.find((each) => each.type === type)?.files ?? []
    if (bronze === undefined || files.length === 0) continue
    await bronze.stage()
    await engine.run(`update floe_met set newer = false from (
        select json_extract_string(json, '$.id') as id
        from ${linesOf(files)}
        where json_extract_string(json, '$.meta.lastUpdated') is null) seen
      where floe_met.newer and floe_met.timeless and floe_met.id = seen.id`)
    await bronze.release()
  }
}

/** Exports of this source and type that are newer than `exportTime`. */
export function laterExportsSql(
  completion: string,
  { source, type, exportTime }: { source: string; type: string; exportTime: string },
): string {
  return `select distinct export_id from ${completion}
    where source = ${literal(source)} and type = ${literal(type)} and export_time > timestamptz ${literal(exportTime)} order by export_id`
}
