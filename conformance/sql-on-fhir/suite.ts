import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the official suite is: it is read from there and never copied. */
export const SHARED: string = process.env.FLOE_SHARED ?? join(import.meta.dirname, '../../../shared')
const FOLDER = join(SHARED, 'conformance/sql-on-fhir/tests')
/** FHIR/sql-on-fhir-v2 at the commit that the shared folder names in its README. */
export const SUITE_COMMIT: string = readCommit()

export interface SuiteCase {
  readonly title: string
  readonly tags?: readonly string[]
  readonly view: unknown
  readonly expect?: readonly Record<string, unknown>[]
  readonly expectColumns?: readonly string[]
  readonly expectCount?: number
  readonly expectError?: boolean
}

export interface SuiteFile {
  readonly file: string
  /** Each resource as the text that stands in the file, on one line: decimals keep their digits. */
  readonly resources: readonly string[]
  readonly tests: readonly SuiteCase[]
}

function readCommit(): string {
  const readme = join(SHARED, 'conformance/README.md')
  return existsSync(readme)
    ? (/sql-on-fhir-v2 at ([0-9a-f]{40})/.exec(readFileSync(readme, 'utf8'))?.[1] ?? 'unknown')
    : 'unknown'
}

/** The files of the suite; empty when the folder is not there. */
export function readSuite(): SuiteFile[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(FOLDER, file), 'utf8')
      const { tests } = JSON.parse(text) as { tests: SuiteCase[] }
      return { file, resources: resourcesOf(text), tests }
    })
}

/** The items of the `resources` list as text. */
function resourcesOf(text: string): string[] {
  const resources: string[] = []
  let depth = 0
  let from = 0
  for (const { 0: token, index } of text.slice(text.indexOf('"resources"') + 11).matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') {
      if (depth === 1) from = index
      depth++
    } else if (token === ']' || token === '}') {
      depth--
      if (depth === 1)
        resources.push(
          text
            .slice(text.indexOf('"resources"') + 11)
            .slice(from, index + 1)
            .replace(/\s*\n\s*/g, ' '),
        )
      if (depth === 0) break
    }
  }
  return resources
}
