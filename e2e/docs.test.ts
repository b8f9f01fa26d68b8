import { globSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFloe } from './cli.ts'
import { commandsOf, type Fence, fencesOf } from './docs/fences.ts'
import { openScene, type Part } from './docs/scene.ts'
import { makeTemplate } from './docs/template.ts'
import { scratch } from './support.ts'

const root = join(import.meta.dirname, '..')
const timeout = 300_000
const pages = globSync(['*.md', 'docs/*.md', 'packages/*/README.md', 'examples/**/*.md'], { cwd: root }).sort()

/** What a page finds when it begins; where nothing is said, an empty folder. */
const given: Record<string, readonly Part[]> = {
  'docs/getting-started.md': ['views'],
  'docs/operations.md': ['lake', 'moved'],
  'docs/for-analysts.md': ['lake', 'views'],
  'docs/for-data-engineers.md': ['key'],
  'docs/for-developers.md': ['views'],
  'docs/upgrading.md': ['lake'],
  'docs/server.md': ['lake', 'ndjson', 'export'],
  'docs/register-a-client.md': ['lake'],
  'packages/floe/README.md': ['key'],
  'examples/nightly-two-ehrs/README.md': ['key'],
  'examples/notebook-sql/README.md': ['lake'],
}
/** What the examples of a command find; where nothing is said, everything. */
const everything: readonly Part[] = ['export', 'lake', 'moved', 'key', 'views', 'rules', 'ndjson']
const givenTo: Record<string, readonly Part[]> = {
  demo: [],
  export: ['key'],
  etl: ['export', 'key', 'sources'],
  keys: [],
  synth: [],
}
/** Commands that another test runs, or that need what a test machine lacks. */
const elsewhere: readonly { command: RegExp; why: string }[] = [
  { command: /^npm (install\b(?! &&)|test|run)/, why: 'CI runs the install and the check themselves' },
  {
    command: /^floe out postgres/,
    why: 'needs a Postgres server; packages/lake/src/out/postgres.test.ts runs it where there is one',
  },
]

let template: Awaited<ReturnType<typeof scratch>>
beforeAll(async () => {
  template = await scratch('docs-template')
  await makeTemplate(template.dir)
})
afterAll(() => template[Symbol.asyncDispose]())

/**
 * Runs fences one after another in one scene; returns what did not end as it should. Where they stand alone, a server ends with
 * its fence; `files` is the folder of an example.
 */
async function walk(
  fences: readonly Fence[],
  parts: readonly Part[],
  { standAlone = false, files }: { standAlone?: boolean; files?: string } = {},
): Promise<string[]> {
  await using scene = await openScene(template.dir, parts, files)
  if (parts.includes('lake')) await runFloe(['maintain', '--relocate', '--lake', join(scene.dir, 'lake')])
  const wrong: string[] = []
  for (const fence of fences) {
    if (fence.file !== undefined) await writeFile(join(scene.dir, fence.file), fence.text)
    if (fence.kind !== 'commands' || fence.notRun !== undefined) continue
    for (const command of commandsOf(fence)) {
      if (elsewhere.some((one) => one.command.test(command))) continue
      const { code, output } = await scene.run(command)
      if (code !== 0) wrong.push(`line ${fence.line}: ${command}\nexit ${code}\n${output}`)
    }
    if (standAlone) await scene.stop()
  }
  return wrong
}

/** The examples of the reference: those of some commands in scenes of their own, the others one after another in one lake. */
function families(fences: readonly Fence[]): Map<string, Fence[]> {
  return Map.groupBy(fences, (fence) => {
    const command = /^floe (\S+)/.exec(fence.text)?.[1] ?? ''
    return command in givenTo ? command : 'all others'
  })
}

describe('every fenced command of the documentation runs', () => {
  const reference = 'docs/cli.md'
  for (const page of pages.filter((one) => one !== reference)) {
    const fences = fencesOf(readFileSync(join(root, page), 'utf8'))
    if (!fences.some((fence) => fence.kind === 'commands')) continue
    test.concurrent(
      page,
      async () => expect(await walk(fences, given[page] ?? [], { files: join(root, dirname(page)) })).toEqual([]),
      timeout,
    )
  }
  for (const [command, fences] of families(fencesOf(readFileSync(join(root, reference), 'utf8')))) {
    test.concurrent(
      `${reference}: floe ${command}`,
      async () => expect(await walk(fences, givenTo[command] ?? everything, { standAlone: true })).toEqual([]),
      timeout,
    )
  }
})
