import { patientElements } from '@floe/views/fhir'
import { typeInLowerCase } from '../bronze/release.ts'
import type { Engine } from '../engine/engine.ts'
import { ident, literals } from '../engine/sql.ts'
import { commitWithRetry } from '../iceberg/commit.ts'
import { LakeConflictError } from '../iceberg/conflict.ts'
import type { DataFile } from '../iceberg/content-file.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { writeDeletesOf } from '../iceberg/resolve-deletes.ts'
import { rowGroupsOf, writeRowGroups } from '../iceberg/row-groups.ts'
import { type StructShape, shapeOf } from '../iceberg/shape.ts'
import { type StagedChange, stage } from '../iceberg/stage.ts'
import type { Table } from '../iceberg/table.ts'
import { localPath } from '../storage/local.ts'
import { patientKey } from './columns.ts'
import { dataFolder, discard, type LakeContext, type Publication } from './context.ts'
import { ledgerRelation } from './ledger.ts'
import { referenceStructs } from './seen-references.ts'

/** Property of a silver table some of whose resources name their patient by an identifier. */
export const patientsByIdentifier = 'floe.patients-by-identifier'

/**
 * The references to a patient by identifier of a row `r`, as a list of structs (type, reference, system, value): conditional ones,
 * and logical ones that tell the type, or at least a system. Undefined where the columns have room for none.
 */
function identifiedPatients(type: string, shape: StructShape): string | undefined {
  const lists = patientElements(type).flatMap((path) => {
    const found = referenceStructs('r', path.split('.'), shape)
    return found === undefined ? [] : [found.list ? `coalesce(${found.sql}, [])` : `[${found.sql}]`]
  })
  if (lists.length === 0 || type === 'Patient') return undefined
  return `list_filter(flatten([${lists.join(', ')}]), lambda i: coalesce(contains(i.reference, 'Patient?identifier='), false)
    or (i.reference is null and i.value is not null and (i.type = 'Patient' or (i.type is null and i.system is not null))))`
}

/** Whether new files have rows whose patient is told by identifier; where each row has its patient nothing is read. */
export async function namePatients(engine: Engine, type: string, files: readonly DataFile[]): Promise<boolean> {
  const schema = files[0]?.schema
  const key = schema?.fields.find(({ name }) => name === '_patient')?.id ?? 0
  const open = files.filter(({ metrics }) => (metrics?.nullValueCounts.get(key) ?? 0) > 0)
  const references = schema === undefined ? undefined : identifiedPatients(type, shapeOf(schema))
  if (references === undefined || open.length === 0) return false
  const source = `read_parquet(${literals(open.map(({ path }) => localPath(path)))})`
  const found = await engine.all(`select 1 from ${source} r where r._patient is null and len(${references}) > 0 limit 1`)
  return found.length > 0
}

const patientIds = 'floe_patient_ids'
const otherPatients = 'floe_other_patients'

/**
 * Writes `_patient` of rows that name their patient by identifier: the patient of the same source that has it, if there is just
 * one. Patients come and go, so all such rows are looked at after each load, in a commit of its own that carries the load's tag: a
 * run that is stopped before is made up for by the next load.
 */
export async function resolvePatients(context: LakeContext, publication: Publication): Promise<void> {
  const { catalog } = context
  const flagged = async (): Promise<Table[]> => {
    const tables = await Promise.all(catalog.listTables('silver').map((pointer) => catalog.load('silver', pointer.name)))
    return tables.filter((table) => table?.metadata.properties[patientsByIdentifier] !== undefined) as Table[]
  }
  if (!(await anyReference(context)) || (await flagged()).length === 0) return
  let files: Pick<DataFile, 'path'>[] = []
  try {
    await commitWithRetry(catalog, async () => {
      await discard(files)
      files = []
      await collectIdentifiers(context)
      const changes: StagedChange[] = []
      for (const table of await flagged()) {
        const change = await rewritten(context, table)
        if (change === undefined) continue
        files.push(...change.append, ...change.deletes)
        changes.push(await stage({ table, ...change, ...publication }))
      }
      return changes
    })
  } catch (error) {
    if (error instanceof LakeConflictError) await discard(files)
    throw error
  }
}

/** Most lakes have none: then no table has to be opened to tell. */
async function anyReference(context: LakeContext): Promise<boolean> {
  const known = await ledgerRelation(context, 'conditional_references')
  return (await context.engine.all(`select 1 from ${known} where type is null or type = 'Patient' limit 1`)).length > 0
}

/** The identifiers of all patients: (_source, system, value, id). */
async function collectIdentifiers({ engine, catalog }: LakeContext): Promise<void> {
  const table = await catalog.load('silver', 'patient')
  const plan = table === undefined ? undefined : await planScan(table)
  const identifier = plan === undefined ? undefined : shapeOf(plan.schema).struct.identifier
  const item = typeof identifier === 'object' && 'list' in identifier ? identifier.list : undefined
  const fields = typeof item === 'object' && 'struct' in item ? item.struct : {}
  const rows =
    plan === undefined || fields.value !== 'string'
      ? 'select null::varchar as _source, null::varchar as system, null::varchar as value, null::varchar as id where false'
      : `select distinct _source, ${fields.system === 'string' ? "coalesce(i.system, '')" : "''"} as system, i.value as value, id
         from (select _source, id, unnest(identifier) as i from (${scanSql(plan, { columns: ['id', '_source', 'identifier'] })}))
         where i.value is not null`
  await engine.run(`create or replace temp table ${patientIds} as ${rows}`)
}

interface Rewritten {
  readonly append: readonly DataFile[]
  readonly deletes: Awaited<ReturnType<typeof writeDeletesOf>>
}

/** The rows of a table whose patient is another one by now; undefined when there is none. */
async function rewritten(context: LakeContext, table: Table): Promise<Rewritten | undefined> {
  const { engine } = context
  const plan = await planScan(table)
  const shape = shapeOf(plan.schema)
  const type = typeInLowerCase(table.name) ?? ''
  const references = identifiedPatients(type, shape)
  if (references === undefined || shape.struct._patient === undefined || plan.files.length === 0) return undefined
  const elements = new Set(patientElements(type).map((path) => path.split('.')[0] ?? ''))
  const columns = Object.keys(shape.struct).filter((name) => name === '_source' || name === '_patient' || elements.has(name))
  await engine.run(`create or replace temp table ${otherPatients} as
    with named as (
      select _file, _pos, _source, _patient, refs
      from (select r._file, r._pos, r._source, r._patient, ${patientKey(type, shape)} as told, ${references} as refs
            from (${scanSql(plan, { columns, positions: true })}) r)
      where told is null and len(refs) > 0),
    refs as (select _file, _pos, _source, unnest(refs) as i, generate_subscripts(refs, 1) as n from named),
    tokens as (
      select _file, _pos, _source, n, case when i.reference is null then coalesce(i.system, '') || '|' || i.value
          else url_decode(regexp_extract(i.reference, '[?]identifier=(.*)$', 1)) end as token,
        i.reference is null and i.system is null as bare
      from refs),
    asked as (
      select _file, _pos, _source, n, case when contains(token, '|') and not bare then split_part(token, '|', 1) end as system,
        case when contains(token, '|') then substr(token, strpos(token, '|') + 1) else token end as value
      from tokens),
    found as (
      select a._file, a._pos, a.n, max(p.id) as id
      from asked a join ${patientIds} p on p._source = a._source and p.value = a.value and (a.system is null or p.system = a.system)
      group by a._file, a._pos, a.n having count(distinct p.id) = 1)
    select n._file, n._pos, f.id
    from named n left join (select _file, _pos, arg_min(id, n) as id from found group by _file, _pos) f
      on f._file = n._file and f._pos = n._pos
    where n._patient is distinct from f.id`)
  const [changed] = await engine.all<{ n: number; paths: string[] }>(
    `select count(*) as n, coalesce(list(distinct _file), []) as paths from ${otherPatients}`,
  )
  if (changed === undefined || changed.n === 0) return undefined
  return await writeChanged(context, table, changed.paths)
}

async function writeChanged(context: LakeContext, table: Table, paths: readonly string[]): Promise<Rewritten> {
  const { engine } = context
  const plan = await planScan(table)
  const touched = plan.files.filter(({ file }) => paths.includes(file.path))
  const dir = dataFolder(context, table.namespace, table.name)
  const rows = scanSql({ ...plan, files: touched }, { positions: true })
  const columns = plan.schema.fields.map(({ name }) => (name === '_patient' ? 'c.id as _patient' : `r.${ident(name)}`))
  const append = await writeRowGroups(engine, {
    ...(await rowGroupsOf(
      engine,
      touched.map(({ file }) => localPath(file.path)),
    )),
    sql: `select ${columns.join(', ')} from (${rows}) r join ${otherPatients} c on c._file = r._file and c._pos = r._pos`,
    schema: plan.schema,
    dir,
  })
  const sql = `select _file as file_path, _pos as pos from ${otherPatients}`
  return { append, deletes: await writeDeletesOf(engine, { sql, files: touched.map(({ file }) => file), dir }) }
}
