import type { RunCommand } from '../command.ts'
import { pasted } from '../paths.ts'
import { bytes, count, counted } from '../ui/format.ts'
import { type Column, table } from '../ui/table.ts'
import { openLakeOf } from './with-lake.ts'

const columns: readonly Column[] = [
  { title: 'table' },
  ...['rows', 'files', 'delete files', 'size', 'snapshots'].map((title): Column => ({ title, align: 'right' })),
]

/** The tables of a lake. */
export const run: RunCommand = async (context) => {
  const { ui, cwd } = context
  await using lake = await openLakeOf(context, 'tables')
  const tables = await lake.tables()
  ui.result({ tables })
  if (tables.length === 0) {
    ui.say('no tables yet', `  floe load FOLDER --lake ${pasted(cwd, lake.dir)}`)
    return 0
  }
  const rows = tables.map((one) => [
    one.table,
    count(one.rows),
    count(one.files),
    count(one.deleteFiles),
    bytes(one.bytes),
    count(one.snapshots),
  ])
  const total = tables.reduce((sum, one) => sum + one.bytes, 0)
  ui.say(...table(columns, rows, { indent: ' ', width: ui.width }), '', `${counted(tables.length, 'table')} · ${bytes(total)}`)
  return 0
}
