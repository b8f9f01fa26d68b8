import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readIdList } from './id-list.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-ids-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

test.each([
  ['one id to a line', 'a\nb\n', { column: 'id', values: ['a', 'b'] }],
  ['blank lines, CRLF, a byte order mark, the same id twice', '\ufeffa\r\n\r\nb\r\na', { column: 'id', values: ['a', 'b'] }],
  ['CSV with a column id', 'name,ID\n"Doe, J",a\n"x ""y""",b\n', { column: 'id', values: ['a', 'b'] }],
  ['CSV with a column mrn', 'mrn\n007\n"008"\n', { column: 'mrn', values: ['007', '008'] }],
])('%s', async (_, text, expected) => {
  const path = join(dir, 'list.csv')
  await writeFile(path, text)
  expect(readIdList(path)).toEqual(expected)
})

test.each([
  ['columns without a name', 'a,b\nc,d\n', /none is called id or mrn/],
  ['nothing', 'id\n', /is empty/],
])('%s is a usage error', async (_, text, message) => {
  const path = join(dir, 'list.csv')
  await writeFile(path, text)
  expect(() => readIdList(path)).toThrow(message)
})

test('a list that is not there is a usage error', () => {
  expect(() => readIdList(join(dir, 'none'))).toThrow(/cannot be read \(ENOENT\)/)
})
