/** The sizes that people have: 20,000 files of one line and, with FLOE_VOLUME=full, one file of 10 GB. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { spawnEhr } from '@floe/testkit'
import { dataDir, observations } from './data.ts'
import { exportCost, fresh, manifestOf } from './download-run.ts'
import { measure, rounds, spread } from './measure.ts'
import type { Row } from './report.ts'

const count = 20_000

/** So many files that hold one Observation each, made once. */
async function oneLiners(): Promise<string> {
  const folder = join(dataDir, `lines-${count}`)
  if (existsSync(join(folder, 'manifest.json'))) return folder
  const { plain } = await observations({ files: 8, megabytes: 100 })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const lines = readFileSync(join(plain, 'Observation.000.ndjson'), 'utf8').slice(0, 60_000_000).split('\n')
  for (let nth = 0; nth < count; nth++) {
    const line = lines[nth % (lines.length - 1)] ?? ''
    writeFileSync(join(folder, `Observation.${String(nth).padStart(5, '0')}.ndjson`), `${line}\n`)
  }
  writeFileSync(join(folder, 'manifest.json'), readFileSync(join(plain, 'manifest.json')))
  return folder
}

/** 20,000 files beside `curl -Z` with the same list. floe syncs each of them before it calls it done; curl syncs none. */
export async function manyFiles(): Promise<Row> {
  await using ehr = await spawnEhr({ folder: await oneLiners(), gzip: false, polls: 0 })
  const { output } = await manifestOf(ehr.fhirUrl)
  const list = output.map(({ url }, nth) => `url = "${url}"\noutput = "${nth}.ndjson"\n`).join('')
  const costs = await rounds(2, {
    curl: () => {
      const cwd = fresh('curl')
      writeFileSync(join(cwd, 'list'), list)
      return measure(['curl', '-sSZ', '--parallel-max', '5', '--config', 'list'], { cwd })
    },
    floe: async () => (await exportCost(ehr.fhirUrl, [])).files,
  })
  const wall = spread(costs.floe.map((cost) => cost.wall)).median
  return {
    ...{ what: `${count} files of one line, 5 at a time: the files`, by: 'wall', floe: costs.floe },
    other: { name: 'curl -Z', kind: 'floor', note: 'no hash, no count, no sync', costs: costs.curl },
    figures: [
      { name: 'files a second', value: count / wall, unit: '/s' },
      { name: 'peak memory', value: Math.max(...costs.floe.map((cost) => cost.rss)) / 1e6, unit: 'MB' },
    ],
  }
}

/** One file of 10 GB, made for the run and removed after it: what is looked at is memory. Needs 20 GB of disk. */
export async function largeFile(): Promise<Row> {
  const folder = join(dataDir, 'large')
  const { plain } = await observations({ files: 8, megabytes: 100 })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const block = readFileSync(join(plain, 'Observation.000.ndjson'))
  const file = openSync(join(folder, 'Observation.000.ndjson'), 'w')
  for (let bytes = 0; bytes < 10e9; ) bytes += writeSync(file, block)
  closeSync(file)
  writeFileSync(join(folder, 'manifest.json'), readFileSync(join(plain, 'manifest.json')))
  await using ehr = await spawnEhr({ folder, gzip: false, polls: 0 })
  const [{ url = '' } = {}] = (await manifestOf(ehr.fhirUrl)).output
  const curl = await measure(['curl', '-sS', '-o', 'large.ndjson', url], { cwd: fresh('curl') })
  const floe = (await exportCost(ehr.fhirUrl, [])).files
  rmSync(folder, { recursive: true, force: true })
  return {
    ...{ what: 'one file of 10 GB: the files', by: 'wall', floe: [floe] },
    other: { name: 'curl', kind: 'floor', note: 'no hash, no count', costs: [curl] },
    figures: [{ name: 'peak memory', value: floe.rss / 1e6, unit: 'MB', atMost: 200 }],
  }
}
