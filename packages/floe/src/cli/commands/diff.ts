import type { RunCommand } from '../command.ts'
import { count } from '../ui/format.ts'
import { diffLines } from '../upkeep-report.ts'
import { openLakeOf } from './with-lake.ts'

/** What changed between two states of a lake. */
export const run: RunCommand = async (context) => {
  const { args, ui } = context
  await using lake = await openLakeOf(context, 'diff')
  const report = await lake.diff(args[0] ?? '', args[1] ?? '')
  ui.result(report)
  const sum = (key: 'added' | 'changed' | 'deleted'): string => count(report.types.reduce((all, type) => all + type[key], 0))
  const verdict = `${sum('added')} added · ${sum('changed')} changed · ${sum('deleted')} deleted`
  ui.say(...(report.types.length === 0 ? ['no resource differs'] : [...diffLines(report, ui), '', verdict]))
  return 0
}
