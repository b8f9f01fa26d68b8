import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { countLines } from '@floe/client/ndjson'
import { ndjsonFiles } from '../../ndjson/inputs.ts'
import type { RunCommand } from '../command.ts'
import { bytes, count, counted } from '../ui/format.ts'
import { table } from '../ui/table.ts'

/** Lines per file, as an export counts them: blank lines do not. */
export const run: RunCommand = async ({ args, ui, cwd, signal }) => {
  const files: { path: string; lines: number; bytes: number; size: number }[] = []
  for (const path of await ndjsonFiles(args, cwd)) {
    signal.throwIfAborted()
    files.push({ path, ...(await countLines(path)), size: (await stat(path)).size })
  }
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  ui.result({ files, lines })
  const columns = [{ title: 'file' }, { title: 'lines', align: 'right' as const }, { title: 'size', align: 'right' as const }]
  const rows = files.map((file) => [basename(file.path), count(file.lines), bytes(file.size)])
  ui.say(...table(columns, rows, { indent: ' ' }), '', `${counted(lines, 'line')} in ${counted(files.length, 'file')}`)
  return 0
}
