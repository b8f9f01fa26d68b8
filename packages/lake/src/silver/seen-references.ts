import { elementsOf } from '@floe/views/fhir'
import { ident, literal, literals } from '../engine/sql.ts'
import type { DataFile } from '../iceberg/content-file.ts'
import { type Shape, type StructShape, shapeOf } from '../iceberg/shape.ts'
import { localPath } from '../storage/local.ts'
import type { LakeContext } from './context.ts'

/** Temporary table with the references of a load that name their target by identifier: (type, reference, system, value). */
export const referenceRows = 'floe_references'

export async function startReferences({ engine }: LakeContext): Promise<void> {
  await engine.run(
    `create or replace temp table ${referenceRows} (type varchar, reference varchar, system varchar, value varchar)`,
  )
}

export interface SeenReferences {
  readonly type: string
  readonly files: readonly DataFile[]
  /** Some text of the type looks like a conditional reference; logical ones show in the columns. */
  readonly conditional: boolean
}

/**
 * Adds the references of new data files that name their target by identifier: conditional ones
 * (`Practitioner?identifier=system|value`) and logical ones (`identifier` without `reference`). Each is kept once; what they lead
 * to is told when it is asked for, because targets come and go.
 */
export async function collectReferences({ engine }: LakeContext, { type, files, conditional }: SeenReferences): Promise<void> {
  const [first] = files
  if (first?.schema === undefined) return
  const shape = shapeOf(first.schema)
  const source = `read_parquet(${literals(files.map(({ path }) => localPath(path)))})`
  const lists = referencePaths(type, shape).flatMap((path) => {
    const found = referenceStructs('r', path, shape)
    if (found === undefined || (!conditional && !found.logical)) return []
    return [found.list ? `coalesce(${found.sql}, [])` : `[${found.sql}]`]
  })
  if (lists.length === 0) return
  // One scan for all of them; what is no reference by identifier goes before a row is made of it.
  const byIdentifier = `lambda i: contains(i.reference, '?identifier=') or (i.reference is null and i.value is not null)`
  await engine.run(`insert into ${referenceRows}
    with seen as (
      select distinct i.type, i.reference, i.system, i.value
      from (select unnest(list_filter(flatten([${lists.join(', ')}]), ${byIdentifier})) as i from (from ${source}) r)),
    told as (
      select coalesce(nullif(regexp_extract(reference, '(?:^|/)([A-Z][A-Za-z]+)[?]identifier=', 1), ''), type) as type, reference,
        case when reference is null then coalesce(system, '') || '|' || value
          else url_decode(regexp_extract(reference, '[?]identifier=(.*)$', 1)) end as token, reference is null and system is null as bare
      from seen)
    select type, reference, case when contains(token, '|') and not bare then split_part(token, '|', 1) end,
      case when contains(token, '|') then substr(token, strpos(token, '|') + 1) else token end
    from told`)
}

/** Where a type holds references, as far as columns of them occur; contained resources tell their own to nobody. */
function referencePaths(type: string, shape: StructShape): string[][] {
  const elements = elementsOf(type)
  return Object.entries(shape.struct).flatMap(([name, inner]) => {
    const element = elements?.get(name)
    const item = typeof inner !== 'string' && 'list' in inner ? inner.list : inner
    if (element?.kind !== 'complex' || typeof item === 'string' || 'list' in item) return []
    if (element.type === 'Reference') return [[name]]
    return referencePaths(element.type, item).map((path) => [name, ...path])
  })
}

interface Found {
  readonly sql: string
  readonly list: boolean
  readonly logical: boolean
}

/** The references at a path as structs of four texts, in a list where the path passes through one. */
export function referenceStructs(base: string, [name = '', ...rest]: readonly string[], shape: Shape): Found | undefined {
  const inner = typeof shape !== 'string' && 'struct' in shape ? shape.struct[name] : undefined
  if (inner === undefined || typeof inner === 'string') return undefined
  const sql = `${base}.${ident(name)}`
  if ('struct' in inner) return rest.length === 0 ? referenceOf(sql, inner) : referenceStructs(sql, rest, inner)
  const item = `x${rest.length}`
  const of =
    rest.length === 0 && typeof inner.list !== 'string' && 'struct' in inner.list
      ? referenceOf(item, inner.list)
      : referenceStructs(item, rest, inner.list)
  if (of === undefined) return undefined
  const items = `list_transform(${sql}, lambda ${item}: ${of.sql})`
  return { sql: of.list ? `flatten(${items})` : items, list: true, logical: of.logical }
}

function referenceOf(sql: string, { struct }: StructShape): Found | undefined {
  const { identifier } = struct
  const known = typeof identifier === 'object' && 'struct' in identifier ? identifier.struct : {}
  const text = (has: Shape | undefined, path: string): string => (has === 'string' ? `${sql}.${path}` : 'null::varchar')
  const logical = known.value === 'string'
  if (struct.reference !== 'string' && !logical) return undefined
  const parts = [
    ['type', text(struct.type, '"type"')],
    ['reference', text(struct.reference, '"reference"')],
    ['system', logical ? text(known.system, '"identifier"."system"') : 'null::varchar'],
    ['value', logical ? text(known.value, '"identifier"."value"') : 'null::varchar'],
  ]
  return { sql: `struct_pack(${parts.map(([name, value]) => `${name} := ${value}`).join(', ')})`, list: false, logical }
}

/** Rows for the ledger: references of this source that it does not know yet. */
export function newReferencesSql(known: string, source: string): string {
  return `select distinct ${literal(source)} as source, type, reference, system, value from ${referenceRows} n
    where not exists (select 1 from ${known} k where k.source = ${literal(source)} and k.type is not distinct from n.type
      and k.reference is not distinct from n.reference and k.system is not distinct from n.system and k.value = n.value)`
}
