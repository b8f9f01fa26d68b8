import { resourceTypes } from '@floe/views/fhir'
import { pathOf } from './paths-of.ts'
import { smallLines } from './small-lines.ts'
import type { ExportFile, Outcome } from './types.ts'

/** Words that are R4 types and yet rarely what an outcome is about. */
const commonWords: ReadonlySet<string> = new Set(['Basic', 'Binary', 'Bundle', 'Group', 'List', 'OperationOutcome', 'Parameters'])

/** After so many issues only new combinations of severity and types are kept. */
const maxListed = 10_000

const severities: ReadonlySet<unknown> = new Set(['fatal', 'error', 'warning', 'information'])

interface Issue {
  readonly severity?: unknown
  readonly diagnostics?: unknown
  readonly details?: { readonly text?: unknown; readonly coding?: unknown } | null
  readonly expression?: unknown
  readonly location?: unknown
}

/**
 * The issues of `error/`. A line that is no OperationOutcome, and a severity that FHIR does not know, count as an error that may
 * concern every type: what cannot be read must not make anything complete.
 */
export async function readOutcomes(files: readonly ExportFile[], maxLine: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const known = new Set<string>()
  for (const file of files) {
    for await (const { text } of smallLines(pathOf(file), file.compression, maxLine)) {
      for (const outcome of outcomesOf(text)) {
        const key = `${outcome.severity} ${outcome.types.join(' ')}`
        if (outcomes.length < maxListed || !known.has(key)) outcomes.push(outcome)
        known.add(key)
      }
    }
  }
  return outcomes
}

function outcomesOf(text: string | undefined): Outcome[] {
  const unclear: Outcome = { severity: 'error', types: [] }
  try {
    const outcome = JSON.parse(text ?? '') as { resourceType?: unknown; issue?: unknown } | null
    if (outcome?.resourceType !== 'OperationOutcome' || !Array.isArray(outcome.issue)) return [unclear]
    return outcome.issue.map((issue: Issue | null) => {
      const severity = severities.has(issue?.severity) ? (issue?.severity as Outcome['severity']) : 'error'
      return { severity, types: typesNamed(issue ?? {}) }
    })
  } catch {
    return [unclear]
  }
}

function typesNamed({ diagnostics, details, expression, location }: Issue): string[] {
  const text = JSON.stringify([diagnostics, details?.text, details?.coding, expression, location])
  const words = text.match(/\b[A-Z][A-Za-z]+\b/g) ?? []
  return [...new Set(words.filter((it) => resourceTypes.has(it) && !commonWords.has(it)))].sort()
}
