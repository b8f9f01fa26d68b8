/** Holds the package rule, the folder order of `lake`, the size of files, and that no import goes round in a circle. */
import { importsOf, resolveImport, sourceFiles, textOf } from './sources.ts'

const allowed: Record<string, (specifier: string) => boolean> = {
  client: () => false,
  views: () => false,
  lake: (specifier) =>
    specifier.startsWith('@floe/views') || specifier === '@floe/client/ndjson' || specifier === '@floe/client/export-folder',
  testkit: () => false,
  floe: (specifier) => /^@floe\/(client|views|lake|testkit)(\/|$)/.test(specifier),
}
const lakeOrder = 'storage engine iceberg bronze deid silver gold omop quality provider replay out'.split(' ')
const longest = 500

const files = sourceFiles(['packages', 'conformance', 'e2e', 'bench', 'drills', 'fuzz', 'scripts', 'examples'])
const problems: string[] = []
const graph = new Map<string, string[]>()

for (const file of files) {
  const text = textOf(file)
  const lines = text.split('\n').length - 1
  if (lines > longest && !file.includes('/generated/')) problems.push(`${file}: ${lines} lines, more than ${longest}`)
  const owner = /^packages\/([^/]+)\/src\//.exec(file)?.[1]
  const test = /\.(test|suite)\.ts$/.test(file)
  graph.set(file, [])
  for (const { specifier, typeOnly } of importsOf(text)) {
    const target = resolveImport(file, specifier)
    if (target !== undefined) {
      if (!typeOnly) graph.get(file)?.push(target)
      if (owner !== undefined && !test) problems.push(...leaves(file, owner, target), ...climbs(file, target))
    } else if (owner !== undefined && !test && /^(@floe\/|floe$)/.test(specifier) && !allowed[owner]?.(specifier)) {
      problems.push(`${file}: package ${owner} may not import ${specifier}`)
    }
  }
}

function leaves(file: string, owner: string, target: string): string[] {
  return target.startsWith(`packages/${owner}/`) ? [] : [`${file}: reaches into another package by path (${target})`]
}

function climbs(file: string, target: string): string[] {
  const layer = (path: string) => lakeOrder.indexOf(/^packages\/lake\/src\/([^/]+)\//.exec(path)?.[1] ?? '')
  const [from, to] = [layer(file), layer(target)]
  return from >= 0 && to > from ? [`${file}: ${lakeOrder[from]} may not import ${lakeOrder[to]} (${target})`] : []
}

const state = new Map<string, 'open' | 'done'>()
function visit(file: string, trail: readonly string[]): void {
  if (state.get(file) === 'done') return
  if (state.get(file) === 'open') {
    problems.push(`import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' → ')}`)
    return
  }
  state.set(file, 'open')
  for (const target of graph.get(file) ?? []) if (graph.has(target)) visit(target, [...trail, file])
  state.set(file, 'done')
}
for (const file of files) visit(file, [])

for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(`${files.length} files, ${problems.length} layer problems\n`)
process.exitCode = problems.length === 0 ? 0 : 1
