/** Type-checks the TypeScript that pages show: an example that does not compile is worse than none. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './sources.ts'

/** What snippets take as given. */
const given = `
declare const fhirUrl: string
declare const privateKey: \`file:\${string}\`
declare const clientId: string
declare const jwks: { keys: { [name: string]: unknown }[] }
declare const view: import('@floe/views').ViewDefinition
declare const resources: { resourceType: string; [name: string]: unknown }[]
`

/** The problems of all fences of `ts` in pages, as `page:line: message`. */
export function snippetProblems(pages: ReadonlyMap<string, string>): string[] {
  const dir = join(root, 'node_modules/.cache/floe-snippets')
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'given.d.ts'), given)
  const places = new Map<string, { page: string; line: number }>()
  for (const [page, text] of pages) {
    for (const match of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
      const file = `snippet-${places.size}.ts`
      places.set(file, { page, line: text.slice(0, match.index).split('\n').length })
      writeFileSync(join(dir, file), `${match[1]}export {}\n`)
    }
  }
  const compilerOptions = { noEmit: true, noUnusedLocals: false, isolatedDeclarations: false, composite: false, rootDir: '/' }
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'], exclude: [] }
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config))
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', dir, '--pretty', 'false'], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((line) => line.includes('error'))
    .map((line) => {
      const [, file = '', at = '1', message = line] = /(snippet-\d+\.ts)\((\d+),\d+\): (.*)$/.exec(line) ?? []
      const place = places.get(file)
      return place === undefined ? line : `${place.page}:${place.line + Number(at)}: ${message}`
    })
}
