import { literal } from '../engine/sql.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { type Shape, type StructShape, shapeOf } from '../iceberg/shape.ts'
import type { Table } from '../iceberg/table.ts'
import { typeOfTable } from './visible.ts'

/**
 * What a reference by identifier leads to; `id` is null where nothing, or more than one resource of the source, has the
 * identifier.
 */
export const targetColumns: StructShape = {
  struct: {
    _source: 'string',
    type: 'string',
    reference: 'string',
    system: 'string',
    value: 'string',
    id: 'string',
    matches: 'long',
  },
}

/** Only of this source, and of these snapshots (`silver.patient` to its id). */
export interface TargetOptions {
  readonly source?: string | undefined
  readonly snapshots?: ReadonlyMap<string, string> | undefined
}

/**
 * The references of silver that name their target by identifier, each once, with the resource that it leads to, as a SELECT of
 * `targetColumns`. Undefined where there is none. Memory holds identifiers that some reference names, however many there are in
 * silver.
 */
export async function targetsSql(
  tables: readonly Table[],
  { source, snapshots }: TargetOptions = {},
): Promise<string | undefined> {
  const seen = tables.find(({ namespace, name }) => namespace === 'floe' && name === 'conditional_references')
  if (seen === undefined) return undefined
  const chosen = (table: Table): Parameters<typeof planScan>[1] => {
    const snapshotId = snapshots?.get(`${table.namespace}.${table.name}`)
    return snapshotId === undefined ? {} : { snapshotId }
  }
  const mine = source === undefined ? '' : `where source = ${literal(source)}`
  const parts: string[] = []
  for (const table of tables) {
    const type = table.namespace === 'silver' ? typeOfTable(table.name) : undefined
    if (type === undefined) continue
    const plan = await planScan(table, chosen(table))
    const { id, identifier, _source: owner } = shapeOf(plan.schema).struct
    const item = itemSql(identifier)
    if (id === undefined || owner === undefined || plan.files.length === 0 || item === undefined) continue
    const rows = scanSql(plan, { columns: ['id', '_source', 'identifier'] })
    // The engine does not read the table at all where no reference is to its type.
    parts.push(`select _source, ${literal(type)} as type, ${item.system} as system, i."value" as value, id
      from (select id, _source, unnest(${item.list}) as i from (${rows})) t
      semi join (select value from seen where coalesce(type, ${literal(type)}) = ${literal(type)}) s on s.value = i."value"`)
  }
  const none =
    'select null::varchar as _source, null::varchar as type, null::varchar as system, null::varchar as value, null::varchar as id where false'
  const alike = `i.value = r.value and (r.type is null or i.type = r.type)
      and (r.system is null or coalesce(i.system, '') = r.system)`
  const many = 'count(distinct (i.type, i.id)) filter (where i.id is not null)'
  return `with seen as (select distinct source, type, reference, system, value from (${scanSql(await planScan(seen))}) ${mine}),
    there as (${parts.length === 0 ? none : parts.join('\nunion all\n')})
    select r.source as _source, case when ${many} = 1 then max(i.type) else r.type end as type,
      r.reference, r.system, r.value, case when ${many} = 1 then max(i.id) end as id, ${many} as matches
    from seen r left join there i on i._source = r.source and ${alike}
    group by r.source, r.type, r.reference, r.system, r.value`
}

/**
 * What a conditional reference (`Practitioner?identifier=system|value`) is looked up in, as a relation (type, system, value, id)
 * with the texts as references spell them. Undefined where there is none. Without a source, what leads to several resources is
 * left out.
 */
export async function identifiersSql(
  tables: readonly Table[],
  snapshots?: ReadonlyMap<string, string>,
  source?: string,
): Promise<string | undefined> {
  const targets = await targetsSql(tables, { snapshots, source })
  return targets === undefined ? undefined : lookupSql(targets)
}

/** The relation for lookups of a SELECT of `targetColumns`. */
export function lookupSql(targets: string): string {
  const token = `regexp_extract(replace(reference, '%7C', '|'), '[?]identifier=(.*)$', 1)`
  return `(select type, case when contains(token, '|') then split_part(token, '|', 1) end as system,
      case when contains(token, '|') then substr(token, strpos(token, '|') + 1) else token end as value, id
    from (select type, ${token} as token, id from (${targets}) where reference is not null and id is not null))`
}

function itemSql(shape: Shape | undefined): { readonly list: string; readonly system: string } | undefined {
  if (shape === undefined || typeof shape === 'string') return undefined
  const [item, list] = 'list' in shape ? [shape.list, 'identifier'] : [shape, '[identifier]']
  if (typeof item === 'string' || !('struct' in item) || item.struct.value !== 'string') return undefined
  return { list, system: item.struct.system === 'string' ? 'i."system"' : 'null::varchar' }
}
