import type { RunCommand } from '../command.ts'
import { pasted } from '../paths.ts'
import { count, counted } from '../ui/format.ts'
import { table } from '../ui/table.ts'
import { openLakeOf } from './with-lake.ts'

/** The lines that were refused. */
export const run: RunCommand = async (context) => {
  const { settings, ui, cwd } = context
  await using lake = await openLakeOf(context, 'quarantine list')
  const quarantine = await lake.quarantine(settings.export)
  const unlisted = await lake.unlisted(settings.export)
  ui.result({ quarantine, unlisted })
  const rows = quarantine.map((one) => [
    `${one.source}/${one.export_id}`,
    one.type ?? '',
    one.file,
    count(one.line),
    one.replayed ? `${one.reason} (replayed)` : one.reason,
  ])
  const columns = [
    { title: 'export' },
    { title: 'type' },
    { title: 'file' },
    { title: 'line', align: 'right' as const },
    { title: 'reason' },
  ]
  const more = unlisted.reduce((sum, { lines }) => sum + lines, 0)
  const waiting = quarantine.filter(({ replayed }) => !replayed).length + more
  ui.say(
    ...(rows.length === 0 ? [] : [...table(columns, rows, { indent: ' ', width: ui.width }), '']),
    ...unlisted.map(
      (one) => `${one.source}/${one.export_id}: ${counted(one.lines, 'more line')} of ${one.type}, counted and not listed`,
    ),
    waiting === 0 ? 'no line waits' : `${counted(waiting, 'line')} ${waiting === 1 ? 'waits' : 'wait'}`,
    ...(waiting === 0 ? [] : [`  floe quarantine replay --lake ${pasted(cwd, lake.dir)}`]),
  )
  return 0
}
