/**
 * What the benchmarks of the client share: a manifest for curl's list, a folder for each run, and floe's run with the time of its
 * files alone.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/sources.ts'
import { dataDir } from './data.ts'
import { type Cost, measure } from './measure.ts'

const main = join(root, 'packages/floe/bin/floe.js')

/** Where the runs write. */
export const out: string = join(dataDir, `download-${process.pid}`)

interface Manifest {
  readonly output: readonly { url: string }[]
}

/** Kicks an export off and waits for its manifest. */
export async function manifestOf(fhirUrl: string): Promise<Manifest> {
  const kickoff = await fetch(`${fhirUrl}/Patient/$export`, {
    headers: { accept: 'application/fhir+json', prefer: 'respond-async' },
  })
  const status = kickoff.headers.get('content-location') ?? ''
  for (;;) {
    const answer = await fetch(status)
    if (answer.status === 200) return (await answer.json()) as Manifest
    await answer.body?.cancel()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function filePhase(folder: string, cost: Cost): Cost {
  const events = readFileSync(join(folder, 'log.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { eventId: string; timestamp: string })
  const first = events.find(({ eventId }) => eventId === 'download_request')?.timestamp ?? ''
  const last = events.findLast(({ eventId }) => eventId === 'download_complete')?.timestamp ?? ''
  return { ...cost, wall: (Date.parse(last) - Date.parse(first)) / 1000 }
}

/** An empty folder for the next run; what the last one wrote is gone. */
export function fresh(name: string): string {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(join(out, name), { recursive: true })
  return join(out, name)
}

/** One `floe export`: its whole run, and with the time of the files alone. */
export async function exportCost(fhirUrl: string, options: readonly string[]): Promise<{ files: Cost; whole: Cost }> {
  const folder = join(fresh('floe'), 'export')
  const whole = await measure(['node', main, 'export', `${fhirUrl}/Patient`, folder, '--quiet', ...options])
  return { files: filePhase(folder, whole), whole }
}
