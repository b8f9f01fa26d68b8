import type { Engine } from '../engine/engine.ts'
import { findTable } from '../gold/inventory.ts'
import type { Table } from '../iceberg/table.ts'
import type { OutOptions, OutReceipt, OutTarget } from '../types.ts'
import { outCumulus } from './cumulus.ts'
import { outFiles } from './files.ts'
import { outPostgres } from './postgres.ts'

/** Tables for other programs (CONTRACT §4, rule 22). A target that is there is a usage error without `overwrite`. */
export async function outTables(
  engine: Engine,
  tables: readonly Table[],
  target: OutTarget,
  options: OutOptions,
): Promise<OutReceipt> {
  if (target.kind === 'cumulus') {
    const { file, source } = target
    return await outCumulus(engine, tables, { file, source, overwrite: options.overwrite === true, signal: options.signal })
  }
  const chosen = choose(tables, target.tables)
  if (target.kind === 'postgres') return await outPostgres(engine, { ...target, tables: chosen }, options)
  return await outFiles(engine, { dir: target.dir, format: target.kind, tables: chosen }, options)
}

function choose(tables: readonly Table[], names: readonly string[] | undefined): Table[] {
  if (names !== undefined) return [...new Set(names.map((name) => findTable(name, tables)))]
  return tables.filter(({ namespace }) => namespace !== 'floe')
}
