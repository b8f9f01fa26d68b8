import type { RunCommand } from '../command.ts'
import { pasted } from '../paths.ts'
import { counted, duration, listed } from '../ui/format.ts'
import { foreignLines, stepsView } from '../upkeep-report.ts'
import { buildFolders } from './lake-options.ts'
import { openLakeOf } from './with-lake.ts'

/** As if an export had never been loaded. */
export const run: RunCommand = async (context) => {
  const { args, ui, cwd, signal } = context
  context.goesOnWith(context.commandLine)
  const started = performance.now()
  await using lake = await openLakeOf(context, 'rollback')
  const view = stepsView('replaying the other exports')
  const receipt = await lake.rollback(args[0] ?? '', {
    ...buildFolders(context),
    signal,
    onProgress: ({ doneExports, totalExports }) => ui.live(view.told(doneExports, totalExports)),
  })
  ui.settle()
  ui.result(receipt)
  for (const line of foreignLines(receipt)) ui.warn(line)
  const here = pasted(cwd, lake.dir)
  ui.say(
    `${receipt.source}/${receipt.export} is rolled back · ${counted(receipt.replayed, 'export')} in the lake · ${counted(receipt.gold.length, 'gold table')} up to date · ${duration(performance.now() - started)}`,
  )
  if (receipt.stale.length > 0) {
    ui.warn(
      ` ${listed(receipt.stale)} ${receipt.stale.length === 1 ? 'holds' : 'hold'} the former state: the views behind them are not here.`,
    )
    ui.say(`  floe build --lake ${here} --views DIR   # DIR: the folder with these views`)
  }
  return 0
}
