import type { DiffReport, MaintainReceipt, OutReceipt, RebuildReceipt } from '@floe/lake'
import { bytes, count, counted } from './ui/format.ts'
import { type Column, table } from './ui/table.ts'
import type { Ui } from './ui/ui.ts'

const right = (title: string): Column => ({ title, align: 'right' })

/** A line per silver table, and whether it holds what it held. */
export function rebuildLines({ tables }: RebuildReceipt, ui: Ui): string[] {
  const rows = tables.map((one) => [
    one.table,
    count(one.rows),
    one.rowsBefore === null ? 'could not be read' : count(one.rowsBefore),
    one.identical ? 'yes' : ui.style('look', 'no'),
  ])
  return table([{ title: 'table' }, right('rows'), right('before'), { title: 'identical' }], rows, {
    indent: ' ',
    width: ui.width,
  })
}

/** What is to be known of changes by other programs: they are not in bronze. */
export function foreignLines({ foreign, foreignLost }: Pick<RebuildReceipt, 'foreign' | 'foreignLost'>): string[] {
  const kept = foreign - foreignLost
  return [
    ...(kept > 0 ? [` ${counted(kept, 'snapshot')} of silver came from other programs: what they changed is kept.`] : []),
    ...(foreignLost > 0
      ? [` ${counted(foreignLost, 'snapshot')} of silver by other programs could not be kept: the state before has expired.`]
      : []),
  ]
}

/** A line per type, then one per element that differs. */
export function diffLines({ types }: DiffReport, ui: Ui): string[] {
  const rows = types.flatMap(({ type, added, changed, deleted, elements }) => [
    [type, count(added), count(changed), count(deleted), ''],
    ...Object.entries(elements)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, resources]) => ['', '', '', '', `${name} in ${count(resources)}`]),
  ])
  const columns = [{ title: 'type' }, right('added'), right('changed'), right('deleted'), { title: 'elements' }]
  return table(columns, rows, { indent: ' ', width: ui.width })
}

/** The tables that maintenance changed. */
export function maintainLines({ tables, orphans }: MaintainReceipt, ui: Ui): string[] {
  const rows = tables
    .filter((one) => one.rewrittenFiles + one.removedDeleteFiles + one.expiredSnapshots + one.removedFiles > 0)
    .map((one) => [
      one.table,
      one.rewrittenFiles === 0 ? '' : `${count(one.rewrittenFiles)} into ${count(one.addedFiles)}`,
      count(one.removedDeleteFiles),
      count(one.expiredSnapshots),
      count(one.removedFiles),
    ])
  const columns = [
    { title: 'table' },
    { title: 'files rewritten' },
    right('delete files gone'),
    right('snapshots expired'),
    right('files removed'),
  ]
  return [
    ...(rows.length === 0 ? [] : [...table(columns, rows, { indent: ' ', width: ui.width }), '']),
    `${counted(rows.length, 'table')} of ${count(tables.length)} changed · ${counted(orphans.files, 'orphan')} removed (${bytes(orphans.bytes)})`,
  ]
}

/** A line per table that went out. */
export function outLines({ tables }: OutReceipt, ui: Ui): string[] {
  const files = tables.some(({ file }) => file !== undefined)
  const rows = tables.map(({ table: name, rows: n, file }) => [name, count(n), ...(files ? [file ?? ''] : [])])
  return table([{ title: 'table' }, right('rows'), ...(files ? [{ title: 'file' }] : [])], rows, { indent: ' ', width: ui.width })
}

/** The live line of what goes through things one by one. */
export function stepsView(what: string): {
  told(done: number, total: number, name?: string): { lines(): string[]; plain(): string }
} {
  return {
    told(done, total, name) {
      const text = ` ${what}${name === undefined ? '' : ` ${name}`} · ${count(done)} of ${count(total)}`
      return { lines: () => [text], plain: () => text }
    },
  }
}
