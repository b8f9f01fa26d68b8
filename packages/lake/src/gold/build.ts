import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { check, compile, ViewError, type Shape as ViewShape } from '@floe/views'
import { bundledViews } from '@floe/views/bundled'
import type { Engine } from '../engine/engine.ts'
import { ident } from '../engine/sql.ts'
import { usageError } from '../errors.ts'
import { commitWithRetry } from '../iceberg/commit.ts'
import type { IcebergSchema } from '../iceberg/schema.ts'
import { evolve, type Shape, type StructShape, shapeOf } from '../iceberg/shape.ts'
import { type StagedChange, stage } from '../iceberg/stage.ts'
import { currentSchema, type Table } from '../iceberg/table.ts'
import { writeData } from '../iceberg/write.ts'
import { dataFolder, discard, type LakeContext, locationOf, tableProperties } from '../silver/context.ts'
import type { BuildOptions, BuildReceipt } from '../types.ts'
import { identifiersSql } from './identifiers.ts'
import { viewFailure, viewTable } from './run-view.ts'
import { visibilitySources } from './views.ts'
import { hiddenSql, visibleRows } from './visible.ts'

interface GoldView {
  readonly name: string
  readonly resource: string
  readonly view: unknown
}

/** What a gold table was made of: the same again is left alone. */
const madeOf = 'floe.made-of'
/** Temporary table with the hidden Encounters (_source, id). */
const hiddenRows = 'floe_hidden'
/** Temporary table with the identifiers of resources (type, system, value, id). */
const identifierRows = 'floe_identifiers'

/**
 * (Re)builds gold tables from ViewDefinitions, each replaced as a whole; hidden Encounters, and what refers to them, stay out
 * (CONTRACT §4, rule 11). A view that fails does not keep the others from being published; its error is thrown afterwards.
 */
export async function buildGold(context: LakeContext, tables: readonly Table[], options: BuildOptions): Promise<BuildReceipt[]> {
  const views = await chosenViews(options)
  const ground = await groundOf(context, tables, options.signal)
  const changes: StagedChange[] = []
  const receipts: BuildReceipt[] = []
  let failure: unknown
  for (const view of views) {
    options.signal?.throwIfAborted()
    try {
      const { receipt, change } = await buildView(context, ground, view)
      receipts.push(receipt)
      if (change !== undefined) changes.push(change)
    } catch (error) {
      if (options.signal?.aborted) throw error
      failure ??= viewFailure(error)
    }
  }
  if (changes.length > 0) {
    context.catalog.createNamespace('gold')
    await commitWithRetry(context.catalog, async () => changes, { retries: 0 })
  }
  if (failure !== undefined) throw failure
  return receipts
}

interface Built {
  readonly receipt: BuildReceipt
  readonly change: StagedChange | undefined
}

/** What all views of a build stand on. */
interface Ground {
  readonly tables: readonly Table[]
  /** Hidden Encounters are in the table `hiddenRows`, and there are some. */
  readonly hidden: boolean
  readonly hiddenDigest: string
  /** What conditional references are looked up in; made into the table `identifierRows` by who needs it first. */
  readonly identifiers: { readonly sql: string; made: boolean } | undefined
  readonly signal: AbortSignal | undefined
}

async function groundOf(context: LakeContext, tables: readonly Table[], signal: AbortSignal | undefined): Promise<Ground> {
  const { hidden, digest } = await hiddenEncounters(context, tables)
  const sql = await identifiersSql(tables)
  return { tables, hidden, hiddenDigest: digest, identifiers: sql === undefined ? undefined : { sql, made: false }, signal }
}

async function buildView(context: LakeContext, ground: Ground, { name, resource, view }: GoldView): Promise<Built> {
  const { tables, hidden, identifiers, signal } = ground
  const { relation, schema, conditional } = await viewTable(tables, resource)
  const visible = hidden && schema.struct.id !== undefined ? visibleRows(resource, schema, relation, hiddenRows) : relation
  const resolve = conditional && identifiers !== undefined ? { resolve: identifierRows } : {}
  const compiled = compile(view, { dialect: 'duckdb', schema, source: { kind: 'table', sql: visible, ...resolve } })
  const looksUp = identifiers !== undefined && compiled.sql.includes(identifierRows)
  const known = tables.find((table) => table.namespace === 'gold' && table.name === name)
  const made = [compiled.sql, visible === relation ? '' : ground.hiddenDigest, looksUp ? identifiers.sql : '']
  const key = createHash('sha256').update(made.join('\n')).digest('hex')
  const empty = Object.keys(schema.struct).length === 0
  const receipt = { table: `gold.${name}`, unchanged: false, empty }
  if (known !== undefined && known.metadata.properties[madeOf] === key) {
    return { receipt: { ...receipt, rows: rowsOf(known), unchanged: true }, change: undefined }
  }
  if (looksUp && !identifiers.made) {
    await context.engine.run(`create or replace temp table ${identifierRows} as select * from ${identifiers.sql}`)
    identifiers.made = true
  }
  const columns: StructShape = {
    struct: Object.fromEntries(compiled.columns.map((column) => [column.name, stored(column.shape)])),
  }
  const goldSchema = schemaOf(known, columns)
  const names = goldSchema.fields.map((field) => ident(field.name)).join(', ')
  const append = await writeData(context.engine, {
    sql: `select ${names} from (${compiled.sql})`,
    schema: goldSchema,
    dir: dataFolder(context, 'gold', name),
    ...(signal === undefined ? {} : { signal }),
  })
  try {
    const now = context.now().getTime()
    const summary = { 'floe.view': name }
    const change =
      known === undefined
        ? await stage({
            create: {
              ...{ namespace: 'gold', name, location: locationOf(context, 'gold', name), schema: goldSchema },
              properties: { ...tableProperties, [madeOf]: key },
            },
            ...{ append, summary, now },
          })
        : await stage({ table: known, schema: goldSchema, append, replaceAll: true, properties: { [madeOf]: key }, summary, now })
    return { receipt: { ...receipt, rows: append.reduce((sum, { records }) => sum + records, 0) }, change }
  } catch (error) {
    await discard(append)
    throw error
  }
}

/** A gold table is replaced as a whole, so it never has deletes. */
function rowsOf({ metadata }: Table): number {
  const current = metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === metadata['current-snapshot-id'])
  return Number(current?.summary['total-records'] ?? 0)
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
  return { struct: Object.fromEntries(Object.entries(shape.struct).map(([name, inner]) => [name, stored(inner)])) }
}

async function hiddenEncounters(
  { engine, requiredTypes }: LakeContext,
  tables: readonly Table[],
): Promise<{ readonly hidden: boolean; readonly digest: string }> {
  const sources = await visibilitySources({ tables, required: requiredTypes })
  await engine.run(`create or replace temp table ${hiddenRows} as select * from ${hiddenSql(sources)}`)
  return await digestOf(engine)
}

async function digestOf(engine: Engine): Promise<{ hidden: boolean; digest: string }> {
  const [row] = await engine.all<{ n: number; digest: string }>(
    `select count(*) as n, md5(coalesce(string_agg(_source || ' ' || id, chr(10) order by _source, id), '')) as digest from ${hiddenRows}`,
  )
  return { hidden: (row?.n ?? 0) > 0, digest: row?.digest ?? '' }
}

async function chosenViews({ names = [], viewsDir }: BuildOptions): Promise<GoldView[]> {
  const views = new Map<string, GoldView>()
  for (const view of bundledViews) views.set(String(view.name), goldView(view, String(view.name)))
  for (const { file, view } of viewsDir === undefined ? [] : await userViews(viewsDir)) {
    const named = withFile(file, () => goldView(view, basename(file, '.json')))
    views.set(named.name, named)
  }
  const unknown = names.filter((name) => !views.has(name))
  if (unknown.length > 0)
    throw usageError(`There is no view ${unknown.join(', ')}.`, `Views: ${[...views.keys()].toSorted().join(', ')}`)
  return [...views.values()].filter(({ name }) => names.length === 0 || names.includes(name))
}

function goldView(view: unknown, fallback: string): GoldView {
  const { name, resource } = check(view)
  return { name: (name ?? fallback).toLowerCase(), resource, view }
}

function withFile<T>(file: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof ViewError)) throw error
    throw new ViewError(`${basename(file)}: ${error.reason}`, {
      path: error.path,
      expression: error.expression,
      span: error.span,
      hint: error.hint,
      cause: error,
    })
  }
}

async function userViews(folder: string): Promise<{ file: string; view: unknown }[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw usageError(
      `The folder of views cannot be read: ${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'}`,
    )
  })
  const files = names.filter((name) => name.endsWith('.json')).toSorted()
  return await Promise.all(
    files.map(async (name) => {
      const file = join(folder, name)
      try {
        return { file, view: JSON.parse(await readFile(file, 'utf8')) as unknown }
      } catch (cause) {
        throw usageError(`${name} is no JSON: ${cause instanceof Error ? cause.message : ''}`)
      }
    }),
  )
}
