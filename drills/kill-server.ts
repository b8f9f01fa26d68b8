/**
 * Kills `floe serve` with SIGKILL at random moments while it exports and imports, starts it again, and waits until every job that
 * it had taken is done: an export must hold each line of the lake once, an import each line that was sent once, also where its
 * answer was lost and the client sent the body again.
 *
 * node --conditions=floe-source drills/kill-server.ts [--faults 20] [--seed 1]
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLake } from '@floe/lake'
import { synthesize } from '@floe/testkit'
import { printed, type RunningFloe, runFloe, startFloe } from '../e2e/cli.ts'
import { scratch } from '../e2e/support.ts'
import { type Drill, drillOptions, random } from './drill.ts'

const linesOfImport = 2000
const patients = 60

/** A server that can be killed and started again on the same lake. */
class Server {
  readonly #lake: string
  #running: RunningFloe | undefined
  origin = ''

  constructor(lake: string) {
    this.#lake = lake
  }

  async start(): Promise<void> {
    const args = [
      'serve',
      '--lake',
      this.#lake,
      '--open',
      '--port',
      '0',
      '--json',
      '--log-level',
      'silent',
      '--max-exports-per-client',
      '4',
    ]
    const running = startFloe(args, { timeout: 3_600_000 })
    this.#running = running
    this.origin = await printed(running, /"serving":"([^"]+)"/)
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#running?.child.kill(signal)
    await this.#running?.result
  }
}

/** Path of the status address; undefined where no answer came. */
async function kickOff(origin: string, path: string, body?: string): Promise<string | undefined> {
  const sent = body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'application/fhir+ndjson' } }
  const answer = await fetch(`${origin}${path}`, sent).catch(() => undefined)
  await answer?.body?.cancel().catch(() => undefined)
  if (answer === undefined) return undefined
  if (answer.status !== 202) throw new Error(`${path} was answered with ${answer.status}`)
  return new URL(answer.headers.get('content-location') ?? '').pathname
}

interface Manifest {
  readonly output: readonly { readonly url: string; readonly count: number }[]
}

async function manifestOf(origin: string, path: string): Promise<Manifest> {
  for (let asked = 0; ; asked++) {
    const answer = await fetch(`${origin}${path}`)
    if (answer.status === 200) return (await answer.json()) as Manifest
    const text = await answer.text()
    if (answer.status !== 202) throw new Error(`a job ended with ${answer.status}: ${text}`)
    await sleep(asked < 50 ? 100 : 700)
  }
}

async function linesOf({ output }: Manifest): Promise<string[]> {
  const texts = await Promise.all(output.map(async ({ url }) => (await fetch(url)).text()))
  return texts.flatMap((text) => text.trimEnd().split('\n'))
}

async function rawLines(lake: string): Promise<string[]> {
  await using opened = await openLake({ dir: lake, memoryLimit: '1GB' })
  const lines: string[] = []
  for (const { table } of await opened.tables()) {
    if (!table.startsWith('silver.')) continue
    await using result = await opened.query(`select _raw from silver."${table.slice('silver.'.length)}"`)
    for await (const rows of result.rows) lines.push(...rows.map((row) => String(row._raw)))
  }
  return lines
}

interface Work {
  readonly server: Server
  readonly next: () => number
  readonly faults: number
  readonly onPoint: ((text: string) => void) | undefined
  /** Types of the lake that is exported. */
  readonly types: string
  /** Its lines. */
  readonly wanted: readonly string[]
  killed: number
  /** Kills while a job was taken and not finished. */
  atWork: number
  /** Bodies whose answer was lost. */
  resent: number
  exports: number
  exported: number
  lost: number
  doubled: number
  converged: number
  readonly sent: string[]
  readonly problems: string[]
}

/** How many of the wanted lines are missing, and how many lines are more than wanted. */
function compare(lines: readonly string[], wanted: readonly string[]): { lost: number; doubled: number } {
  const left = new Map<string, number>()
  for (const line of wanted) left.set(line, (left.get(line) ?? 0) + 1)
  for (const line of lines) left.set(line, (left.get(line) ?? 0) - 1)
  let [lost, doubled] = [0, 0]
  for (const count of left.values()) {
    lost += Math.max(0, count)
    doubled += Math.max(0, -count)
  }
  return { lost, doubled }
}

function take(work: Work, what: string, lines: readonly string[], wanted: readonly string[]): void {
  const { lost, doubled } = compare(lines, wanted)
  work.lost += lost
  work.doubled += doubled
  if (lost + doubled > 0) work.problems.push(`${what}: ${lost} lines lost, ${doubled} too many, after ${work.killed} kills`)
}

/**
 * An export and an import, the server killed once to three times before both are done; a job may be hit again while it makes up
 * for the last time.
 */
async function round(work: Work, number: number, span: number): Promise<number> {
  const { server, next, types, wanted } = work
  const body = Array.from({ length: linesOfImport }, (_, line) =>
    JSON.stringify({ resourceType: 'Basic', id: `k${number}-${line}`, code: { text: 'Grüße ∑ 😀 '.repeat(line % 40) } }),
  )
  const started = performance.now()
  const exporting = kickOff(server.origin, `/fhir/$export?_type=${types}`)
  const importing = kickOff(server.origin, '/fhir/$import', body.join('\n'))
  const hits = span === 0 ? 0 : 1 + Math.floor(next() * 3)
  for (let hit = 1; hit <= hits && work.killed < work.faults; hit++) {
    const ms = Math.round(next() * span * (hit === 1 ? 0.6 : 0.4))
    await sleep(ms)
    const places = await Promise.all([settled(exporting), settled(importing)])
    const open = await Promise.all(places.map((place) => place === undefined || isUnfinished(server.origin, place)))
    await server.end('SIGKILL')
    work.killed++
    if (open.some(Boolean)) work.atWork++
    work.onPoint?.(
      `${work.killed}/${work.faults} killed ${ms} ms after the ${hit === 1 ? 'requests' : 'last start'}, ${open.filter(Boolean).length} of 2 not finished`,
    )
    await server.start()
  }
  const exportPlace = (await exporting) ?? (await kickOff(server.origin, `/fhir/$export?_type=${types}`))
  const answered = await importing
  if (answered === undefined) work.resent++
  const importPlace = answered ?? (await kickOff(server.origin, '/fhir/$import', body.join('\n')))
  const manifest = await manifestOf(server.origin, exportPlace ?? '')
  const exportEnded = performance.now()
  const { output } = await manifestOf(server.origin, importPlace ?? '')
  const importEnded = performance.now()
  const lines = await linesOf(manifest)
  work.exports++
  work.exported += lines.length
  take(work, 'an export', lines, wanted)
  if (output[0]?.count !== body.length) work.problems.push(`an import told ${output[0]?.count} lines of ${body.length}`)
  work.sent.push(...body)
  if (hits > 0) work.converged += 2
  // Most kills shall meet a job at work: the shorter of the two is the measure.
  return Math.min(exportEnded, importEnded) - started
}

/** Kills from the requests to the time that both jobs take undisturbed. */
export const drill: Drill = async ({ faults, seed, onPoint }) => {
  await using dir = await scratch('kill-server')
  const lake = join(dir.dir, 'lake')
  const folder = join(dir.dir, 'synth')
  await mkdir(folder)
  await synthesize({ patients, out: folder, seed })
  const loaded = await runFloe(['load', folder, '--lake', lake, '--json'], { timeout: 600_000 })
  if (loaded.code !== 0) throw new Error(`the load ended with ${loaded.code}: ${loaded.stderr}`)
  const wanted = await rawLines(lake)
  const types = [...new Set(wanted.map((line) => (JSON.parse(line) as { resourceType: string }).resourceType))].join(',')
  const counts = { killed: 0, atWork: 0, resent: 0, exports: 0, exported: 0, lost: 0, doubled: 0, converged: 0 }
  const work: Work = {
    server: new Server(lake),
    next: random(seed),
    faults,
    onPoint,
    types,
    wanted,
    sent: [],
    problems: [],
    ...counts,
  }
  await work.server.start()
  const span = await round(work, 0, 0)
  for (let number = 1; work.killed < faults; number++) await round(work, number, span)
  const place = await kickOff(work.server.origin, '/fhir/$export?_type=Basic')
  const imported = await linesOf(await manifestOf(work.server.origin, place ?? ''))
  await work.server.end('SIGTERM')
  take(work, 'what was imported', imported, work.sent)
  const { killed, atWork, resent, exports, exported, lost, doubled, converged, sent, problems } = work
  const equation =
    `exported: ${exported} lines = ${exports} jobs x ${wanted.length} rows; imported: ${imported.length} rows = ${sent.length} lines sent; ` +
    `${atWork} of ${killed} kills met an unfinished job, ${resent} bodies were sent again`
  return { faults: killed, lost, doubled, falseCompletions: 0, converged, equation, problems }
}

/** The place that a kick-off gave, where it did by now. */
async function settled(kickoff: Promise<string | undefined>): Promise<string | undefined> {
  return await Promise.race([kickoff, sleep(0).then(() => undefined)])
}

async function isUnfinished(origin: string, place: string): Promise<boolean> {
  const answer = await fetch(`${origin}${place}`)
  await answer.body?.cancel()
  return answer.status === 202
}

if (import.meta.main) {
  const result = await drill(drillOptions(process.argv.slice(2), 20))
  process.stdout.write(`${JSON.stringify(result)}\n`)
  process.exitCode = 'problems' in result && result.lost + result.doubled + result.problems.length === 0 ? 0 : 1
}
