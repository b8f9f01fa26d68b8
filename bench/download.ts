/**
 * `floe export` beside `curl -Z` (5 at a time) and the clients that people use, from the same server on loopback. floe hashes,
 * counts and verifies while it writes; curl only writes. Beside curl the time is that of the files alone, from the first request
 * to the last verified file, as floe's own log tells it; beside clients it is that of the whole run.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type SpawnedEhr, spawnEhr } from '@floe/testkit'
import { differing, observations } from './data.ts'
import { exportCost, fresh, manifestOf, out } from './download-run.ts'
import { largeFile, manyFiles } from './download-volume.ts'
import { type Cost, measure, rounds, spread } from './measure.ts'
import { besidePeer, bulkDataClient, type Peer, peerRun, smartFetch } from './peers.ts'
import type { Other, Row } from './report.ts'

async function besideCurl(ehr: SpawnedEhr, gzip: boolean): Promise<{ curl: Cost[]; files: Cost[]; whole: Cost[] }> {
  const { output } = await manifestOf(ehr.fhirUrl)
  const urls = output.flatMap(({ url }, index) => ['-o', `${index}.ndjson`, url])
  const whole: Cost[] = []
  const costs = await rounds(5, {
    curl: () =>
      measure(['curl', '-sSZ', '--parallel-max', '5', ...(gzip ? ['-H', 'accept-encoding: gzip'] : []), ...urls], {
        cwd: fresh('curl'),
      }),
    floe: async () => {
      const cost = await exportCost(ehr.fhirUrl, gzip ? ['--compress', 'gzip'] : [])
      whole.push(cost.whole)
      return cost.files
    },
  })
  return { curl: costs.curl, files: costs.floe, whole }
}

/** A client's whole runs in the rounds of floe's, and whether the bytes that it wrote are those served. */
async function besideClient(peer: Peer, folder: string, command: (dir: string) => readonly string[]): Promise<Other> {
  let first = true
  return await besidePeer(peer, 3, async () => {
    const dir = fresh('peer')
    const cost = await peerRun(peer, command(dir), { cwd: dir })
    const lost = first ? await differing(folder, dir) : 0
    first = false
    if (lost > 0) peer.remarks.push(`${lost} of 8 files differ from what was served, exit 0`)
    return cost
  })
}

/** Ratios of floe's download to curl's and to other clients', of 8 × 100 MB of Observations. */
export async function download(): Promise<readonly Row[]> {
  const { plain: folder, gzip, bytes } = await observations({ files: 8, megabytes: 100 })
  const size = `8 × ${Math.round(bytes / 8e6)} MB, 5 at a time`
  const rows: Row[] = []
  await using ehr = await spawnEhr({ folder, gzip: false, polls: 0 })
  const plain = await besideCurl(ehr, false)
  const rate = (costs: readonly Cost[]): number => bytes / 1e6 / spread(costs.map((cost) => cost.wall)).median
  const curl: Other = { name: 'curl -Z', kind: 'floor', note: 'no hash, no count', costs: plain.curl }
  rows.push({
    ...{ what: `${size}, identity: the files`, by: 'wall', floe: plain.files, other: curl, goal: 0.75 },
    figures: [
      { name: 'CPU of the whole run', value: spread(plain.whole.map((cost) => cost.cpu)).median, unit: 's', atMost: 2.5 },
      { name: 'peak memory', value: Math.max(...plain.whole.map((cost) => cost.rss)) / 1e6, unit: 'MB', atMost: 160 },
      { name: 'rate', value: rate(plain.files), unit: 'MB/s' },
    ],
  })
  const clients: [Peer, (dir: string) => readonly string[]][] = [
    [
      await smartFetch(),
      (dir) => [
        'bulk',
        join(dir, 'out'),
        '--fhir-url',
        `${ehr.fhirUrl}/`,
        '--type',
        'Observation',
        '--no-compression',
        '--no-default-filters',
      ],
    ],
    [await bulkDataClient(), (dir) => ['-f', ehr.fhirUrl, '-d', dir, '--reporter', 'text', '--_type', 'Observation']],
  ]
  for (const [peer, command] of clients) {
    rows.push({
      what: `${size}, identity: the whole run`,
      by: 'wall',
      floe: plain.whole,
      other: await besideClient(peer, folder, command),
      goal: 1,
    })
  }
  await using zipped = await spawnEhr({ folder: gzip, polls: 0 })
  const kept = await besideCurl(zipped, true)
  rows.push({
    ...{ what: `${size}, gzip kept as served: the files`, by: 'wall', floe: kept.files, other: { ...curl, costs: kept.curl } },
    figures: [{ name: 'rate of NDJSON, to that of identity', value: rate(kept.files) / rate(plain.files), unit: '×' }],
  })
  rows.push(await overLink(ehr, zipped, size))
  rows.push(await manyFiles())
  if (process.env.FLOE_VOLUME === 'full') rows.push(await largeFile())
  rmSync(out, { recursive: true, force: true })
  return rows
}

/** On loopback the gain of gzip ends at what it takes to decompress for the count; over a link it is that of the bytes. */
async function overLink(plain: SpawnedEhr, zipped: SpawnedEhr, size: string): Promise<Row> {
  const link = ['--rate-limit', '50MB']
  const costs = await rounds(1, {
    plain: async () => (await exportCost(plain.fhirUrl, link)).files,
    zipped: async () => (await exportCost(zipped.fhirUrl, ['--compress', 'gzip', ...link])).files,
  })
  return {
    ...{ what: `${size}, gzip kept as served, over 50 MB/s: the files`, by: 'wall', floe: costs.zipped, goal: 5 },
    other: { name: 'floe, identity', kind: 'floor', note: 'over the same 50 MB/s', costs: costs.plain },
  }
}
