import { expect, test } from 'vitest'
import type { BronzeFile } from '../bronze/types.ts'
import { chunksOf, escapeGlob, linesOf } from './copy.ts'

const file = (path: string, bytes: number, lines = 1, maxLine = bytes): BronzeFile => ({
  ...{ path, compression: 'none', lines, bytes, maxLine, relative: path, copy: path, sha256: '' },
})

test('files share a data file up to the bound, in order; a larger one is alone; empty ones are left out', () => {
  const files = [file('a', 40), file('b', 50), file('c', 20), file('d', 300), file('e', 0, 0), file('f', 10)]
  expect(chunksOf(files, 100).map((chunk) => chunk.map(({ path }) => path))).toEqual([['a', 'b'], ['c'], ['d'], ['f']])
})

test('a path is no pattern', () => {
  expect(escapeGlob('/a[1]/b*?.ndjson')).toBe('/a[[]1[]]/b[*][?].ndjson')
})

test('files with spaces around their lines are read as text, in the order of all', () => {
  const padded = { ...file('b', 1), padded: true }
  const sql = linesOf([file('a', 1), padded, file('c', 1)])
  expect(sql.match(/read_\w+\(\['\w'\]/g)).toEqual(["read_ndjson_objects(['a']", "read_csv(['b']", "read_ndjson_objects(['c']"])
})
