import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { QueryResult } from '@floe/lake'
import { expect, test } from 'vitest'
import { printRows, type RowFormat, writeFileWhole } from './rows.ts'

function result(rows: readonly Record<string, unknown>[]): QueryResult {
  const chunks = async function* (): AsyncGenerator<readonly Record<string, unknown>[]> {
    for (const row of rows) yield [row]
  }
  const columns = [
    { name: 'id', type: 'VARCHAR' },
    { name: 'n', type: 'HUGEINT' },
    { name: 'list', type: 'VARCHAR[]' },
  ]
  return { columns, rows: chunks(), close: async () => {}, [Symbol.asyncDispose]: async () => {} }
}

function sink(): { text: () => string; write: (piece: string) => Promise<boolean> } {
  const pieces: string[] = []
  return { text: () => pieces.join(''), write: async (piece) => pieces.push(piece) > 0 }
}

const rows = [
  { id: 'a', n: 1, list: ['x', 'y'] },
  { id: 'with "quotes", and\nlines', n: '9007199254740993', list: [] },
  { id: '', n: null, list: null },
]

test.each<[RowFormat, string]>([
  ['csv', 'id,n,list\r\na,1,"[""x"",""y""]"\r\n"with ""quotes"", and\nlines",9007199254740993,[]\r\n"",,\r\n'],
  [
    'ndjson',
    '{"id":"a","n":1,"list":["x","y"]}\n{"id":"with \\"quotes\\", and\\nlines","n":9007199254740993,"list":[]}\n{"id":"","n":null,"list":null}\n',
  ],
  [
    'json',
    '[{"id":"a","n":1,"list":["x","y"]},\n{"id":"with \\"quotes\\", and\\nlines","n":9007199254740993,"list":[]},\n{"id":"","n":null,"list":null}]\n',
  ],
  [
    'table',
    `id                                       n  list
a                                        1  ["x","y"]
with "quotes", and⏎lines  9007199254740993  []

(3 rows)
`,
  ],
])('%s', async (format, expected) => {
  const { text, write } = sink()
  expect(await printRows(result(rows), format, write, 100)).toBe(3)
  expect(text()).toBe(expected)
})

test.each<[RowFormat, string]>([
  ['csv', 'id,n,list\r\n'],
  ['ndjson', ''],
  ['json', '[]\n'],
  ['table', 'id  n  list\n(0 rows)\n'],
])('no row as %s', async (format, expected) => {
  const { text, write } = sink()
  await printRows(result([]), format, write, 80)
  expect(text()).toBe(expected)
})

test('the one object of --json has columns and rows', async () => {
  const { text, write } = sink()
  await printRows(result(rows.slice(0, 1)), 'object', write, 80)
  expect(JSON.parse(text())).toEqual({ columns: result([]).columns, rows: rows.slice(0, 1) })
})

test('stops when nobody reads any more', async () => {
  let written = 0
  await printRows(result(rows), 'ndjson', async () => ++written < 1, 80)
  expect(written).toBe(1)
})

test('a file is there whole or not at all', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'floe-rows-'))
  const path = join(dir, 'rows.csv')
  await expect(writeFileWhole(path, async () => Promise.reject(new Error('halfway')))).rejects.toThrow('halfway')
  expect([existsSync(path), readdirSync(dir)]).toEqual([false, []])
  expect(await writeFileWhole(path, async (write) => ((await write('a\n')) ? 1 : 0))).toBe(1)
  expect(readFileSync(path, 'utf8')).toBe('a\n')
  rmSync(dir, { recursive: true })
})
