import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compressionOf } from '../../packages/lake/src/bronze/archive.ts'
import { scanAll } from '../../packages/lake/src/bronze/scan-pool.ts'

const shared = process.env.FLOE_SHARED ?? resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared')
const data = join(shared, 'data')
const there = existsSync(data)
if (!there) console.warn(`skipped: the exports of ${data}, which is not there`)

const folders = [
  'synthea-10',
  'synthea-100',
  'synthea-100-later',
  'synthea-1000',
  'incremental-10/full',
  'incremental-10/since-1',
  'incremental-10/since-2',
  'smart-10-patients',
  'bcda-samples',
  'r4-examples/hl7-r4',
  'r4-examples/us-core',
]

test.skipIf(!there).each(folders)(
  'CONTRACT §4, what floe load reads: %s has the lines of its counts, none refused',
  async (name) => {
    const folder = join(data, name)
    const names = readdirSync(folder).filter((it) => /\.ndjson(\.gz|\.zst)?$/.test(it) && it !== 'log.ndjson')
    const tasks = names.map((file) => ({
      task: { path: join(folder, file), compression: compressionOf(file), type: file.split('.')[0], maxLine: 32 << 20 },
      size: statSync(join(folder, file)).size,
    }))
    const lines: Record<string, number> = {}
    for (const report of await scanAll(tasks)) {
      if (report instanceof Error) throw report
      expect([report.refused, report.torn, report.bom]).toEqual([[], false, false])
      for (const [type, stats] of Object.entries(report.types)) lines[type] = (lines[type] ?? 0) + stats.lines
    }
    const { 'deleted/Bundle': _, ...counts } = JSON.parse(readFileSync(join(folder, 'counts.json'), 'utf8')) as Record<
      string,
      number
    >
    expect(lines).toEqual(counts)
  },
)
