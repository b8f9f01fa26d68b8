import { join } from 'node:path'
import { makeFolder, safeType } from '@floe/client/export-folder'
import { lineText } from '@floe/client/ndjson'
import { filledLines, ndjsonFiles } from '../../ndjson/inputs.ts'
import { fileSink, type LineSink } from '../../ndjson/write.ts'
import type { RunCommand } from '../command.ts'
import { needed } from '../needed.ts'
import { pathFrom, shownPath } from '../paths.ts'
import { counted } from '../ui/format.ts'

/** Into files of N lines, or one per resource type (`Unknown` for what has none). */
export const run: RunCommand = async (context) => {
  const { args, settings, ui, cwd, signal } = context
  const out = pathFrom(cwd, needed(context, 'out', 'ndjson split', 'floe ndjson split all.ndjson --out ./parts --lines 100000'))
  const files = await ndjsonFiles(args, cwd)
  await makeFolder(out)
  const sinks = new Map<string, LineSink>()
  const done: string[] = []
  let lines = 0
  try {
    for await (const line of filledLines(files, signal)) {
      const part = settings.lines === undefined ? undefined : Math.floor(lines / settings.lines)
      const name = part === undefined ? `${typeOf(line)}.000.ndjson` : `part.${String(part).padStart(4, '0')}.ndjson`
      if (part !== undefined && !sinks.has(name)) await closeAll(sinks, done)
      const sink = sinks.get(name) ?? fileSink(join(out, name))
      sinks.set(name, sink)
      lines += 1
      await sink.write(line)
    }
    await closeAll(sinks, done)
  } catch (error) {
    for (const sink of sinks.values()) await sink.abandon()
    throw error
  }
  ui.result({ folder: out, files: done, lines })
  ui.say(`${counted(lines, 'line')} in ${counted(done.length, 'file')} in ${shownPath(cwd, out)}`)
  return 0
}

async function closeAll(sinks: Map<string, LineSink>, done: string[]): Promise<void> {
  for (const [name, sink] of sinks) {
    await sink.close()
    done.push(name)
    sinks.delete(name)
  }
}

function typeOf(bytes: Buffer): string {
  try {
    return safeType((JSON.parse(lineText(bytes)) as { resourceType?: unknown }).resourceType) ?? 'Unknown'
  } catch {
    return 'Unknown'
  }
}
