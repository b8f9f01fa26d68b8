/** Holds that generated pages are what the sources say, that links lead somewhere, and that the entry pages stay short. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { snippetProblems } from './check-snippets.ts'
import { generatedDocs } from './generate-docs.ts'
import { root, sourceFiles } from './sources.ts'

const limits: Record<string, number> = { 'README.md': 120, 'ARCHITECTURE.md': 150, 'CONTRIBUTING.md': 100 }
const problems: string[] = []

for (const [path, text] of Object.entries(await generatedDocs())) {
  const file = join(root, path)
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    problems.push(`${path}: differs from its sources; run: npx node --conditions=floe-source scripts/generate-docs.ts`)
  }
}

const pages = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/**/*.md'], { cwd: root })
problems.push(...snippetProblems(new Map(pages.map((page) => [page, readFileSync(join(root, page), 'utf8')]))))
for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8')
  const lines = text.split('\n').length - 1
  const limit = page.startsWith('docs/adr/') ? 60 : limits[page]
  if (limit !== undefined && lines > limit) problems.push(`${page}: ${lines} lines, more than ${limit}`)
  for (const match of text.replace(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    const target = match[1] ?? ''
    if (/^[a-z]+:/.test(target)) continue
    if (!existsSync(join(root, dirname(page), target))) problems.push(`${page}: links to ${target}, which is not there`)
  }
}

// Files that the entry pages name outside of links: in full, or by the end of their path.
const sources = sourceFiles(['packages', 'conformance', 'e2e', 'bench', 'drills', 'fuzz', 'scripts'])
for (const page of Object.keys(limits)) {
  for (const [, name = ''] of readFileSync(join(root, page), 'utf8').matchAll(/`([\w./-]+\.ts)`/g)) {
    if (!sources.some((file) => `/${file}`.endsWith(`/${name}`))) problems.push(`${page}: names ${name}, which is not there`)
  }
}

for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(`${pages.length} pages, ${problems.length} problems\n`)
process.exitCode = problems.length === 0 ? 0 : 1
