import { rm } from 'node:fs/promises'
import type { Engine } from '../engine/engine.ts'
import { ident, literal } from '../engine/sql.ts'
import type { Catalog } from '../iceberg/catalog.ts'
import type { DataFile } from '../iceberg/content-file.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { duckdbType, evolve, type StructShape } from '../iceberg/shape.ts'
import { type StagedChange, stage } from '../iceberg/stage.ts'
import { currentSchema, type Table } from '../iceberg/table.ts'
import { writeData } from '../iceberg/write.ts'
import { localPath } from '../storage/local.ts'

/** What a step on the lake works with. */
export interface LakeContext {
  /** The lake's folder, absolute and free of links. */
  readonly dir: string
  /** `file:` URI of its warehouse. */
  readonly warehouse: string
  readonly engine: Engine
  readonly catalog: Catalog
  /** Linked types that an Encounter waits for. */
  readonly requiredTypes: readonly string[]
  readonly now: () => Date
}

/** What one publication gives to all snapshots that it makes. */
export interface Publication {
  /** Milliseconds since 1970, the same for all tables: what `--as-of` an instant goes by. */
  readonly now: number
  readonly tag?: string
  readonly summary: Readonly<Record<string, string>>
}

/** Property of a silver table whose resources may refer to others by identifier. */
export const conditionalReferences = 'floe.conditional-references'

/** Every engine is told to change rows as floe does: by position deletes. */
export const tableProperties: Readonly<Record<string, string>> = {
  'write.format.default': 'parquet',
  'write.parquet.compression-codec': 'zstd',
  'write.delete.mode': 'merge-on-read',
  'write.update.mode': 'merge-on-read',
  'write.merge.mode': 'merge-on-read',
  'write.delete.granularity': 'partition',
}

export function locationOf({ warehouse }: LakeContext, namespace: string, name: string): string {
  return `${warehouse}/${namespace}/${name}`
}

export function dataFolder(context: LakeContext, namespace: string, name: string): string {
  return `${locationOf(context, namespace, name)}/data`
}

/**
 * Rows of a table as a relation with exactly these columns; an absent table, or an absent column, gives nulls of the right type.
 */
export async function relationOf(table: Table | undefined, columns: StructShape): Promise<string> {
  const wanted = Object.entries(columns.struct)
  const nothing = wanted.map(([name, shape]) => `null::${duckdbType(shape)} as ${ident(name)}`)
  if (table === undefined) return `(select ${nothing.join(', ')} where false)`
  const plan = await planScan(table)
  const known = new Set(plan.schema.fields.map(({ name }) => name))
  const select = wanted.map(([name], index) => (known.has(name) ? ident(name) : nothing[index]))
  return `(select ${select.join(', ')} from (${scanSql(plan)}))`
}

export interface RowsToStage {
  readonly namespace: string
  readonly name: string
  readonly columns: StructShape
  /** A SELECT with exactly `columns`, in their order. */
  readonly sql: string
  /** All rows of the table from now on, instead of more rows. */
  readonly replace?: boolean
  readonly publication: Publication
}

/** Writes rows and stages the change; undefined when there is nothing to add and the table is there. Small tables only. */
export async function stageRows(context: LakeContext, rows: RowsToStage): Promise<StagedChange | undefined> {
  const { namespace, name, columns, sql, replace = false, publication } = rows
  const table = await context.catalog.load(namespace, name)
  const schema = evolve(table === undefined ? undefined : currentSchema(table), columns)
  const ordered = schema.fields.map((field) =>
    Object.hasOwn(columns.struct, field.name) ? ident(field.name) : `null::${duckdbType(field.type)} as ${ident(field.name)}`,
  )
  const append = await writeData(context.engine, {
    sql: `select ${ordered.join(', ')} from (${sql})`,
    schema,
    dir: dataFolder(context, namespace, name),
  })
  if (append.length === 0 && table !== undefined && !replace) return undefined
  const target =
    table === undefined
      ? { create: { namespace, name, location: locationOf(context, namespace, name), schema, properties: tableProperties } }
      : { table, schema }
  return await stage({ ...target, ...publication, append, replaceAll: replace && table !== undefined })
}

/** Removes data and delete files that no commit names; what a crash leaves is for orphan removal. */
export async function discard(files: readonly Pick<DataFile, 'path'>[]): Promise<void> {
  await Promise.all(files.map(({ path }) => rm(localPath(path), { force: true })))
}

/** A SELECT of literal rows. They go as one JSON text: a VALUES list of a hundred thousand rows costs the engine ten seconds. */
export function rowsSql(columns: StructShape, rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  const names = Object.keys(columns.struct)
  const texts = rows.map((row) => Object.fromEntries(names.map((name, index) => [name, textOf(row[index])])))
  const structure = JSON.stringify([Object.fromEntries(names.map((name) => [name, 'VARCHAR']))])
  const select = Object.entries(columns.struct).map(([name, shape]) => `r.${ident(name)}::${duckdbType(shape)} as ${ident(name)}`)
  return `select ${select.join(', ')} from (select unnest(from_json(${literal(JSON.stringify(texts))}, ${literal(structure)})) as r)`
}

function textOf(value: string | number | boolean | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
