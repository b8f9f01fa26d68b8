import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openLake } from '../lake.ts'
import type { Lake } from '../types.ts'

// Random exports one after the other: a gold table that is patched row by row is what a build from nothing would make.
const people = 30
const column = (name: string, path: string, more: object = {}): object => ({ name, path, ...more })
const views: Readonly<Record<string, object>> = {
  plain: { select: [{ column: [column('id', 'id'), column('gender', 'gender')] }] },
  equal: { select: [{ column: [column('gender', 'gender')] }] },
  names: {
    where: [{ path: "gender != 'other'" }],
    select: [
      { column: [column('id', 'id')] },
      { forEachOrNull: 'name', column: [column('family', 'family'), column('given', 'given', { collection: true })] },
    ],
  },
  union: {
    select: [
      {
        unionAll: [
          { forEach: 'name', column: [column('text', 'family')] },
          { forEach: 'name.given', column: [column('text', '$this')] },
        ],
      },
    ],
  },
}

const person = fc.record({
  gender: fc.constantFrom('male', 'female', 'other', undefined),
  name: fc.option(
    fc.array(
      fc.record({ family: fc.constantFrom('A', 'B', undefined), given: fc.option(fc.subarray(['x', 'y'], { minLength: 1 })) }),
      { minLength: 1, maxLength: 3 },
    ),
  ),
})
const step = fc.record({
  source: fc.constantFrom('default', 'default', 'other'),
  changed: fc.dictionary(
    fc.integer({ min: 0, max: people + 5 }).map((n) => `p${n}`),
    person,
    { minKeys: 1, maxKeys: 7 },
  ),
  deleted: fc.array(
    fc.integer({ min: 0, max: people }).map((n) => `p${n}`),
    { maxLength: 3 },
  ),
  rule: fc.constantFrom(undefined, "gender != 'male'", "id != 'p3'"),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Without what is absent. */
const lineOf = (id: string, at: string, value: object): string =>
  JSON.stringify({ resourceType: 'Patient', id, meta: { lastUpdated: at }, ...value }, (_, each: unknown) => each ?? undefined)

async function writeExport(folder: string, at: string, { changed, deleted }: Pick<Step, 'changed' | 'deleted'>): Promise<string> {
  await mkdir(join(folder, 'deleted'), { recursive: true })
  const lines = Object.entries(changed).map(([id, value]) => `${lineOf(id, at, value)}\n`)
  await writeFile(join(folder, 'Patient.ndjson'), lines.join(''))
  const entry = deleted.filter((id) => !(id in changed)).map((id) => ({ request: { method: 'DELETE', url: `Patient/${id}` } }))
  const bundle = { resourceType: 'Bundle', type: 'transaction', meta: { lastUpdated: at }, entry }
  if (entry.length > 0) await writeFile(join(folder, 'deleted', 'Bundle.ndjson'), `${JSON.stringify(bundle)}\n`)
  return folder
}

async function rowsOf(lake: Lake, table: string): Promise<string[]> {
  await using result = await lake.query(`select * from gold.${table}`)
  const rows: string[] = []
  for await (const chunk of result.rows) rows.push(...chunk.map((row) => JSON.stringify(row)))
  return rows.sort()
}

async function writeViews(folder: string, prefix: string): Promise<string[]> {
  const names = Object.keys(views).map((name) => `${prefix}_${name}`)
  for (const [name, view] of Object.entries(views))
    await writeFile(
      join(folder, `${prefix}_${name}.json`),
      JSON.stringify({ name: `${prefix}_${name}`, resource: 'Patient', ...view }),
    )
  return names
}

test('patched again and again, gold is what a build from nothing makes', { timeout: 300_000 }, async () => {
  let patched = 0
  const first: Step = {
    source: 'default',
    changed: Object.fromEntries(
      Array.from({ length: people }, (_, n) => [`p${n}`, { gender: 'female', name: [{ family: 'A', given: null }] }]),
    ),
    deleted: [],
    rule: undefined,
  }
  const run = async (steps: readonly Step[]): Promise<void> => {
    const root = await mkdtemp(join(tmpdir(), 'floe-patched-'))
    const [viewsDir, rulesDir] = [join(root, 'views'), join(root, 'rules')]
    await Promise.all([mkdir(viewsDir), mkdir(rulesDir)])
    const lake = await openLake({ dir: join(root, 'lake'), create: true, threads: 2 })
    try {
      for (const [index, one] of [first, ...steps].entries()) {
        const at = `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`
        await lake.load({ folders: [await writeExport(join(root, `in-${index}`), at, one)], untracked: true, source: one.source })
        const rule = { id: 'own', resource: 'Patient', severity: 'error', message: 'm', expression: one.rule ?? 'true' }
        await writeFile(join(rulesDir, 'own.json'), JSON.stringify(rule))
        const names = await writeViews(viewsDir, 'patched')
        const fresh = await writeViews(viewsDir, `fresh_${index}`)
        const built = await lake.build({ names: [...names, ...fresh], viewsDir, rulesDir })
        patched += built.filter(({ delta }) => delta !== undefined).length
        for (const [n, name] of names.entries())
          expect([name, await rowsOf(lake, name)]).toEqual([name, await rowsOf(lake, fresh[n] ?? '')])
      }
    } finally {
      await lake.close()
      await rm(root, { recursive: true, force: true })
    }
  }
  const numRuns = Number(process.env.FLOE_RUNS ?? 1)
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 3 }), run), {
    numRuns,
    seed: Number(process.env.FLOE_SEED ?? 5),
    endOnFailure: true,
  })
  expect(patched).toBeGreaterThan(0)
})
