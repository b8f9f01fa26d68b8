import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Public is what the entry points name; each has a doc comment, and each of its numbers a unit. */
const entries = ['index.ts', 'ndjson.ts', 'export-folder.ts']
// The types of the SDK first: another file may have one of the same name for itself.
const sources = ['types.ts', ...globSync('**/*.ts', { cwd: import.meta.dirname })]
  .filter((file) => !/\.(test|suite)\.ts$/.test(file))
  .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))

function publicNames(): string[] {
  const names = new Set<string>()
  for (const entry of entries) {
    const text = readFileSync(join(import.meta.dirname, entry), 'utf8')
    for (const [, list = ''] of text.matchAll(/^export (?:type )?\{([^}]*)\}/gm))
      for (const name of list.split(',')) names.add(name.replace(/^\s*type\s+/, '').trim())
    for (const [, name = ''] of text.matchAll(/^export (?:async )?(?:function\*?|class|interface|type|const) (\w+)/gm))
      names.add(name)
  }
  return [...names].filter((name) => name !== '')
}

/** What stands above the declaration of a name, and its body up to the closing brace in the first column. */
function declaration(name: string): { above: string; body: string } | undefined {
  const pattern = new RegExp(
    `^export (?:abstract )?(?:async )?(?:function\\*?|class|interface|type|const) ${name}\\b[\\s\\S]*?^(?:[}\\])]|(?=\\n))`,
    'm',
  )
  for (const text of sources) {
    const match = pattern.exec(text)
    if (match !== null) return { above: text.slice(0, match.index).trimEnd(), body: match[0] }
  }
  return undefined
}

const units =
  /\b(ms|milliseconds?|seconds?|minutes?|bytes?|MB|kB|how many|number of|lines?|files?|size|lower-case hex|attempts?|downloads|at the same time|HTTP status|resources|of how many)\b/i

describe('the SDK as it is documented', () => {
  const names = publicNames()

  test.each(names)('%s has a doc comment', (name) => {
    const found = declaration(name)
    expect(found, 'declared').toBeDefined()
    expect(found?.above.endsWith('*/')).toBe(true)
  })

  test.each(names)('%s: a number says its unit, by its name or its comment', (name) => {
    const { above = '', body = '' } = declaration(name) ?? {}
    const wordless = [...body.matchAll(/((?:^ *\/\*\*[\s\S]*?\*\/\n)?)^ +(?:readonly )?(\w+)\??: number\b/gm)]
      .filter(
        ([, comment = '', member = '']) =>
          !/(Ms|Bytes|Count|bytes|lines|files|resources|count|size|attempts?|status|code|polls|total|done|offset|line|duration|manifests|fetched|skipped|failed)$/i.test(
            member,
          ) && !units.test(comment),
      )
      .map(([, , member]) => member)
    expect(units.test(above.split('/**').at(-1) ?? '') ? [] : wordless).toEqual([])
  })

  test('every method of the client says what it rejects with or refers to the one that does', () => {
    const { body = '' } = declaration('BulkError') ?? {}
    for (const member of ['code', 'exitCode', 'retryable', 'hint', 'status']) expect(body).toContain(member)
    const client = declaration('BulkClient')?.body ?? ''
    const methods = [...client.matchAll(/((?:^ {2}\/\*\*[\s\S]*?\*\/\n)?)^ {2}(?:static )?async (\w+)\(/gm)]
    expect(methods.filter(([, comment = '']) => comment === '').map(([, , name]) => name)).toEqual([])
  })
})
