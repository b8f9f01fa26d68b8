import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { openSink } from '../download/sink.ts'
import type { Redactor } from '../http/redact.ts'
import { isOperationOutcome, outcomeIssues, parseJson } from '../http/server-message.ts'
import { isBlankLine, lineText, openLines } from '../ndjson.ts'
import type { Outcome } from '../types.ts'
import type { Journal } from './journal.ts'
import { FileNamer, partSuffix } from './names.ts'
import type { FileState } from './state.ts'

const keptOutcomes = 1000

export interface OutcomeSummary {
  /** At most 1,000. */
  outcomes: Outcome[]
  /** Whether one of all outcomes is an error or fatal. */
  failed: boolean
}

/**
 * Reads the downloaded `error/` files. A line that is no OperationOutcome counts as an error: the server meant to report
 * something.
 */
export async function readOutcomes(folder: string, files: readonly FileState[], redactor: Redactor): Promise<OutcomeSummary> {
  const outcomes: Outcome[] = []
  let failed = false
  for (const { path } of files.filter(({ itemType }) => itemType === 'error')) {
    for await (const { bytes } of openLines(join(folder, path))) {
      if (isBlankLine(bytes)) continue
      for (const outcome of lineOutcomes(lineText(bytes), redactor)) {
        failed ||= outcome.severity === 'error' || outcome.severity === 'fatal'
        if (outcomes.length < keptOutcomes) outcomes.push(outcome)
      }
    }
  }
  return { outcomes, failed }
}

function lineOutcomes(line: string, redactor: Redactor): Outcome[] {
  const json = parseJson(line)
  if (!isOperationOutcome(json)) return [{ severity: 'error', code: null, text: 'a line that is no OperationOutcome', types: [] }]
  return outcomeIssues(json).map(({ severity, code, text, expressions }) => ({
    severity,
    code,
    text: redactor.clean(text),
    types: typesIn(`${text ?? ''} ${expressions.join(' ')}`),
  }))
}

/** Words that look like resource types; whether they are some is the reader's question. */
function typesIn(text: string): string[] {
  return [...new Set(text.match(/\b[A-Z][a-z]+([A-Z][a-z]+)*\b/g))].filter((word) => word.length >= 4).slice(0, 20)
}

/**
 * Lands OperationOutcomes of our own as a file below `error/`, in place of the one that the same key had.
 *
 * One call at a time: the name is free until the file is in the journal.
 */
export async function keepOutcomes(journal: Journal, key: string, lines: Iterable<string>): Promise<void> {
  const { folder, state } = journal
  await mkdir(join(folder, 'error'), { recursive: true, mode: 0o700 })
  const known = state.files.find((file) => file.key === key)
  const path = known?.path ?? new FileNamer(state.files.map((file) => file.path)).name('error', 'OperationOutcome', 'none')
  const part = `${join(folder, path)}${partSuffix}`
  const sink = await openSink({ path: part, coding: 'identity', compress: 'none' })
  for (const line of lines) await sink.write(Buffer.from(`${line}\n`))
  const done = await sink.finish()
  await rename(part, join(folder, path))
  const file: FileState = { key, source: '', itemType: 'error', type: 'OperationOutcome', path, count: null, done }
  // Other files may have been done meanwhile.
  await journal.save({ files: [...journal.state.files.filter((other) => other.key !== key), file] })
}
