/** A process of the concurrency test: `node writer.suite.ts LAKE NAME COMMITS` appends to `silver.t`, a row per commit. */
import { join } from 'node:path'
import { openEngine } from '../engine/duckdb.ts'
import { openCatalog } from './catalog.ts'
import { commitWithRetry } from './commit.ts'
import { stage } from './stage.ts'
import { currentSchema } from './table.ts'
import { writeData } from './write.ts'

const [dir = '', name = '', commits = '0'] = process.argv.slice(2)
await using engine = await openEngine({ tempDir: join(dir, 'tmp', name), threads: 1 })
using catalog = openCatalog({ file: join(dir, 'catalog.db') })
const load = async () => {
  const table = await catalog.load('silver', 't')
  if (table === undefined) throw new Error('no table')
  return table
}
for (let n = 0; n < Number(commits); n++) {
  const table = await load()
  const append = await writeData(engine, {
    sql: `select '${name}-${n}' as id`,
    schema: currentSchema(table),
    dir: `${table.location}/data`,
  })
  await commitWithRetry(catalog, async () => [await stage({ table: await load(), append })], {
    retries: 100,
    minWait: 5,
    maxWait: 100,
  })
}
