import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A resource as the tests look at it. */
export interface Resource {
  readonly resourceType: string
  readonly id: string
  readonly meta: { readonly versionId: string; readonly lastUpdated: string; readonly profile?: readonly string[] }
  readonly [element: string]: unknown
}

/** A folder of its own that goes away with the test. */
export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'floe-population-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export const ndjsonFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ndjson$/.test(name) && name !== 'log.ndjson')
    .sort()

/** Every line of every resource file, with the file's name. */
export function* linesOf(folder: string): Generator<{ file: string; line: string }> {
  for (const file of ndjsonFiles(folder)) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) if (line !== '') yield { file, line }
  }
}

export function resourcesOf(folder: string): Resource[] {
  return [...linesOf(folder)].filter(({ file }) => !file.startsWith('deleted')).map(({ line }) => JSON.parse(line) as Resource)
}
