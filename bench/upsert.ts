/**
 * An upsert of 100,000 rows into ten million, what 250,000 deleted rows cost a reader, an export without news, and a commit.
 * Beside each stands the bare work in DuckDB alone, or in the file system.
 */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/sources.ts'
import { dataDir } from './data.ts'
import { type Cost, measure, rounds, spread } from './measure.ts'
import type { Row } from './report.ts'
import { changes, reset, tableRows, type UpsertData, upsertData } from './upsert-data.ts'

const main = join(root, 'packages/floe/bin/floe.js')
const steps = ['node', '--conditions=floe-source', '--no-warnings', join(root, 'bench/upsert-steps.ts')]
const out = join(dataDir, 'upsert-out')
const rows = (count: number): string => count.toLocaleString('en')

export async function upsert(): Promise<readonly Row[]> {
  const data = await upsertData()
  const found = [...(await changedRows(data)), ...(await nothingNew(data)), ...(await readTax(data)), await commits(data)]
  await reset(data)
  rmSync(out, { recursive: true, force: true })
  return found
}

const load = (folder: string, lake: string): Promise<Cost> => measure(['node', main, 'load', folder, '--lake', lake, '--quiet'])
const seconds = (costs: readonly Cost[]): number => spread(costs.map(({ wall }) => wall)).median

async function changedRows(data: UpsertData): Promise<Row[]> {
  const lines = join(data.upsert, 'Observation.000.ndjson')
  const alone = (mode: string) => async (): Promise<Cost> => {
    rmSync(out, { recursive: true, force: true })
    return await measure([...steps, mode, data.lake, lines, out])
  }
  await reset(data)
  const { bare, floe } = await rounds(3, {
    bare: alone('floor'),
    floe: async () => {
      await reset(data)
      return await load(data.upsert, data.lake)
    },
  })
  await reset(data)
  const again = await alone('rewrite')()
  const { changed, added } = changes.upsert
  const what = `${rows(changed)} rows changed and ${rows(added)} added in a table of ${rows(tableRows)}`
  const [first] = floe
  return [
    {
      ...{ what, by: 'cpu', floe },
      other: { name: 'DuckDB: the bare work', kind: 'floor', note: 'parse, find the ids, write rows and positions', costs: bare },
      figures: [{ name: 'upsert', value: seconds(floe), unit: 's', atMost: 5 }],
    },
    {
      ...{ what, by: 'cpu', floe: first === undefined ? [] : [first] },
      other: { name: 'DuckDB: an anti join that writes the whole table again', kind: 'floor', costs: [again] },
    },
  ]
}

async function nothingNew(data: UpsertData): Promise<Row[]> {
  await reset(data)
  await load(data.upsert, data.lake)
  const { idle, same, empty } = await rounds(3, {
    idle: () => measure([...steps, 'idle', data.lake]),
    same: () => load(data.upsert, data.lake),
    empty: async () => {
      await reset(data)
      const cost = await load(data.nothing, data.lake)
      await reset(data)
      await load(data.upsert, data.lake)
      return cost
    },
  })
  const other = { name: 'a process that opens DuckDB', kind: 'floor', costs: idle } as const
  const row = (what: string, floe: readonly Cost[]): Row => ({
    ...{ what, by: 'wall', floe, other },
    figures: [{ name: 'load', value: seconds(floe), unit: 's', atMost: 2 }],
  })
  return [row('the same export again', same), row('an incremental export without a line', empty)]
}

interface Taken {
  readonly wall: number
  readonly cpu: number
}

async function readTax(data: UpsertData): Promise<Row[]> {
  await reset(data)
  await load(data.deletes, data.lake)
  const told = tell<Record<string, { plain: Taken; taxed: Taken }>>('read', data.lake)
  const costOf = (taken: Taken): Cost[] => [{ ...taken, rss: 0 }]
  return Object.entries(told).map(([name, { plain, taxed }]) => ({
    what: `${name === 'count' ? 'count of all rows' : 'count with a condition on the patient'}, ${rows(changes.deletes.changed)} of ${rows(tableRows)} rows deleted`,
    ...{ by: 'wall', floe: costOf(taxed) },
    other: { name: 'the same files, deleted rows counted', kind: 'floor', costs: costOf(plain) },
    figures: [{ name: 'read tax', value: (taxed.wall - plain.wall) * 1000, unit: 'ms', atMost: 150 }],
  }))
}

async function commits(data: UpsertData): Promise<Row> {
  await reset(data)
  const { floe, bare } = tell<Record<'floe' | 'bare', { median: number; p95: number }>>('commit', data.lake, '60')
  const costOf = ({ median }: { median: number }): Cost[] => [{ wall: median, cpu: 0, rss: 0 }]
  return {
    ...{ what: `a commit to the table of ${rows(tableRows)} rows, its Parquet file written`, by: 'wall', floe: costOf(floe) },
    other: { name: 'as many bytes written and synced, one SQLite update', kind: 'floor', costs: costOf(bare) },
    figures: [{ name: 'commit, p95', value: floe.p95 * 1000, unit: 'ms', atMost: 50 }],
  }
}

function tell<T>(...args: string[]): T {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...steps.slice(1), ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr.slice(-2000))
  return JSON.parse(stdout) as T
}
