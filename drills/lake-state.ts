import { createHash } from 'node:crypto'
import { openLake } from '@floe/lake'

/** What the tables of a lake hold. */
export interface LakeState {
  readonly rows: number
  /** Rows whose source, type and id another row of the table has, too. */
  readonly doubled: number
  /** Of all rows: table, source, id and text. Neither times nor order of loads are in it. */
  readonly digest: string
}

/** Reads all silver tables of a lake; nothing, where there is no lake yet. */
export async function lakeState(dir: string): Promise<LakeState> {
  await using lake = await openLake({ dir, create: true, threads: 1 })
  const silver = (await lake.tables()).map(({ table }) => table).filter((table) => table.startsWith('silver.'))
  const hash = createHash('sha256')
  let [rows, doubled] = [0, 0]
  for (const table of silver.sort()) {
    await using result = await lake.query(`select _source, id, sha256(_raw) as text from ${table} order by all`)
    let last = ''
    for await (const batch of result.rows) {
      for (const row of batch) {
        const { _source, id } = row as { _source?: unknown; id?: unknown }
        const key = `${String(_source)} ${String(id)}`
        rows++
        if (key === last) doubled++
        last = key
        hash.update(`${table} ${JSON.stringify(row)}\n`)
      }
    }
  }
  return { rows, doubled, digest: hash.digest('hex') }
}
