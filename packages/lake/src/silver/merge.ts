import { ident, literal, literals } from '../engine/sql.ts'
import type { DataFile } from '../iceberg/content-file.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { isReserved } from '../iceberg/scan-names.ts'
import type { IcebergSchema } from '../iceberg/schema.ts'
import { duckdbType } from '../iceberg/shape.ts'
import type { Table } from '../iceberg/table.ts'
import { controlColumns, rawColumn } from './columns.ts'
import type { LakeContext } from './context.ts'
import { confirmByLater, confirmByPlace, type LateExport, type LoadedExport } from './later.ts'
import { instant, noVersion, versionNumber } from './newest.ts'
import { subsettedOf } from './subsetted.ts'

export interface MergeInput {
  /** The table as it is; undefined when this load makes it. */
  readonly table: Table | undefined
  readonly schema: IcebergSchema
  readonly type: { readonly type: string }
  /** The other exports of this source and type that were loaded before this one. */
  readonly others: readonly LoadedExport[]
  /** Data files of this load, in order of arrival. */
  readonly fresh: readonly DataFile[]
  /** The lines of `fresh` in order of arrival, when its rows are in none; their texts have to be in `_raw` then. */
  readonly lines: string | undefined
  readonly source: string
  readonly exportId: string
  /** The whole export, where `fresh` holds lines of it that were refused at first: each arrived where it stands in its file. */
  readonly late?: LateExport
  /** What a missing `lastUpdated` of this load's rows counts as. */
  readonly exportTime: string
  /** Relation (export_id, export_time) of the loads of this source and type. */
  readonly exportTimes: string
  /**
   * Relation (id, deleted_at) of the tombstones of this source and type, those of this load among them; undefined when there is
   * none.
   */
  readonly tombstones: string | undefined
  /** There are deletions in this load: rows of the table may go. */
  readonly deletions: boolean
}

export interface MergeResult {
  readonly duplicates: number
  readonly stale: number
  /** Of the stale ones: not later than their deletion. */
  readonly buried: number
  /** Rows of the table that go: older versions and deleted ones. */
  readonly removed: number
  /** Rows of this load that are not current, by data file (path). */
  readonly lost: ReadonlyMap<string, number>
}

/** Temporary tables (file_path, pos) that a merge leaves: rows of this load that lost, and rows of the table that go. */
export const lostRows = 'floe_lost'
export const goneRows = 'floe_gone'

/**
 * Newest wins, on narrow columns only (CONTRACT §4, rules 9 and 10): by `_last_updated` (the export's time where there is none),
 * version number, export time, order of arrival; content is read only where the first two are equal, because then it may be no
 * change at all.
 */
export async function merge(context: LakeContext, input: MergeInput): Promise<MergeResult> {
  const { engine } = context
  await engine.run(`create or replace temp table ${lostRows} (file_path varchar, pos bigint, reason varchar);
    create or replace temp table ${goneRows} (file_path varchar, pos bigint)`)
  if (input.fresh.length > 0) {
    await loseDuplicates(context, input)
    if (input.tombstones !== undefined) await loseDeleted(context, input, input.tombstones)
  }
  const existing = await existingRows(input)
  if (existing !== undefined) {
    if (input.fresh.length > 0) await compareWithTable(context, input, existing)
    if (input.deletions && input.tombstones !== undefined) await removeDeleted(context, input, existing, input.tombstones)
  }
  const lost = await engine.all<{ file_path: string; reason: string; n: number }>(
    `select file_path, reason, count(*) as n from ${lostRows} group by all`,
  )
  const of = (reason: string): number => lost.filter((row) => row.reason === reason).reduce((sum, { n }) => sum + n, 0)
  const [gone] = await engine.all<{ n: number }>(`select count(*) as n from ${goneRows}`)
  return {
    duplicates: of('duplicate'),
    stale: of('stale') + of('buried'),
    buried: of('buried'),
    removed: gone?.n ?? 0,
    lost: new Map(
      [...Map.groupBy(lost, (row) => row.file_path)].map(([path, rows]) => [path, rows.reduce((sum, { n }) => sum + n, 0)]),
    ),
  }
}

/** Keys of this load's rows: (file, rank, pos, id, lu, v). */
function freshRows(input: MergeInput): string {
  return freshFiles(input, `id, _last_updated as lu, _version_id as v, ${subsettedOf(input.schema)} as part`)
}

/**
 * Columns of this load's files, with (file, rank, pos): the file as manifests name it, its place in order of arrival, the row in
 * it.
 */
function freshFiles({ fresh, schema }: MergeInput, columns: string): string {
  const rank = `list_position(${literals(fresh.map(({ path }) => path))}, _file)`
  return `(select _file as file, ${rank} as rank, _pos as pos, ${columns} from (${newRowsSql(fresh, schema)}))`
}

/** The rows of files that no table holds yet, with `_file` and `_pos`: scanned like a table, for its columns may have any names. */
export function newRowsSql(files: readonly DataFile[], schema: IcebergSchema): string {
  const planned = files.map((file) => ({ file, sequenceNumber: 0, written: schema, deletes: [], shielded: false }))
  const plan = { schema, snapshot: undefined, files: planned, idleDeletes: [], schemas: [] }
  const columns = schema.fields.map(({ name }) => name).filter((name) => !isReserved(name))
  return scanSql(plan, { columns, positions: true })
}

async function loseDuplicates({ engine }: LakeContext, input: MergeInput): Promise<void> {
  const fresh = freshRows(input)
  // Hashes first: eight bytes a row instead of an id; a collision only means that the exact way is taken.
  const [counts] = await engine.all<{ n: number; d: number }>(`select count(*) as n, count(distinct hash(id)) as d from ${fresh}`)
  if (counts === undefined || counts.n === counts.d) return
  await engine.run(`create or replace temp table floe_twice as
    select file, pos, id, part, coalesce(lu, ${instant(input.exportTime)}) as lu, ${versionNumber('v')} as v, rank * (2::hugeint ** 40)::hugeint + pos as arrival
    from ${fresh}
    where id in (select id from ${fresh} group by id having count(*) > 1)`)
  if (input.lines !== undefined) await tellArrival(engine, input, input.lines)
  await engine.run(`insert into ${lostRows}
    select file, pos, 'duplicate'
    from (select file, pos, row_number() over (partition by id order by part, lu desc, v desc, arrival desc) as place from floe_twice)
    where place > 1;
    drop table floe_twice`)
}

/** Several threads write rows in no order; where nothing but the order of arrival decides, the lines are looked at again. */
async function tellArrival(engine: LakeContext['engine'], input: MergeInput, lines: string): Promise<void> {
  const [tied] = await engine.all<{ n: number }>(
    'select count(*) as n from (select id from floe_twice group by id, lu, v having count(*) > 1)',
  )
  if ((tied?.n ?? 0) === 0) return
  await engine.run(`update floe_twice set arrival = seen.arrival from (
      select c.file, c.pos, a.arrival
      from (select file, pos, id, md5_number(${rawColumn}) as content
            from ${freshFiles(input, `id, ${rawColumn}`)} f
            where exists (select 1 from floe_twice t where t.file = f.file and t.pos = f.pos)) c
      join (select id, md5_number(json::varchar) as content, max(n) as arrival
            from (select row_number() over () as n, json_extract_string(json, '$.id') as id, json from ${lines})
            where id in (select id from floe_twice)
            group by all) a on a.id = c.id and a.content = c.content) seen
    where floe_twice.file = seen.file and floe_twice.pos = seen.pos`)
}

/** Only a version later than its tombstone lives. */
async function loseDeleted({ engine }: LakeContext, input: MergeInput, tombstones: string): Promise<void> {
  await engine.run(`insert into ${lostRows}
    select file, pos, 'buried'
    from ${freshRows(input)} f
    join (select id, max(deleted_at) as deleted_at from ${tombstones} group by id) t using (id)
    where coalesce(lu, ${instant(input.exportTime)}) <= deleted_at
      and not exists (select 1 from ${lostRows} l where l.file_path = f.file and l.pos = f.pos)`)
}

/** Live rows of this source: (_file, _pos, id, _last_updated, _version_id, _export_id). */
async function existingRows({ table, source }: MergeInput): Promise<ExistingRows | undefined> {
  if (table === undefined) return undefined
  const scan = await planScan(table)
  if (scan.files.length === 0) return undefined
  // The engine takes the first file for typical: were it a small one, it would hash the whole table to look up a few ids.
  const plan = { ...scan, files: scan.files.toSorted((a, b) => b.file.records - a.file.records) }
  const known = new Set(plan.schema.fields.map(({ name }) => name))
  // A table that another engine made or changed may lack a control column.
  const columns = ['id', '_source', '_last_updated', '_version_id', '_export_id'].filter((name) => known.has(name))
  if (!known.has('id')) return undefined
  const missing = (name: string, type: string): string => (known.has(name) ? name : `null::${type} as ${name}`)
  const owned = known.has('_source') ? `where _source = ${literal(source)}` : ''
  return {
    keys: `(select _file, _pos, id, ${missing('_last_updated', 'timestamptz')}, ${missing('_version_id', 'varchar')},
      ${missing('_export_id', 'varchar')} from (${scanSql(plan, { columns, positions: true })}) ${owned})`,
    with: (names) => scanSql(plan, { columns: names.filter((name) => known.has(name)), positions: true }),
    known,
    subsetted: subsettedOf(plan.schema),
  }
}

interface ExistingRows {
  readonly keys: string
  readonly with: (columns: readonly string[]) => string
  readonly known: ReadonlySet<string>
  /** SQL on `meta`. */
  readonly subsetted: string
}

/**
 * The table's rows with one of these ids, as `floe_candidates`: a step of its own, so that the engine hashes the ids that came
 * and runs the table past them, whatever it makes of the rest. The other way round costs seven times as much, and the memory.
 */
async function findCandidates(engine: LakeContext['engine'], { keys }: ExistingRows, ids: string): Promise<void> {
  await engine.run(`create or replace temp table floe_candidates as select * from ${keys} where id in (${ids})`)
}

async function compareWithTable(context: LakeContext, input: MergeInput, existing: ExistingRows): Promise<void> {
  const { engine } = context
  const time = instant(input.exportTime)
  await findCandidates(engine, existing, `select id from ${freshFiles(input, 'id')}`)
  await engine.run(`create or replace temp table floe_met as
    select f.file, f.pos, e._file, e._pos, f.id,
      coalesce(f.lu, ${time}) as lu, ${versionNumber('f.v')} as v, ${time} as time,
      e._last_updated is null or (coalesce(f.lu, ${time}) = e._last_updated and ${versionNumber('f.v')} = ${versionNumber('e._version_id')}) as doubtful,
      case when e._last_updated is null then coalesce(f.lu, ${time}) else ${time} end as since,
      f.lu is not distinct from e._last_updated and f.v is not distinct from e._version_id as alike,
      e._export_id = ${literal(input.exportId)}
        and coalesce(f.lu, ${time}) = coalesce(e._last_updated, ${time}) and ${versionNumber('f.v')} = ${versionNumber('e._version_id')} as tied,
      (coalesce(f.lu, ${time}), ${versionNumber('f.v')}, ${time})
        >= (coalesce(e._last_updated, x.export_time, '-infinity'::timestamptz), ${versionNumber('e._version_id')},
            coalesce(x.export_time, '-infinity'::timestamptz)) as newer
    from ${freshRows(input)} f
    join floe_candidates e on e.id = f.id
    left join (select export_id, max(export_time) as export_time from ${input.exportTimes} group by export_id) x on x.export_id = e._export_id
    where not exists (select 1 from ${lostRows} l where l.file_path = f.file and l.pos = f.pos);
    drop table floe_candidates`)
  const [doubtful] = await engine.all<{ n: number }>('select count(*) as n from floe_met where newer and alike')
  if ((doubtful?.n ?? 0) > 0) await keepEqual(engine, input, existing)
  await confirmByLater(context, { source: input.source, type: input.type.type, exports: input.others })
  if (input.late !== undefined && input.lines !== undefined) {
    const texts = freshFiles(input, rawColumn)
    await confirmByPlace(context, { late: input.late, type: input.type.type, texts, exportTime: input.exportTime })
  }
  await letWholeWin(engine, input, existing)
  await engine.run(`insert into ${lostRows} select distinct file, pos, 'stale' from floe_met where not newer;
    insert into ${goneRows} select distinct _file, _pos from floe_met m where newer;
    drop table floe_met`)
}

/** Whatever the times say: a row with some elements only does not take the place of a whole one, and makes room for it. */
async function letWholeWin(engine: LakeContext['engine'], input: MergeInput, existing: ExistingRows): Promise<void> {
  const [fresh, there] = [subsettedOf(input.schema), existing.subsetted]
  if (fresh === 'false' && there === 'false') return
  const columns = there === 'false' ? ['id'] : ['meta']
  await engine.run(`update floe_met set newer = there.part from (
      select m.file, m.pos, m._file, m._pos, e.part
      from floe_met m
      join (select file, pos, part from ${freshRows(input)}) f on f.file = m.file and f.pos = m.pos
      join (select _file, _pos, ${there} as part from (${existing.with(columns)}) e
            where exists (select 1 from floe_met n where n._file = e._file and n._pos = e._pos)) e
        on e._file = m._file and e._pos = m._pos
      where f.part <> e.part) there
    where floe_met.file = there.file and floe_met.pos = there.pos and floe_met._file = there._file and floe_met._pos = there._pos`)
}

/** Rows that say what the table says already are no change: the table's row stays. */
async function keepEqual(engine: LakeContext['engine'], input: MergeInput, existing: ExistingRows): Promise<void> {
  const { columns, digest, existingDigest } = contentOf(input, existing)
  await engine.run(`update floe_met set newer = false from (
      select m.file, m.pos, m._file, m._pos
      from floe_met m
      join (select file, pos, ${digest} as content
            from ${freshFiles(input, columns.map(ident).join(', '))} f
            where exists (select 1 from floe_met n where n.newer and n.alike and n.file = f.file and n.pos = f.pos)) f
        on f.file = m.file and f.pos = m.pos
      join (select _file, _pos, ${existingDigest} as content
            from (${existing.with(columns)}) e
            where exists (select 1 from floe_met n where n.newer and n.alike and n._file = e._file and n._pos = e._pos)) e
        on e._file = m._file and e._pos = m._pos
      where m.newer and m.alike and f.content = e.content) same
    where floe_met.file = same.file and floe_met.pos = same.pos and floe_met._file = same._file and floe_met._pos = same._pos`)
}

interface Content {
  readonly columns: readonly string[]
  readonly digest: string
  readonly existingDigest: string
}

/** The text tells whether two rows are equal; without it, all elements that the table knows. */
function contentOf({ schema }: MergeInput, { known }: ExistingRows): Content {
  if (known.has(rawColumn)) {
    return { columns: [rawColumn], digest: `md5_number(${rawColumn})`, existingDigest: `md5_number(${rawColumn})` }
  }
  const elements = schema.fields.filter(({ name }) => !Object.hasOwn(controlColumns.struct, name))
  const typed = (has: (name: string) => boolean): string =>
    `md5_number(to_json([${elements.map(({ name, type }) => `to_json(${has(name) ? ident(name) : 'null'}::${duckdbType(type)})`).join(', ')}])::varchar)`
  return {
    columns: elements.map(({ name }) => name),
    digest: typed(() => true),
    existingDigest: typed((name) => known.has(name)),
  }
}

async function removeDeleted(context: LakeContext, input: MergeInput, existing: ExistingRows, tombstones: string): Promise<void> {
  const { engine } = context
  await findCandidates(engine, existing, `select id from ${tombstones}`)
  await engine.run(`create or replace temp table floe_met as
    select e._file, e._pos, e.id, deleted_at as lu, ${noVersion} as v, timestamptz 'infinity' as time,
      e._last_updated is null as doubtful, deleted_at as since, true as newer
    from floe_candidates e
    join (select id, max(deleted_at) as deleted_at from ${tombstones} group by id) t on t.id = e.id
    left join (select export_id, max(export_time) as export_time from ${input.exportTimes} group by export_id) x on x.export_id = e._export_id
    where coalesce(e._last_updated, x.export_time, '-infinity'::timestamptz) <= deleted_at
      and not exists (select 1 from ${goneRows} g where g.file_path = e._file and g.pos = e._pos);
    drop table floe_candidates`)
  await confirmByLater(context, { source: input.source, type: input.type.type, exports: input.others })
  await engine.run(`insert into ${goneRows} select _file, _pos from floe_met where newer; drop table floe_met`)
}
