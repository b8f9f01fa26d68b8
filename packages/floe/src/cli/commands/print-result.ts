import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { QueryResult } from '@floe/lake'
import { usageError } from '../../errors.ts'
import type { CommandContext } from '../command.ts'
import { pathFrom, shownPath } from '../paths.ts'
import { printRows, type RowFormat, writeFileWhole } from '../rows.ts'
import { counted } from '../ui/format.ts'

/** Where and how rows go, decided before anything runs. */
export interface Printing {
  readonly format: RowFormat | 'parquet'
  /** Absolute; absent for standard output. */
  readonly out?: string
}

export async function planPrinting({ settings, ui, cwd }: CommandContext): Promise<Printing> {
  const format =
    settings.format ??
    (settings.out === undefined ? (ui.json ? 'object' : ui.terminal ? 'table' : 'ndjson') : formatOf(settings.out))
  if (settings.out === undefined) {
    if (format === 'parquet') throw usageError('--format parquet goes to a file', '--out rows.parquet')
    return { format }
  }
  const out = pathFrom(cwd, settings.out)
  const folder = await stat(dirname(out)).catch(() => undefined)
  if (folder?.isDirectory() !== true)
    throw usageError(`the folder of ${shownPath(cwd, out)} is not there`, `mkdir -p ${dirname(out)}`)
  if ((await stat(out).catch(() => undefined))?.isDirectory())
    throw usageError(`--out ${settings.out} is a folder; it takes a file`)
  return { format, out }
}

/** The format that a file's name asks for. */
function formatOf(path: string): RowFormat | 'parquet' {
  const ending = path.toLowerCase().split('.').at(-1)
  return ending === 'csv' || ending === 'json' || ending === 'parquet' ? ending : 'ndjson'
}

/** Prints a result as planned; a Parquet file was written by the engine already. */
export async function printResult({ ui, cwd }: CommandContext, { format, out }: Printing, result: QueryResult): Promise<void> {
  if (format === 'parquet') {
    for await (const _ of result.rows) {
      // The engine writes the file while its (empty) result is read.
    }
    if (out !== undefined) ui.step(`written: ${shownPath(cwd, out)}`)
    ui.result({ file: out, format })
    return
  }
  if (out === undefined) {
    await printRows(result, format, (text) => ui.write(text), ui.width)
    return
  }
  const printed = await writeFileWhole(out, (write) => printRows(result, format, write, Number.POSITIVE_INFINITY))
  ui.step(`written: ${shownPath(cwd, out)} · ${counted(printed, 'row')}`)
  ui.result({ file: out, format, rows: printed })
}
