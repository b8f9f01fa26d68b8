import { ident } from '../engine/sql.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { shapeOf } from '../iceberg/shape.ts'
import type { SnapshotChoice, Table } from '../iceberg/table.ts'
import { relationOf } from '../silver/context.ts'
import { ledgerTables } from '../silver/ledger-tables.ts'
import { encountersSql, hiddenSql, type SilverTable, typeOfTable, type VisibilitySources, visibleSql } from './visible.ts'

/** A view of `floe query`: name and SELECT. */
export interface LakeView {
  readonly schema: string
  readonly name: string
  readonly sql: string
}

export interface ViewsOptions {
  readonly tables: readonly Table[]
  readonly required: readonly string[]
  readonly choose?: (table: Table) => SnapshotChoice
  /** Names that a statement uses, in lower case; all views are made when left out. */
  readonly used?: ReadonlySet<string>
}

/**
 * The schemas `silver`, `gold`, `omop`, `floe` of a lake as views on its data files; ledger tables are there before the first
 * load, too.
 */
export async function lakeViews({ tables, required, choose = () => ({}), used }: ViewsOptions): Promise<LakeView[]> {
  const wants = (name: string): boolean => used === undefined || used.has(name.toLowerCase())
  const views: LakeView[] = []
  for (const table of tables) {
    if (!wants(table.name)) continue
    views.push({ schema: table.namespace, name: table.name, sql: scanSql(await planScan(table, choose(table))) })
  }
  const known = new Set(tables.filter(({ namespace }) => namespace === 'floe').map(({ name }) => name))
  for (const [name, columns] of Object.entries(ledgerTables)) {
    if (wants(name) && !known.has(name))
      views.push({ schema: 'floe', name, sql: `select * from ${await relationOf(undefined, columns)}` })
  }
  if (wants('encounters') || wants('visible')) {
    const sources = await visibilitySources({ tables, required, choose })
    views.push({ schema: 'floe', name: 'encounters', sql: encountersSql(sources) })
    views.push({ schema: 'floe', name: 'visible', sql: visibleSql(await silverTables(tables, choose), hiddenSql(sources)) })
  }
  return views
}

export async function visibilitySources({
  tables,
  required,
  choose = () => ({}),
}: Omit<ViewsOptions, 'used'>): Promise<VisibilitySources> {
  const find = (namespace: string, name: string): Table | undefined =>
    tables.find((table) => table.namespace === namespace && table.name === name)
  const ledger = async (name: 'loads' | 'completion' | 'tracked'): Promise<string> => {
    const table = find('floe', name)
    return table === undefined
      ? await relationOf(undefined, ledgerTables[name])
      : `(${scanSql(await planScan(table, choose(table)))})`
  }
  const encounter = find('silver', 'encounter')
  return {
    loads: await ledger('loads'),
    completion: await ledger('completion'),
    tracked: await ledger('tracked'),
    encounters:
      encounter === undefined
        ? '(select null::varchar as _source, null::varchar as id where false)'
        : `(${scanSql(await planScan(encounter, choose(encounter)))})`,
    required,
  }
}

/** Silver tables that floe knows the type of. */
export async function silverTables(
  tables: readonly Table[],
  choose: (table: Table) => SnapshotChoice = () => ({}),
): Promise<SilverTable[]> {
  const found: SilverTable[] = []
  for (const table of tables) {
    const type = table.namespace === 'silver' ? typeOfTable(table.name) : undefined
    if (type === undefined) continue
    const plan = await planScan(table, choose(table))
    const shape = shapeOf(plan.schema)
    // Made by another engine, without floe's control columns: nothing tells whose a row is.
    if (shape.struct.id === undefined || shape.struct._source === undefined) continue
    found.push({ type, relation: `(${scanSql(plan)})`, shape })
  }
  return found
}

export function createViews(views: readonly LakeView[]): string {
  const schemas = [...new Set(['silver', 'gold', 'omop', 'floe', ...views.map(({ schema }) => schema)])]
  return [
    ...schemas.map((schema) => `create schema if not exists ${ident(schema)}`),
    ...views.map(({ schema, name, sql }) => `create view ${ident(schema)}.${ident(name)} as ${sql}`),
  ].join(';\n')
}
