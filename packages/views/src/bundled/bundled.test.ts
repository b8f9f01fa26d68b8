import { expect, test } from 'vitest'
import { compile } from '../compile.ts'
import type { ViewColumn, ViewSelect } from '../view-definition.ts'
import { bundledViews } from './index.ts'

const columnsOf = (select: ViewSelect): ViewColumn[] => [
  ...(select.column ?? []),
  ...(select.select ?? []).flatMap(columnsOf),
  ...(select.unionAll ?? []).flatMap(columnsOf),
]
// Functions outside of the Shareable profile would bind a view to runners that have them.
const SHAREABLE = new Set([
  'where',
  'exists',
  'empty',
  'extension',
  'ofType',
  'first',
  'not',
  'getResourceKey',
  'getReferenceKey',
])

test('names are those of tables, each once', () => {
  const names = bundledViews.map(({ name }) => String(name))
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([])
  expect(names.length).toBeGreaterThanOrEqual(40)
})

test.each(bundledViews.map((view) => [String(view.name), view] as const))(
  '%s follows the Shareable profile and compiles for both engines',
  (name, view) => {
    expect(view).toMatchObject({ url: `https://floe.dev/ViewDefinition/${name}`, fhirVersion: ['4.0.1'], status: 'active' })
    const declared = view.select.flatMap(columnsOf)
    const functions = JSON.stringify([view.select, view.where]).matchAll(/([A-Za-z]+)\(/g)
    expect([...functions].map(([, it]) => it).filter((it) => !SHAREABLE.has(String(it)))).toEqual([])
    for (const dialect of ['duckdb', 'spark'] as const) {
      const { columns } = compile(view, { dialect, source: { kind: 'json', sql: 'lines' } })
      for (const column of columns) {
        const type = declared.find((it) => it.name === column.name)?.type
        // Keys are text of their own, whatever type the element has.
        expect([column.name, column.type === 'id' ? 'string' : column.type, column.collection]).toEqual([
          column.name,
          type,
          false,
        ])
      }
    }
  },
)
