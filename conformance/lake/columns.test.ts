/** CONTRACT §4, rule 8: the columns of silver hold what the text holds, for every element that R4 knows. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLake } from '@floe/lake'
import { expect, test } from 'vitest'

const data = join(process.env.FLOE_SHARED ?? join(import.meta.dirname, '../../../shared'), 'data')
const here = existsSync(data)
if (!here) process.stderr.write('skipped: columns against texts (FLOE_SHARED names the folder that holds data/)\n')

type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** Members in order of name, without those that hold nothing: a struct has all of its fields, JSON has those that are told. */
function normal(value: unknown): Json | undefined {
  if (value === null || value === undefined) return undefined
  if (Array.isArray(value)) return value.map((item) => normal(item) ?? null)
  if (typeof value !== 'object') return value as Json
  const members = Object.entries(value).flatMap(([name, inner]) => {
    const kept = normal(inner)
    return kept === undefined ? [] : [[name, kept] as const]
  })
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Resources inside of resources share one struct for all types, so elements of the same name may not all fit. */
const mixed = new Set(['contained', 'entry'])
const own = new Set(['_raw', '_source', '_patient', '_version_id', '_last_updated', '_export_id', '_ingested_at', 'resourceType'])

function elements(row: Record<string, unknown>): Json | undefined {
  return normal(Object.fromEntries(Object.entries(row).filter(([name]) => !own.has(name) && !mixed.has(name))))
}

test.runIf(here).each([
  ['r4-examples/hl7-r4', 67, 357],
  ['r4-examples/us-core', 29, 229],
])('%s', async (folder, types, resources) => {
  const dir = await mkdtemp(join(tmpdir(), 'floe-columns-'))
  try {
    await using lake = await openLake({ dir, create: true })
    const [receipt] = await lake.load({ folders: [join(data, folder)] })
    expect(receipt?.types).toHaveLength(types)
    let compared = 0
    for (const { type } of receipt?.types ?? []) {
      await using result = await lake.query(`select * from silver.${type.toLowerCase()}`)
      for await (const chunk of result.rows) {
        for (const row of chunk) expect(elements(row)).toEqual(elements(JSON.parse(String(row._raw)) as Record<string, unknown>))
        compared += chunk.length
      }
    }
    expect(compared).toBe(resources)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
