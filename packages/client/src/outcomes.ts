import { join } from 'node:path'
import type { FileState } from './folder/state.ts'
import { isBlankLine, lineText, openLines } from './ndjson.ts'
import type { Redactor } from './redact.ts'
import { isOperationOutcome, outcomeIssues, parseJson } from './server-message.ts'
import type { Outcome } from './types.ts'

const keptOutcomes = 1000

export interface OutcomeSummary {
  /** At most 1,000. */
  outcomes: Outcome[]
  /** Whether one of all outcomes is an error or fatal. */
  failed: boolean
}

/** Reads the downloaded `error/` files. A line that is no OperationOutcome counts as an error: the server meant to report something. */
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
