import { createContext, runInContext } from 'node:vm'
import { compile, evaluate } from '@floe/views'
import { bundledViews } from '@floe/views/bundled'
import { beforeAll, expect, test } from 'vitest'
import { browserBundle, findChromium, inChromium } from './browser.ts'

const chromium = await findChromium()
if (chromium === undefined) console.warn('conformance/views: the bundle is not run in a browser: no chromium here')

const view = {
  ...{ resourceType: 'ViewDefinition', name: 'names', resource: 'Patient' },
  where: [{ path: 'birthDate < @2000-01-01' }],
  select: [
    { column: [{ name: 'id', path: 'getResourceKey()' }] },
    {
      forEachOrNull: 'name',
      column: [
        { name: 'given', path: "given.join(' ')" },
        { name: 'at', path: '%rowIndex' },
      ],
    },
  ],
}
const patients = [
  { resourceType: 'Patient', id: 'p1', birthDate: '1980-05-01', name: [{ given: ['Ann', 'B.'] }, { given: ['Äße 🦆'] }] },
  { resourceType: 'Patient', id: 'p2', birthDate: '1999' },
  { resourceType: 'Patient', id: 'p3', birthDate: '2001' },
]
const source = { kind: 'table', sql: 'silver' } as const
const dialects = ['duckdb', 'spark'] as const

/** What the bundle has to give, in JSON: the SQL of all bundled views in both dialects, rows, and a refusal. */
const expected = {
  rows: evaluate(view, patients).rows,
  sql: dialects.map((dialect) => bundledViews.map((each) => compile(each, { dialect, source }).sql)),
  error: { code: 'view', path: 'select[0].column[0].path', span: { start: 0, end: 4 } },
}
const program = `(() => {
  const view = ${JSON.stringify(view)}
  const sql = ['duckdb', 'spark'].map((dialect) =>
    floe.bundledViews.map((each) => floe.compile(each, { dialect, source: ${JSON.stringify(source)} }).sql))
  let error
  try { floe.check({ resource: 'Patient', select: [{ column: [{ name: 'a', path: 'nama' }] }] }) }
  catch ({ code, path, span }) { error = { code, path, span } }
  return JSON.stringify({ rows: floe.evaluate(view, ${JSON.stringify(patients)}).rows, sql, error })
})()`

let bundle: Awaited<ReturnType<typeof browserBundle>>
beforeAll(async () => {
  bundle = await browserBundle()
})

test('the bundle for browsers asks for nothing from outside, and is small', () => {
  expect(bundle.imports).toEqual([])
  expect(/\brequire\(|["'`]node:/.test(bundle.code)).toBe(false)
  expect(bundle.code.length).toBeLessThan(600_000)
})

test('it compiles and evaluates where there is nothing but JavaScript', () => {
  const context = createContext(Object.create(null) as object)
  runInContext(bundle.code, context)
  expect(JSON.parse(String(runInContext(program, context)))).toEqual(expected)
})

test.skipIf(chromium === undefined)('it compiles and evaluates in Chromium', async () => {
  const text = await inChromium(chromium ?? '', [bundle.code, `document.body.textContent = ${program}`])
  expect(JSON.parse(text)).toEqual(expected)
})
