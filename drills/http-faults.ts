/**
 * Many small exports, each from a server with a plan of random faults: resets, bodies that end early, storms of 429 and 503,
 * lying headers, expired tokens and links, hostile manifests. An export that says it is complete must hold the served bytes; one
 * that fails must hold no file that differs, and must come to the served bytes when the same request is given again to a server
 * that has recovered.
 *
 * node --conditions=floe-source drills/http-faults.ts [--faults 500] [--seed 1]
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BulkClient, BulkError } from '@floe/client'
import { type EhrOptions, type Fault, type FaultAction, type Manifest, startEhr } from '@floe/testkit'
import { digests, makeExportFolder, scratch } from '../e2e/support.ts'
import { type DrillOptions, type DrillResult, drillOptions, pick, random } from './drill.ts'

type Next = () => number

/** Exports at the same time: most of their time is spent waiting for the next try. */
const parallel = 24

const between = (next: Next, low: number, high: number): number => low + Math.floor(next() * (high - low))

/** What may happen to a file on its way. */
function transferFault(next: Next): FaultAction {
  const afterBytes = between(next, 0, 60_000)
  return pick<() => FaultAction>(next, [
    () => ({ kind: 'reset', afterBytes }),
    () => ({ kind: 'reset' }),
    () => ({ kind: 'truncate', afterBytes, as: pick(next, ['closed', 'chunked', 'gzip', 'short']), atLine: next() < 0.5 }),
    () => ({ kind: 'stall', afterBytes }),
    () => ({ kind: 'stall', beforeHeaders: true }),
    () => ({ kind: 'drip', bytes: between(next, 500, 5000), everyMs: 2 }),
    () => ({
      kind: 'redirect',
      to: pick(next, ['same', 'other'] as const),
      status: pick(next, [301, 302, 303, 307, 308] as const),
    }),
    () => ({ kind: 'expire-links', status: pick(next, [403, 404, 410] as const) }),
    () => ({ kind: 'headers', set: { 'content-length': null } }),
    () => ({ kind: 'headers', set: { etag: pick(next, ['"other"', 'W/"weak"', 'junk', ''] as const) } }),
    () => ({ kind: 'headers', set: { 'content-type': pick(next, ['text/html', 'application/json', ''] as const) } }),
    () => ({ kind: 'headers', set: { 'content-range': pick(next, ['bytes 0-1/2', 'bytes */7', 'junk'] as const) } }),
  ])()
}

/** What may happen to any request. */
function answerFault(next: Next): FaultAction {
  return pick<() => FaultAction>(next, [
    () => ({
      kind: 'answer',
      status: pick(next, [429, 500, 502, 503, 504] as const),
      headers: { 'retry-after': retryAfter(next) },
    }),
    () => ({ kind: 'answer', status: 503, issue: { severity: 'error', code: 'transient', diagnostics: 'busy' } }),
    () => ({ kind: 'answer', status: pick(next, [400, 401, 403, 404, 410, 500] as const), body: '<html>no</html>' }),
    () => ({ kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>log in</html>' }),
    () => ({
      kind: 'answer',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: pick(next, ['', '{', '[]', 'null'] as const),
    }),
    () => ({ kind: 'reset' }),
    () => ({ kind: 'delay', ms: between(next, 10, 300) }),
    () => ({
      kind: 'headers',
      set: { date: pick(next, ['Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 01 Jan 2100 00:00:00 GMT'] as const) },
    }),
  ])()
}

function retryAfter(next: Next): string {
  return pick(next, [
    '0',
    '1',
    '-5',
    '86400',
    'soon',
    '1.5',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Fri, 01 Jan 2100 00:00:00 GMT',
    '',
  ])
}

/** A manifest that lies, in ways that have to be noticed, or whose list has another order when it is read again. */
function manifestFault(next: Next): FaultAction {
  const change = pick<(manifest: Manifest) => unknown>(next, [
    (manifest) => ({ ...manifest, output: manifest.output.map((item) => ({ ...item, count: (item.count ?? 0) + 1 })) }),
    (manifest) => ({ ...manifest, output: manifest.output.map((item, index) => (index > 0 ? item : { ...item, url: 'junk' })) }),
    // Without the list; one that is null or empty says that there is nothing, and is believed.
    ({ output: _, error: __, ...manifest }) => manifest,
    (manifest) => ({ ...manifest, output: manifest.output.toReversed() }),
    (manifest) => ({ ...manifest, transactionTime: 'yesterday' }),
    (manifest) => ({ ...manifest, link: [{ relation: 'next', url: manifest.request }] }),
    () => 'no manifest',
  ])
  return { kind: 'manifest', patch: change }
}

function fault(next: Next): Fault {
  const spread = { nth: between(next, 1, 5) }
  const storm = next() < 0.15 ? { from: 1, to: between(next, 2, 5) } : spread
  const chance = next()
  if (chance < 0.6)
    return { on: 'file', ...(next() < 0.5 ? { per: 'file' as const, nth: between(next, 1, 3) } : storm), do: transferFault(next) }
  if (chance < 0.75) return { on: 'file', ...storm, do: answerFault(next) }
  if (chance < 0.95)
    return { on: pick(next, ['kickoff', 'status', 'manifest', 'delete', 'discovery'] as const), ...storm, do: answerFault(next) }
  return { on: 'manifest', nth: 1, do: manifestFault(next) }
}

function serverOf(next: Next): Partial<EhrOptions> {
  return {
    polls: between(next, 0, 3),
    retryAfter: '1',
    ranges: next() < 0.7,
    gzip: next() < 0.4,
    freshLinks: next() < 0.2,
    files: next() < 0.2 ? 'other' : 'same',
    ...(next() < 0.2 ? { pageSize: 2 } : {}),
    faults: Array.from({ length: between(next, 2, 8) }, () => fault(next)),
  }
}

interface Seen {
  faults: number
  exports: number
  lost: number
  doubled: number
  falseCompletions: number
  converged: number
  readonly exits: Record<string, number>
  readonly problems: string[]
}

interface One {
  readonly seed: number
  readonly source: string
  readonly served: Record<string, string>
  readonly folder: string
}

/** Type and digest of each file: a file whose count was corrected under way has another number. */
function contents(files: Record<string, string>): string[] {
  return Object.entries(files).map(([name, digest]) => `${name.split('.')[0]} ${digest}`)
}

/** One export with its own faults, then, if it failed, once more without. */
async function one({ seed, source, served, folder }: One, seen: Seen): Promise<string> {
  const next = random(seed)
  await using ehr = await startEhr({ folder: source, ...serverOf(next) })
  const run = async (): Promise<string> => {
    const client = new BulkClient({ fhirUrl: ehr.fhirUrl, trustOrigins: [new URL(ehr.otherUrl).origin] })
    const limits = { retries: 4, idleTimeoutMs: 700, retryMaxTimeMs: 6000, pollMaxMs: 1000, waitMaxMs: 60_000 }
    try {
      return String((await client.export({ level: 'group', groupId: 'demo' }, { to: folder, ...limits })).exitCode)
    } catch (error) {
      if (!(error instanceof BulkError)) throw error
      return error.code
    }
  }
  const first = await run()
  seen.faults += ehr.requests.reduce((sum, request) => sum + request.faults.length, 0)
  seen.exits[first] = (seen.exits[first] ?? 0) + 1
  const compare = async (complete: boolean): Promise<void> => {
    const left = contents(served)
    const more = contents(await digests(folder).catch(() => ({}))).filter((file) => {
      const at = left.indexOf(file)
      if (at >= 0) left.splice(at, 1)
      return at < 0
    })
    const lost = complete ? left : []
    seen.lost += lost.length
    seen.doubled += more.length
    if (complete && lost.length + more.length > 0) seen.falseCompletions++
    if (lost.length + more.length > 0) seen.problems.push(`seed ${seed}: ${[...lost, ...more].join(', ')} after ${first}`)
  }
  await compare(first === '0')
  if (first === '0') return '0'
  ehr.setFaults([])
  let last = await run()
  // What the server refused for good (its job is gone, its answer was final) is asked for anew, as its message says.
  if (last !== '0') {
    await rm(folder, { recursive: true, force: true })
    last = await run()
  }
  if (last !== '0') seen.problems.push(`seed ${seed}: ${first}, and without faults ${last}`)
  if (last !== '0') return `${first}, then ${last}`
  await compare(true)
  seen.converged++
  return `${first}, then 0`
}

export async function httpFaults({ faults, seed, onPoint }: DrillOptions): Promise<DrillResult> {
  await using work = await scratch('http-faults')
  const source = await makeExportFolder(join(work.dir, 'source'), {
    'Condition.000.ndjson': { lines: 60 },
    'Encounter.000.ndjson': { lines: 80, bytes: 300 },
    'Observation.000.ndjson': { lines: 150, bytes: 400 },
    'Observation.001.ndjson': { lines: 100, bytes: 400 },
    'Patient.000.ndjson': { lines: 40 },
  })
  const served = await digests(source)
  const seen: Seen = { faults: 0, exports: 0, lost: 0, doubled: 0, falseCompletions: 0, converged: 0, exits: {}, problems: [] }
  const worker = async (): Promise<void> => {
    while (seen.faults < faults) {
      const own = seed * 1_000_000 + seen.exports++
      const folder = join(work.dir, String(own))
      const text = await one({ seed: own, source, served, folder }, seen).catch((error: unknown) => {
        seen.problems.push(`seed ${own}: an error that is none of ours: ${error instanceof Error ? error.stack : String(error)}`)
        return 'none of ours'
      })
      await rm(folder, { recursive: true, force: true })
      onPoint?.(`seed ${own}: exit ${text}; ${seen.faults} faults so far`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, Math.ceil(faults / 3)) }, worker))
  const { exits, exports, ...result } = seen
  return {
    ...result,
    equation: `${exports} exports (${Object.entries(exits)
      .map(([exit, count]) => `${count} × ${exit}`)
      .join(', ')}): SHA-256 of each file = served`,
  }
}

if (import.meta.main) {
  process.stdout.write(`${JSON.stringify(await httpFaults(drillOptions(process.argv, 500)))}\n`)
}
