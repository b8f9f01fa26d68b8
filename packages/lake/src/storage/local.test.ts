import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileUri, localPath, localStorage } from './local.ts'
import { storageSuite } from './storage.suite.ts'

let dir: string
let next = 0
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-storage-'))
})
afterAll(() => rm(dir, { recursive: true }))

describe('the local adapter', () => {
  storageSuite(async () => ({ storage: localStorage, root: fileUri(join(dir, `case ${next++} [x]*%20`)) }))
})

test('folders are 0700 and files 0600', async () => {
  const path = join(dir, 'modes/deep/file')
  await localStorage.putIfAbsent(fileUri(path), Buffer.from('x'))
  const modes = await Promise.all(
    [path, join(dir, 'modes/deep'), join(dir, 'modes')].map(async (each) => (await stat(each)).mode & 0o777),
  )
  expect(modes).toEqual([0o600, 0o700, 0o700])
})

describe('all spellings of a local location', () => {
  test.each([
    ['file:///lake/a', '/lake/a'],
    ['file:/lake/a', '/lake/a'],
    ['file://localhost/lake/a', '/lake/a'],
    ['/lake/a', '/lake/a'],
    ['file:///lake/my%20a', '/lake/my%20a'],
  ])('%s', (location, path) => {
    expect(localPath(location)).toBe(path)
  })
  test.each(['s3://bucket/a', 'file://host/a', 'relative/a', 'file:relative'])('%s is refused', (location) => {
    expect(() => localPath(location)).toThrow(expect.objectContaining({ code: 'unsupported-location' }))
  })
})
