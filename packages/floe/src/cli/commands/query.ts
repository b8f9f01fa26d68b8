import type { Lake, QueryOptions, QueryResult } from '@floe/lake'
import { nearest } from '../../config/nearest.ts'
import { FloeError, usageError } from '../../errors.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { pasted } from '../paths.ts'
import { type QueryRefusal, queryRefusal } from '../query-refusal.ts'
import { planPrinting, printResult } from './print-result.ts'
import { openLakeOf } from './with-lake.ts'

/** SQL over the lake; rows go to standard output or a file. */
export const run: RunCommand = async (context) => {
  const { args, settings, signal } = context
  const printing = await planPrinting(context)
  await using lake = await openLakeOf(context, 'query')
  await using result = await ask(context, lake, args[0] ?? '', {
    signal,
    ...(settings.asOf === undefined ? {} : { asOf: settings.asOf }),
    ...(settings.unsafe === undefined ? {} : { unsafe: settings.unsafe }),
    ...(printing.format === 'parquet' && printing.out !== undefined ? { parquet: printing.out } : {}),
  })
  await printResult(context, printing, result)
  return 0
}

/** The rule that refused and the next command; where in the SQL it was stays below it. */
function refused(error: unknown, refusal: QueryRefusal | undefined): unknown {
  if (refusal === undefined || (error as { exitCode?: unknown }).exitCode !== 2) return error
  const [, ...place] = (error as Error).message.split('\n')
  return new FloeError('usage', refusal.message.split('\n')[0] ?? '', {
    hint: refusal.hint,
    evidence: place,
    cause: error,
    exitCode: 2,
  })
}

/** The query; a table that is not there is said with the nearest of the lake's, for the engine only knows its own catalog's. */
async function ask({ cwd }: CommandContext, lake: Lake, sql: string, options: QueryOptions): Promise<QueryResult> {
  try {
    return await lake.query(sql, options)
  } catch (error) {
    const { message } = error as Error
    const [, name] = /^Catalog Error: Table with name (.+) does not exist!/.exec(message) ?? []
    if (name === undefined) throw refused(error, queryRefusal(message, sql, pasted(cwd, lake.dir)))
    const tables = (await lake.tables()).map(({ table }) => table)
    const schema = /^\w+$/.test(name) ? new RegExp(`(\\w+)"?\\."?${name}`, 'i').exec(sql)?.[1] : undefined
    const told = schema === undefined ? name : `${schema}.${name}`
    const near = nearest(told, tables) ?? tables.find((table) => table.endsWith(`.${name}`))
    const suggestion = near === undefined ? '' : ` (did you mean ${near}?)`
    throw usageError(`there is no table ${told}${suggestion}`, `floe tables --lake ${pasted(cwd, lake.dir)}`)
  }
}
