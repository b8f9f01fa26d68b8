import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine, Row } from '../engine/engine.ts'
import { ident, literal } from '../engine/sql.ts'
import { usageError } from '../errors.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { type Shape, shapeOf } from '../iceberg/shape.ts'
import type { Table } from '../iceberg/table.ts'
import { rawColumn } from '../silver/columns.ts'
import type { OutOptions, OutReceipt, OutTable } from '../types.ts'

type Format = 'ndjson' | 'csv' | 'parquet'

export interface FilesTarget {
  readonly dir: string
  readonly format: Format
  readonly tables: readonly Table[]
}

/** One file per table, `DIR/<namespace>/<table>.<format>`; each has its name when it is whole. */
export async function outFiles(engine: Engine, { dir, format, tables }: FilesTarget, options: OutOptions): Promise<OutReceipt> {
  const files = tables.map((table) => ({ table, file: join(table.namespace, `${table.name}.${format}`) }))
  const there = files.filter(({ file }) => existsSync(join(dir, file)))
  if (there.length > 0 && options.overwrite !== true) {
    throw usageError(`The target holds ${there[0]?.file} already.`, 'Add --overwrite to replace it, or choose another folder.')
  }
  const written: OutTable[] = []
  for (const [index, { table, file }] of files.entries()) {
    options.signal?.throwIfAborted()
    const name = `${table.namespace}.${table.name}`
    options.onProgress?.({ table: name, done: index, total: files.length })
    await mkdir(join(dir, table.namespace), { recursive: true, mode: 0o700 })
    written.push({ table: name, rows: await outFile(engine, table, join(dir, file), format, options), file })
  }
  return { format, tables: written }
}

async function outFile(engine: Engine, table: Table, file: string, format: Format, { signal }: OutOptions): Promise<number> {
  const part = `${file}.${randomBytes(4).toString('hex')}.part`
  const plan = await planScan(table)
  const run = signal === undefined ? {} : { signal }
  try {
    if (format === 'ndjson') {
      const raw = table.namespace === 'silver' && plan.schema.fields.some(({ name }) => name === rawColumn)
      const sql = raw ? scanSql(plan, { columns: [rawColumn] }) : scanSql(plan)
      const rows = await writeLines(part, engine.stream(sql, run), raw)
      await rename(part, file)
      return rows
    }
    const sql = format === 'csv' ? flat(scanSql(plan), shapeOf(plan.schema).struct) : scanSql(plan)
    const how = format === 'csv' ? 'format csv, header true' : 'format parquet, compression zstd'
    await engine.run(`copy (${sql}) to ${literal(part)} (${how})`, run)
    await chmod(part, 0o600)
    await rename(part, file)
    const [row] = await engine.all<{ n: number }>(`select count(*) as n from (${scanSql(plan, { columns: [] })})`)
    return row?.n ?? 0
  } finally {
    await rm(part, { force: true })
  }
}

async function writeLines(path: string, chunks: AsyncIterable<readonly Row[]>, raw: boolean): Promise<number> {
  await using out = await open(path, 'wx', 0o600)
  let rows = 0
  for await (const chunk of chunks) {
    rows += chunk.length
    await out.writeFile(chunk.map((row) => `${raw ? String(row[rawColumn]) : JSON.stringify(row)}\n`).join(''))
  }
  await out.sync()
  return rows
}

/** Nested columns as JSON text. */
export function flat(sql: string, columns: Readonly<Record<string, Shape>>): string {
  const select = Object.entries(columns).map(([name, shape]) =>
    typeof shape === 'string' ? ident(name) : `to_json(${ident(name)})::varchar as ${ident(name)}`,
  )
  return `select ${select.join(', ')} from (${sql})`
}
