import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { metadataTargets } from './metadata.ts'
import { fileTargets } from './ndjson.ts'
import { networkTargets } from './network.ts'
import type { Target } from './target.ts'
import { viewTargets } from './views.ts'

/** Every parser that reads bytes of others, by name. */
export const targets: Readonly<Record<string, Target>> = { ...fileTargets, ...networkTargets, ...metadataTargets, ...viewTargets }

/** Inputs kept for a target in `fuzz/corpus/NAME`: files of other writers, and every input that once broke it. */
export function corpusOf(name: string): Buffer[] {
  const folder = join(import.meta.dirname, 'corpus', name)
  return globSync('*', { cwd: folder })
    .sort()
    .map((file) => readFileSync(join(folder, file)))
}
