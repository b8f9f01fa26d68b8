import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { relocateLake } from '@floe/lake'
import { usageError } from '../../errors.ts'
import type { RunCommand } from '../command.ts'
import { shownPath } from '../paths.ts'
import { bytes, counted, duration } from '../ui/format.ts'
import { maintainLines, stepsView } from '../upkeep-report.ts'
import { lakeOptions } from './lake-options.ts'
import { openLakeOf } from './with-lake.ts'

/** Compaction, expiry and orphans by policy; or the new address of a lake that was moved. */
export const run: RunCommand = async (context) => {
  const { settings, ui, signal } = context
  if (settings.relocate === true) return await relocated(context)
  context.goesOnWith(context.commandLine)
  const started = performance.now()
  await using lake = await openLakeOf(context, 'maintain')
  const view = stepsView('maintaining')
  const receipt = await lake.maintain({
    expireOlderThan: settings.expireOlderThan,
    keepSnapshots: settings.keepSnapshots,
    orphansOlderThan: settings.orphansOlderThan,
    ...(settings.dropTagsOlderThan === undefined ? {} : { dropTagsOlderThan: settings.dropTagsOlderThan }),
    ...(settings.dropBronzeOlderThan === undefined ? {} : { dropBronzeOlderThan: settings.dropBronzeOlderThan }),
    signal,
    onProgress: ({ table, done, total }) => ui.live(view.told(done, total, table)),
  })
  ui.settle()
  ui.result(receipt)
  const lines = maintainLines(receipt, ui)
  if (receipt.bronze.exports > 0) {
    ui.warn(
      ` bronze of ${counted(receipt.bronze.exports, 'export')} removed (${bytes(receipt.bronze.bytes)}): floe rebuild, floe rollback of all but the newest export, and`,
    )
    ui.warn(` floe quarantine replay of these exports need their folders to be loaded again first`)
  }
  ui.say(...lines.slice(0, -1), `${lines.at(-1)} · ${duration(performance.now() - started)}`)
  return 0
}

const relocated: RunCommand = async (context) => {
  const { ui, cwd } = context
  const options = lakeOptions(context, 'maintain')
  if (!existsSync(join(options.dir, 'catalog.db'))) throw usageError(`there is no lake in ${shownPath(cwd, options.dir)}`)
  const receipt = await relocateLake(options)
  ui.result(receipt)
  ui.say(
    receipt.moved
      ? `${counted(receipt.tables, 'table')} now name ${shownPath(cwd, options.dir)}`
      : 'nothing to do: the lake lies where its tables say',
  )
  return 0
}
