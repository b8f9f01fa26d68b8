import type { LoadOptions, LoadProgress } from '@floe/lake'
import type { CommandContext, RunCommand } from '../command.ts'
import { incomplete } from '../incomplete.ts'
import { equation, loadLines, loadObjects, nextLook, noticesOf, reconciles, shortcomings, sums } from '../load-report.ts'
import { pasted, pathFrom } from '../paths.ts'
import { gauge } from '../ui/chart.ts'
import { bytes, duration } from '../ui/format.ts'
import type { Ui } from '../ui/ui.ts'
import { lakeOptions } from './lake-options.ts'
import { openLakeForLoad } from './with-lake.ts'

/** Export folders into bronze and silver. */
export const run: RunCommand = async (context) => {
  const { args, ui, cwd, signal } = context
  context.goesOnWith(context.commandLine)
  const started = performance.now()
  const told = { ...loadOptions(context), folders: args.map((folder) => pathFrom(cwd, folder)) }
  const options = lakeOptions(context, 'load')
  const shown = pasted(cwd, options.dir)
  await using lake = await openLakeForLoad(options, told)
  const receipts = await lake.load({ ...told, signal, onProgress: loadProgress(ui) })
  ui.settle()
  ui.result({ loads: loadObjects(receipts) })
  for (const notice of noticesOf(receipts, ui)) ui.warn(` ${notice}`)
  ui.say(...receipts.flatMap((receipt) => [...loadLines(receipt, ui), '']))
  const next = nextLook(receipts, shown)
  if (receipts.some((receipt) => receipt.exitCode === 7)) {
    ui.say(
      `loaded, with ${shortcomings(receipts)} · ${equation(sums(receipts))} · ${duration(performance.now() - started)}`,
      `  ${next}`,
    )
    return incomplete(context, `loaded, with ${shortcomings(receipts)}`, next)
  }
  const verdict = receipts.every((receipt) => receipt.unchanged) ? 'unchanged' : 'complete'
  ui.say(
    `${verdict}${reconciles(receipts) ? '' : ' (counts do not add up)'} · ${equation(sums(receipts))} · ${duration(performance.now() - started)}`,
  )
  ui.say(verdict === 'unchanged' ? `  floe status --lake ${shown}` : `  floe build --lake ${shown}`)
  return 0
}

/** What is told about the load. */
export function loadOptions({ settings }: CommandContext): Omit<LoadOptions, 'folders' | 'onProgress' | 'signal'> {
  const told = {
    exportGroup: settings.exportGroup,
    exportTimestamp: settings.exportTimestamp,
    untracked: settings.untracked,
    excludeResources: settings.excludeResources,
    assertComplete: settings.assertComplete,
    compress: settings.compress,
  }
  return {
    source: settings.source,
    maxLine: settings.maxLine,
    raw: settings.raw,
    ...(Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as Partial<LoadOptions>),
  }
}

const stages: Readonly<Record<LoadProgress['stage'], string>> = { bronze: 'checking', silver: 'loading', publish: 'publishing' }

/** Draws a load. */
export function loadProgress(ui: Ui): (progress: LoadProgress) => void {
  let latest: LoadProgress | undefined
  const text = (): string => {
    if (latest === undefined) return 'starting'
    const what = latest.name === undefined ? stages[latest.stage] : `${stages[latest.stage]} ${latest.name}`
    return `${what} · ${bytes(latest.doneBytes)} of ${bytes(latest.totalBytes)}`
  }
  const view = {
    lines: () => [` ${gauge(latest?.doneBytes ?? 0, latest?.totalBytes ?? 0, 30)} ${text()}`],
    plain: () => ` ${text()}`,
  }
  return (progress) => {
    latest = progress
    ui.live(view)
  }
}
