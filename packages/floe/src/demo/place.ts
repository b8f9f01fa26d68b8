import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '@floe/client/export-folder'
import { usageError } from '../errors.ts'

/** Where the parts of a demo lie. */
export interface DemoPlace {
  readonly dir: string
  readonly population: string
  readonly key: string
  readonly lake: string
}

/** Says that a folder is a demo's, so that the next demo may replace its parts. */
const mark = '.floe-demo'
const source = 'demo'

/**
 * Makes the folder ready. What an earlier demo left is replaced; anything else in the folder is left alone, and a folder that is
 * no demo's, or whose lake holds more than the demo, is refused.
 */
export async function prepareDemoPlace(dir: string): Promise<DemoPlace> {
  const place: DemoPlace = { dir, population: join(dir, 'population'), key: join(dir, 'key.json'), lake: join(dir, 'lake') }
  await makeFolder(dir)
  const names = await readdir(dir)
  if (names.length > 0 && !names.includes(mark)) {
    throw usageError(`${dir} holds something else`, 'floe demo --dir ./another-folder')
  }
  const sources = await readdir(join(place.lake, 'bronze')).catch(() => [])
  const others = sources.filter((name) => name !== source)
  if (others.length > 0) {
    throw usageError(`the lake in ${dir} holds more than the demo`, 'floe demo --dir ./another-folder', [
      `Sources: ${others.join(', ')}`,
    ])
  }
  for (const path of [place.population, place.key, place.lake]) await rm(path, { recursive: true, force: true })
  await writeFile(join(dir, mark), 'made by floe demo; the next one replaces population, key.json and lake\n', { mode: 0o600 })
  return place
}
