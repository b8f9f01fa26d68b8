/**
 * Kills an export with SIGKILL at random moments from its first request to its end, each time in a new folder, and gives the same
 * command again: the bytes must be those served, no file that had landed may be asked for again, and a job whose address was kept
 * gets no second kick-off. Every fifth kill falls between the sending of the kick-off and the keeping of its answer: the second
 * run then has to say that a job may be lost.
 *
 * node --conditions=floe-source drills/kill-export.ts [--points 50] [--seed 1]
 */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readState } from '@floe/client/export-folder'
import { type Ehr, startEhr } from '@floe/testkit'
import { runFloe, startFloe } from '../e2e/cli.ts'
import { digests, makeExportFolder, scratch, until } from '../e2e/support.ts'

export interface Drill {
  readonly points: number
  readonly seed: number
  readonly onPoint?: (text: string) => void
}

export interface DrillReport {
  readonly points: number
  /** Where the kills fell. */
  readonly moments: Record<Moment, number>
  /** Files that had landed, over all points; and how many of them were asked for again. */
  readonly landed: number
  readonly refetched: number
  /** Second kick-offs although the job's address was kept. */
  readonly secondKickoffs: number
  /** Folders whose bytes are not those served. */
  readonly differing: number
  /** Jobs that the server still has and whose address was kept. */
  readonly jobsLeft: number
  /** Kick-offs that the server had taken and whose answer was not kept; and how many of them the second run told of. */
  readonly lost: number
  readonly said: number
}

type Moment =
  | 'before the job was known'
  | 'while the kick-off was on its way'
  | 'while the server worked'
  | 'while files came'
  | 'at the end'

/** How long the answer to a kick-off takes where a kill is to fall into it. */
const windowMs = 400

/** A deterministic sequence in [0, 1). */
function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** `from`: the request after which the time runs. */
async function killed(args: readonly string[], ehr: Ehr, from: 'any' | 'kickoff', afterMs: number): Promise<void> {
  const asked = (): number => (from === 'any' ? ehr.requests.length : ehr.count(from))
  const before = asked()
  const { child, result } = startFloe(args)
  await until(() => asked() > before || child.exitCode !== null, 'it asks')
  await sleep(afterMs)
  child.kill('SIGKILL')
  await result
}

async function landedIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => /^[A-Z]\w+\.\d+\.ndjson$/.test(name))
}

export async function drill({ points, seed, onPoint }: Drill): Promise<DrillReport> {
  await using work = await scratch('kill-export')
  const next = random(seed)
  const source = await makeExportFolder(join(work.dir, 'source'), {
    'Condition.000.ndjson': { lines: 300 },
    'Encounter.000.ndjson': { lines: 300 },
    'Observation.000.ndjson': { lines: 6000, bytes: 400 },
    'Patient.000.ndjson': { lines: 300 },
    'Procedure.000.ndjson': { lines: 3000, bytes: 400 },
  })
  const wanted = JSON.stringify(await digests(source))
  const faults = [{ on: 'file' as const, do: { kind: 'drip' as const, bytes: 65_536, everyMs: 25 } }]
  await using ehr = await startEhr({ folder: source, polls: 1, retryAfter: '1', faults })
  const to = (name: string): string[] => ['export', `${ehr.fhirUrl}/Group/demo`, join(work.dir, name)]
  const undisturbed = await runFloe(to('undisturbed'))
  if (undisturbed.code !== 0) throw new Error(`the undisturbed export ended with ${undisturbed.code}: ${undisturbed.stderr}`)
  const times = ehr.requests.map(({ time }) => time)
  const span = Math.max(...times) - Math.min(...times)
  const moments: Record<Moment, number> = {
    'before the job was known': 0,
    'while the kick-off was on its way': 0,
    'while the server worked': 0,
    'while files came': 0,
    'at the end': 0,
  }
  const seen = { landed: 0, refetched: 0, secondKickoffs: 0, differing: 0, jobsLeft: 0, lost: 0, said: 0 }
  for (let point = 1; point <= points; point++) {
    const folder = join(work.dir, String(point))
    const inWindow = point % 5 === 0
    // The answer to the kick-off is on its way for so long: the job exists, the client does not know it.
    ehr.setFaults(inWindow ? [...faults, { on: 'kickoff', do: { kind: 'delay', ms: windowMs } }] : faults)
    const ms = Math.round(next() * (inWindow ? windowMs : span))
    const [jobs, kickoffs] = [ehr.jobs, ehr.count('kickoff')]
    await killed(to(String(point)), ehr, inWindow ? 'kickoff' : 'any', ms)
    const sent = ehr.count('kickoff') > kickoffs
    ehr.setFaults(faults)
    const state = await readState(folder)
    const known = state !== undefined && (state.job !== null || state.phase === 'complete')
    const landed = await landedIn(folder)
    const moment = momentOf(state?.phase, known, sent)
    moments[moment]++
    const [asked, begun] = [ehr.requests.length, ehr.count('kickoff')]
    const { code, stderr } = await runFloe(to(String(point)))
    if (code !== 0) throw new Error(`point ${point}: the same command again ended with ${code}: ${stderr}`)
    const again = ehr.requests.slice(asked).filter(({ route, file }) => route === 'file' && landed.includes(file ?? ''))
    seen.landed += landed.length
    seen.refetched += again.length
    if (sent && !known) {
      seen.lost++
      if (stderr.includes('its answer was not kept')) seen.said++
    }
    if (known) seen.secondKickoffs += ehr.count('kickoff') - begun
    if (known && begun === kickoffs + 1) seen.jobsLeft += Math.max(0, ehr.jobs - jobs)
    if (JSON.stringify(await digests(folder)) !== wanted) seen.differing++
    await rm(folder, { recursive: true, force: true })
    onPoint?.(`${point}/${points} killed after ${ms} ms, ${moment}, ${landed.length} files landed`)
  }
  return { points, moments, ...seen }
}

function momentOf(phase: string | undefined, known: boolean, sent: boolean): Moment {
  if (!known) return sent ? 'while the kick-off was on its way' : 'before the job was known'
  if (phase === 'complete') return 'at the end'
  return phase === 'downloading' ? 'while files came' : 'while the server worked'
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { points: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } } })
  const report = await drill({
    points: Number(values.points),
    seed: Number(values.seed),
    onPoint: (text) => process.stdout.write(`${text}\n`),
  })
  process.stdout.write(`${JSON.stringify(report)}\n`)
  const { refetched, secondKickoffs, differing, lost, said } = report
  process.exitCode = refetched + secondKickoffs + differing + (lost - said) === 0 ? 0 : 1
}
