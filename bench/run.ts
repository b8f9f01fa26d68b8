/** `npm run bench [-- name …]`: makes its data below bench/.data, runs floe beside a floor in the same run, prints ratios. */
import { download } from './download.ts'
import { load } from './load.ts'
import { views } from './views.ts'

const benches: Record<string, () => Promise<string>> = { download, load, views }

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in benches))
if (unknown.length > 0) {
  process.stderr.write(`bench: no ${unknown.join(', ')}; there is ${Object.keys(benches).join(', ')}\n`)
  process.exit(2)
}
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length === 0 || wanted.includes(name)) process.stdout.write(`${await bench()}\n`)
}
