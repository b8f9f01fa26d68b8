import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Lake, type LoadOptions, type LoadReceipt, openLake, type TypeReceipt } from '@floe/lake'

export interface Place extends AsyncDisposable {
  readonly dir: string
  /** A file of the export folder: resources as lines, or the bytes. */
  put(file: string, content: readonly (object | string)[] | Buffer): Promise<void>
  /** One finished export in `log.ndjson`. */
  log(entry: LoggedExport): Promise<void>
  load(options?: Partial<LoadOptions>): Promise<LoadReceipt>
  rows(sql: string, asOf?: string): Promise<Record<string, unknown>[]>
  lake(): Promise<Lake>
}

export interface LoggedExport {
  readonly id: string
  readonly time: string
  readonly url?: string
}

/** A folder `in` to be filled and a lake beside it; removed at the end. */
export async function openPlace(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-cumulus-'))
  let opened: Promise<Lake> | undefined
  const lake = (): Promise<Lake> => {
    opened ??= openLake({ dir: join(dir, 'lake'), create: true, threads: 1 })
    return opened
  }
  const put: Place['put'] = async (file, content) => {
    const path = join(dir, 'in', file)
    await mkdir(dirname(path), { recursive: true })
    const lines = Buffer.isBuffer(content)
      ? content
      : content.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join('')
    await writeFile(path, lines)
  }
  return {
    dir,
    put,
    log: async (entry) => await put('log.ndjson', logLines(entry)),
    load: async (options = {}) => {
      const [receipt] = await (await lake()).load({ folders: [join(dir, 'in')], ...options })
      if (receipt === undefined) throw new Error('nothing was loaded')
      return receipt
    },
    rows: async (sql, asOf) => {
      await using result = await (await lake()).query(sql, asOf === undefined ? {} : { asOf })
      return (await Array.fromAsync(result.rows)).flat()
    },
    lake,
    [Symbol.asyncDispose]: async () => {
      await (await opened)?.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export function logLines({ id, time, url = 'https://ehr.example.org/fhir/Group/g/$export' }: LoggedExport): object[] {
  const event = (eventId: string, eventDetail: object): object => ({ exportId: id, timestamp: time, eventId, eventDetail })
  return [
    event('kickoff', { exportUrl: url, errorCode: null }),
    event('status_complete', { transactionTime: time }),
    event('export_complete', {}),
  ]
}

/** A type of a receipt by name. */
export function typeOf(receipt: LoadReceipt, type: string): TypeReceipt {
  const found = receipt.types.find((each) => each.type === type)
  if (found === undefined) throw new Error(`the load has no ${type}`)
  return found
}
