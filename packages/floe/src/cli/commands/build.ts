import type { RunCommand } from '../command.ts'
import { builtText } from '../load-report.ts'
import { count, duration } from '../ui/format.ts'
import { table } from '../ui/table.ts'
import { pasted, pathFrom } from './common.ts'
import { openLakeOf } from './with-lake.ts'

/** (Re)builds gold tables. */
export const run: RunCommand = async (context) => {
  const { args, settings, ui, cwd, signal } = context
  context.goesOnWith(context.commandLine)
  const started = performance.now()
  await using lake = await openLakeOf(context, 'build')
  ui.live({ lines: () => [' building'], plain: () => ' building' })
  const gold = await lake.build({
    signal,
    ...(args.length === 0 ? {} : { names: args }),
    ...(settings.views === undefined ? {} : { viewsDir: pathFrom(cwd, settings.views) }),
  })
  ui.settle()
  ui.result({ gold })
  const rows = gold.map((one) => [
    one.table,
    count(one.rows),
    one.unchanged ? 'unchanged' : one.empty ? 'no resource of its type yet' : 'built',
  ])
  ui.say(
    ...table([{ title: 'table' }, { title: 'rows', align: 'right' }, { title: '' }], rows, { indent: ' ' }),
    '',
    `complete · ${builtText(gold)} · ${duration(performance.now() - started)}`,
    `  floe query "from ${gold[0]?.table ?? 'gold.patient'} limit 10" --lake ${pasted(cwd, lake.dir)}`,
  )
  return 0
}
