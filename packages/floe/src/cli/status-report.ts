import type { CompletionRow, LoadRow, StatusReport, TableInfo } from '@floe/lake'
import { qualityLines } from './quality-report.ts'
import { count, counted, listed, localTime } from './ui/format.ts'
import { type Column, table } from './ui/table.ts'
import type { Ui } from './ui/ui.ts'

const columns: readonly Column[] = [
  { title: 'source' },
  { title: 'group' },
  { title: 'last export' },
  { title: 'types', align: 'right' },
  { title: 'loads', align: 'right' },
  { title: 'changed', align: 'right' },
  { title: 'in quarantine', align: 'right' },
  { title: '' },
]

/** One source and group. */
interface Stream {
  readonly source: string
  readonly group: string
  readonly loads: LoadRow[]
}

function newest<T extends { readonly export_time: string | null }>(rows: readonly T[]): T | undefined {
  return rows.reduce<T | undefined>(
    (best, row) => (best === undefined || Date.parse(row.export_time ?? '') >= Date.parse(best.export_time ?? '') ? row : best),
    undefined,
  )
}

function streamsOf(loads: readonly LoadRow[]): Stream[] {
  const streams = new Map<string, Stream>()
  for (const load of loads.filter((one) => one.status !== 'rolled back')) {
    const key = `${load.source}\n${load.group_name ?? ''}`
    const stream = streams.get(key) ?? { source: load.source, group: load.group_name ?? '', loads: [] }
    stream.loads.push(load)
    streams.set(key, stream)
  }
  return [...streams.values()]
}

/** The newest completion row of each type of a source and group. */
function latestByType(stream: Stream, completion: readonly CompletionRow[]): CompletionRow[] {
  const own = completion.filter((row) => row.source === stream.source && (row.group_name ?? '') === stream.group)
  return [...Map.groupBy(own, (row) => row.type).values()].flatMap((rows) => newest(rows) ?? [])
}

function streamCells(stream: Stream, report: StatusReport, ui: Ui): string[] {
  const types = latestByType(stream, report.completion)
  const last = newest(stream.loads)
  const changed = report.reconciliation.filter((row) => row.load_id === last?.load_id).reduce((sum, row) => sum + row.rows, 0)
  const quarantined = types.reduce((sum, row) => sum + row.quarantined, 0)
  const missing = types.filter((row) => row.complete === false).map((row) => row.type)
  const note =
    missing.length === 0
      ? ''
      : `${missing.length > 3 ? `${missing.length} types are` : `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'}`} not complete`
  const whole = types.filter((row) => row.complete === true).length
  const tracked = types.some((row) => row.complete !== null)
  return [
    stream.source,
    stream.group,
    last?.export_time ? localTime(last.export_time) : '',
    tracked ? `${whole}/${types.length}` : 'untracked',
    count(stream.loads.length),
    `+${count(changed)}`,
    quarantined > 0 ? ui.style('look', count(quarantined)) : '0',
    note,
  ]
}

/** A lake at a glance: sources, what is visible and what hides the rest, whether every load adds up. */
export function lakeStatusLines(report: StatusReport, tables: readonly TableInfo[], ui: Ui): string[] {
  if (report.loads.length === 0) return ['nothing is loaded yet']
  const rows = streamsOf(report.loads).map((stream) => streamCells(stream, report, ui))
  const silver = tables.filter((one) => one.table.startsWith('silver.'))
  const resources = silver.reduce((sum, one) => sum + one.rows, 0)
  const holding = report.reconciliation.filter((row) => row.holds).length
  const all = report.reconciliation.length
  const adds = `lines = rows + duplicates + stale + quarantined (${count(holding)} of ${count(all)})`
  return [
    ...table(columns, rows, { indent: ' ', width: ui.width }),
    '',
    ...encounterLines(report),
    ...qualityLines(report.quality, ui),
    ` ${counted(resources, 'resource')} in ${counted(silver.length, 'silver table')}`,
    holding === all ? ` Every load reconciles: ${adds}` : ` ${ui.style('bad', 'Not every load reconciles')}: ${adds}`,
  ]
}

/** How many Encounters show, and what has to come in before the others do. */
export function encounterLines({ encounters, blocked }: Pick<StatusReport, 'encounters' | 'blocked'>): string[] {
  const head = ` Encounters: ${count(encounters.visible)} visible, ${count(encounters.hidden)} hidden`
  if (blocked.length === 0) return [head]
  const groups = Map.groupBy(blocked, (one) => [one.source, one.group, one.need, one.have].join('\n'))
  const reasons = [...groups.values()].flatMap((same) => {
    const [one] = same
    if (one === undefined) return []
    const where = one.group === '' ? one.source : `${one.source}/${one.group}`
    const have = one.have === null ? 'never loaded completely' : `last ${localTime(one.have)}`
    return [`   ${where}: ${listed(same.map(({ type }) => type))} must be exported at or after ${localTime(one.need)} (${have})`]
  })
  const absent = [...new Set(blocked.filter((one) => one.have === null).map(({ type }) => type))]
  const way =
    absent.length === 0 ? [] : [`   Types that this site does not have: load with --exclude-resources ${absent.join(',')}`]
  return [`${head}:`, ...reasons, ...way]
}
