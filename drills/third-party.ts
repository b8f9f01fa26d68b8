/**
 * Exports from a Bulk Data server that somebody else wrote and that runs already: the three levels by GET and by POST, partial
 * manifests, organised output, an increment, a cancelled job, and whatever further base addresses are named (a server that can
 * play faults has one for each).
 *
 * node --conditions=floe-source drills/third-party.ts --fhir-url URL [--group ID] [--type T,…] [--client-id ID --key FILE] [--also NAME=URL …]
 *
 * For the SMART reference server (smart-on-fhir/bulk-data-server): start it, register the public half of `floe keys new` at
 * /auth/register, and name its simulations with --also: the part before /fhir is base64 of JSON such as {"del":20}.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ExportReceipt } from '@floe/client'
import { runFloe } from '../e2e/cli.ts'
import { cumulusIdentity, scratch } from '../e2e/support.ts'

export interface ThirdParty {
  readonly fhirUrl: string
  readonly group?: string | undefined
  readonly type?: string | undefined
  /** Options of authentication, as floe takes them. */
  readonly auth?: readonly string[]
  /** Further base addresses by name, exported like the first one at the level of the Group or of all patients. */
  readonly also?: readonly (readonly [name: string, fhirUrl: string])[]
  readonly onRow?: (row: ThirdPartyRow) => void
}

/** What came of one export. */
export interface ThirdPartyRow {
  readonly name: string
  readonly exitCode: number | null
  readonly files: number
  readonly resources: number
  readonly deleted: number
  readonly bytes: number
  /** Statuses of DELETE. */
  readonly released: readonly (number | null)[]
  readonly retries: number
  /** Whether a reader of the log finds the export by the rules of Cumulus ETL. */
  readonly logRead: boolean
  readonly seconds: number
  readonly message: string
}

/** Runs all that the server can be asked for, one after the other. */
async function thirdParty({ fhirUrl, group, type, auth = [], also = [], onRow }: ThirdParty): Promise<ThirdPartyRow[]> {
  await using work = await scratch('third-party')
  const rows: ThirdPartyRow[] = []
  const base = fhirUrl.replace(/\/+$/, '')
  const types = type === undefined ? [] : ['--type', type]
  const one = async (name: string, url: string, options: readonly string[] = []): Promise<ThirdPartyRow> => {
    const to = join(work.dir, `${rows.length}`)
    const started = performance.now()
    const limits = ['--poll-max', '2s', '--retries', '3', '--retry-max-time', '30s', '--wait-max', '10m']
    const run = await runFloe(['export', url, to, ...auth, ...types, ...options, ...limits, '--json'], { timeout: 900_000 })
    // Without success the last line is an event.
    const result = run.json as Partial<ExportReceipt> | undefined
    const receipt = result?.totals === undefined ? undefined : (result as ExportReceipt)
    const details = (eventId: string) =>
      run.events.filter((event) => event.eventId === eventId).map((event) => event.eventDetail as { code?: number | null })
    const row: ThirdPartyRow = {
      name,
      exitCode: run.code,
      files: receipt?.totals.files ?? 0,
      resources: receipt?.totals.resources ?? 0,
      deleted: receipt?.files.filter(({ itemType }) => itemType === 'deleted').reduce((sum, { lines }) => sum + lines, 0) ?? 0,
      bytes: receipt?.totals.bytes ?? 0,
      released: details('job_deleted').map(({ code }) => code ?? null),
      retries: details('download_retry').length + details('status_error').length,
      logRead: await cumulusIdentity(to).then(
        () => true,
        () => false,
      ),
      seconds: Math.round((performance.now() - started) / 100) / 10,
      message: run.error?.message ?? '',
    }
    rows.push(row)
    onRow?.(row)
    return row
  }
  const usual = group === undefined ? `${base}/Patient` : `${base}/Group/${encodeURIComponent(group)}`
  await one('system, GET', `${base}/$export`)
  await one('system, POST', `${base}/$export`, ['--kickoff', 'post'])
  await one('all patients, GET', `${base}/Patient`)
  await one('all patients, POST', `${base}/Patient`, ['--kickoff', 'post'])
  if (group !== undefined) {
    await one('Group, GET', usual)
    await one('Group, POST', usual, ['--kickoff', 'post'])
  }
  await one('since 2020', usual, ['--since', '2020-01-01T00:00:00+00:00'])
  await one('partial manifests', usual, ['--partial-manifests'])
  await one('organised by Patient', usual, ['--organize-output-by', 'Patient'])
  await one('elements', usual, ['--elements', 'id,meta'])
  await one('lenient, unknown parameter', usual, ['--lenient', '--param', 'noSuchParameter=1'])
  // With a time far back: a server tells of deletions only where there is one.
  const back = ['--since', '1990-01-01']
  for (const [name, url] of also) {
    await one(name, group === undefined ? `${url}/Patient` : `${url}/Group/${encodeURIComponent(group)}`, back)
  }
  return rows
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      'fhir-url': { type: 'string' },
      group: { type: 'string' },
      type: { type: 'string' },
      'client-id': { type: 'string' },
      key: { type: 'string' },
      also: { type: 'string', multiple: true, default: [] },
    },
  })
  const { 'fhir-url': fhirUrl, 'client-id': clientId, key, group, type, also } = values
  if (fhirUrl === undefined) throw new Error('--fhir-url is missing')
  await thirdParty({
    fhirUrl,
    group,
    type,
    auth: clientId === undefined || key === undefined ? [] : ['--smart-client-id', clientId, '--smart-key', key],
    also: also.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const),
    onRow: (row) => process.stdout.write(`${JSON.stringify(row)}\n`),
  })
}
