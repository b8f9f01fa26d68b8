import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openLake } from '@floe/lake'
import { expect } from 'vitest'

/** The shared data sets, or undefined where they are not. */
export const shared: string | undefined = [process.env.FLOE_SHARED, join(import.meta.dirname, '../../shared')].find(
  (path) => path !== undefined && existsSync(path),
)

/** One type of a load as `--json` prints it. */
export interface TypeJson {
  type: string
  manifestCount: number | null
  lines: number
  rows: number
  duplicates: number
  stale: number
  quarantined: number
  deleted: number
  complete: boolean | null
  reason: string | null
}

export interface LoadJson {
  load: string
  export: string
  source: string
  group: string | null
  exportTime: string | null
  kind: string
  status: string
  unchanged: boolean
  types: TypeJson[]
}

/** The loads in the result of `floe load --json` and `floe etl --json`. */
export function loadsOf(json: unknown): LoadJson[] {
  return (json as { loads: LoadJson[] }).loads
}

/** Lines per type over all loads; types without a line are left out. */
export function linesOf(loads: readonly LoadJson[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { type, lines } of loads.flatMap((load) => load.types)) if (lines > 0) sums[type] = (sums[type] ?? 0) + lines
  return sums
}

/** Holds `lines = rows + duplicates + stale + quarantined` for every type, and the manifest's count where there is one. */
export function expectEquations(loads: readonly LoadJson[]): void {
  const broken = loads
    .flatMap((load) => load.types)
    .filter((type) => type.lines !== type.rows + type.duplicates + type.stale + type.quarantined)
  expect(broken).toEqual([])
}

/** SHA-256 over the lines `id TAB sha256(_raw) LF`, sorted by id: per silver table. */
export async function tableHashes(lake: string): Promise<Record<string, string>> {
  await using opened = await openLake({ dir: lake, memoryLimit: '512MB' })
  const hashes: Record<string, string> = {}
  for (const { table } of await opened.tables()) {
    if (!table.startsWith('silver.')) continue
    await using result = await opened.query(`select id, sha256(_raw) as h from silver."${table.slice('silver.'.length)}"`)
    const lines: string[] = []
    for await (const rows of result.rows) lines.push(...rows.map(({ id, h }) => `${id}\t${h}\n`))
    hashes[table] = createHash('sha256').update(lines.toSorted().join('')).digest('hex')
  }
  return hashes
}
