/**
 * `floe load` beside the tools that bring the same export into tables. Cumulus ETL takes identifiers out on the way and keeps no
 * history; floe hashes, validates, keeps the lines as served and commits Iceberg tables.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/sources.ts'
import { dataDir, population } from './data.ts'
import { measure, rounds } from './measure.ts'
import { besidePeer, cumulusEtl, notRun, peerRun } from './peers.ts'
import type { Row } from './report.ts'

const main = join(root, 'packages/floe/bin/floe.js')
const out = join(dataDir, 'etl')

function fresh(): string {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  return out
}

/** Ratios of floe's load to that of other tools, for about 100 MB: they are slow. */
export async function etl(): Promise<readonly Row[]> {
  const { folder, bytes, resources } = await population(200)
  const { floe } = await rounds(3, {
    floe: () => measure(['node', main, 'load', folder, '--lake', join(fresh(), 'lake'), '--untracked', '--quiet']),
  })
  const cumulus = cumulusEtl()
  cumulus.remarks.push(
    'writes NDJSON without identifiers: its Delta Lake, the default, needs packages of Spark that are fetched when it starts',
  )
  const named = ['--export-group', 'demo', '--export-timestamp', '2026-01-01T00:00:00Z', '--allow-missing-resources']
  const others = [
    await besidePeer(cumulus, 2, () => {
      const dir = fresh()
      return peerRun(cumulus, ['etl', folder, join(dir, 'out'), join(dir, 'phi'), '--output-format', 'ndjson', ...named], {
        cwd: dir,
      })
    }),
    notRun('Pathling 10.0.0', 'its Python package fetches its library from Maven Central when it starts; not run'),
    notRun('FlatQuack', 'in no registry; needs bun and a build of an older package of DuckDB; not run'),
  ]
  rmSync(out, { recursive: true, force: true })
  const what = `${Math.round(bytes / 1e6)} MB, ${resources.toLocaleString('en')} resources, all types, into new tables`
  return others.map((other) => ({ what, by: 'cpu', floe, other, goal: 1 }))
}
