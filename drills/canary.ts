/**
 * Plants secrets (tokens, signed addresses, passwords, keys, job addresses) and identifiers in servers that repeat them at every
 * turn, runs exports, crawls, loads, resumes and cancels against these, and looks for what was planted in all that is shown or
 * logged.
 *
 * node --conditions=floe-source drills/canary.ts [--runs 100]
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { newKeys } from '@floe/client'
import { type Ehr, type EhrOptions, type Fault, startEhr } from '@floe/testkit'
import { found, logText } from '../e2e/canary.ts'
import { type RunResult, runFloe, startFloe } from '../e2e/cli.ts'
import { makeExportFolder, scratch } from '../e2e/support.ts'

export interface Planted {
  readonly dir: string
  readonly source: string
  readonly key: string
  readonly ids: string
  readonly auth: NonNullable<EhrOptions['auth']>
}

/** The mock EHR's data, a key, and what else a run needs; all of it holds canaries. */
export async function plant(dir: string): Promise<Planted> {
  const note = (index: number): string =>
    `{"resourceType":"DocumentReference","id":"planted-d${index}","content":[{"attachment":{"contentType":"text/plain","url":"Binary/planted-b${index}"}}]}\n`
  const binary = { resourceType: 'Binary', id: 'planted-b1', contentType: 'text/plain', data: 'cGxhbnRlZA==' }
  const source = await makeExportFolder(join(dir, 'source'), {
    'Observation.000.ndjson': { lines: 300 },
    'Patient.000.ndjson': { lines: 20 },
    'DocumentReference.000.ndjson': note(1) + note(2),
    'Binary.000.ndjson': `${JSON.stringify(binary)}\n`,
    'MedicationRequest.000.ndjson':
      '{"resourceType":"MedicationRequest","id":"planted-r","medicationReference":{"reference":"Medication/planted-m"}}\n',
  })
  const { privateJwks, publicJwks } = await newKeys({ alg: 'ES384', kid: 'planted-kid' })
  const key = join(dir, 'key.json')
  await writeFile(key, JSON.stringify(privateJwks), { mode: 0o600 })
  const ids = join(dir, 'ids.csv')
  await writeFile(ids, 'mrn\nplanted-mrn-1\nplanted-mrn-2\n')
  const auth = {
    clients: [{ clientId: 'app', jwks: publicJwks }],
    bearer: ['planted-bearer-1'],
    basic: { user: 'me', password: 'planted-password' },
  }
  return { dir, source, key, ids, auth }
}

/** A server that repeats whatever it knows in its messages, and says it in every shape. */
const talkative = (on: Fault['on'], status: number): Fault => ({
  on,
  do: {
    kind: 'answer',
    status,
    headers: { 'x-session': 'planted-header', location: 'https://e.org/?sig=planted', 'set-cookie': 'session=planted-cookie' },
    issue: {
      severity: 'error',
      code: 'invalid',
      diagnostics:
        'no: https://files.example.org/bucket/x?X-Amz-Signature=feedfacecafef00d0123&u=planted Authorization: Bearer ehr-access-token-planted',
    },
  },
})

function foreignFile(url: string): Fault {
  return { on: 'manifest', do: { kind: 'manifest', patch: (manifest) => ({ ...manifest, output: [{ type: 'Patient', url }] }) } }
}

export interface Scenario {
  readonly name: string
  readonly server: Partial<EhrOptions>
  readonly args: (planted: Planted) => string[]
}

const smart = ({ key }: Planted): string[] => ['--smart-client-id', 'app', '--smart-key', key]
const of = (name: string, server: Partial<EhrOptions>, args: (planted: Planted) => string[] = smart): Scenario => ({
  name,
  server,
  args,
})

export const scenarios: readonly Scenario[] = [
  of('all goes well', {}),
  of('signed URLs', { files: 'other' }),
  of('patients by POST', {}, (planted) => [...smart(planted), '--patient', 'patient-000001,patient-000002']),
  of('patients who are unknown', {}, (planted) => [...smart(planted), '--patient', 'patient-000099']),
  of('a fixed token', {}, () => ['--bearer-token', 'env:CANARY_TOKEN']),
  of('a fixed token that is refused', { auth: { bearer: [] } }, () => ['--bearer-token', 'env:CANARY_TOKEN']),
  of('Basic', {}, () => ['--basic-user', 'me', '--basic-passwd', 'env:CANARY_PASSWORD']),
  of('a refused client', { auth: { clients: [] } }),
  of('a talkative token endpoint', { faults: [talkative('token', 400)] }),
  of('a talkative kick-off', { faults: [talkative('kickoff', 400)] }),
  of('a talkative kick-off with 401', { faults: [talkative('kickoff', 401)] }),
  of('a talkative status', { polls: 1, faults: [talkative('status', 422)] }),
  of('a talkative status that is busy', { polls: 1, faults: [{ ...talkative('status', 503), to: 1 }] }),
  of('talkative files', { faults: [talkative('file', 400)] }),
  of('talkative storage', { files: 'other', faults: [talkative('file', 403)] }),
  of('talkative DELETE', { faults: [talkative('delete', 500)] }),
  of('talkative outcomes', { outcomes: [{ severity: 'error', diagnostics: 'see https://e.org/x?sig=planted' }] }),
  of('talkative progress', { progress: ['at https://e.org/?token=planted'], polls: 1 }),
  of('wrong counts', { files: 'other', faults: [{ on: 'file', do: { kind: 'truncate', as: 'chunked', afterBytes: 999 } }] }),
  of('broken transfers', { files: 'other', faults: [{ on: 'file', to: 2, do: { kind: 'reset', afterBytes: 500 } }] }),
  of('an unknown host in a signed URL', {
    faults: [foreignFile('https://nowhere.invalid/x?X-Amz-Signature=feedfacecafef00dplanted')],
  }),
  of('a file URL with a user and a password', { faults: [foreignFile('https://planted:planted@nowhere.invalid/x')] }),
  of('notes inlined, one not to be had', {}, (planted) => [...smart(planted), '--attachments', 'inline']),
  of('notes as files, of a talkative server', { faults: [talkative('read', 403)] }, (planted) => [
    ...smart(planted),
    '--attachments',
    'files',
  ]),
  of('hydration of what is not there', {}, (planted) => [...smart(planted), '--hydrate', 'medication']),
  of('a crawl by medical record numbers', {}, (planted) => [
    ...smart(planted),
    ...['--export-mode', 'crawl', '--id-file', planted.ids, '--id-system', 'urn:planted', '--type', 'Patient,Observation'],
  ]),
]

export const modes = ['json', 'text', 'etl', 'killed'] as const
export type Mode = (typeof modes)[number]

export interface Leak {
  readonly scenario: string
  readonly mode: Mode
  readonly where: 'shown' | 'log' | 'state'
  readonly what: readonly string[]
}

/** What `export` was given that must not come back, and need not be searched for: paths of the run's own folder. */
function cleaned(text: string, planted: Planted): string {
  return text.replaceAll(planted.dir, 'DIR')
}

const env = { CANARY_TOKEN: 'planted-bearer-1', CANARY_PASSWORD: 'planted-password' }

/** One scenario in one mode: everything that was shown or logged, looked through. */
export async function look(planted: Planted, { name, server, args }: Scenario, mode: Mode): Promise<Leak[]> {
  await using ehr = await startEhr({ folder: planted.source, polls: 0, auth: planted.auth, ...server })
  const to = join(planted.dir, `${name}-${mode}`.replaceAll(/\W/g, '-'))
  const limits = ['--retries', '1', '--retry-max-time', '2s', '--poll-max', '1s']
  const crawl = name.includes('crawl')
  const url = crawl ? ehr.fhirUrl : `${ehr.fhirUrl}/Group/demo`
  const given = [...args(planted), ...limits]
  const runs = await commands({ ehr, url, to, given, mode })
  const shown = runs.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n')
  if (shown.trim() === '') throw new Error(`${name} (${mode}) showed nothing`)
  const folders = mode === 'etl' ? await exportsIn(to) : [to]
  const logs = (await Promise.all(folders.map(logText))).join('\n')
  const states = (await Promise.all(folders.map(stateText))).join('\n')
  const leaks = [
    { where: 'shown' as const, what: found(cleaned(shown, planted)) },
    { where: 'log' as const, what: found(cleaned(logs, planted)) },
    // The state keeps the job's address and the patients that were asked for: that is what it is for, and why it is 0600.
    { where: 'state' as const, what: found(cleaned(states, planted)).filter((one) => /token|signature|secret/.test(one)) },
  ]
  return leaks.filter(({ what }) => what.length > 0).map((leak) => ({ scenario: name, mode, ...leak }))
}

interface Commands {
  readonly ehr: Ehr
  readonly url: string
  readonly to: string
  readonly given: readonly string[]
  readonly mode: Mode
}

async function commands({ ehr, url, to, given, mode }: Commands): Promise<RunResult[]> {
  switch (mode) {
    case 'json':
      return [await runFloe(['export', url, to, ...given, '-vv', '--json'], { env })]
    case 'text':
      return [
        await runFloe(['export', url, to, ...given], { env }),
        await runFloe(['status', to, '-vv'], { env }),
        await runFloe(['resume', to, '-vv'], { env }),
      ]
    case 'etl':
      return [
        await runFloe(['etl', url, '--lake', to, ...given, '-vv', '--json'], { env }),
        await runFloe(['status', '--lake', to, '--json'], { env }),
      ]
    case 'killed': {
      const { child, result } = startFloe(['export', url, to, ...given, '-vv'], { env })
      for (let waited = 0; ehr.requests.length < 4 && waited < 3000 && child.exitCode === null; waited += 10) await sleep(10)
      child.kill('SIGKILL')
      return [
        await result,
        await runFloe(['resume', to, '-vv', '--json'], { env }),
        await runFloe(['cancel', to, '-vv'], { env }),
      ]
    }
  }
}

async function exportsIn(lake: string): Promise<string[]> {
  const folder = join(lake, 'bronze', 'default')
  const names = await readdir(folder).catch(() => [])
  return names.map((name) => join(folder, name))
}

/** The state without what it is asked to keep: who is exported. */
async function stateText(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'floe-export.json'), 'utf8').catch(() => '{}')
  const { request: _request, auth: _auth, ...rest } = JSON.parse(text) as Record<string, unknown>
  return JSON.stringify(rest)
}

/** So many runs: all scenarios in the first mode, then in the next one. */
export function plan(runs: number): [Scenario, Mode][] {
  return modes.flatMap((mode) => scenarios.map((scenario): [Scenario, Mode] => [scenario, mode])).slice(0, runs)
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '100' } } })
  await using work = await scratch('canary')
  const planted = await plant(work.dir)
  const leaks: Leak[] = []
  const planned = plan(Number(values.runs))
  for (const [scenario, mode] of planned) {
    const own = await look(planted, scenario, mode)
    leaks.push(...own)
    process.stdout.write(`${mode} · ${scenario.name}: ${own.length === 0 ? 'nothing' : JSON.stringify(own)}\n`)
  }
  process.stdout.write(`${JSON.stringify({ runs: planned.length, leaks: leaks.length })}\n`)
  process.exitCode = leaks.length === 0 ? 0 : 1
}
