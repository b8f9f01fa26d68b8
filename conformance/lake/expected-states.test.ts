/** CONTRACT §4, rules 9 and 10: the states that the shared data expect, whatever the order of loading. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Lake, openLake } from '@floe/lake'
import { describe, expect, test } from 'vitest'

const data = join(process.env.FLOE_SHARED ?? join(import.meta.dirname, '../../../shared'), 'data')
const here = existsSync(data)
if (!here) process.stderr.write('skipped: expected states of the shared data (FLOE_SHARED names the folder that holds data/)\n')

type State = Readonly<Record<string, { readonly rows: number; readonly digest: string }>>

const expected = (folder: string): Readonly<Record<string, State>> =>
  (JSON.parse(readFileSync(join(data, folder, 'expected.json'), 'utf8')) as { after: Record<string, State> }).after

async function inLake<T>(action: (lake: Lake) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-expected-'))
  try {
    await using lake = await openLake({ dir, create: true })
    return await action(lake)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Loads folders one after the other; every equation has to hold. */
async function load(lake: Lake, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (const { types } of await lake.load({ folders: [join(data, folder)] })) {
      for (const { lines, rows, duplicates, stale, quarantined, manifestCount } of types) {
        expect(rows + duplicates + stale + quarantined).toBe(lines)
        expect(manifestCount ?? lines).toBe(lines)
      }
    }
  }
}

async function state(lake: Lake, types: readonly string[]): Promise<State> {
  const found: Record<string, State[string]> = {}
  for (const type of types) {
    const hash = createHash('sha256')
    let rows = 0
    await using result = await lake.query(`select id, sha256(_raw) as digest from silver.${type.toLowerCase()} order by id`)
    for await (const chunk of result.rows) {
      for (const { id, digest } of chunk) hash.update(`${id}\t${digest}\n`)
      rows += chunk.length
    }
    found[type] = { rows, digest: hash.digest('hex') }
  }
  return found
}

/** Every order of loading with FLOE_VOLUME=full, else the one that is hardest to get right. */
const everyOrder = process.env.FLOE_VOLUME === 'full'
const hardest = ['since-2', 'full', 'since-1']
const orders = everyOrder ? permutations(['full', 'since-1', 'since-2']) : [hardest]

function permutations(names: readonly string[]): string[][] {
  if (names.length < 2) return [[...names]]
  return names.flatMap((name) => permutations(names.filter((each) => each !== name)).map((rest) => [name, ...rest]))
}

describe.runIf(here)('rows and texts after', () => {
  test.each(orders.map((order) => [order]))('incremental-10: %j', async (order) => {
    const after = expected('incremental-10')['full + since-1 + since-2'] ?? {}
    const folders = order.map((name) => join('incremental-10', name))
    await inLake(async (lake) => {
      await load(lake, folders)
      expect(await state(lake, Object.keys(after))).toEqual(after)
    })
  })

  test.runIf(everyOrder)('synthea-100-later, then synthea-100: the older export changes nothing', async () => {
    const after = expected('synthea-100-later')['synthea-100 + synthea-100-later'] ?? {}
    await inLake(async (lake) => {
      await load(lake, ['synthea-100-later', 'synthea-100'])
      expect(await state(lake, Object.keys(after))).toEqual(after)
    })
  })

  test('synthea-100, then synthea-100-later, which carry no lastUpdated', async () => {
    const after = expected('synthea-100-later')
    await inLake(async (lake) => {
      await load(lake, ['synthea-100'])
      const first = after['synthea-100'] ?? {}
      expect(await state(lake, Object.keys(first))).toEqual(first)
      await load(lake, ['synthea-100-later'])
      const second = after['synthea-100 + synthea-100-later'] ?? {}
      expect(await state(lake, Object.keys(second))).toEqual(second)
    })
  })
})

interface Layout {
  readonly group?: string | null
  readonly transactionTime?: string | null
  readonly lines: Readonly<Record<string, number>>
  readonly deletes?: Readonly<Record<string, number>>
}

const layouts = here
  ? (await readdir(join(data, 'foreign-layouts'))).filter((name) => !['smart-fetch', 'two-logs'].includes(name))
  : []

describe.runIf(here)('folders of other programs', () => {
  test.each(layouts)('%s', async (name) => {
    const folder = join(data, 'foreign-layouts', name)
    const layout = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Layout
    await inLake(async (lake) => {
      const [receipt, ...others] = await lake.load({ folders: [folder] })
      expect(others).toEqual([])
      expect(receipt?.group).toBe(layout.group)
      if (layout.transactionTime !== null) expect(receipt?.exportTime).toBe(layout.transactionTime)
      const types = new Map(receipt?.types.map((type) => [type.type, type]))
      for (const [type, lines] of Object.entries(layout.lines)) expect([type, types.get(type)?.lines]).toEqual([type, lines])
      for (const [type, deleted] of Object.entries(layout.deletes ?? {})) {
        expect([type, types.get(type)?.deleted]).toEqual([type, deleted])
      }
      const [again] = await lake.load({ folders: [folder] })
      // What became of single lines is said once.
      expect({ ...again, notices: [] }).toEqual({ ...receipt, notices: [], unchanged: true })
    })
  })

  test('smart-fetch: two exports, each with its own time', async () => {
    await inLake(async (lake) => {
      const receipts = await lake.load({ folders: [join(data, 'foreign-layouts/smart-fetch')] })
      expect(receipts.map(({ group, exportTime, kind }) => [group, exportTime, kind])).toEqual([
        ['sf', '2026-01-02T02:00:01.873Z', 'full'],
        ['sf', '2026-04-02T02:00:01.873Z', 'incremental'],
      ])
    })
  })

  test('two-logs: refused until group and time are told', async () => {
    const folders = [join(data, 'foreign-layouts/two-logs')]
    await inLake(async (lake) => {
      await expect(lake.load({ folders })).rejects.toMatchObject({ exitCode: 2 })
      expect(await lake.tables()).toEqual([])
      const [receipt] = await lake.load({ folders, exportGroup: 'two', exportTimestamp: '2026-01-02T02:00:00Z' })
      expect(receipt).toMatchObject({ group: 'two', status: 'complete', types: [{ type: 'Patient', lines: 3, rows: 3 }] })
    })
  })
})
