import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type QueryResult, runViewOnFolder, type ViewOptions } from '@floe/lake'
import { usageError } from '../../errors.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { pathFrom } from './common.ts'
import { type Printing, planPrinting, printResult } from './print-result.ts'
import { readView } from './view-file.ts'
import { openLakeOf } from './with-lake.ts'

/** Runs one ViewDefinition on a lake, a folder of NDJSON or standard input. */
export const run: RunCommand = async (context) => {
  const { args, settings, cwd, signal } = context
  const view = await readView(cwd, args[0] ?? '')
  const printing = await planPrinting(context)
  const options: ViewOptions = {
    signal,
    ...(printing.format === 'parquet' && printing.out !== undefined ? { parquet: printing.out } : {}),
  }
  switch (inputOf(context)) {
    case 'stdin':
      return await onStandardInput(context, view, printing, options)
    case 'folder':
      return await print(context, printing, await runViewOnFolder(view, await folderOf(cwd, settings.from ?? ''), options))
    case 'lake': {
      await using lake = await openLakeOf(context, 'view run')
      return await print(context, printing, await lake.runView(view, options))
    }
  }
}

/** One input; a lake that only environment or file names gives way to `--from` and `--stdin`. */
function inputOf({ settings, configured }: CommandContext): 'lake' | 'folder' | 'stdin' {
  const told = [
    ...(settings.from === undefined ? [] : (['folder'] as const)),
    ...(settings.stdin === true ? (['stdin'] as const) : []),
    ...(settings.lake !== undefined && configured.origins.get('lake')?.from === 'flag' ? (['lake'] as const) : []),
  ]
  if (told.length > 1) throw usageError('more than one input is told', 'give one of --lake DIR, --from FOLDER, --stdin')
  if (told[0] !== undefined) return told[0]
  if (settings.lake !== undefined) return 'lake'
  throw usageError('view run needs an input', 'floe view run VIEW.json --from FOLDER   # or --lake DIR, or --stdin')
}

async function folderOf(cwd: string, told: string): Promise<string> {
  const folder = pathFrom(cwd, told)
  const found = await stat(folder).catch(() => undefined)
  if (found === undefined) throw usageError(`the folder ${told} is not there`, '--from FOLDER')
  if (!found.isDirectory()) throw usageError(`${told} is a file`, '--from takes a folder; --stdin < FILE reads one file')
  return folder
}

/** Standard input is kept in a file of ours for the time of the run: the engine reads it more than once. */
async function onStandardInput(context: CommandContext, view: unknown, printing: Printing, options: ViewOptions): Promise<0> {
  const folder = await mkdtemp(join(tmpdir(), 'floe-stdin-'))
  try {
    await pipeline(context.streams.stdin, createWriteStream(join(folder, 'stdin.ndjson'), { mode: 0o600 }), {
      signal: context.signal,
    })
    return await print(context, printing, await runViewOnFolder(view, folder, options))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function print(context: CommandContext, printing: Printing, result: QueryResult): Promise<0> {
  await using rows = result
  await printResult(context, printing, rows)
  return 0
}
