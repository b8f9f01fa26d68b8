import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Lake, openLake } from '@floe/lake'
import { synthesize } from '@floe/testkit'
import type { ViewDefinition } from '@floe/views'
import { bundledViews } from '@floe/views/bundled'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { corrections, keysByIdentifier, oracle } from './oracle.ts'

const shared = process.env.FLOE_SHARED ?? join(import.meta.dirname, '../../../shared')
const synthea = join(shared, 'data/synthea-10')
/** Resources of a type that are compared: the oracle takes some 50 µs for each column of each. */
const most = 400

type Resource = Parameters<ReturnType<typeof oracle>>[0]

/** A lake with one folder in it, and its resources as they lie there. */
interface Ground {
  lake: Lake
  resources: Map<string, Resource[]>
  keys: Map<string, string | undefined>
}

async function all(lake: Lake, sql: string): Promise<Record<string, unknown>[]> {
  await using result = await lake.query(sql)
  const rows: Record<string, unknown>[] = []
  for await (const chunk of result.rows) rows.push(...chunk)
  return rows
}

async function groundOf(dir: string, folder: string): Promise<Ground> {
  const lake = await openLake({ dir, create: true, threads: 2 })
  await lake.load({ folders: [folder], untracked: true })
  const resources = new Map<string, Resource[]>()
  for (const { table } of await lake.tables()) {
    if (!table.startsWith('silver.')) continue
    const lines = (await all(lake, `select _raw from ${table}`)).map((row) => JSON.parse(String(row._raw)) as Resource)
    resources.set(lines[0]?.resourceType ?? table, lines)
  }
  return { lake, resources, keys: keysByIdentifier([...resources.values()].flat()) }
}

async function fromLake(lake: Lake, view: ViewDefinition): Promise<Record<string, unknown>[]> {
  await using result = await lake.runView(view)
  const rows: Record<string, unknown>[] = []
  for await (const chunk of result.rows) rows.push(...chunk)
  return rows
}

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort()

/** Both sides for the same resources: every n-th by id, so that the oracle's time has a bound. */
async function compare({ lake, resources, keys }: Ground, view: ViewDefinition): Promise<number> {
  const list = resources.get(view.resource) ?? []
  const step = Math.ceil(list.length / most)
  const chosen = list.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1)).filter((_, index) => index % step === 0)
  const ids = new Set(chosen.map(({ id }) => id))
  const key = view.select.flatMap(({ column = [] }) => column).find(({ path }) => path === 'getResourceKey()')?.name ?? ''
  const rows = (await fromLake(lake, view)).filter((row) => ids.has(String(row[key])))
  const run = oracle(view as unknown as Parameters<typeof oracle>[0], keys)
  const [actual, expected] = [sorted(rows), sorted(chosen.flatMap(run))]
  // A difference of some rows says more than all rows of both sides.
  const at = actual.findIndex((row, index) => row !== expected[index])
  expect({ count: actual.length, row: actual[at] }).toEqual({ count: expected.length, row: expected[at] })
  expect(actual).toEqual(expected)
  return rows.length
}

const dir = mkdtempSync(join(tmpdir(), 'floe-oracle-'))
const grounds: Ground[] = []
afterAll(async () => {
  for (const { lake } of grounds) await lake.close()
  rmSync(dir, { recursive: true })
})

const makers: Readonly<Record<string, () => Promise<string>>> = {
  'a synthetic population': async () => (await synthesize({ patients: 6, seed: 3, out: join(dir, 'synthetic') })).folder,
  'Synthea (10 patients)': async () => synthea,
}
const seen = new Map<string, number>()

for (const [title, folder] of Object.entries(makers)) {
  const absent = title.startsWith('Synthea') && !existsSync(synthea)
  describe.skipIf(absent)(`bundled views against npm fhirpath: ${title}${absent ? ` (needs ${synthea})` : ''}`, () => {
    let ground: Ground
    beforeAll(async () => {
      ground = await groundOf(join(dir, `lake-${grounds.length}`), await folder())
      grounds.push(ground)
    })
    test.each(bundledViews.map((view) => [String(view.name), view] as const))('%s', async (name, view) => {
      seen.set(name, (seen.get(name) ?? 0) + (await compare(ground, view)))
    })
  })
}

test.skipIf(!existsSync(synthea))(`at least forty views are compared, with rows (needs ${synthea})`, () => {
  expect(bundledViews.length).toBeGreaterThanOrEqual(40)
  expect([...seen.values()].filter((rows) => rows > 0).length).toBeGreaterThanOrEqual(40)
})

test('what the oracle does not take from npm fhirpath is told', () => {
  expect(Object.keys(corrections)).toEqual(['getResourceKey', 'getReferenceKey', 'conditionalReference', 'rowIndex', 'resource'])
})
