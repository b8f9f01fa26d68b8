import type { BuildReceipt, Lake, QualityRow } from '@floe/lake'
import { type ExitCode, usageError } from '../../errors.ts'
import { watchFolders } from '../../watch-folders.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { builtText } from '../load-report.ts'
import { pasted } from '../paths.ts'
import { qualityLines } from '../quality-report.ts'
import { errorLines, shownError } from '../report-error.ts'
import { count, duration } from '../ui/format.ts'
import { table } from '../ui/table.ts'
import { buildFolders } from './lake-options.ts'
import { openLakeOf } from './with-lake.ts'

/** Checks silver and (re)builds gold tables; with `--watch` again after every change. */
export const run: RunCommand = async (context) => {
  const { settings } = context
  context.goesOnWith(context.commandLine)
  const folders = Object.values(buildFolders(context))
  if (settings.watch === true && folders.length === 0)
    throw usageError('--watch needs a folder to watch: --views or --rules', 'floe build --lake ./lake --views ./views --watch')
  await using lake = await openLakeOf(context, 'build')
  if (settings.watch !== true) {
    report(context, lake, await build(context, lake))
    return 0
  }
  return await watching(context, lake, folders)
}

interface BuildResult {
  readonly gold: readonly BuildReceipt[]
  readonly quality: readonly QualityRow[]
  readonly elapsed: number
}

async function build(context: CommandContext, lake: Lake): Promise<BuildResult> {
  const { args, ui, signal } = context
  const started = performance.now()
  ui.live({ lines: () => [' building'], plain: () => ' building' })
  const gold = await lake.build({ signal, ...(args.length === 0 ? {} : { names: args }), ...buildFolders(context) })
  const quality = await lake.quality()
  ui.settle()
  return { gold, quality, elapsed: performance.now() - started }
}

/** Ctrl-C is how this ends: exit 0. A view that is wrong is told, and the next change tries again. */
async function watching(context: CommandContext, lake: Lake, folders: readonly string[]): Promise<ExitCode> {
  const { ui, signal } = context
  using watch = watchFolders(folders)
  do {
    try {
      const { gold, quality, elapsed } = await build(context, lake)
      ui.event({ gold: gold.filter(({ unchanged }) => !unchanged), failing: quality.filter(({ failed }) => failed > 0).length })
      ui.step(`${builtText(gold)} · ${duration(elapsed)} · watching, Ctrl-C ends`)
    } catch (error) {
      ui.settle()
      if (signal.aborted) return 0
      for (const line of errorLines(shownError(error, undefined), ui.verbosity)) ui.warn(line)
    }
  } while (await watch.changed(signal))
  return 0
}

function report({ ui, cwd }: CommandContext, lake: Lake, { gold, quality, elapsed }: BuildResult): void {
  ui.result({ gold, quality: quality.filter(({ failed }) => failed > 0) })
  const rows = gold.map((one) => [one.table, count(one.rows), outcome(one)])
  ui.say(
    ...table([{ title: 'table' }, { title: 'rows', align: 'right' }, { title: '' }], rows, { indent: ' ' }),
    '',
    ...qualityLines(quality, ui),
    `complete · ${builtText(gold)} · ${duration(elapsed)}`,
    `  floe query "from ${gold[0]?.table ?? 'gold.patient'} limit 10" --lake ${pasted(cwd, lake.dir)}`,
  )
}

function outcome({ unchanged, empty, delta }: BuildReceipt): string {
  if (unchanged) return 'unchanged'
  if (delta !== undefined) return `+${count(delta.added)} −${count(delta.removed)}`
  return empty ? 'no resource of its type yet' : 'built'
}
