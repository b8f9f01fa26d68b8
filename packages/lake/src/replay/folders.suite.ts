import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lake } from '../types.ts'

export interface TestFolder {
  readonly name: string
  readonly time: string
  /** Resources, or whole lines, per type. */
  readonly types: Readonly<Record<string, readonly (object | string)[]>>
  readonly deleted?: readonly { readonly url: string; readonly at?: string }[]
  readonly group?: string
  readonly parameters?: Readonly<Record<string, unknown>>
}

/** An export folder with log, as floe and Cumulus know it. */
export async function writeFolder(root: string, spec: TestFolder): Promise<string> {
  const { name, time, types, deleted = [], group = 'g', parameters = {} } = spec
  const folder = join(root, name)
  await mkdir(join(folder, 'deleted'), { recursive: true })
  const event = (eventId: string, eventDetail: object): string =>
    `${JSON.stringify({ exportId: name, timestamp: time, eventId, eventDetail })}\n`
  const exportUrl = `https://ehr.example.org/fhir/Group/${group}/$export`
  const kickoff = { exportUrl, requestParameters: parameters, errorCode: null }
  const log = [event('kickoff', kickoff), event('status_complete', { transactionTime: time }), event('export_complete', {})]
  await writeFile(join(folder, 'log.ndjson'), log.join(''))
  for (const [type, resources] of Object.entries(types)) {
    const lines = resources.map((each) =>
      typeof each === 'string' ? `${each}\n` : `${JSON.stringify({ resourceType: type, ...each })}\n`,
    )
    await writeFile(join(folder, `${type}.000.ndjson`), lines.join(''))
  }
  const bundle = (url: string, at: string | undefined): object => ({
    resourceType: 'Bundle',
    type: 'transaction',
    ...(at === undefined ? {} : { meta: { lastUpdated: at } }),
    entry: [{ request: { method: 'DELETE', url } }],
  })
  if (deleted.length > 0) {
    const lines = deleted.map(({ url, at }) => `${JSON.stringify(bundle(url, at))}\n`)
    await writeFile(join(folder, 'deleted', 'Bundle.000.ndjson'), lines.join(''))
  }
  return folder
}

export async function rowsOf(lake: Lake, sql: string, asOf?: string): Promise<Record<string, unknown>[]> {
  await using result = await lake.query(sql, asOf === undefined ? {} : { asOf })
  return (await Array.fromAsync(result.rows)).flat()
}

/** Rows and ledger of a lake; without times and ids of loads, these too where a lake is compared with itself. */
export async function stateOf(lake: Lake, itself = false): Promise<Record<string, unknown>> {
  const silver = (await lake.tables()).map(({ table }) => table).filter((table) => table.startsWith('silver.'))
  const state: Record<string, unknown> = {}
  const own = itself ? '' : 'exclude (_ingested_at)'
  for (const table of silver) {
    const rows = await rowsOf(lake, `select * ${own} from ${table} order by id, _source`)
    if (rows.length > 0 || itself) state[table] = rows
  }
  const exclude: Record<string, string> = itself
    ? {}
    : {
        loads: 'exclude (load_id, started_at, finished_at)',
        reconciliation: 'exclude (load_id)',
        etl__completion: 'exclude (etl_time)',
      }
  const ledger = ['loads', 'completion', 'reconciliation', 'quarantine', 'tombstones', 'tracked']
  for (const name of [...ledger, 'etl__completion', 'etl__completion_encounters', 'encounters', 'visible']) {
    const where = name === 'loads' && !itself ? "where status <> 'rolled back'" : ''
    state[name] = await rowsOf(lake, `select * ${exclude[name] ?? ''} from floe.${name} ${where} order by all`)
  }
  return state
}
