import { basename } from 'node:path'
import { isBlankLine, openLines } from '@floe/client/ndjson'
import { ndjsonFiles } from '../../ndjson/inputs.ts'
import { lineProblem, typeOfFile } from '../../ndjson/line-problem.ts'
import type { RunCommand } from '../command.ts'
import { incomplete } from '../incomplete.ts'
import { count, counted } from '../ui/format.ts'

interface Problem {
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** Problems that are listed; all are counted. */
const listed = 1000

/** Names lines that are no FHIR resource: file, line, reason, and nothing of the line. */
export const run: RunCommand = async (context) => {
  const { args, ui, cwd, signal } = context
  const problems: Problem[] = []
  let wrong = 0
  let lines = 0
  const note = (problem: Problem): void => {
    wrong += 1
    if (problems.length >= listed) return
    problems.push(problem)
    ui.say(` ${problem.file}:${problem.line} ${problem.reason}`)
  }
  const files = await ndjsonFiles(args, cwd)
  for (const path of files) {
    const name = basename(path)
    const type = typeOfFile(name)
    let at = 0
    try {
      for await (const line of openLines(path)) {
        at = line.number
        if (line.number % 1000 === 0) signal.throwIfAborted()
        if (isBlankLine(line.bytes)) continue
        lines += 1
        const reason = lineProblem(line.bytes, type)
        if (reason !== undefined) note({ file: name, line: line.number, reason })
      }
    } catch (error) {
      if (signal.aborted) throw error
      note({
        file: name,
        line: at + 1,
        reason: error instanceof RangeError ? 'size: the line is too long' : `truncated: ${(error as Error).message}`,
      })
    }
  }
  ui.result({ files: files.length, lines, problems: wrong, first: problems })
  if (wrong === 0) {
    ui.say(`valid: ${counted(lines, 'line')} in ${counted(files.length, 'file')}`)
    return 0
  }
  const verdict = `${counted(wrong, 'problem')} in ${counted(lines, 'line')} of ${counted(files.length, 'file')}`
  ui.say(wrong > listed ? `${verdict}; the first ${count(listed)} are shown` : verdict)
  return incomplete(context, verdict, null)
}
