import { createHash } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ExportEvent } from '../events.ts'
import { tempBench } from '../test-run.suite.ts'
import { recoverFiles } from './journal.ts'
import { lockFolder } from './lock.ts'
import { ExportLog, readExportLog } from './log.ts'
import { type ExportState, type FileState, readState, writeState } from './state.ts'

const client = { name: 'floe', version: '1' }
const event = (message: string): ExportEvent => ({
  exportId: 'e',
  timestamp: '2026-01-01T00:00:00Z',
  eventId: 'manifest_refresh',
  eventDetail: { reason: message },
})

test('a log row that a crash cut short is removed before the next is written', async () => {
  await using bench = await tempBench()
  const path = join(bench.root, 'log.ndjson')
  await writeFile(path, '{"exportId":"e","eventId":"kickoff","eventDetail":{}}\n{"exportId":"e","event')
  const log = await ExportLog.open(bench.root, client)
  await Promise.all([log.append(event('a')), log.append(event('b'))])
  await log.close()
  expect((await readExportLog(bench.root)).map(({ eventDetail }) => eventDetail)).toEqual([{}, { reason: 'a' }, { reason: 'b' }])
  expect((await readFile(path, 'utf8')).split('\n')[1]).toContain('"_client":"floe","_clientVersion":"1"')
})

test('a log that is not JSON is an error that names its line; no log is an empty one', async () => {
  await using bench = await tempBench()
  expect(await readExportLog(bench.root)).toEqual([])
  await writeFile(join(bench.root, 'log.ndjson'), '{}\nnonsense\n')
  await expect(readExportLog(bench.root)).rejects.toThrow('log.ndjson line 2 is not JSON')
})

test('a lock keeps a second one out until it is released; one whose process is gone holds nobody up', async () => {
  await using bench = await tempBench()
  const path = join(bench.root, '.floe-export.lock')
  {
    await using _lock = await lockFolder(bench.root)
    await expect(lockFolder(bench.root)).rejects.toMatchObject({ code: 'usage', retryable: true })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  }
  await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 7, host: hostname() }))
  {
    await using _lock = await lockFolder(bench.root)
  }
  // The number of the killed process is that of a living one by now, even our own.
  for (const pid of [process.pid, process.ppid]) {
    await writeFile(path, JSON.stringify({ pid, host: hostname(), started: '1' }))
    await using _lock = await lockFolder(bench.root)
  }
  await writeFile(path, '{"pi')
  await using _last = await lockFolder(bench.root)
})

const body = '{"resourceType":"Patient"}\n'
const done = {
  bytes: body.length,
  lines: 1,
  sha256: createHash('sha256').update(body).digest('hex'),
  contentBytes: body.length,
  contentSha256: null,
}
const file = (path: string, known: boolean): FileState => ({
  key: path,
  source: '',
  itemType: 'output',
  type: 'Patient',
  path,
  count: null,
  done: known ? done : null,
})
const stateOf = (files: FileState[]): ExportState => ({ exportId: 'e', files }) as unknown as ExportState
const row = (path: string, exportId = 'e', bytes = body.length): string =>
  `${JSON.stringify({ exportId, eventId: 'download_complete', eventDetail: { path, ...done, bytes, fileSize: bytes } })}\n`

test.each<[string, { known: boolean; rows: string; files: Record<string, string> }, boolean]>([
  ['done and there', { known: true, rows: '', files: { 'a.ndjson': body } }, true],
  ['done and gone', { known: true, rows: '', files: {} }, false],
  ['done and of another size', { known: true, rows: '', files: { 'a.ndjson': `${body}x` } }, false],
  ['known to the log only', { known: false, rows: row('a.ndjson'), files: { 'a.ndjson': body } }, true],
  ['in the log, not renamed yet', { known: false, rows: row('a.ndjson'), files: { 'a.ndjson.part': body } }, true],
  [
    'in the log, the part of other content',
    { known: false, rows: row('a.ndjson'), files: { 'a.ndjson.part': body.replace('P', 'p') } },
    false,
  ],
  ['in the log of another export', { known: false, rows: row('a.ndjson', 'other'), files: { 'a.ndjson': body } }, false],
  ['there, but unknown', { known: false, rows: '', files: { 'a.ndjson': body } }, false],
])('a file that is %s', async (_, { known, rows, files }, expected) => {
  await using bench = await tempBench()
  await writeFile(join(bench.root, 'log.ndjson'), rows)
  for (const [name, text] of Object.entries(files)) await writeFile(join(bench.root, name), text)
  const [found] = await recoverFiles(bench.root, stateOf([file('a.ndjson', known)]))
  expect(found?.done !== null).toBe(expected)
  if (expected) expect(await readFile(join(bench.root, 'a.ndjson'), 'utf8')).toBe(body)
})

test('a state is read as written, 0600; a damaged one is an error, none is undefined', async () => {
  await using bench = await tempBench()
  expect(await readState(bench.root)).toBeUndefined()
  const state = { ...stateOf([]), format: 1 } as ExportState
  await writeState(bench.root, state)
  expect(await readState(bench.root)).toEqual(state)
  expect((await stat(join(bench.root, 'floe-export.json'))).mode & 0o777).toBe(0o600)
  await writeFile(join(bench.root, 'floe-export.json'), '{"format":')
  await expect(readState(bench.root)).rejects.toMatchObject({ code: 'usage' })
})
