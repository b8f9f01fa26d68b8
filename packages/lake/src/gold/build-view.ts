import { compile, type Shape as ViewShape } from '@floe/views'
import { ident } from '../engine/sql.ts'
import type { IcebergSchema } from '../iceberg/schema.ts'
import { evolve, type Shape, type StructShape, shapeOf } from '../iceberg/shape.ts'
import { type StagedChange, stage } from '../iceberg/stage.ts'
import { currentSchema, type Table } from '../iceberg/table.ts'
import { writeData } from '../iceberg/write.ts'
import { dataFolder, discard, type LakeContext, locationOf, tableProperties } from '../silver/context.ts'
import type { BuildReceipt } from '../types.ts'
import type { GoldView } from './definitions.ts'
import { type Delta, deltaOf } from './delta.ts'
import { digestOf, type Ground, keptColumns, passing } from './ground.ts'
import { compileLookingUp, targetRows } from './lookups.ts'
import { type MadeOf, madeOf, madeOfProperty, sameMaking } from './made-of.ts'
import { viewTable } from './run-view.ts'

/** A gold table as it will be. */
export interface Built {
  readonly receipt: BuildReceipt
  readonly table: Table
  readonly change: StagedChange | undefined
}

export interface GoldRows {
  readonly name: string
  readonly known: Table | undefined
  readonly columns: StructShape
  readonly sql: string
  /** Value of the property `madeOfProperty`. */
  readonly made: string
  readonly empty: boolean
  readonly signal: AbortSignal | undefined
}

/** Builds one view: not at all, only the rows that changed, or as a whole. */
export async function buildView(
  context: LakeContext,
  ground: Ground,
  { name, resource, view }: GoldView,
  signal: AbortSignal | undefined,
): Promise<Built> {
  const { tables } = ground
  const { relation, schema, conditional } = await viewTable(tables, resource)
  const { relation: passed, digest } = passing(ground.gate, resource, schema, relation)
  const keep = keptColumns(ground)
  const plain = compile(view, { dialect: 'duckdb', source: { kind: 'table', sql: 'silver', resolve: targetRows, keep } })
  const lookups = conditional && plain.sql.includes(targetRows) ? await ground.lookups() : undefined
  const compiled = compileLookingUp(view, { schema, sql: passed, keep }, lookups)
  const known = tables.find((table) => table.namespace === 'gold' && table.name === name)
  const silver = tables.find((table) => table.namespace === 'silver' && table.name === resource.toLowerCase())
  const making: MadeOf = {
    view: digestOf([plain.sql, JSON.stringify(compiled.columns)]),
    silver: silver?.metadata['current-snapshot-id'] ?? null,
    ...{ gate: digest, gateState: ground.gate.state, identifiers: lookups?.digest ?? '' },
  }
  const was = madeOf(known)
  const empty = Object.keys(schema.struct).length === 0
  if (known !== undefined && was !== undefined && sameMaking(was, making)) return untouched(known, empty)
  const columns: StructShape = {
    struct: Object.fromEntries(compiled.columns.map((column) => [column.name, stored(column.shape)])),
  }
  const made = JSON.stringify(making)
  const goldSchema = schemaOf(known, columns)
  if (known !== undefined && silver !== undefined && was?.view === making.view && was.identifiers === making.identifiers) {
    const request = { view, type: resource, silver, gold: known, schema: goldSchema, was, lookups, keep, signal }
    const delta = goldSchema === currentSchema(known) ? await deltaOf(context, ground, request) : undefined
    if (delta !== undefined) return await patched(context, known, delta, made)
  }
  return await replaced(context, { name, known, columns, sql: compiled.sql, made, empty, signal })
}

/** A gold table that is left alone. */
export function untouched(table: Table, empty: boolean): Built {
  const receipt = { table: `gold.${table.name}`, rows: rowsOf(table), unchanged: true, empty }
  return { receipt, table, change: undefined }
}

async function patched(context: LakeContext, table: Table, delta: Delta, made: string): Promise<Built> {
  const { append, deletes, added, removed } = delta
  try {
    const change = await stage({
      ...{ table, append, deletes, properties: { [madeOfProperty]: made } },
      ...{ summary: { 'floe.view': table.name }, now: context.now().getTime() },
    })
    const rows = rowsOf(table) + added - removed
    const unchanged = added + removed === 0
    const receipt = {
      table: `gold.${table.name}`,
      rows,
      unchanged,
      empty: false,
      ...(unchanged ? {} : { delta: { added, removed } }),
    }
    return { receipt, table: change.table, change }
  } catch (error) {
    await discard([...append, ...deletes])
    throw error
  }
}

/** Writes all rows of a gold table anew. */
export async function replaced(context: LakeContext, rows: GoldRows): Promise<Built> {
  const { name, known, columns, sql, made, empty, signal } = rows
  const schema = schemaOf(known, columns)
  const append = await writeData(context.engine, {
    sql: `select ${schema.fields.map((field) => ident(field.name)).join(', ')} from (${sql})`,
    schema,
    dir: dataFolder(context, 'gold', name),
    ...(signal === undefined ? {} : { signal }),
  })
  const common = { append, summary: { 'floe.view': name }, now: context.now().getTime() }
  try {
    const change =
      known === undefined
        ? await stage({
            create: {
              ...{ namespace: 'gold', name, location: locationOf(context, 'gold', name), schema },
              properties: { ...tableProperties, [madeOfProperty]: made },
            },
            ...common,
          })
        : await stage({ table: known, schema, replaceAll: true, properties: { [madeOfProperty]: made }, ...common })
    const count = append.reduce((sum, { records }) => sum + records, 0)
    return { receipt: { table: `gold.${name}`, rows: count, unchanged: false, empty }, table: change.table, change }
  } catch (error) {
    await discard(append)
    throw error
  }
}

/** Each delete of a gold table names a row of its own. */
function rowsOf({ metadata }: Table): number {
  const current = metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === metadata['current-snapshot-id'])
  const total = (key: string): number => Number(current?.summary[key] ?? 0)
  return total('total-records') - total('total-position-deletes')
}

/** The schema of a view that changed is a new one, with ids that were never used. */
function schemaOf(known: Table | undefined, columns: StructShape): IcebergSchema {
  if (known === undefined) return evolve(undefined, columns)
  const current = currentSchema(known)
  if (JSON.stringify(shapeOf(current)) === JSON.stringify(columns)) return current
  const fresh = evolve(undefined, columns, { lastColumnId: known.metadata['last-column-id'] })
  return { ...fresh, 'schema-id': Math.max(...known.metadata.schemas.map((schema) => schema['schema-id'])) + 1 }
}

function stored(shape: ViewShape): Shape {
  if (typeof shape === 'string') return shape === 'json' ? 'string' : shape
  if ('list' in shape) return { list: stored(shape.list) }
  // No resource has such a value yet: there is no struct without fields.
  if (Object.keys(shape.struct).length === 0) return 'string'
  return { struct: Object.fromEntries(Object.entries(shape.struct).map(([name, inner]) => [name, stored(inner)])) }
}
