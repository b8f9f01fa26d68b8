import type { RunCommand } from '../command.ts'
import { pasted } from '../paths.ts'
import { count, counted, duration } from '../ui/format.ts'
import { foreignLines, rebuildLines, stepsView } from '../upkeep-report.ts'
import { openLakeOf } from './with-lake.ts'

/** Silver and ledger anew from bronze. */
export const run: RunCommand = async (context) => {
  const { ui, cwd, signal } = context
  context.goesOnWith(context.commandLine)
  const started = performance.now()
  await using lake = await openLakeOf(context, 'rebuild')
  const view = stepsView('replaying exports')
  const receipt = await lake.rebuild({
    signal,
    onProgress: ({ doneExports, totalExports }) => ui.live(view.told(doneExports, totalExports)),
  })
  ui.settle()
  ui.result(receipt)
  const changed = receipt.tables.filter(({ identical }) => !identical).length
  for (const line of foreignLines(receipt)) ui.warn(line)
  ui.say(
    ...rebuildLines(receipt, ui),
    '',
    `${counted(receipt.exports, 'export')} replayed · ${counted(receipt.tables.length, 'table')}, ${changed === 0 ? 'all identical' : `${count(changed)} not what they were`} · ${duration(performance.now() - started)}`,
    `  floe build --lake ${pasted(cwd, lake.dir)}`,
  )
  return 0
}
