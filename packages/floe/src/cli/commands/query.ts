import type { RunCommand } from '../command.ts'
import { planPrinting, printResult } from './print-result.ts'
import { openLakeOf } from './with-lake.ts'

/** SQL over the lake; rows go to standard output or a file. */
export const run: RunCommand = async (context) => {
  const { args, settings, signal } = context
  const printing = await planPrinting(context)
  await using lake = await openLakeOf(context, 'query')
  await using result = await lake.query(args[0] ?? '', {
    signal,
    ...(settings.asOf === undefined ? {} : { asOf: settings.asOf }),
    ...(settings.unsafe === undefined ? {} : { unsafe: settings.unsafe }),
    ...(printing.format === 'parquet' && printing.out !== undefined ? { parquet: printing.out } : {}),
  })
  await printResult(context, printing, result)
  return 0
}
