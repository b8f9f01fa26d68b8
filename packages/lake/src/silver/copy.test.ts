import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BronzeFile } from '../bronze/types.ts'
import { openEngine } from '../engine/duckdb.ts'
import { chunksOf, escapeGlob, linesOf } from './copy.ts'

const file = (path: string, bytes: number, lines = 1, maxLine = bytes): BronzeFile => ({
  ...{ path, compression: 'none', lines, bytes, maxLine, relative: path, copy: path, sha256: '' },
})

test('files share a data file up to the bound, in order; a larger one is alone; empty ones are left out', () => {
  const files = [file('a', 40), file('b', 50), file('c', 20), file('d', 300), file('e', 0, 0), file('f', 10)]
  expect(chunksOf(files, 100).map((chunk) => chunk.map(({ path }) => path))).toEqual([['a', 'b'], ['c'], ['d'], ['f']])
  expect(chunksOf(files, 1000, 2).map((chunk) => chunk.map(({ path }) => path))).toEqual([['a', 'b'], ['c', 'd'], ['f']])
})

test('a path is no pattern', async () => {
  expect(escapeGlob('/a[1]/b*?.ndjson')).toBe('/a[[]1[]]/b[*][?].ndjson')
  const dir = await mkdtemp(join(tmpdir(), 'floe-glob-'))
  await using engine = await openEngine({ tempDir: join(dir, 'tmp'), threads: 1 })
  const names = ['a[1]', 'b*', 'c?', 'd\\e', 'f\\[g]*', '\\[', "h'i", 'j{1,2}', 'a1', 'bb', 'cc']
  const files: BronzeFile[] = []
  for (const [index, name] of names.entries()) {
    const path = join(dir, name, `Patient.${name}.ndjson`)
    await mkdir(join(dir, name))
    await writeFile(path, `{"id":"${index}"}\n`)
    files.push({ ...file(path, 11), padded: index % 2 === 0 })
  }
  const rows = await engine.all<{ id: string }>(`select json_extract_string(json, '$.id') as id from ${linesOf(files)}`)
  expect(rows.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual([...names.keys()])
  await rm(dir, { recursive: true })
})

test('files with spaces around their lines are read as text, in the order of all', () => {
  const padded = { ...file('b', 1), padded: true }
  const sql = linesOf([file('a', 1), padded, file('c', 1)])
  expect(sql.match(/read_\w+\(\['\w'\]/g)).toEqual(["read_ndjson_objects(['a']", "read_csv(['b']", "read_ndjson_objects(['c']"])
})
