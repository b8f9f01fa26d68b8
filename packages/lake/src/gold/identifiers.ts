import { literal } from '../engine/sql.ts'
import { planScan, scanSql } from '../iceberg/plan.ts'
import { type Shape, shapeOf } from '../iceberg/shape.ts'
import type { Table } from '../iceberg/table.ts'
import { typeOfTable } from './visible.ts'

/** Types that conditional references name in practice: they are looked up however many there are. */
const looked = new Set([
  'Device',
  'HealthcareService',
  'Location',
  'Medication',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
])
/** Of other types only tables up to this size are looked up: a list of all identifiers has to be made first. */
const mostRows = 200_000

/**
 * Identifiers of the resources in the lake, as a relation (type, system, value, id): what a conditional reference
 * (`Practitioner?identifier=system|value`) is looked up in. Undefined when no table has any.
 */
export async function identifiersSql(
  tables: readonly Table[],
  /** `silver.patient` to its snapshot; without it the present one of each. */
  snapshots?: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const parts: string[] = []
  for (const table of tables) {
    const type = table.namespace === 'silver' ? typeOfTable(table.name) : undefined
    if (type === undefined) continue
    const snapshotId = snapshots?.get(`${table.namespace}.${table.name}`)
    const plan = await planScan(table, snapshotId === undefined ? {} : { snapshotId })
    const { id, identifier } = shapeOf(plan.schema).struct
    const rows = plan.files.reduce((sum, { file }) => sum + file.records, 0)
    if (id === undefined || rows === 0 || (rows > mostRows && !looked.has(type))) continue
    const item = itemSql(identifier)
    if (item === undefined) continue
    const source = `(${scanSql(plan, { columns: ['id', 'identifier'] })})`
    parts.push(`select ${literal(type)} as type, ${item.system} as system, i."value" as value, id
      from (select id, unnest(${item.list}) as i from ${source})
      where i."value" is not null`)
  }
  return parts.length === 0 ? undefined : `(${parts.join('\nunion all\n')})`
}

function itemSql(shape: Shape | undefined): { readonly list: string; readonly system: string } | undefined {
  if (shape === undefined || typeof shape === 'string') return undefined
  const [item, list] = 'list' in shape ? [shape.list, 'identifier'] : [shape, '[identifier]']
  if (typeof item === 'string' || !('struct' in item) || item.struct.value === undefined) return undefined
  return { list, system: item.struct.system === undefined ? 'null::varchar' : 'i."system"' }
}
