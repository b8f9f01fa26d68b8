/**
 * `floe load` against DuckDB's own COPY of the same nested columns and raw text to Parquet, from the same files on the same
 * threads. floe also hashes, validates every line, keeps a compressed copy, finds the newest versions and commits Iceberg tables.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/sources.ts'
import { dataDir, population } from './data.ts'
import { measure, rounds, spread } from './measure.ts'
import type { Figure, Row } from './report.ts'

const main = join(root, 'packages/floe/bin/floe.js')
const out = join(dataDir, 'load')

/** Patients of about 1 GB, and with `FLOE_VOLUME=full` of 5 GB: memory must not grow with the size. */
const otherSizes = process.env.FLOE_VOLUME === 'full' ? [1700, 8500] : [1700]

/** The ratio of floe's load to the floor, and its rate and peak memory, for about 2 GB of NDJSON. */
export async function load(): Promise<readonly Row[]> {
  const { folder, bytes, resources } = await population(Number(process.env.FLOE_BENCH_PATIENTS ?? 4300))
  const lake = join(out, 'lake')
  const fresh = (command: string[]) => () => {
    rmSync(out, { recursive: true, force: true })
    return measure(command)
  }
  // The first load also tells the floor which columns there are.
  await fresh(['node', main, 'load', folder, '--lake', lake, '--quiet'])()
  const shapes = join(dataDir, 'shapes.json')
  await measure(['node', join(root, 'bench/floor.ts'), 'shapes', lake, shapes])
  const { floe, copy } = await rounds(3, {
    copy: fresh(['node', join(root, 'bench/floor.ts'), 'copy', folder, shapes, join(out, 'floor')]),
    floe: fresh(['node', main, 'load', folder, '--lake', lake, '--quiet']),
  })
  const peaks: Figure[] = []
  for (const patients of otherSizes) {
    const { folder, bytes } = await population(patients)
    const cost = await fresh(['node', main, 'load', folder, '--lake', lake, '--quiet'])()
    peaks.push({ name: `peak memory at ${(bytes / 1e9).toFixed(1)} GB`, value: cost.rss / 1e6, unit: 'MB', atMost: 1500 })
  }
  rmSync(out, { recursive: true, force: true })
  const rate = resources / spread(floe.map((cost) => cost.wall)).median
  return [
    {
      what: `${(bytes / 1e9).toFixed(2)} GB, ${resources.toLocaleString('en')} resources, all types, into a new lake`,
      by: 'wall',
      floe,
      other: { name: 'DuckDB COPY to Parquet', kind: 'floor', note: 'same columns; no hash, no check, no history', costs: copy },
      goal: 0.6,
      figures: [
        { name: 'rate', value: rate, unit: 'resources/s', atLeast: 20_000 },
        { name: 'peak memory', value: Math.max(...floe.map((cost) => cost.rss)) / 1e6, unit: 'MB', atMost: 1500 },
        ...peaks,
      ],
    },
  ]
}
