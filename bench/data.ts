import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { synthesize } from '@floe/testkit'
import { root } from '../scripts/sources.ts'

/** Where benchmarks keep what they make; may be deleted at any time. */
export const dataDir: string = join(root, 'bench/.data')

/** A synthetic export of about that many patients (some 0.5 MB each), made once. */
export async function population(patients: number): Promise<{ folder: string; bytes: number; resources: number }> {
  const folder = join(dataDir, `population-${patients}`)
  if (!existsSync(join(folder, 'counts.json'))) {
    rmSync(folder, { recursive: true, force: true })
    process.stderr.write(`making ${patients} synthetic patients\n`)
    await synthesize({ patients, out: folder })
  }
  const counts = JSON.parse(readFileSync(join(folder, 'counts.json'), 'utf8')) as Record<string, number>
  const files = readdirSync(folder).filter((name) => /^[A-Z].*\.ndjson$/.test(name))
  return {
    folder,
    bytes: files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0),
    resources: Object.values(counts).reduce((sum, count) => sum + count, 0),
  }
}
