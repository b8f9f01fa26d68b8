/**
 * `floe export` against `curl -Z` (5 at a time) from the same server on loopback. floe also hashes, counts and verifies; curl only writes.
 * The time compared is that of the files alone: from the manifest to the last verified file, as floe's own log tells it.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { spawnEhr } from '@floe/testkit'
import { root } from '../scripts/sources.ts'
import { dataDir, population } from './data.ts'
import { type Cost, measure, report, rounds } from './measure.ts'

const main = join(root, 'packages/floe/bin/floe.js')
const out = join(dataDir, 'download')

async function manifestOf(fhirUrl: string): Promise<{ output: { url: string }[] }> {
  const kickoff = await fetch(`${fhirUrl}/Patient/$export`, {
    headers: { accept: 'application/fhir+json', prefer: 'respond-async' },
  })
  const status = kickoff.headers.get('content-location') ?? ''
  for (;;) {
    const answer = await fetch(status)
    if (answer.status === 200) return (await answer.json()) as { output: { url: string }[] }
    await answer.body?.cancel()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function filePhase(folder: string, cost: Cost): Cost {
  const events = readFileSync(join(folder, 'log.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { eventId: string; timestamp: string })
  const at = (eventId: string, last: boolean) =>
    Date.parse(
      (last ? events.findLast((event) => event.eventId === eventId) : events.find((event) => event.eventId === eventId))
        ?.timestamp ?? '',
    )
  return { ...cost, wall: (at('download_complete', true) - at('download_request', false)) / 1000 }
}

/** Prints the ratio of floe's download to curl's. */
export async function download(): Promise<string> {
  const { folder, bytes } = await population(1700)
  await using ehr = await spawnEhr({ folder, gzip: false })
  const { output } = await manifestOf(ehr.fhirUrl)
  const urls = output.flatMap(({ url }, index) => ['-o', `${index}.ndjson`, url])
  const fresh = (name: string) => {
    rmSync(out, { recursive: true, force: true })
    mkdirSync(join(out, name), { recursive: true })
    return join(out, name)
  }
  const costs = await rounds(3, {
    'curl -Z': () => measure(['curl', '-sSZ', '--parallel-max', '5', ...urls], { cwd: fresh('curl') }),
    'floe export': async () => {
      const folder = join(fresh('floe'), 'export')
      return filePhase(folder, await measure(['node', main, 'export', `${ehr.fhirUrl}/Patient`, folder, '--quiet']))
    },
  })
  rmSync(out, { recursive: true, force: true })
  return report('download', bytes, costs, 'curl -Z')
}
