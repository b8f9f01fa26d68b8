import { usageError } from '../errors.ts'
import type { SnapshotChoice, Table } from '../iceberg/table.ts'

/** An export that some load brought: what `--as-of EXPORT` can name. */
export interface LoadedExport {
  readonly source: string
  readonly export_id: string
}

/** The command that shows which exports a lake holds. */
export const exportsQuery = 'floe query "select source, export_id, export_time, status from floe.loads" --format table'

/** Which snapshot of each table; one choice for the whole lake. */
export type AsOf = (table: Table) => SnapshotChoice

/**
 * What the lake held at the end of a load, at an instant, or when a snapshot was current: also for the tables that it did not
 * touch.
 *
 * Two sources may hold the same export id: the bare id is then refused, naming both.
 */
export function asOf(text: string, tables: readonly Table[], exports: readonly LoadedExport[]): AsOf {
  const tag = tagOf(text, tables, exports)
  if (tag !== undefined) {
    const tagged = (table: Table): number | undefined => timeOf(table, table.metadata.refs[tag]?.['snapshot-id'])
    const at = Math.max(...tables.flatMap((table) => tagged(table) ?? []))
    return (table) => {
      const own = tagged(table)
      // An export that grew was loaded several times: what its last load did not touch is as of then, too.
      return own === undefined || (own < at && reaches(table, at)) ? { at } : { tag }
    }
  }
  if (/^\d+$/.test(text)) {
    const at = tables.map((table) => timeOf(table, text)).find((time) => time !== undefined)
    if (at !== undefined) return (table) => (timeOf(table, text) === undefined ? { at } : { snapshotId: text })
  }
  const instant = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(instant)) return () => ({ at: instant })
  throw usageError(`The lake knows no export, snapshot or instant ${JSON.stringify(text)}.`, exportsQuery)
}

function tagOf(text: string, tables: readonly Table[], exports: readonly LoadedExport[]): string | undefined {
  const tagged = (tag: string): boolean => tables.some(({ metadata }) => metadata.refs[tag] !== undefined)
  const named = exports.filter(({ source, export_id: id }) => id === text || `${source}/${id}` === text)
  const sources = new Set(named.map(({ source }) => source))
  if (sources.size > 1) {
    const choices = [...sources].map((source) => `${source}/${text}`).join(' or ')
    throw usageError(`Several sources hold an export ${JSON.stringify(text)}.`, `Say which: ${choices}`)
  }
  const [one] = named
  if (one === undefined) return tagged(text) ? text : undefined
  return [`${one.source}/${one.export_id}`, one.export_id].find(tagged)
}

/** Whether the table's history tells its snapshot of that time. */
function reaches({ metadata }: Table, at: number): boolean {
  const entry = metadata['snapshot-log'].findLast((each) => each['timestamp-ms'] <= at)
  return metadata.snapshots.some((snapshot) => snapshot['snapshot-id'] === entry?.['snapshot-id'])
}

function timeOf({ metadata }: Table, id: string | undefined): number | undefined {
  return id === undefined ? undefined : metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === id)?.['timestamp-ms']
}
