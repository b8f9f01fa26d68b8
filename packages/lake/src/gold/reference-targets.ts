import { evolve } from '../iceberg/shape.ts'
import { type StagedChange, stage } from '../iceberg/stage.ts'
import type { Table } from '../iceberg/table.ts'
import { writeData } from '../iceberg/write.ts'
import { dataFolder, discard, type LakeContext, locationOf, tableProperties } from '../silver/context.ts'
import type { Ground } from './ground.ts'
import { targetColumns } from './identifiers.ts'
import { targetRows } from './lookups.ts'
import { madeOfProperty } from './made-of.ts'

const name = 'reference_targets'

/**
 * Stages `floe.reference_targets`: what each conditional or logical reference leads to, for engines that join by its text.
 * Undefined where there is none, or nothing leads elsewhere since.
 */
export async function stageTargets(context: LakeContext, ground: Ground): Promise<StagedChange | undefined> {
  const known = ground.tables.find((table: Table) => table.namespace === 'floe' && table.name === name)
  const lookups = await ground.lookups()
  if (lookups === undefined) return undefined
  const [count] = await context.engine.all<{ n: number }>(`select count(*) as n from ${targetRows}`)
  const made = `${count?.n ?? 0} ${lookups.digest}`
  if (known?.metadata.properties[madeOfProperty] === made) return undefined
  const schema = evolve(undefined, targetColumns)
  const append = await writeData(context.engine, {
    sql: `select * from ${targetRows} order by _source, type, reference, system, value`,
    schema,
    dir: dataFolder(context, 'floe', name),
  })
  const common = { append, now: context.now().getTime() }
  try {
    if (known !== undefined)
      return await stage({ table: known, replaceAll: true, properties: { [madeOfProperty]: made }, ...common })
    const create = { namespace: 'floe', name, location: locationOf(context, 'floe', name), schema }
    return await stage({ create: { ...create, properties: { ...tableProperties, [madeOfProperty]: made } }, ...common })
  } catch (error) {
    await discard(append)
    throw error
  }
}
