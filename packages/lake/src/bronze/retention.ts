import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { copyOf } from './paths-of.ts'
import type { ExportName } from './register.ts'
import { readBronzeState, writeBronzeState } from './state.ts'

/** What was removed from bronze. */
export interface DroppedBronze {
  readonly exports: number
  readonly files: number
  readonly bytes: number
}

/**
 * Removes the files of loaded exports from bronze; what tells who they are (log, output manifest, state) stays. Nothing can be
 * replayed from them then, until the same folder is loaded again. The state says so before the first file goes: a crash leaves
 * files, which the next call removes.
 */
export async function dropBronze(lakeDir: string, exports: readonly ExportName[], now: Date): Promise<DroppedBronze> {
  let dropped: DroppedBronze = { exports: 0, files: 0, bytes: 0 }
  const wanted = new Set(exports.map(({ source, exportId }) => `${source}/${exportId}`))
  for (const source of new Set(exports.map((each) => each.source))) {
    const home = join(lakeDir, 'bronze', source)
    for (const name of await readdir(home).catch(() => [])) {
      const dir = join(home, name)
      const state = await readBronzeState(dir)
      if (state === undefined || !wanted.has(`${state.identity.source}/${state.identity.exportId}`)) continue
      if (state.dropped === undefined) await writeBronzeState(dir, { ...state, dropped: now.toISOString() })
      const sizes: number[] = []
      for (const file of state.files) {
        const path = join(dir, copyOf(file))
        const size = await stat(path).then(
          (found) => found.size,
          () => undefined,
        )
        if (size === undefined) continue
        await rm(path, { force: true })
        sizes.push(size)
      }
      if (sizes.length === 0) continue
      const bytes = sizes.reduce((sum, size) => sum + size, dropped.bytes)
      dropped = { exports: dropped.exports + 1, files: dropped.files + sizes.length, bytes }
    }
  }
  return dropped
}
