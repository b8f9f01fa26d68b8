import type { RunCommand } from '../command.ts'
import { counted, duration } from '../ui/format.ts'
import { stepsView } from '../upkeep-report.ts'
import { pasted } from './common.ts'
import { openLakeOf } from './with-lake.ts'

/** As if an export had never been loaded. */
export const run: RunCommand = async (context) => {
  const { args, ui, cwd, signal } = context
  context.goesOnWith(context.commandLine)
  const started = performance.now()
  await using lake = await openLakeOf(context, 'rollback')
  const view = stepsView('replaying the other exports')
  const receipt = await lake.rollback(args[0] ?? '', {
    signal,
    onProgress: ({ doneExports, totalExports }) => ui.live(view.told(doneExports, totalExports)),
  })
  ui.settle()
  ui.result(receipt)
  if (receipt.foreign > 0) {
    ui.warn(` ${counted(receipt.foreign, 'snapshot')} of silver came from other programs: what they changed is not in bronze.`)
  }
  const here = pasted(cwd, lake.dir)
  ui.say(
    `${receipt.source}/${receipt.export} is rolled back · ${counted(receipt.replayed, 'export')} in the lake · ${duration(performance.now() - started)}`,
    `  floe build --lake ${here}   # gold tables hold the former state until then`,
  )
  return 0
}
