import { typeOfTable } from '../gold/visible.ts'
import { type Shape, shapeOf } from '../iceberg/shape.ts'
import { schemaById, snapshotById, type Table } from '../iceberg/table.ts'
import { type LakeContext, relationOf } from '../silver/context.ts'
import { ledgerTables } from '../silver/ledger-tables.ts'
import type { Severity } from '../types.ts'

/** What was found by looking at what was there before, in the form of a rule. */
export interface Comparison {
  readonly id: string
  readonly resource: string
  readonly severity: Severity
  readonly message: string
  /** What was compared, as a number. */
  readonly checked: number
  /** What differs: an export, or an element. */
  readonly differing: readonly { readonly source: string | null; readonly id: string }[]
}

/** A full export that differs by more than this share from the one before is told. */
const volumeShare = 0.2
/** Ledger tables that {@link comparisons} read. */
export const comparedTables: readonly string[] = ['completion', 'reconciliation']

/**
 * `volume-<type>`: the last full export of a source and group has a fifth more or fewer lines than the one before, or none any
 * more. `drift-<type>`: elements that no resource had before the last change of the table. Only what can be compared is told.
 */
export async function comparisons(context: LakeContext, tables: readonly Table[]): Promise<Comparison[]> {
  return [...(await volumes(context, tables)), ...tables.flatMap((table) => drift(table))]
}

async function volumes({ engine }: LakeContext, tables: readonly Table[]): Promise<Comparison[]> {
  const ledger = async (name: 'completion' | 'reconciliation'): Promise<string> =>
    await relationOf(
      tables.find((table) => table.namespace === 'floe' && table.name === name),
      ledgerTables[name],
    )
  const rows = await engine.all<{ source: string; type: string; export_id: string; differs: boolean }>(
    `with counts as (select source, export_id, type, max(lines) as lines from ${await ledger('reconciliation')} group by all),
    exports as (
      select c.source, c.group_name, c.type, c.export_id, c.export_time, coalesce(n.lines, 0) as lines
      from ${await ledger('completion')} c
      left join counts n on n.source = c.source and n.export_id = c.export_id and n.type = c.type
      where c.kind = 'full'),
    compared as (
      select *, lag(lines) over series as former, lead(lines) over series is null as is_last
      from exports
      window series as (partition by source, group_name, type order by export_time, export_id))
    select source, type, export_id, abs(lines - former) > ${volumeShare} * former as differs
    from compared where is_last and former > 0 order by all`,
  )
  return [...Map.groupBy(rows, ({ type }) => type)].map(([type, own]) => ({
    ...{ id: `volume-${type.toLowerCase()}`, resource: type, severity: 'warning' },
    message: `The last full export has over ${volumeShare * 100} % more or fewer of them than the one before`,
    checked: own.length,
    differing: own.filter(({ differs }) => differs).map(({ source, export_id: id }) => ({ source, id })),
  }))
}

function drift({ namespace, name, metadata }: Table): Comparison[] {
  const type = namespace === 'silver' ? typeOfTable(name) : undefined
  let last = snapshotById(metadata, metadata['current-snapshot-id'])
  // Files that were only rewritten are no change.
  while (last?.summary.operation === 'replace') last = snapshotById(metadata, last['parent-snapshot-id'])
  const former = last === undefined ? undefined : snapshotById(metadata, last['parent-snapshot-id'])
  if (type === undefined || last === undefined || former === undefined) return []
  const elementsOf = (schemaId = metadata['current-schema-id']): string[] => leaves(shapeOf(schemaById(metadata, schemaId)))
  const [known, now] = [new Set(elementsOf(former['schema-id'])), elementsOf(last['schema-id'])]
  const differing = now.filter((element) => !known.has(element)).map((id) => ({ source: null, id }))
  const message = 'Elements that none of them had before the last change'
  return [{ id: `drift-${name}`, resource: type, severity: 'information', message, checked: now.length, differing }]
}

function leaves(shape: Shape, path = ''): string[] {
  if (typeof shape === 'string') return path.startsWith('_') && !path.includes('.') ? [] : [path]
  if ('list' in shape) return leaves(shape.list, path)
  return Object.entries(shape.struct).flatMap(([name, inner]) => leaves(inner, path === '' ? name : `${path}.${name}`))
}

/** Rows (_source, type, id, rule) of what differs. */
export function differingRows(found: readonly Comparison[]): (string | null)[][] {
  return found.flatMap(({ id: rule, resource, differing }) => differing.map(({ source, id }) => [source, resource, id, rule]))
}
