import { filledLines, ndjsonFiles } from '../../ndjson/inputs.ts'
import { fileSink, type LineSink, outputSink } from '../../ndjson/write.ts'
import type { CommandContext, RunCommand } from '../command.ts'
import { pathFrom, shownPath } from '../paths.ts'
import { counted } from '../ui/format.ts'

/** Lines of all files one after the other, as they are, blank ones left out. */
export const run: RunCommand = async (context) => await keepLines(context, () => true)

/** Copies the lines that `keep` takes to standard output or `--out`. */
export async function keepLines(context: CommandContext, keep: (bytes: Buffer) => boolean): Promise<0> {
  const { args, settings, ui, cwd, signal } = context
  const files = await ndjsonFiles(args, cwd)
  const out = settings.out === undefined ? undefined : pathFrom(cwd, settings.out)
  const sink: LineSink = out === undefined ? outputSink(ui) : fileSink(out)
  let read = 0
  let kept = 0
  try {
    for await (const line of filledLines(files, signal)) {
      read += 1
      if (!keep(line)) continue
      kept += 1
      await sink.write(line)
    }
    await sink.close()
  } catch (error) {
    await sink.abandon()
    throw error
  }
  if (out !== undefined) {
    ui.result({ file: out, read, lines: kept })
    ui.say(`${counted(kept, 'line')} of ${counted(read, 'line')} from ${counted(files.length, 'file')} in ${shownPath(cwd, out)}`)
  }
  return 0
}
