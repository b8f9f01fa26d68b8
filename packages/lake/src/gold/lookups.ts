import { type CompiledView, compile, type TableSchema } from '@floe/views'
import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/sql.ts'
import type { Table } from '../iceberg/table.ts'
import { relationOf } from '../silver/context.ts'
import { ledgerTables } from '../silver/ledger-tables.ts'
import { lookupSql, targetsSql } from './identifiers.ts'

/** Temporary table with what references by identifier lead to (`targetColumns`). */
export const targetRows = 'floe_targets'

/** What conditional references are looked up in: a reference leads to a resource of its own source. */
export interface Lookups {
  /** Source to its relation of identifiers. */
  readonly relations: ReadonlyMap<string, string>
  /** The lake has no other source. */
  readonly alone: boolean
  /** Changes when a reference leads elsewhere. */
  readonly digest: string
}

/** Makes the table of targets; undefined where no reference names its target by identifier. */
export async function makeLookups(engine: Engine, tables: readonly Table[]): Promise<Lookups | undefined> {
  const sql = await targetsSql(tables)
  if (sql === undefined) return undefined
  await engine.run(`create or replace temp table ${targetRows} as ${sql}`)
  const row = 'md5_number(concat_ws(chr(9), _source, type, reference, system, value, id))'
  const [told] = await engine.all<{ n: number; digest: string }>(
    `select count(*) as n, coalesce(bit_xor(${row})::varchar, '') as digest from ${targetRows} where id is not null`,
  )
  const loads = await relationOf(find(tables, 'loads'), ledgerTables.loads)
  const sources = await engine.all<{ source: string; looked: boolean }>(
    `select source, source in (select _source from ${targetRows} where reference is not null) as looked
     from (select source from ${loads} union select _source from ${targetRows}) order by source`,
  )
  const looked = sources.filter((each) => each.looked).map(({ source }) => source)
  const relations = looked.map((source) => {
    const mine = `select * from ${targetRows} where _source = ${literal(source)}`
    return [source, lookupSql(mine)] as const
  })
  return { relations: new Map(relations), alone: sources.length === 1, digest: `${told?.n ?? 0} ${told?.digest ?? ''}` }
}

function find(tables: readonly Table[], ledger: string): Table | undefined {
  return tables.find(({ namespace, name }) => namespace === 'floe' && name === ledger)
}

export interface LookingUp {
  readonly schema: TableSchema
  /** Relation of the resources. */
  readonly sql: string
  readonly keep?: readonly string[]
}

/**
 * A view over a table of resources; where the lake has several sources, each one's references are looked up among its own
 * resources.
 */
export function compileLookingUp(view: unknown, { schema, sql, keep }: LookingUp, lookups: Lookups | undefined): CompiledView {
  const compiled = (rows: string, resolve?: string): CompiledView => {
    const source = {
      kind: 'table',
      sql: rows,
      ...(keep === undefined ? {} : { keep }),
      ...(resolve === undefined ? {} : { resolve }),
    } as const
    return compile(view, { dialect: 'duckdb', schema, source })
  }
  const relations = [...(lookups?.relations ?? [])]
  const [first] = relations
  if (lookups === undefined || first === undefined || schema.struct._source === undefined) return compiled(sql)
  if (lookups.alone) return compiled(sql, first[1])
  const names = relations.map(([source]) => literal(source)).join(', ')
  const parts = [
    ...relations.map(([source, resolve]) => compiled(`(select * from ${sql} where _source = ${literal(source)})`, resolve)),
    compiled(`(select * from ${sql} where _source is null or _source not in (${names}))`),
  ]
  return { ...compiled(sql), sql: parts.map((part) => `(${part.sql})`).join('\nunion all\n') }
}
