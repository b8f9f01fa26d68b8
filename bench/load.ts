/**
 * `floe load` against DuckDB's own COPY of the same nested columns and raw text to Parquet, from the same files on the same threads.
 * floe also hashes, validates every line, keeps a compressed copy, finds the newest versions and commits Iceberg tables.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/sources.ts'
import { dataDir, population } from './data.ts'
import { measure, report, rounds } from './measure.ts'

const main = join(root, 'packages/floe/bin/floe.js')
const out = join(dataDir, 'load')

/** Prints the ratio of floe's load to the floor, and its peak memory, for about 2 GB of NDJSON. */
export async function load(): Promise<string> {
  const { folder, bytes, resources } = await population(Number(process.env['FLOE_BENCH_PATIENTS'] ?? 4300))
  const lake = join(out, 'lake')
  const fresh = (command: string[]) => () => {
    rmSync(out, { recursive: true, force: true })
    return measure(command)
  }
  // The first load also tells the floor which columns there are.
  await fresh(['node', main, 'load', folder, '--lake', lake, '--quiet'])()
  const shapes = join(dataDir, 'shapes.json')
  await measure(['node', join(root, 'bench/floor.ts'), 'shapes', lake, shapes])
  const costs = await rounds(3, {
    'DuckDB COPY': fresh(['node', join(root, 'bench/floor.ts'), 'copy', folder, shapes, join(out, 'floor')]),
    'floe load': fresh(['node', main, 'load', folder, '--lake', lake, '--quiet']),
  })
  rmSync(out, { recursive: true, force: true })
  const walls = (costs['floe load'] ?? []).map((cost) => cost.wall).sort((a, b) => a - b)
  const rate = resources / (walls[Math.floor(walls.length / 2)] ?? 1)
  return `${report('load', bytes, costs, 'DuckDB COPY')}${Math.round(rate).toLocaleString('en')} resources/s\n`
}
