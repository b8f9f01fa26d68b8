import { ident, literal } from '../engine/sql.ts'
import { commitWithRetry } from '../iceberg/commit.ts'
import type { Snapshot } from '../iceberg/metadata.ts'
import { type PlannedFile, planScan, type ScanPlan, scanSql } from '../iceberg/plan.ts'
import type { IcebergSchema } from '../iceberg/schema.ts'
import { duckdbType, evolve, type StructShape, shapeOf } from '../iceberg/shape.ts'
import { type StagedChange, stage } from '../iceberg/stage.ts'
import { currentSchema, currentSnapshot, evolveTable, snapshotById, type Table } from '../iceberg/table.ts'
import { writeData, writePositionDeletes } from '../iceberg/write.ts'
import { dataFolder, type LakeContext, locationOf, tableProperties } from '../silver/context.ts'

/** What became of the changes of other programs. */
export interface ForeignChanges {
  /** Snapshots of silver by other programs. */
  readonly snapshots: number
  /** Of these, the ones whose changes cannot be told any more: what they changed has expired. */
  readonly lost: number
}

/**
 * Temporary tables: rows that other programs added (source, id, digest), and the ones that they removed (source, id, export_id).
 */
const addedRows = 'floe_foreign_added'
const removedRows = 'floe_foreign_removed'

/** A snapshot of silver that no step of floe made; one that only moves rows between files changes nothing. */
export function isForeign({ summary }: Snapshot): boolean {
  return summary['floe.load'] === undefined && summary['floe.replay'] === undefined && summary.operation !== 'replace'
}

/**
 * Does again to replayed tables what other programs had done to the former ones (CONTRACT §4, rule 23): rows that they added or
 * changed and that are current, resources that they deleted, columns that they added. Bronze knows nothing of it, so it is told
 * by comparing each of their snapshots with the one before. What they made of a row of a load that is left out goes with it.
 */
export async function keepForeign(
  context: LakeContext,
  before: readonly Table[],
  leftOut: readonly { readonly source: string; readonly export_id: string }[],
): Promise<ForeignChanges> {
  let [snapshots, lost] = [0, 0]
  for (const table of before) {
    if (table.namespace !== 'silver') continue
    const foreign = history(table).filter(isForeign)
    if (foreign.length === 0) continue
    const known = foreign.filter((snapshot) => parentOf(table, snapshot) !== 'expired')
    snapshots += foreign.length
    lost += foreign.length - known.length
    await collect(context, table, known)
    await commitWithRetry(context.catalog, async () => await apply(context, table, leftOut))
    await context.engine.run(`drop table ${addedRows}; drop table ${removedRows}`)
  }
  return { snapshots, lost }
}

/** From the oldest snapshot that is known to the current one. */
function history(table: Table): Snapshot[] {
  const found: Snapshot[] = []
  let head = currentSnapshot(table)
  for (; head !== undefined; head = snapshotById(table.metadata, head['parent-snapshot-id'])) found.push(head)
  return found.reverse()
}

function parentOf({ metadata }: Table, snapshot: Snapshot): Snapshot | 'none' | 'expired' {
  const id = snapshot['parent-snapshot-id']
  return id === undefined ? 'none' : (snapshotById(metadata, id) ?? 'expired')
}

async function collect({ engine }: LakeContext, table: Table, snapshots: readonly Snapshot[]): Promise<void> {
  await engine.run(`create or replace temp table ${addedRows} (source varchar, id varchar, digest uhugeint);
    create or replace temp table ${removedRows} (source varchar, id varchar, export_id varchar)`)
  const schema = currentSchema(table)
  for (const snapshot of snapshots) {
    const parent = parentOf(table, snapshot)
    const after = await planScan(table, { snapshotId: snapshot['snapshot-id'] })
    const before: ScanPlan =
      typeof parent === 'string' ? { ...after, files: [] } : await planScan(table, { snapshotId: parent['snapshot-id'] })
    const [old, now] = [restTo(before, after), restTo(after, before)]
    const rows = (mine: ScanPlan, other: ScanPlan): string => `(select m.source, m.id, m.export_id, m.digest
      from ${contentSql(mine, schema)} m anti join (${scanSql(other, { columns: [], positions: true })}) o
        on o._file = m._file and o._pos = m._pos)`
    await engine.run(`create or replace temp table floe_foreign_old as from ${rows(old, now)};
      create or replace temp table floe_foreign_new as from ${rows(now, old)};
      insert into ${removedRows} select source, id, export_id from (from floe_foreign_old except all from floe_foreign_new);
      insert into ${addedRows} select source, id, digest from (from floe_foreign_new except all from floe_foreign_old);
      drop table floe_foreign_old; drop table floe_foreign_new`)
  }
}

/** The files of a plan that the other one lacks, or reads with other deletes. */
function restTo(plan: ScanPlan, other: ScanPlan): ScanPlan {
  const of = ({ deletes, shielded, sequenceNumber }: PlannedFile): string =>
    [sequenceNumber, shielded, ...deletes.map(({ file }) => file.path).toSorted()].join('\n')
  const same = new Map(other.files.map((file) => [file.file.path, of(file)]))
  return { ...plan, files: plan.files.filter((file) => same.get(file.file.path) !== of(file)) }
}

/** Rows with a digest of all columns of `schema`. pyiceberg writes no list of structs as an empty one: that is no change. */
function contentSql(plan: ScanPlan, schema: IcebergSchema): string {
  const known = new Set(plan.schema.fields.map(({ name }) => name))
  const columnSql = (name: string, type: string): string => `${known.has(name) ? ident(name) : 'null'}::${type}`
  const fields = schema.fields.map(({ name, type }) => `${ident(name)} := ${columnSql(name, duckdbType(type))}`)
  return `(select ${columnSql('_source', 'varchar')} as source, ${columnSql('id', 'varchar')} as id,
      ${columnSql('_export_id', 'varchar')} as export_id, _file, _pos,
      md5_number(replace(to_json(struct_pack(${fields.join(', ')}))::varchar, ':[]', ':null')) as digest
    from (${scanSql(plan, { positions: true })}))`
}

async function apply(
  context: LakeContext,
  before: Table,
  leftOut: readonly { readonly source: string; readonly export_id: string }[],
): Promise<StagedChange[]> {
  const { engine, catalog } = context
  const { namespace, name } = before
  const table = await catalog.load(namespace, name)
  const held = currentSchema(before)
  const plan = await planScan(before)
  const gone = leftOut.map((load) => `(${literal(load.source)}, ${literal(load.export_id)})`).join(', ')
  const stays = gone === '' ? 'true' : `(coalesce(source, ''), coalesce(export_id, '')) not in (${gone})`
  const theirs = `exists (select 1 from ${addedRows} a
    where a.id is not distinct from c.id and a.source is not distinct from c.source and a.digest = c.digest)`
  await engine.run(`create or replace temp table floe_foreign_live as
    select source, id, export_id, _file, _pos, ${theirs} as theirs from ${contentSql(plan, held)} c
    where ${theirs} or exists (select 1 from ${removedRows} r where r.id = c.id and r.source is not distinct from c.source)`)
  const schema = table === undefined ? evolve(undefined, readable(held)) : evolveTable(table, readable(held))
  const columns = schema.fields.map((field) =>
    held.fields.some((one) => one.name === field.name)
      ? ident(field.name)
      : `null::${duckdbType(field.type)} as ${ident(field.name)}`,
  )
  const dir = dataFolder(context, namespace, name)
  const append = await writeData(engine, {
    sql: `select ${columns.join(', ')} from (${scanSql(plan, { positions: true })}) c
      semi join (select _file, _pos from floe_foreign_live where theirs and ${stays}) l on l._file = c._file and l._pos = c._pos`,
    schema,
    dir,
  })
  const publication = { summary: { 'floe.foreign': 'kept' }, now: context.now().getTime() }
  if (table === undefined) {
    if (append.length === 0) return []
    const create = { namespace, name, location: locationOf(context, namespace, name), schema, properties: tableProperties }
    return [await stage({ create, append, ...publication })]
  }
  // What floe has loaded since then counts: only a resource that nobody but the other program has written goes.
  const removed = await writePositionDeletes(engine, {
    sql: `select d._file as file_path, d._pos as pos from (${scanSql(await planScan(table), { columns: ['id', '_source'], positions: true })}) d
      where exists (select 1 from ${removedRows} r where r.id = d.id and r.source is not distinct from d._source and ${stays})
        and not exists (select 1 from floe_foreign_live l where l.id = d.id and l.source is not distinct from d._source and not l.theirs)`,
    dir,
  })
  return [await stage({ table, schema, append, deletes: removed === undefined ? [] : [removed], ...publication })]
}

/** The columns without maps: floe makes none, and another program's cannot be made again. */
function readable(schema: IcebergSchema): StructShape {
  const shape = shapeOf(schema)
  return {
    struct: Object.fromEntries(Object.entries(shape.struct).filter(([, inner]) => !JSON.stringify(inner).includes('"map"'))),
  }
}
