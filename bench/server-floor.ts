/**
 * The floor of `bench/server`: `server-floor.ts LAKE OUT` lets DuckDB copy the texts of every silver table to NDJSON, then a
 * plain file server hands them on.
 */
import { createReadStream, globSync, mkdirSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { discard } from './http.ts'

const [, , lake = '', out = ''] = process.argv
mkdirSync(out, { recursive: true })
const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '1GB', preserve_insertion_order: 'false' })
const connection = await instance.connect()
for (const table of globSync(join(lake, 'warehouse/silver/*'))) {
  const all = globSync(join(table, 'data/*.parquet')).map((path) => `'${path}'`)
  if (all.length === 0) continue
  // Position deletes lie beside the data.
  const found = await connection.run(`select file_name from parquet_schema([${all}]) where name = '_raw'`)
  const files = (await found.getRows()).map(([path]) => `'${path}'`)
  if (files.length === 0) continue
  // Texts as they are: U+0001 cannot stand in JSON, so nothing is quoted or escaped.
  await connection.run(
    `copy (select _raw from read_parquet([${files.join(', ')}])) to '${join(out, `${basename(table)}.ndjson`)}' (format csv, header false, quote '', escape '', delimiter '\u0001')`,
  )
}
connection.closeSync()
instance.closeSync()
const server = createServer((request, response) => {
  const file = join(out, basename(request.url ?? ''))
  response.writeHead(200, { 'content-length': statSync(file).size })
  createReadStream(file, { highWaterMark: 256 * 1024 }).pipe(response)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
const { port } = server.address() as AddressInfo
for (const file of globSync('*.ndjson', { cwd: out })) await discard(`http://127.0.0.1:${port}/${file}`)
server.close()
