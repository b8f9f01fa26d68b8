/**
 * `npm run bench [-- name …]`: runs floe beside floors and peers in the same rounds, prints the table, keeps results and writes
 * docs/benchmarks.md.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/sources.ts'
import { download } from './download.ts'
import { etl } from './etl.ts'
import { load } from './load.ts'
import { type Bench, benchmarksPage, keep, sectionOf } from './report.ts'
import { server } from './server.ts'
import { upsert } from './upsert.ts'
import { views } from './views.ts'

const benches: Record<string, Bench> = { download, etl, load, server, upsert, views }

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in benches))
if (unknown.length > 0) {
  process.stderr.write(`bench: no ${unknown.join(', ')}; there is ${Object.keys(benches).join(', ')}\n`)
  process.exit(2)
}
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stdout.write(`${sectionOf(keep(name, await bench()))}\n`)
  writeFileSync(join(root, 'docs/benchmarks.md'), benchmarksPage())
}
