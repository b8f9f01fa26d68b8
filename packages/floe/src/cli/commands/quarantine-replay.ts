import type { RunCommand } from '../command.ts'
import { incomplete } from '../incomplete.ts'
import { pasted } from '../paths.ts'
import { count, counted } from '../ui/format.ts'
import { openLakeOf } from './with-lake.ts'

/** Tries refused lines again. */
export const run: RunCommand = async (context) => {
  const { settings, ui, cwd, signal } = context
  context.goesOnWith(context.commandLine)
  await using lake = await openLakeOf(context, 'quarantine replay')
  const exports = await lake.replayQuarantine({
    maxLine: settings.maxLine,
    signal,
    ...(settings.export === undefined ? {} : { export: settings.export }),
  })
  const total = (key: 'waiting' | 'replayed'): number => exports.reduce((sum, one) => sum + one[key], 0)
  const [waiting, replayed] = [total('waiting'), total('replayed')]
  ui.result({
    replayed,
    waiting,
    exports: exports.map(({ load, ...one }) => ({ ...one, load: load === null ? null : withoutExit(load) })),
  })
  ui.say(
    ...exports.map(
      (one) => ` ${one.source}/${one.export}: ${counted(one.replayed, 'line')} loaded, ${count(one.waiting)} in quarantine still`,
    ),
  )
  const unlisted = exports.reduce((sum, one) => sum + (one.unlisted ?? 0), 0)
  if (unlisted > 0) ui.say(` ${counted(unlisted, 'line')} of these not listed one by one: load the export again, with --max-line`)
  ui.say(`${counted(replayed, 'line')} loaded · ${count(waiting)} in quarantine`)
  if (waiting === 0) return 0
  const next = `floe quarantine list --lake ${pasted(cwd, lake.dir)}`
  ui.say(`  ${next}`)
  return incomplete(context, 'lines are in quarantine still', next)
}

function withoutExit<T extends { readonly exitCode: unknown }>({ exitCode: _, ...load }: T): Omit<T, 'exitCode'> {
  return load
}
