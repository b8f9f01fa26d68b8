import { execFileSync } from 'node:child_process'
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { typeInName } from './discover.ts'
import { planExports, safeExportId } from './plan.ts'
import type { PlannedExport, PlanOptions } from './types.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-plan-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let folders = 0
async function folderOf(files: Record<string, string>): Promise<string> {
  folders += 1
  const folder = join(dir, `folder-${folders}`)
  await mkdir(folder)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

interface Row {
  readonly id?: string
  readonly event: string
  readonly [detail: string]: unknown
}
const log = (...rows: readonly Row[]): string =>
  rows
    .map(
      ({ id = 'e1', event, ...eventDetail }) =>
        `${JSON.stringify({ exportId: id, timestamp: 'x', eventId: event, eventDetail })}\n`,
    )
    .join('')
const time = (hour: number): string => `2026-01-02T0${hour}:00:00.000Z`
const kickoff = (id: string, query = ''): Row => ({
  id,
  event: 'kickoff',
  exportUrl: `https://e.org/fhir/Group/g/$export${query}`,
})
const complete = (id: string, hour: number): Row => ({ id, event: 'status_complete', transactionTime: time(hour) })
const request = (id: string, resourceType: string, itemType = 'output'): Row => ({
  id,
  event: 'download_request',
  fileUrl: `https://e.org/${id}/${resourceType}`,
  itemType,
  resourceType,
})
const arrived = (id: string, resourceType: string): Row => ({
  id,
  event: 'download_complete',
  fileUrl: `https://e.org/${id}/${resourceType}`,
})
const done = (id: string): Row => ({ id, event: 'export_complete', files: 1 })
const full = log(kickoff('e1'), complete('e1', 1), request('e1', 'Patient'), arrived('e1', 'Patient'), done('e1'))

const plan = (folder: string, options: Partial<PlanOptions> = {}): Promise<PlannedExport[]> =>
  planExports(folder, { source: 'site', ...options })
const refusal = async (folder: string, options: Partial<PlanOptions> = {}): Promise<unknown> => {
  const error = (await plan(folder, options).catch((it: Error) => it)) as { exitCode?: number; code?: string }
  return [error.exitCode, error.code]
}
const usage = [2, 'usage']

test('a lake that was made in the folder is no part of the export', async () => {
  const folder = await folderOf({
    'Patient.ndjson': '',
    'lake/catalog.db': '',
    'lake/bronze/default/e1/Patient.ndjson.zst': '',
    'lake/bronze/default/e1/log.ndjson': full,
    'bronze/Condition.ndjson': '',
  })
  const planned = await planExports(folder, { source: 'default', untracked: true })
  expect(planned.map((it) => it.files.map(({ relative }) => relative))).toEqual([['Patient.ndjson', 'bronze/Condition.ndjson']])
  expect(planned[0]).toMatchObject({ notices: ['lake: a lake, not read'], refused: [] })
})

describe('who an export is', () => {
  test('by its log; options win', async () => {
    const folder = await folderOf({ 'Patient.ndjson': '', 'log.ndjson': full })
    expect(await plan(folder)).toMatchObject([
      { exportId: 'e1', group: 'g', exportTime: time(1), tracked: true, kind: 'full', incomplete: [] },
    ])
    expect(await plan(folder, { exportGroup: 'n', exportTimestamp: '2025-01-01T00:00:00+01:00' })).toMatchObject([
      { exportId: 'e1', group: 'n', exportTime: '2025-01-01T00:00:00+01:00' },
    ])
    expect(await plan(folder, { untracked: true })).toMatchObject([
      { exportId: null, group: '', exportTime: null, tracked: false },
    ])
  })

  test('by the only log.*.ndjson', async () => {
    expect(await plan(await folderOf({ 'Patient.ndjson': '', 'log.20260102.ndjson': full }))).toMatchObject([{ exportId: 'e1' }])
  })

  test('a log that tells too little is refused until options tell it', async () => {
    const logs = {
      'no time': log(kickoff('e1')),
      'no JSON': 'hello\nworld\n',
      'JSON of another kind': '[1]\n{"a":1}\n',
      empty: '',
      'a time that is none': log(kickoff('e1'), { event: 'status_complete', transactionTime: 'yesterday' }),
    }
    for (const text of Object.values(logs)) {
      const folder = await folderOf({ 'Patient.ndjson': '', 'log.ndjson': text })
      expect(await refusal(folder)).toEqual(usage)
      expect(await refusal(folder, { exportGroup: 'g' })).toEqual(usage)
      expect(await plan(folder, { exportGroup: 'g', exportTimestamp: time(1) })).toMatchObject([
        { exportId: null, tracked: true },
      ])
      expect(await plan(folder, { untracked: true })).toMatchObject([{ exportId: null, tracked: false }])
    }
  })

  test('a slice stays a slice where options tell the rest', async () => {
    const folder = await folderOf({
      'Patient.ndjson': '',
      'log.1.ndjson': log(kickoff('e1', '?patient=1')),
      'log.2.ndjson': 'bad\n\n',
    })
    expect(await plan(folder, { exportGroup: 'n', exportTimestamp: time(1) })).toMatchObject([{ kind: 'partial', group: 'n' }])
  })

  test('without a log: options together, or untracked with a remark', async () => {
    const folder = await folderOf({ 'Patient.ndjson': '' })
    expect(await refusal(folder, { exportGroup: 'g' })).toEqual(usage)
    expect(await refusal(folder, { exportTimestamp: time(1) })).toEqual(usage)
    expect(await refusal(folder, { exportGroup: 'g', exportTimestamp: 'now' })).toEqual(usage)
    expect(await refusal(folder, { exportGroup: 'g', untracked: true })).toEqual(usage)
    const [remark] = await plan(folder)
    expect(remark).toMatchObject({ tracked: false, notices: [expect.stringMatching(/--export-group.*--export-timestamp/)] })
    expect((await plan(folder, { untracked: true }))[0]?.notices).toEqual([])
  })

  test('the last finished export of a log; a torn last row is no matter', async () => {
    const first = log(kickoff('e1'), kickoff('e2'), complete('e2', 2), request('e2', 'Patient'))
    const folder = await folderOf({ 'Patient.ndjson': '', 'log.ndjson': `${first}{"exportId":"e3","ev` })
    expect(await plan(folder)).toMatchObject([{ exportId: 'e2', exportTime: time(2) }])
  })

  test('several finished exports in one log: each type keeps its own, or the load is refused', async () => {
    const rows = [kickoff('e2', '?_since=2026-01-01T00:00:00Z'), complete('e2', 2), request('e2', 'Condition'), done('e2')]
    const both = full + log(...rows)
    const folder = await folderOf({ 'Patient.ndjson': '', 'Condition.ndjson': '', 'log.ndjson': both })
    expect((await plan(folder)).map((it) => [it.exportId, it.kind, it.files.map((file) => file.type)])).toEqual([
      ['e1', 'full', ['Patient']],
      ['e2', 'incremental', ['Condition']],
    ])
    const twice = await folderOf({ 'Patient.ndjson': '', 'log.ndjson': both + log(request('e2', 'Patient')) })
    expect(await refusal(twice)).toEqual(usage)
    const neither = await folderOf({ 'Patient.ndjson': '', 'Procedure.ndjson': '', 'log.ndjson': both })
    expect(await refusal(neither)).toEqual(usage)
    expect(await plan(twice, { exportGroup: 'g', exportTimestamp: time(5) })).toMatchObject([
      { exportId: 'e2', exportTime: time(5) },
    ])
  })

  test('subfolders with logs of their own are exports of their own, in order of time', async () => {
    const late = log(kickoff('e9'), complete('e9', 9), done('e9'))
    const folder = await folderOf({
      'a/Patient.ndjson': '',
      'a/log.ndjson': late,
      'b/deep/Patient.ndjson': '',
      'b/log.ndjson': full,
      'b/error/OperationOutcome.ndjson': '',
    })
    expect((await plan(folder)).map((it) => [it.exportId, it.files.map((file) => [file.relative, file.kind])])).toEqual([
      [
        'e1',
        [
          ['deep/Patient.ndjson', 'output'],
          ['error/OperationOutcome.ndjson', 'error'],
        ],
      ],
      ['e9', [['Patient.ndjson', 'output']]],
    ])
    expect(await refusal(folder, { exportTimestamp: time(1) })).toEqual(usage)
    expect((await plan(folder, { exportGroup: 'n' })).map((it) => it.group)).toEqual(['n', 'n'])
  })

  test('an id that cannot be a folder, or is a poll URL, becomes its hash', () => {
    expect(safeExportId('a.b_C-1')).toBe('a.b_C-1')
    for (const id of ['https://e.org/status/1', '..', '.', '', 'a/b', 'x'.repeat(65)])
      expect(safeExportId(id)).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('what lacks', () => {
  const manifest = (...output: object[]): string => JSON.stringify({ transactionTime: time(1), output })
  const url = (name: string): string => `https://e.org/${name}`

  test('counts of all pages; a page kept twice counts once; one count missing makes the sum unknown', async () => {
    const one = { type: 'Patient', url: url('1'), count: 2 }
    const folder = await folderOf({
      'Patient.ndjson': '',
      'Condition.ndjson': '',
      'log.ndjson': full,
      'manifest.json': manifest(one, { type: 'Condition', url: url('2'), count: 1 }),
      'manifest.001.json': manifest(one, { type: 'Patient', url: url('3'), count: 0 }, { type: 'Condition', url: url('4') }),
    })
    const [planned] = await plan(folder)
    expect(planned?.manifest).toEqual({ Patient: { count: 2, files: 2 }, Condition: { count: null, files: 2 } })
    expect(planned?.incomplete).toEqual(['Condition'])
  })

  test('a download that did not end: types that never came', async () => {
    const rows = log(
      kickoff('e1', '?_type=Patient,Condition,Procedure'),
      complete('e1', 1),
      request('e1', 'Patient'),
      arrived('e1', 'Patient'),
      request('e1', 'Condition'),
    )
    const cut = await folderOf({ 'Patient.ndjson': '', 'log.ndjson': rows })
    expect((await plan(cut))[0]?.incomplete.toSorted()).toEqual(['Condition', 'Procedure'])
    const ended = await folderOf({
      'Patient.ndjson': '',
      'log.ndjson': rows + log(arrived('e1', 'Condition'), done('e1')),
      'Condition.ndjson': '',
    })
    expect(await plan(ended)).toMatchObject([{ incomplete: [], requestedTypes: ['Patient', 'Condition', 'Procedure'] }])
  })

  test.each([
    ['one text', (state: { files: readonly object[] }): string => JSON.stringify(state)],
    [
      'lines, as floe writes it',
      ({ files, ...rest }: { files: readonly object[] }): string => {
        const head = JSON.stringify({ ...rest, files: [] }, null, 1)
        return `${head.slice(0, head.lastIndexOf('[]'))}[\n  ${files.map((file) => JSON.stringify(file)).join(',\n  ')}\n ]\n}\n`
      },
    ],
  ])('floe-export.json in %s: a file of another size, one that is not there', async (_, textOf) => {
    const state = {
      phase: 'complete',
      files: [
        { path: 'Patient.000.ndjson', type: 'Patient', itemType: 'output', done: { bytes: 5 } },
        { path: 'Condition.000.ndjson', type: 'Condition', itemType: 'output', done: { bytes: 3 } },
        { path: 'Procedure.000.ndjson', type: 'Procedure', itemType: 'output', done: null },
      ],
    }
    const folder = await folderOf({
      'Patient.000.ndjson': '12345',
      'Condition.000.ndjson': '12345',
      'log.ndjson': full,
      'floe-export.json': textOf(state),
    })
    expect((await plan(folder))[0]?.incomplete.toSorted()).toEqual(['Condition', 'Procedure'])
  })
})

describe('what is read', () => {
  test('endings in any case, no hidden, unfinished or foreign files', async () => {
    const names = ['a.ndjson', 'b.JSONL', 'c.ndjson.GZ', 'd.jsonl.zst', 'sub/e.ndjson', '.hidden.ndjson', '.git/f.ndjson']
    const others = ['g.ndjson.part', 'log.old.txt', 'notes.txt', 'h.json', 'manifest.json', 'logs-of-Patient.ndjson', 'i.csv']
    const folder = await folderOf(Object.fromEntries([...names, ...others].map((it) => [it, ''])))
    const [planned] = await plan(folder, { untracked: true })
    expect(planned?.files.map((it) => [it.relative, it.compression])).toEqual([
      ['a.ndjson', 'none'],
      ['b.JSONL', 'none'],
      ['c.ndjson.GZ', 'gzip'],
      ['d.jsonl.zst', 'zstd'],
      ['sub/e.ndjson', 'none'],
    ])
    const named = ['g.ndjson.part', 'h.json', 'i.csv', 'log.old.txt', 'logs-of-Patient.ndjson', 'notes.txt']
    expect(planned?.notices.map((it) => it.split(':')[0])).toEqual(named)
  })

  test('links: inside once, out of the folder named', async () => {
    const folder = await folderOf({ 'real/Patient.ndjson': '', '.store/x': '' })
    const outside = await folderOf({ 'Patient.ndjson': '' })
    await symlink('real/Patient.ndjson', join(folder, 'Patient.link.ndjson'))
    await symlink('real', join(folder, 'again'))
    await symlink('.', join(folder, 'real', 'loop'))
    await symlink('.store/x', join(folder, 'Condition.ndjson'))
    await symlink(join(outside, 'Patient.ndjson'), join(folder, 'Patient.out.ndjson'))
    await symlink(outside, join(folder, 'outside'))
    await symlink('nowhere', join(folder, 'dangling.ndjson'))
    await link(join(folder, 'real/Patient.ndjson'), join(folder, 'twin.ndjson'))
    execFileSync('mkfifo', [join(folder, 'Encounter.ndjson')])
    const [planned] = await plan(folder, { untracked: true })
    expect(planned?.files.map((it) => it.relative)).toEqual(['Condition.ndjson', 'real/Patient.ndjson'])
    expect(planned?.refused.map((it) => it.split(':')[0]).toSorted()).toEqual([
      'Encounter.ndjson',
      'Patient.out.ndjson',
      'dangling.ndjson',
      'outside',
    ])
    expect(planned?.incomplete.toSorted()).toEqual(['Encounter', 'Patient'])
  })

  test('deleted and error at any depth', async () => {
    const folder = await folderOf({ 'deleted/Bundle.1.ndjson': '', 'a/error/1.OperationOutcome.ndjson': '', 'Bundle.ndjson': '' })
    const [planned] = await plan(folder, { untracked: true })
    expect(planned?.files.map((it) => [it.relative, it.kind, it.type])).toEqual([
      ['Bundle.ndjson', 'output', 'Bundle'],
      ['a/error/1.OperationOutcome.ndjson', 'error', null],
      ['deleted/Bundle.1.ndjson', 'deleted', null],
    ])
  })

  test('nothing there', async () => {
    expect(await refusal(join(dir, 'no-such-folder'))).toEqual(usage)
    expect(await refusal(await folderOf({}))).toEqual(usage)
    expect(await refusal(await folderOf({ 'notes.txt': '' }))).toEqual(usage)
    expect(await refusal(join(await folderOf({ 'Patient.ndjson': '' }), 'Patient.ndjson'))).toEqual(usage)
    expect(await refusal(await folderOf({ 'Patient.ndjson': '' }), { source: '../x' })).toEqual(usage)
  })
})

test.each([
  ['Patient.000.ndjson', 'Patient', null],
  ['1.Patient.ndjson', 'Patient', null],
  ['Observation.results.ndjson.gz', 'Observation', null],
  ['fhir_Patient_7.jsonl', 'Patient', null],
  ['Location.1767225600000.ndjson', 'Location', null],
  ['condition.NDJSON', null, 'Condition'],
  ['patients of 2026.ndjson', null, null],
  ['Bundle.Condition.ndjson.gz', null, null],
  ['Resources.000.ndjson', null, null],
  ['PatientX.ndjson', null, null],
  ['fhir_data_0_0.ndjson', null, null],
])('%s is of type %s, hint %s', (name, type, hint) => {
  expect(typeInName(name)).toEqual({ type, hint })
})
