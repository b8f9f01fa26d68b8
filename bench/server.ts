/**
 * `floe serve`: exports and imports over loopback, beside DuckDB writing the same texts to files that a plain file server hands
 * on, and beside `floe load` of the same lines. The server also plans, hashes, syncs, keeps the job and checks every line.
 * FLOE_VOLUME=full takes 5 GB and 2,000 large resources.
 */
import { createReadStream, createWriteStream, globSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { root } from '../scripts/sources.ts'
import { dataDir, population } from './data.ts'
import { type Cost, measure, rounds, spread } from './measure.ts'
import type { Row } from './report.ts'
import { type Exported, exported, manifestOf, serve, statusLatency } from './serving.ts'

const main = join(root, 'packages/floe/bin/floe.js')
const out = join(dataDir, 'server')
const full = process.env.FLOE_VOLUME === 'full'
/** Patients of about 0.6 MB each. */
const volumes = { small: 90, large: Number(process.env.FLOE_BENCH_PATIENTS ?? (full ? 8500 : 1700)) }
const documents = { count: full ? 2000 : 200, megabytes: 5 }

async function load(lake: string, folder: string, ...more: string[]): Promise<Cost> {
  return await measure(['node', main, 'load', folder, '--lake', lake, '--quiet', ...more])
}

async function lakeOf(patients: number): Promise<string> {
  const { folder } = await population(patients)
  const lake = join(out, `lake-${patients}`)
  rmSync(lake, { recursive: true, force: true })
  await load(lake, folder)
  return lake
}

/** Scanned documents of megabytes each; folders and copies go as soon as they are in the lake. */
async function lakeOfDocuments(): Promise<string> {
  const lake = join(out, 'lake-documents')
  rmSync(lake, { recursive: true, force: true })
  const page = Array.from({ length: 4096 }, (_, at) => String.fromCharCode(65 + ((at * 7919) % 26))).join('')
  const lot = 100
  for (let from = 0; from < documents.count; from += lot) {
    const folder = join(out, 'documents')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    await pipeline(
      async function* () {
        for (let number = from; number < from + lot; number++) {
          const data = `${number}`.padStart(8, 'A') + page.repeat((documents.megabytes * 1e6) / page.length)
          const content = [{ attachment: { contentType: 'application/pdf', data } }]
          yield `${JSON.stringify({ resourceType: 'DocumentReference', id: `d${number}`, status: 'current', content })}\n`
        }
      },
      createWriteStream(join(folder, 'DocumentReference.000.ndjson')),
    )
    await load(lake, folder, '--untracked', '--memory-limit', '3GB')
    rmSync(folder, { recursive: true, force: true })
    rmSync(join(lake, 'bronze'), { recursive: true, force: true })
  }
  return lake
}

interface Served {
  readonly floe: readonly Cost[]
  readonly floor: readonly Cost[]
  readonly exports: readonly Exported[]
  /** Seconds of the 99th percentile of status requests meanwhile, the worst round. */
  readonly p99: number
}

/** Exports of a lake by a server that is new in each round, and the floor. */
async function exportsOf(lake: string, count: number): Promise<Served> {
  const exports: Exported[] = []
  let p99 = 0
  const copies = join(out, 'floor')
  const { floe, floor } = await rounds(count, {
    floor: async () => {
      rmSync(copies, { recursive: true, force: true })
      return await measure(['node', join(root, 'bench/server-floor.ts'), lake, copies])
    },
    floe: async () => {
      rmSync(copies, { recursive: true, force: true })
      await using server = await serve(lake)
      const { result, p99: worst } = await statusLatency(server, () => exported(server))
      exports.push(result)
      p99 = Math.max(p99, worst)
      return result.cost
    },
  })
  return { floe, floor, exports, p99 }
}

const floorName = 'DuckDB COPY of the texts, then a plain file server'
const rateOf = ({ bytes, cost }: Exported): number => bytes / 1e6 / cost.wall
const median = (values: readonly number[]): number => spread(values).median

function exportRow(what: string, { floe, floor, exports, p99 }: Served, figures: Row['figures'] = []): Row {
  const [first] = exports
  const volume = `${((first?.bytes ?? 0) / 1e6).toFixed(0)} MB, ${(first?.lines ?? 0).toLocaleString('en')} resources`
  return {
    what: `${what}: ${volume}, kick-off to last byte`,
    by: 'wall',
    floe,
    other: { name: floorName, kind: 'floor', costs: floor },
    figures: [
      { name: 'rate, kick-off to last byte', value: median(exports.map(rateOf)), unit: 'MB/s', atLeast: 40 },
      {
        name: 'rate of the files alone',
        value: median(exports.map((one) => one.bytes / 1e6 / one.files)),
        unit: 'MB/s',
        atLeast: 40,
      },
      { name: 'kick-off', value: median(exports.map(({ kickoff }) => kickoff * 1000)), unit: 'ms' },
      { name: 'status requests meanwhile, 99th percentile', value: p99 * 1000, unit: 'ms', atMost: 50 },
      { name: 'peak memory of the server', value: Math.max(...floe.map(({ rss }) => rss)) / 1e6, unit: 'MB', atMost: 512 },
      ...figures,
    ],
  }
}

/** One body of all lines, from the first byte sent to the result. */
async function imported(lake: string, body: string): Promise<{ cost: Cost; accepted: number }> {
  rmSync(lake, { recursive: true, force: true })
  await using server = await serve(lake)
  const before = server.usage()
  const started = performance.now()
  const answer = await fetch(`${server.origin}/fhir/$import`, {
    method: 'POST',
    body: createReadStream(body),
    headers: { 'content-type': 'application/fhir+ndjson' },
    duplex: 'half',
  })
  await answer.body?.cancel()
  const { output } = await manifestOf(answer.headers.get('content-location') ?? '')
  const { cpu, rss } = server.usage()
  const cost = { wall: (performance.now() - started) / 1000, cpu: cpu - before.cpu, rss }
  return { cost, accepted: output.reduce((sum, { count }) => sum + count, 0) }
}

async function importRow(): Promise<Row> {
  const { folder, resources, bytes } = await population(600)
  const body = join(out, 'import.ndjson')
  mkdirSync(out, { recursive: true })
  rmSync(body, { force: true })
  const names = globSync('*.ndjson', { cwd: folder }).filter((name) => /^[A-Z]/.test(name))
  for (const name of names) await pipeline(createReadStream(join(folder, name)), createWriteStream(body, { flags: 'a' }))
  const lake = join(out, 'lake-import')
  const rates: number[] = []
  const { floe, other } = await rounds(3, {
    other: async () => {
      rmSync(lake, { recursive: true, force: true })
      return await load(lake, folder)
    },
    floe: async () => {
      const { cost, accepted } = await imported(lake, body)
      if (accepted < resources) throw new Error(`${resources - accepted} lines were not accepted`)
      rates.push(accepted / cost.wall)
      return cost
    },
  })
  return {
    what: `$import of one body: ${(statSync(body).size / 1e6).toFixed(0)} MB, ${resources.toLocaleString('en')} resources, first byte sent to result`,
    by: 'wall',
    floe,
    other: {
      name: 'floe load',
      kind: 'floor',
      costs: other,
      note: `the same lines in a file per type, ${(bytes / 1e6).toFixed(0)} MB`,
    },
    figures: [{ name: 'rate', value: median(rates), unit: 'resources/s', atLeast: 20_000 }],
  }
}

/** Exports of three sizes and an import, each beside its floor. */
export async function server(): Promise<readonly Row[]> {
  const rows: Row[] = []
  const small = await exportsOf(await lakeOf(volumes.small), 3)
  const smallWall = median(small.floe.map(({ wall }) => wall))
  rows.push(exportRow('$export', small, [{ name: 'kick-off to last byte', value: smallWall, unit: 's', atMost: 3 }]))
  rows.push(await importRow())
  const large = await exportsOf(await lakeOf(volumes.large), full ? 1 : 3)
  const kept = median(large.exports.map(rateOf)) / median(small.exports.map(rateOf))
  rows.push(
    exportRow('$export', large, [{ name: 'rate as a part of that of the small export', value: kept, unit: '', atLeast: 0.8 }]),
  )
  rmSync(join(out, `lake-${volumes.large}`), { recursive: true, force: true })
  rows.push(exportRow(`$export of resources of ${documents.megabytes} MB`, await exportsOf(await lakeOfDocuments(), 1)))
  rmSync(out, { recursive: true, force: true })
  return rows
}

if (import.meta.main) {
  const { sectionOf } = await import('./report.ts')
  const rows = await server()
  process.stdout.write(`${sectionOf({ bench: 'server', date: new Date().toISOString().slice(0, 10), machine: 'now', rows })}\n`)
}
