import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { synthesize } from '@floe/testkit'
import { root } from '../scripts/sources.ts'
import { dataDir } from './data.ts'
import { measure } from './measure.ts'

/** So many Encounters as the measurements in the literature have. */
export const encounters: number = Number(process.env.FLOE_BENCH_ENCOUNTERS ?? 243_000)

const main = join(root, 'packages/floe/bin/floe.js')

/** Synthetic Encounters, each of them many times under fresh ids and at shifted times, as NDJSON and in a lake; made once. */
export async function encounterData(): Promise<{ folder: string; lake: string; bytes: number }> {
  const base = join(dataDir, `encounters-${encounters}`)
  const [folder, lake] = [join(base, 'ndjson'), join(base, 'lake')]
  const file = join(folder, 'Encounter.000.ndjson')
  if (!existsSync(join(base, 'done'))) {
    rmSync(base, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    process.stderr.write(`making ${encounters} Encounters\n`)
    const { folder: people } = await synthesize({ patients: 60, out: join(base, 'people') })
    await multiply(await linesOf(people), file)
    await measure(['node', main, 'load', folder, '--lake', lake, '--untracked', '--quiet'])
    mkdirSync(join(base, 'done'))
  }
  return { folder, lake, bytes: statSync(file).size }
}

async function linesOf(folder: string): Promise<string[]> {
  const lines = new Map<string, string>()
  for (const name of readdirSync(folder).filter((each) => /^Encounter\..*ndjson$/.test(each))) {
    for await (const line of createInterface(createReadStream(join(folder, name))))
      lines.set(/"id":"([^"]*)"/.exec(line)?.[1] ?? line, line)
  }
  // Older versions of a resource are in the population on purpose.
  return [...lines.values()]
}

async function multiply(lines: readonly string[], file: string): Promise<void> {
  const out = createWriteStream(file)
  for (let n = 0; n < encounters; n++) {
    const copy = Math.floor(n / lines.length)
    const line = lines[n % lines.length] ?? ''
    const text = line
      .replace(/"id":"([^"]*)"/, (_, id: string) => `"id":"${id.slice(0, 54)}-${copy.toString(36)}"`)
      .replaceAll(/T(\d\d):(\d\d):(\d\d)/g, (_, hours: string) => `T${hours}:${pad(copy % 60)}:${pad(n % 60)}`)
    if (!out.write(`${text}\n`)) await new Promise<void>((resolve) => out.once('drain', () => resolve()))
  }
  await new Promise<void>((resolve, reject) => out.on('error', reject).end(() => resolve()))
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
