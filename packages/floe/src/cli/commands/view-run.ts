import { isUtf8 } from 'node:buffer'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isBlankLine, lineText, splitLines } from '@floe/client/ndjson'
import { type QueryResult, runViewOnFolder, type ViewOptions } from '@floe/lake'
import { type Evaluator, evaluator } from '@floe/views'
import { FloeError, usageError } from '../../errors.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { pathFrom } from '../paths.ts'
import { type Printing, planPrinting, printResult } from './print-result.ts'
import { readView } from './view-file.ts'
import { openLakeOf } from './with-lake.ts'

/** Rows that are printed together. */
const rowsAtOnce = 512

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

/** Standard input goes through the evaluator as it comes; nothing of it touches the disk. */
async function onStandardInput(context: CommandContext, view: unknown, printing: Printing, options: ViewOptions): Promise<0> {
  if (printing.format === 'parquet') return await spooled(context, view, printing, options)
  const { columns, rows } = evaluator(view)
  const input = context.streams.stdin as unknown as AsyncIterable<Uint8Array>
  return await print(context, printing, {
    columns: columns.map(({ name, sqlType }) => ({ name, type: sqlType })),
    rows: evaluated(input, rows, options.signal),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  })
}

async function* evaluated(
  input: AsyncIterable<Uint8Array>,
  rows: Evaluator['rows'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Record<string, unknown>[]> {
  const hint = 'floe ndjson validate FILE names every such line'
  let ready: Record<string, unknown>[] = []
  for await (const line of splitLines(input, { maxLineBytes: 512 << 20 })) {
    signal?.throwIfAborted()
    if (isBlankLine(line.bytes)) continue
    if (!isUtf8(line.bytes)) throw new FloeError('failed', `line ${line.number} of standard input is not UTF-8`, { hint })
    try {
      ready.push(...rows(lineText(line.bytes)))
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause
      throw new FloeError('failed', `line ${line.number} of standard input is no JSON`, { hint, cause })
    }
    if (ready.length < rowsAtOnce) continue
    yield ready
    ready = []
  }
  yield ready
}

/** Only the engine writes Parquet, and it reads files: standard input is one of ours for the time of the run. */
async function spooled(context: CommandContext, view: unknown, printing: Printing, options: ViewOptions): Promise<0> {
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
  const flat = printing.format === 'csv' || printing.format === 'table'
  await printResult(context, printing, flat ? { ...result, rows: withoutEmpty(result.rows) } : rows)
  return 0
}

/** In a cell an empty collection is no value. */
async function* withoutEmpty(chunks: QueryResult['rows']): AsyncGenerator<Record<string, unknown>[]> {
  for await (const chunk of chunks)
    yield chunk.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, Array.isArray(value) && value.length === 0 ? null : value]),
      ),
    )
}
