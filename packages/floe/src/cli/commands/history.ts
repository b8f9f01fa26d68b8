import type { RunCommand } from '../command.ts'
import { count, counted, localTime } from '../ui/format.ts'
import { table } from '../ui/table.ts'
import { openLakeOf } from './with-lake.ts'

/** The snapshots of a table, oldest first. */
export const run: RunCommand = async (context) => {
  const { args, ui } = context
  await using lake = await openLakeOf(context, 'history')
  const report = await lake.history(args[0] ?? '')
  ui.result(report)
  const rows = report.snapshots.map((one) => [one.id, localTime(one.time), one.operation, count(one.rows), one.export ?? ''])
  const columns = [
    { title: 'snapshot' },
    { title: 'time' },
    { title: 'operation' },
    { title: 'rows', align: 'right' as const },
    { title: 'export' },
  ]
  ui.say(
    ...table(columns, rows, { indent: ' ', width: ui.width }),
    '',
    `${report.table} · ${counted(report.snapshots.length, 'snapshot')}`,
  )
  return 0
}
