import type { BuildReceipt, LoadReceipt } from '@floe/lake'
import { count, counted, listed, localTime } from './ui/format.ts'
import { type Column, table } from './ui/table.ts'
import type { Ui } from './ui/ui.ts'

const columns: readonly Column[] = [
  { title: 'type' },
  ...['lines', 'rows', 'duplicates', 'stale', 'quarantined', 'deleted'].map((title): Column => ({ title, align: 'right' })),
  { title: 'complete' },
]

/** What `--json` prints of loads (CONTRACT §4.14). */
export function loadObjects(receipts: readonly LoadReceipt[]): object[] {
  return receipts.map(({ exitCode: _, ...receipt }) => receipt)
}

export interface Sums {
  readonly lines: number
  readonly rows: number
  readonly duplicates: number
  readonly stale: number
  readonly quarantined: number
}

export function sums(receipts: readonly LoadReceipt[]): Sums {
  const all = receipts.flatMap((receipt) => receipt.types)
  const sum = (key: keyof Sums): number => all.reduce((total, type) => total + type[key], 0)
  return {
    lines: sum('lines'),
    rows: sum('rows'),
    duplicates: sum('duplicates'),
    stale: sum('stale'),
    quarantined: sum('quarantined'),
  }
}

/** `38,214 lines = 38,190 rows + 24 duplicates + 0 stale + 0 quarantined` */
export function equation({ lines, rows, duplicates, stale, quarantined }: Sums): string {
  const sign = lines === rows + duplicates + stale + quarantined ? '=' : '≠'
  return `${counted(lines, 'line')} ${sign} ${counted(rows, 'row')} + ${counted(duplicates, 'duplicate')} + ${count(stale)} stale + ${count(quarantined)} quarantined`
}

/** One load for people: who the export is, a line per type, what did not complete. */
export function loadLines(receipt: LoadReceipt, ui: Ui): string[] {
  const group = receipt.group === null || receipt.group === '' ? '' : ` · Group ${receipt.group}`
  const time = receipt.exportTime === null ? '' : ` · as of ${localTime(receipt.exportTime)}`
  const head = `${receipt.source}${group} · ${receipt.kind} export${time}`
  if (receipt.unchanged) return [`${head}: in the lake already, nothing changed`]
  if (receipt.types.length === 0) return [`${head}: no files, so nothing changed`]
  const cells = receipt.types.map((type) => [
    type.type,
    ...[type.lines, type.rows, type.duplicates, type.stale, type.quarantined, type.deleted].map(count),
    type.complete === null ? 'untracked' : type.complete ? 'yes' : ui.style('look', 'no'),
  ])
  const reasons = receipt.types.flatMap((type) =>
    type.reason === null || type.complete !== false ? [] : [` ${type.type} is not complete: ${type.reason}`],
  )
  return [head, ...table(columns, cells, { indent: ' ' }), ...reasons]
}

/** Whether every equation holds. */
export function reconciles(receipts: readonly LoadReceipt[]): boolean {
  return receipts.every((receipt) =>
    receipt.types.every((type) => type.lines === type.rows + type.duplicates + type.stale + type.quarantined),
  )
}

/** What keeps loads from being complete, for the one sentence of exit 7. */
export function shortcomings(receipts: readonly LoadReceipt[], others: readonly string[] = []): string {
  const { quarantined } = sums(receipts)
  const types = [
    ...new Set(receipts.flatMap((receipt) => receipt.types.filter((type) => type.complete === false).map((type) => type.type))),
  ]
  const named = types.length > 4 ? `${types.length} types` : listed(types)
  const parts = [
    ...(quarantined > 0 ? [`${counted(quarantined, 'line')} refused`] : []),
    ...(types.length > 0 ? [`${named} not complete`] : []),
    ...others,
  ]
  return parts.length === 0 ? 'some files left unread' : parts.join(', ')
}

/** Notices for the person, without those that the table per type says anyhow. */
export function noticesOf(receipts: readonly LoadReceipt[], { json }: Pick<Ui, 'json'>): string[] {
  return receipts.flatMap((receipt) => {
    const said = receipt.types.flatMap((type) =>
      type.reason === null || json ? [] : [`${type.type} is not complete: ${type.reason}`],
    )
    return receipt.notices.filter((notice) => !said.some((text) => notice.startsWith(text.slice(0, -1))))
  })
}

/** What to look at next, where data was refused or did not complete. */
export function nextLook(receipts: readonly LoadReceipt[], lake: string): string {
  return `floe ${sums(receipts).quarantined > 0 ? 'quarantine list' : 'status'} --lake ${lake}`
}

/** `10 views`, and which of them were built anew. */
export function builtText(receipts: readonly BuildReceipt[]): string {
  const fresh = receipts.filter((receipt) => !receipt.unchanged).length
  const views = counted(receipts.length, 'view')
  return fresh === receipts.length ? views : `${views}, ${fresh === 0 ? 'all unchanged' : `${count(fresh)} built anew`}`
}
