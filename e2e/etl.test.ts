import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runFloe } from './cli.ts'
import { expectEquations, linesOf, loadsOf, shared } from './lake.ts'
import { modes, paths, scratch } from './support.ts'

const data = join(shared ?? '/nowhere', 'data')
const layouts = join(data, 'foreign-layouts')

async function json<T>(...path: string[]): Promise<T> {
  return JSON.parse(await readFile(join(data, ...path), 'utf8')) as T
}

describe.skipIf(shared === undefined)('floe etl on exports of real servers (skipped: the shared data sets are absent)', () => {
  test.each([
    ['synthea-10', 'etl'],
    ['smart-10-patients', 'load'],
  ])('%s: every line is accounted for; the same again changes nothing', async (name, verb) => {
    await using place = await scratch(name)
    const lake = join(place.dir, 'lake')
    const first = await runFloe([verb, join(data, name), '--lake', lake, '--json'])
    expect([first.stderr.split('\n').filter((line) => line.startsWith('floe:')), first.code]).toEqual([[], 0])
    const loads = loadsOf(first.json)
    expect(linesOf(loads)).toEqual(await json(name, 'counts.json'))
    expectEquations(loads)
    expect(loads.map((load) => [load.status, load.unchanged, load.kind])).toEqual([['complete', false, 'full']])

    const before = await paths(join(lake, 'warehouse'))
    const again = await runFloe([verb, join(data, name), '--lake', lake, '--json'])
    expect([again.code, loadsOf(again.json).map((load) => load.unchanged)]).toEqual([0, [true]])
    // No snapshot: not one file of data or metadata is new.
    expect(await paths(join(lake, 'warehouse'))).toEqual(before)
    expect(await modes(lake)).toEqual({ folders: ['700'], files: ['600'] })
  })

  const plain = [
    'bulk-data-client',
    'bulk-fhir-fetch',
    'by-patient',
    'cumulus-etl',
    'fhir-bulk-java',
    'nested',
    'no-log',
    'synthea-raw',
    'two-kickoffs',
  ]
  test.concurrent.each(plain)('the layout %s', async (name) => {
    await using place = await scratch(name)
    const expected = await json<{ group: string | null; transactionTime: string | null; lines: object }>(
      'foreign-layouts',
      name,
      'expected.json',
    )
    const result = await runFloe(['load', join(layouts, name), '--lake', join(place.dir, 'lake'), '--json'])
    const loads = loadsOf(result.json)
    expect(linesOf(loads)).toEqual(expected.lines)
    expectEquations(loads)
    expect([...new Set(loads.map((load) => load.group || null))]).toEqual([expected.group])
    if (expected.transactionTime !== null) {
      expect(loads.map((load) => Date.parse(load.exportTime ?? ''))).toEqual([Date.parse(expected.transactionTime)])
    } else {
      expect(loads.every((load) => load.kind === 'untracked')).toBe(true)
      expect(result.stderr).toContain('--export-group')
    }
    // The server's own outcomes of severity error make an export incomplete; everything that was sent is loaded all the same.
    expect([0, 7]).toContain(result.code)
  })

  test('smart-fetch: two exports, links to their files are read once', async () => {
    await using place = await scratch('smart-fetch')
    const folder = join(place.dir, 'managed')
    const source = join(layouts, 'smart-fetch')
    await mkdir(folder)
    for (const name of await readdir(source)) {
      if (/^\d{3}\./.test(name)) await cp(join(source, name), join(folder, name), { recursive: true })
    }
    for (const [link, target] of Object.entries(
      await json<Record<string, string>>('foreign-layouts', 'smart-fetch', 'links.json'),
    )) {
      await symlink(target, join(folder, link))
    }
    const result = await runFloe(['etl', folder, '--lake', join(place.dir, 'lake'), '--json'])
    const expected = await json<{ lines: Record<string, object>; transactionTimes: string[] }>(
      'foreign-layouts',
      'smart-fetch',
      'expected.json',
    )
    const loads = loadsOf(result.json)
    expect(loads.map((load) => linesOf([load]))).toEqual(Object.values(expected.lines))
    expect(loads.map((load) => Date.parse(load.exportTime ?? ''))).toEqual(
      expected.transactionTimes.map((time) => Date.parse(time)),
    )
    expectEquations(loads)
  })

  test('odd-names: what cannot be told by its name is told by its lines, the rest is named', async () => {
    await using place = await scratch('odd-names')
    const result = await runFloe(['load', join(layouts, 'odd-names'), '--lake', join(place.dir, 'lake'), '--json'])
    const expected = await json<{ lines: Record<string, number> }>('foreign-layouts', 'odd-names', 'expected.json')
    const lines = linesOf(loadsOf(result.json))
    expect(lines).toMatchObject(expected.lines)
    expectEquations(loadsOf(result.json))
    if (lines.Encounter === undefined) expect(result.stderr).toContain('Encounter.json')
    if (lines.Condition === undefined) expect(result.stderr).toContain('condition.NDJSON')
    expect(result.stderr).toContain('notes.txt')
  })

  test('two-logs is refused until group and time are told', async () => {
    await using place = await scratch('two-logs')
    const lake = join(place.dir, 'lake')
    const folder = join(layouts, 'two-logs')
    const refused = await runFloe(['etl', folder, '--lake', lake])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/^floe: /m)
    expect(refused.stderr).toContain('--export-group')
    const half = await runFloe(['etl', folder, '--lake', lake, '--export-group', 'g'])
    expect(half.code).toBe(2)
    const told = await runFloe([
      'etl',
      folder,
      '--lake',
      lake,
      '--json',
      '--export-group',
      'g',
      '--export-timestamp',
      '2026-01-02T02:00:01Z',
    ])
    expect(told.code).toBe(0)
    expect(linesOf(loadsOf(told.json))).toEqual(
      (await json<{ lines: object }>('foreign-layouts', 'two-logs', 'expected.json')).lines,
    )
    expect(loadsOf(told.json)[0]).toMatchObject({ group: 'g', status: 'complete' })
  })
})
