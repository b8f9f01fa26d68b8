import type { Engine } from '../engine/engine.ts'
import { ident, literal } from '../engine/sql.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { currentSchema, type Table } from '../iceberg/table.ts'
import { rawColumn } from '../silver/columns.ts'
import type { LakeContext } from '../silver/context.ts'
import type { RebuildReceipt, RebuiltTable } from '../types.ts'
import { type ReplayOptions, replay } from './replay.ts'

/** Silver and ledger anew from bronze (CONTRACT §4, rule 18), with a look at whether the rows are what they were. */
export async function rebuild(
  context: LakeContext,
  options: Omit<ReplayOptions, 'without' | 'refresh'> = {},
): Promise<RebuildReceipt> {
  const { exports, before, after, foreign } = await replay(context, options)
  const names = [...before, ...after].filter(({ namespace }) => namespace === 'silver').map(({ name }) => name)
  const tables: RebuiltTable[] = []
  for (const name of new Set(names.toSorted())) {
    const find = (list: readonly Table[]): Table | undefined =>
      list.find((table) => table.namespace === 'silver' && table.name === name)
    const [old, now] = [find(before), find(after)]
    const is = await contentOf(context.engine, now)
    // A lake is rebuilt because something is damaged, too.
    const was = await contentOf(context.engine, old).catch(() => undefined)
    tables.push({
      table: `silver.${name}`,
      rows: is.rows,
      rowsBefore: was?.rows ?? null,
      identical: was !== undefined && was.rows === is.rows && was.digest === is.digest,
    })
  }
  return { exports, tables, foreign: foreign.snapshots, foreignLost: foreign.lost }
}

/** Rows and a digest that does not depend on their order. */
async function contentOf(engine: Engine, table: Table | undefined): Promise<{ rows: number; digest: string }> {
  if (table === undefined) return { rows: 0, digest: '0' }
  const plan = await planScan(table)
  const names = currentSchema(table).fields.map(({ name }) => name)
  const told = names.includes(rawColumn) ? ['id', '_source', rawColumn] : names.filter((name) => name !== '_ingested_at')
  const columns = told.filter((name) => names.includes(name))
  const parts = columns.map((name) => `coalesce(${ident(name)}::varchar, ${literal('\u0001')})`)
  const [row] = await engine.all<{ n: number; digest: string }>(
    `select count(*) as n, coalesce(bit_xor(md5_number(concat_ws(chr(9), ${parts.join(', ')})))::varchar, '0') as digest
     from (${scanSql(plan, { columns })})`,
  )
  return { rows: row?.n ?? 0, digest: row?.digest ?? '0' }
}
