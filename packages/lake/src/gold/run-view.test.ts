import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runViewOnFolder } from './run-view.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-run-view-'))
})
afterAll(async () => {
  await rm(root, { recursive: true })
})

const view = (path: string): object => ({
  ...{ resourceType: 'ViewDefinition', name: 'x', resource: 'Patient' },
  select: [
    {
      column: [
        { name: 'id', path: 'id' },
        { name: 'value', path },
      ],
    },
  ],
})

async function written(path: string, lines: readonly object[]): Promise<unknown> {
  const folder = await mkdtemp(join(root, 'in-'))
  await writeFile(join(folder, 'data.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const parquet = join(folder, 'rows.parquet')
  await using _ = await runViewOnFolder(view(path), folder, { parquet })
  const connection = await (await DuckDBInstance.create()).connect()
  const rows = (await connection.runAndReadAll(`select * from '${parquet}' order by all`)).getRowObjectsJson()
  connection.closeSync()
  return rows
}

const patients = [
  { resourceType: 'Patient', id: 'a', name: [{ family: 'A' }], multipleBirthInteger: 2 },
  { resourceType: 'Patient', id: 'b' },
]

test('a folder of one kind of lines, and one where other types have the same element in another kind, give the same file', async () => {
  const expected = [
    { id: 'a', value: 'A' },
    { id: 'b', value: null },
  ]
  expect(await written('name.first().family', patients)).toEqual(expected)
  const others = [{ resourceType: 'Organization', id: 'o', name: 'Hospital' }]
  expect(await written('name.first().family', [...patients, ...others])).toEqual(expected)
})

test('data that does not fit the view fails, whichever way it is read', async () => {
  const two = { resourceType: 'Patient', id: 'c', name: [{ family: 'C' }, { family: 'D' }] }
  const others = [{ resourceType: 'Organization', id: 'o', name: 'Hospital' }]
  for (const lines of [[two], [two, ...others]])
    await expect(written('name.family', lines)).rejects.toMatchObject({ code: 'view-run', exitCode: 1 })
})
