/**
 * Kills a load, a replay of quarantined lines, an upsert, a compaction, a rebuild and rollbacks (by replay, and of the last load)
 * at random points, and looks at the lake after each: it must be readable, hold what it held before or what it holds after, never
 * anything in between, and the same command again must end as if undisturbed.
 *
 * node --conditions=floe-source drills/kill-lake.ts [--points 50] [--seed 1] [--lines 4000]
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openLake } from '@floe/lake'

export interface Drill {
  readonly points: number
  readonly seed: number
  /** Lines per type of the first export. */
  readonly lines: number
  readonly onPoint?: (text: string) => void
}

export interface DrillReport {
  readonly points: number
  /** Points after which nothing of the step was to be seen yet. */
  readonly before: number
  /** Points after which all of it was. */
  readonly after: number
}

const steps = ['load', 'quarantine', 'upsert', 'compaction', 'rebuild', 'load-three', 'rollback-two', 'rollback-three'] as const
type Step = (typeof steps)[number]

/** Rounds at the same time. */
const lanes = 2

const script = `
  const { openLake } = await import(${JSON.stringify(join(import.meta.dirname, '../packages/lake/src/index.ts'))})
  const [dir, step, folders] = process.argv.slice(1)
  const lake = await openLake({ dir, create: true })
  const undone = (error) => { if (!/rolled back already/.test(error.message)) throw error }
  console.log('begun')
  if (step === 'load') await lake.load({ folders: [folders + '/one'], maxLine: 2000 })
  if (step === 'quarantine') await lake.replayQuarantine({ maxLine: 10_000 })
  if (step === 'upsert') await lake.load({ folders: [folders + '/two'] })
  if (step === 'compaction') await lake.maintain({ keepSnapshots: 1, expireOlderThan: 0, orphansOlderThan: 0 })
  if (step === 'rebuild') await lake.rebuild()
  if (step === 'load-three') await lake.load({ folders: [folders + '/three'] })
  if (step === 'rollback-two') await lake.rollback('two').catch(undone)
  if (step === 'rollback-three') await lake.rollback('three').catch(undone)
  await lake.close()`

/** Runs one step in a process of its own; null lets it end. Gives how long it took, in milliseconds. */
async function run(step: Step, folder: string, lake: string, killAfter: number | null): Promise<number> {
  const args = ['--conditions=floe-source', '--input-type=module', '-e', script, lake, step, folder]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  const ended = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), ended])
  const began = performance.now()
  if (killAfter !== null) {
    await Promise.race([sleep(killAfter), ended])
    child.kill('SIGKILL')
  }
  const [code] = (await ended) as [number | null]
  if (killAfter === null && code !== 0) throw new Error(`${step} ended with ${code}`)
  return performance.now() - began
}

/** Rows, texts and ledger of a lake, without times and ids of loads, as one digest. */
async function digestOf(dir: string): Promise<string> {
  await using lake = await openLake({ dir, create: true, threads: 1 })
  const silver = (await lake.tables()).map(({ table }) => table).filter((table) => table.startsWith('silver.'))
  const parts = [
    ...silver.map((table) => `select id, _source, sha256(_raw) as text, _export_id, '${table}' as name from ${table}`),
    'select export_id, status from floe.loads',
    'select * from floe.completion',
    'select * exclude (load_id) from floe.reconciliation',
    'select * exclude (etl_time) from floe.etl__completion',
    ...['quarantine', 'tombstones', 'etl__completion_encounters'].map((name) => `select * from floe.${name}`),
  ].map((sql, index) => `select ${index} as part, to_json(t)::varchar as row from (${sql}) t`)
  const hash = createHash('sha256')
  await using result = await lake.query(`${parts.join(' union all ')} order by part, row`)
  for await (const rows of result.rows) hash.update(JSON.stringify(rows))
  return hash.digest('hex')
}

async function makeFolders(dir: string, lines: number): Promise<void> {
  // A line in fifty is too long for the first load.
  const resource = (type: string, n: number, day: number): string =>
    `${JSON.stringify({ resourceType: type, id: `${type}-${n}`, meta: { lastUpdated: `2026-01-0${day}T00:00:00Z` }, text: { div: `${day} `.repeat(n % 50 === 7 ? 1500 : 20) } })}\n`
  const all = Array.from({ length: lines }, (_, n) => n)
  for (const [name, day, share] of [
    ['one', 1, 1],
    ['two', 2, 3],
    ['three', 3, 4],
  ] as const) {
    const folder = join(dir, name)
    await mkdir(join(folder, 'deleted'), { recursive: true })
    for (const type of ['Patient', 'Encounter', 'Condition']) {
      const chosen = all.filter((n) => n % share === 0)
      await writeFile(join(folder, `${type}.000.ndjson`), chosen.map((n) => resource(type, n, day)).join(''))
    }
    const time = `2026-01-0${day}T12:00:00.000Z`
    const requestParameters = name === 'one' ? {} : { _since: '2026-01-01T12:00:00.000Z' }
    const events = [
      ['kickoff', { exportUrl: 'https://ehr.example.org/fhir/Group/g/$export', requestParameters, errorCode: null }],
      ['status_complete', { transactionTime: time }],
      ['export_complete', {}],
    ]
    const log = events.map(([eventId, eventDetail]) => JSON.stringify({ exportId: name, timestamp: time, eventId, eventDetail }))
    await writeFile(join(folder, 'log.ndjson'), `${log.join('\n')}\n`)
  }
  const entry = [1, 2, 5].map((n) => ({ request: { method: 'DELETE', url: `Condition/Condition-${n}` } }))
  await writeFile(
    join(dir, 'two/deleted/Bundle.000.ndjson'),
    `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })}\n`,
  )
}

/** A deterministic sequence in [0, 1). */
function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

interface Round {
  readonly number: number
  readonly points: number
  readonly seed: number
  readonly dir: string
  /** Digests: of nothing, then after each step. */
  readonly expected: readonly string[]
  /** How long each step takes; corrected by every kill. */
  readonly durations: number[]
  readonly seen: { before: number; after: number }
  readonly onPoint: ((text: string) => void) | undefined
}

/** All steps on a lake of its own, each killed once. */
async function round({ number, points, seed, dir, expected, durations, seen, onPoint }: Round): Promise<void> {
  const next = random(seed * 1000 + number)
  const lake = join(dir, `lake-${number}`)
  for (const [index, step] of steps.entries()) {
    const point = number * steps.length + index + 1
    if (point > points) break
    const killAfter = next() * (durations[index] ?? 1000)
    await run(step, dir, lake, killAfter)
    const found = await digestOf(lake)
    const place = [expected[index], expected[index + 1]].indexOf(found)
    if (place < 0) throw new Error(`point ${point}: ${step}, killed after ${Math.round(killAfter)} ms, left something in between`)
    const before = place === 0 && expected[index] !== expected[index + 1]
    seen[before ? 'before' : 'after']++
    // So that points lie on both sides of the commit, however busy the machine is.
    if (expected[index] !== expected[index + 1]) durations[index] = (durations[index] ?? 1000) * (before ? 1.25 : 0.8)
    await run(step, dir, lake, null)
    if ((await digestOf(lake)) !== expected[index + 1]) throw new Error(`point ${point}: ${step} again did not converge`)
    onPoint?.(`${point}/${points} ${step}, killed after ${Math.round(killAfter)} ms: whole, and converges`)
  }
  await rm(lake, { recursive: true, force: true })
}

export async function drill({ points, seed, lines, onPoint }: Drill): Promise<DrillReport> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-drill-'))
  const seen = { before: 0, after: 0 }
  try {
    await makeFolders(dir, lines)
    const undisturbed = join(dir, 'undisturbed')
    const expected: string[] = [await digestOf(join(dir, 'empty'))]
    const durations: number[] = []
    for (const step of steps) {
      durations.push(await run(step, dir, undisturbed, null))
      expected.push(await digestOf(undisturbed))
    }
    const left = Array.from({ length: Math.ceil(points / steps.length) }, (_, number) => number)
    const lane = async (): Promise<void> => {
      for (let number = left.shift(); number !== undefined; number = left.shift()) {
        await round({ number, points, seed, dir, expected, durations, seen, onPoint })
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    return { points, ...seen }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      points: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      lines: { type: 'string', default: '4000' },
    },
  })
  const numbers = { points: Number(values.points), seed: Number(values.seed), lines: Number(values.lines) }
  const report = await drill({ ...numbers, onPoint: (text) => process.stdout.write(`${text}\n`) })
  process.stdout.write(`${JSON.stringify(report)}\n`)
}
