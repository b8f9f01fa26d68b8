import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BronzeFile, BronzeType } from '../bronze/types.ts'
import { openEngine } from '../engine/duckdb.ts'
import { literals } from '../engine/sql.ts'
import { evolve } from '../iceberg/shape.ts'
import { fileUri, localPath } from '../storage/local.ts'
import { silverShape } from './columns.ts'
import type { LakeContext } from './context.ts'
import { chunksOf, copyLines, escapeGlob, linesOf } from './copy.ts'

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

describe('lines of megabytes in little memory', () => {
  const lines = Array.from({ length: 12 }, (_, n) =>
    JSON.stringify({
      resourceType: 'Binary',
      id: `b${n}`,
      data: createHash('sha256').update(`${n}`).digest('hex').repeat(24_000),
    }),
  )
  const longest = Math.max(...lines.map(({ length }) => length))

  async function copied(text: string, memoryLimit: string): Promise<[id: string, digest: string][]> {
    const dir = await mkdtemp(join(tmpdir(), 'floe-large-'))
    await using engine = await openEngine({ tempDir: join(dir, 'tmp'), memoryLimit, threads: 2 })
    const context = { engine, warehouse: fileUri(join(dir, 'warehouse')) } as LakeContext
    try {
      const path = join(dir, 'Binary.ndjson')
      await writeFile(path, text)
      const shape = silverShape({ struct: { resourceType: 'string', data: 'string' } }, true)
      const files = await copyLines(context, {
        type: { type: 'Binary', files: [file(path, text.length, lines.length, longest)] } as unknown as BronzeType,
        schema: evolve(undefined, shape, { identifier: ['id', '_source'] }),
        ...{ source: 's', exportId: 'e', ingestedAt: '2026-01-01T00:00:00Z', ordered: false },
      })
      const rows = await engine.all<{ id: string; digest: string }>(
        `select id, sha256(_raw) as digest from read_parquet(${literals(files.map((each) => localPath(each.path)))}) order by id`,
      )
      return rows.map(({ id, digest }) => [id, digest])
    } finally {
      await rm(dir, { recursive: true })
    }
  }

  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
  const expected = lines.map((line, n) => [`b${n}`, sha256(line)]).toSorted()

  test('are read one by one when several at once do not fit, blank lines left out', async () => {
    expect(await copied(`\n${lines.slice(0, 5).join('\n')}\n\n  \n${lines.slice(5).join('\n\t\n')}`, '100MB')).toEqual(expected)
  })

  test('name the limit that works when they do not fit that way either', async () => {
    const text = lines.join('\r\n')
    await expect(copied(text, '60MB')).rejects.toMatchObject({
      code: 'memory',
      hint: 'The longest line has 1.5 MB: it loads with --memory-limit 200MB --threads 1',
    })
    expect(await copied(text, '200MB')).toEqual(expected)
  })
})

test('files with spaces around their lines are read as text, in the order of all', () => {
  const padded = { ...file('b', 1), padded: true }
  const sql = linesOf([file('a', 1), padded, file('c', 1)])
  expect(sql.match(/read_\w+\(\['\w'\]/g)).toEqual(["read_ndjson_objects(['a']", "read_csv(['b']", "read_ndjson_objects(['c']"])
})
