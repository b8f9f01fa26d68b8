import { join } from 'node:path'
import {
  BulkClient,
  type BulkClientOptions,
  type BulkError,
  type ExportEvent,
  type ExportOptions,
  type ExportReceipt,
  type ExportRequest,
} from '@floe/client'
import { type Ehr, type EhrOptions, type RequestRecord, startEhr } from '@floe/testkit'
import { digests, type MadeFile, makeExportFolder, paths } from '../support.ts'

/** One line of the fault matrix: what the server does, and what an export makes of it. */
export interface FaultCase {
  /** Number in the checklist that the matrix is ordered by. */
  point: number
  /** What goes wrong. */
  fault: string
  /** What the export does about it, as the documentation says it. */
  outcome: string
  ehr?: Partial<EhrOptions>
  /** The server's files, where they matter. */
  files?: Record<string, MadeFile | string | Buffer>
  client?: Partial<BulkClientOptions> | ((ehr: Ehr) => Partial<BulkClientOptions>)
  request?: Partial<ExportRequest>
  options?: Partial<ExportOptions>
  /** Exit code of the export. */
  exit: number
  /** `equal`: the folder holds the server's bytes, all of them. `none`: no file of data at all. */
  data?: 'equal' | 'none'
  /** Whether the server's job is still there at the end: by default only after success it is gone. */
  jobKept?: boolean
  check?: (run: FaultRun) => void | Promise<void>
}

/** What came of a case. */
export interface FaultRun {
  ehr: Ehr
  requests: readonly RequestRecord[]
  /** Requests for files. */
  files: readonly RequestRecord[]
  /** Answers of the status URL, the manifest included. */
  polls: readonly RequestRecord[]
  folder: string
  source: string
  receipt: ExportReceipt | undefined
  error: BulkError | undefined
  events: readonly ExportEvent[]
  exit: number
  jobs: number
  served: Record<string, string>
  stored: Record<string, string>
  /** Paths below the case's own folder, the export folder included: nothing may appear elsewhere. */
  everything: string[]
}

/** The server's files where a case has none of its own. */
export const usual: Record<string, MadeFile> = {
  'Condition.000.ndjson': { lines: 40 },
  'Observation.000.ndjson': { lines: 3000, bytes: 400 },
  'Patient.000.ndjson': { lines: 20 },
}

/** Runs one case in a folder of its own. */
export async function runCase(one: FaultCase, dir: string): Promise<FaultRun> {
  const source = await makeExportFolder(join(dir, 'source'), one.files ?? usual)
  const folder = join(dir, 'out')
  await using ehr = await startEhr({ folder: source, polls: 0, ...one.ehr })
  const events: ExportEvent[] = []
  const settings = typeof one.client === 'function' ? one.client(ehr) : one.client
  const client = new BulkClient({ fhirUrl: ehr.fhirUrl, ...settings })
  let receipt: ExportReceipt | undefined
  let error: BulkError | undefined
  try {
    const options = { to: folder, retries: 4, idleTimeoutMs: 10_000, retryMaxTimeMs: 20_000, pollMaxMs: 1000, ...one.options }
    const request: ExportRequest = { level: 'group', groupId: 'demo', ...one.request }
    receipt = await client.export(request, { ...options, onEvent: (event) => events.push(event) })
  } catch (thrown) {
    error = thrown as BulkError
  }
  const routes = (...names: string[]) => ehr.requests.filter(({ route }) => names.includes(route))
  return {
    ehr,
    requests: [...ehr.requests],
    files: routes('file'),
    polls: routes('status', 'manifest'),
    folder,
    source,
    receipt,
    error,
    events,
    exit: receipt?.exitCode ?? error?.exitCode ?? -1,
    jobs: ehr.jobs,
    served: await digests(source),
    stored: await digests(folder).catch(() => ({})),
    everything: (await paths(dir)).map((path) => path.slice(dir.length + 1)).filter((path) => !path.startsWith('source/')),
  }
}

/** Milliseconds between one poll and the next. */
export function gaps(polls: readonly RequestRecord[]): number[] {
  return polls.slice(1).map(({ time }, index) => time - (polls[index]?.time ?? time))
}

/** How often a file of that type was asked for. */
export function asked({ files }: FaultRun, type: string): number {
  return files.filter((one) => one.type === type).length
}
