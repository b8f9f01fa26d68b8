import { createHash } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  globSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
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

/** So many files of so many megabytes of synthetic Observations, plain and with gzip, made once; lines occur several times. */
export async function observations({ files, megabytes }: { files: number; megabytes: number }): Promise<Observations> {
  const base = join(dataDir, `observations-${files}x${megabytes}`)
  const [plain, gzip] = [join(base, 'plain'), join(base, 'gzip')]
  const names = Array.from({ length: files }, (_, index) => `Observation.${String(index).padStart(3, '0')}.ndjson`)
  if (!existsSync(join(gzip, 'manifest.json'))) {
    const { folder: people } = await population(200)
    rmSync(base, { recursive: true, force: true })
    const source = readFileSync(join(people, 'Observation.000.ndjson'))
    for (const folder of [plain, gzip]) mkdirSync(folder, { recursive: true })
    for (const name of names) {
      fill(join(plain, name), source, megabytes * 1e6)
      await pipeline(createReadStream(join(plain, name)), createGzip(), createWriteStream(join(gzip, `${name}.gz`)))
    }
    for (const folder of [plain, gzip]) copyFileSync(join(people, 'manifest.json'), join(folder, 'manifest.json'))
  }
  return { plain, gzip, bytes: names.reduce((sum, name) => sum + statSync(join(plain, name)).size, 0) }
}

/** Two folders with the same files, and the size of the plain ones. */
export interface Observations {
  readonly plain: string
  readonly gzip: string
  readonly bytes: number
}

/** Writes whole lines of the source, from its start again and again, up to that size. */
function fill(file: string, source: Buffer, size: number): void {
  const descriptor = openSync(file, 'w')
  for (let left = size; left > 0; ) {
    const end = left >= source.length ? source.length : source.lastIndexOf(10, left) + 1
    if (end === 0) break
    left -= writeSync(descriptor, source, 0, end)
  }
  closeSync(descriptor)
}

/** How many NDJSON files of a folder have no file of equal bytes anywhere below the other one. */
export async function differing(folder: string, copy: string): Promise<number> {
  const digest = async (file: string): Promise<string> => {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
    return hash.digest('hex')
  }
  const found = new Set<string>()
  for (const file of globSync(join(copy, '**/*.ndjson'))) found.add(await digest(file))
  const wanted = await Promise.all(globSync(join(folder, '*.ndjson')).map(digest))
  return wanted.filter((one) => !found.has(one)).length
}
