import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runFloe } from './cli.ts'
import { expectEquations, loadsOf } from './lake.ts'
import { scratch } from './support.ts'

interface DemoJson {
  population: { patients: number; resources: number }
  export: { totals: { files: number; resources: number }; exitCode: number }
  gold: { table: string; rows: number }[]
}

test('the demo runs to its end, twice, and advises only what works', async () => {
  await using place = await scratch('demo')
  const first = await runFloe(['demo', '--patients', '20', '--json'], { cwd: place.dir })
  expect([first.stderr.includes('floe:'), first.code]).toEqual([false, 0])
  const result = first.json as DemoJson
  expect(result.population.patients).toBe(20)
  expect(result.export.totals.resources).toBe(result.population.resources)
  const loads = loadsOf(first.json)
  expectEquations(loads)
  expect(loads.map((load) => load.status)).toEqual(['complete'])
  expect(loads.flatMap((load) => load.types).reduce((sum, type) => sum + type.lines, 0)).toBe(result.population.resources)
  expect(result.gold.find((view) => view.table === 'gold.patient')?.rows).toBe(20)

  await writeFile(join(place.dir, 'floe-demo', 'notes.txt'), 'mine')
  const second = await runFloe(['demo', '--patients', '20'], { cwd: place.dir })
  expect(second.code).toBe(0)
  expect(second.stdout).toMatch(/silver .* lines = .* rows \+ .* duplicates \+ 0 stale \+ 0 quarantined/)
  expect(second.stdout).toContain('Encounters a month (gold.encounter)')
  expect(second.stdout).toContain('Most frequent conditions (gold.condition)')
  expect(second.stdout).toMatch(/complete in \d+\.\d s\. Try:/)
  expect((await readdir(join(place.dir, 'floe-demo'))).sort()).toEqual([
    '.floe-demo',
    'key.json',
    'lake',
    'notes.txt',
    'population',
  ])

  const advised = second.stdout.split('Try:\n')[1]?.trim().split('\n') ?? []
  expect(advised.length).toBeGreaterThan(1)
  for (const line of advised) {
    const [, ...args] = [...line.trim().matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '')
    expect([line, (await runFloe(args, { cwd: place.dir })).code]).toEqual([line, 0])
  }
})

test('a folder that holds something else is left alone', async () => {
  await using place = await scratch('demo-foreign')
  await writeFile(join(place.dir, 'letter.txt'), 'dear')
  const { code, stderr } = await runFloe(['demo', '--dir', place.dir])
  expect([code, await readdir(place.dir)]).toEqual([2, ['letter.txt']])
  expect(stderr).toContain('holds something else')
})
