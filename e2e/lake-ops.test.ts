/** CONTRACT §4, rules 18 to 22: upkeep of a lake, by its commands. */
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type RunResult, runFloe } from './cli.ts'
import { loadsOf } from './lake.ts'
import { scratch } from './support.ts'

interface Folder {
  id: string
  time: string
  since?: string
  types: Record<string, object[]>
}

async function exportFolder(root: string, { id, time, since, types }: Folder): Promise<string> {
  const dir = join(root, id)
  await mkdir(dir, { recursive: true })
  const event = (eventId: string, eventDetail: object) =>
    `${JSON.stringify({ exportId: id, timestamp: time, eventId, eventDetail })}\n`
  const requestParameters = since === undefined ? {} : { _since: since }
  const kickoff = { exportUrl: 'https://ehr.example.org/fhir/Group/g/$export', requestParameters, errorCode: null }
  const log = [event('kickoff', kickoff), event('status_complete', { transactionTime: time }), event('export_complete', {})]
  await writeFile(join(dir, 'log.ndjson'), log.join(''))
  for (const [type, resources] of Object.entries(types)) {
    const lines = resources.map((resource) => `${JSON.stringify({ resourceType: type, ...resource })}\n`)
    await writeFile(join(dir, `${type}.000.ndjson`), lines.join(''))
  }
  return dir
}

async function twoExports(root: string): Promise<[string, string]> {
  const one = await exportFolder(root, {
    id: 'week-1',
    time: '2026-01-01T00:00:00.000Z',
    types: {
      Patient: [{ id: 'p1', gender: 'male' }, { id: 'p2' }],
      Encounter: [{ id: 'e1', status: 'finished', subject: { reference: 'Patient/p1' } }],
    },
  })
  const two = await exportFolder(root, {
    id: 'week-2',
    time: '2026-01-08T00:00:00.000Z',
    since: '2026-01-01T00:00:00.000Z',
    types: {
      Patient: [
        { id: 'p1', gender: 'female', birthDate: '1970' },
        { id: 'p3', text: { div: 'x'.repeat(3000) } },
      ],
    },
  })
  return [one, two]
}

async function rows(sql: string, lake: string): Promise<unknown> {
  return (await runFloe(['query', sql, '--lake', lake, '--format', 'json'])).json
}

async function done(args: readonly string[]): Promise<RunResult> {
  const result = await runFloe([...args, '--json'])
  expect([result.code, result.stderr]).toEqual([0, result.stderr])
  return result
}

const texts = 'select id, _raw, _export_id from silver.patient order by id'

describe('upkeep of a lake', () => {
  test('quarantine, diff, rebuild, rollback', async () => {
    await using root = await scratch('upkeep')
    const lake = join(root.dir, 'lake')
    const [one, two] = await twoExports(root.dir)
    const loaded = await runFloe(['load', one, two, '--lake', lake, '--max-line', '2kB', '--json'])
    expect(loaded.code).toBe(7)
    expect((await done(['quarantine', 'list', '--lake', lake])).json).toEqual({
      quarantine: [
        {
          ...{ export_id: 'week-2', source: 'default', type: 'Patient', file: 'Patient.000.ndjson', line: 2 },
          ...{ reason: 'size', replayed: false },
        },
      ],
      unlisted: [],
    })
    const replay = await done(['quarantine', 'replay', '--export', 'week-2', '--lake', lake, '--max-line', '4kB'])
    expect(replay.json).toMatchObject({ replayed: 1, waiting: 0 })
    const { json: difference } = await done(['diff', 'week-1', 'week-2', '--lake', lake])
    expect(difference).toEqual({
      from: 'week-1',
      to: 'week-2',
      types: [{ type: 'Patient', added: 0, changed: 1, deleted: 0, elements: { birthDate: 1, gender: 1 } }],
    })

    const before = await rows(texts, lake)
    const rebuilt = await done(['rebuild', '--lake', lake])
    expect(rebuilt.json).toMatchObject({ exports: 2, foreign: 0 })
    expect(await rows(texts, lake)).toEqual(before)

    const rolledBack = await done(['rollback', 'week-2', '--lake', lake])
    expect(rolledBack.json).toMatchObject({ export: 'week-2', source: 'default', replayed: 1 })
    expect(await rows('select id, gender from silver.patient order by id', lake)).toEqual([
      { id: 'p1', gender: 'male' },
      { id: 'p2', gender: null },
    ])
    const again = await runFloe(['load', two, '--lake', lake, '--json'])
    expect(loadsOf(again.json)).toMatchObject([{ export: 'week-2', unchanged: false, status: 'complete' }])
    expect(await rows('select status from floe.loads order by started_at', lake)).toEqual([
      { status: 'complete' },
      { status: 'rolled back' },
      { status: 'complete' },
    ])
  })

  test('maintain keeps what exports tagged; a copied lake is relocated', async () => {
    await using root = await scratch('maintain')
    const [lake, copy] = [join(root.dir, 'lake'), join(root.dir, 'copy')]
    const [one, two] = await twoExports(root.dir)
    await done(['load', one, two, '--lake', lake])
    const thrifty = ['--expire-older-than', '0s', '--keep-snapshots', '1', '--orphans-older-than', '0s']
    const maintained = await done(['maintain', '--lake', lake, ...thrifty])
    expect(maintained.json).toMatchObject({ orphans: { files: expect.any(Number) } })
    expect(await rows('select gender from silver.patient order by id', lake)).toEqual([
      { gender: 'female' },
      { gender: null },
      { gender: null },
    ])
    const asOf = await runFloe([
      'query',
      'select count(*) as n from silver.patient',
      '--as-of',
      'week-1',
      '--lake',
      lake,
      '--format',
      'json',
    ])
    expect(asOf.json).toEqual([{ n: 2 }])
    await done(['maintain', '--lake', lake, ...thrifty, '--drop-tags-older-than', '0s'])
    const gone = await runFloe(['query', 'select 1', '--as-of', 'week-1', '--lake', lake, '--json'])
    expect(gone.code).toBe(2)

    await cp(lake, copy, { recursive: true })
    const refused = await runFloe(['tables', '--lake', copy, '--json'])
    expect([refused.code, refused.error?.hint]).toEqual([2, expect.stringContaining('--relocate')])
    expect((await done(['maintain', '--relocate', '--lake', copy])).json).toMatchObject({ moved: true })
    expect((await done(['rebuild', '--lake', copy])).json).toMatchObject({ exports: 2 })
    expect(await rows(texts, copy)).toEqual(await rows(texts, lake))
  })

  test('out: a file for Cumulus, files of three formats, nothing overwritten unasked', async () => {
    await using root = await scratch('out')
    const lake = join(root.dir, 'lake')
    const [one] = await twoExports(root.dir)
    await done(['load', one, '--lake', lake])
    const file = join(root.dir, 'cumulus.duckdb')
    await done(['out', 'cumulus', '--to', file, '--lake', lake])
    expect(existsSync(file)).toBe(true)
    const dir = join(root.dir, 'tables')
    const out = await done(['out', 'ndjson', '--to', dir, '--table', 'silver.patient', '--lake', lake])
    expect(out.json).toEqual({ format: 'ndjson', tables: [{ table: 'silver.patient', rows: 2, file: 'silver/patient.ndjson' }] })
    const sorted = (text: string) => text.trimEnd().split('\n').sort()
    const loaded = await readFile(join(one, 'Patient.000.ndjson'), 'utf8')
    expect(sorted(await readFile(join(dir, 'silver/patient.ndjson'), 'utf8'))).toEqual(sorted(loaded))
    for (const format of ['csv', 'parquet']) {
      await done(['out', format, '--to', dir, '--lake', lake])
      expect(existsSync(join(dir, `silver/encounter.${format}`))).toBe(true)
    }
    for (const [format, to] of [
      ['cumulus', file],
      ['ndjson', dir],
    ] as const) {
      const refused = await runFloe(['out', format, '--to', to, '--lake', lake, '--json'])
      expect([format, refused.code, refused.error?.code]).toEqual([format, 2, 'usage'])
    }
    const unreachable = await runFloe(['out', 'postgres', '--to', 'env:DATABASE', '--lake', lake, '--json'], {
      env: { DATABASE: 'postgres://user:geheim@127.0.0.1:1/none' },
    })
    expect([unreachable.code, unreachable.error?.code]).toEqual([1, 'postgres'])
    expect(unreachable.stderr).not.toContain('geheim')
  })
})
