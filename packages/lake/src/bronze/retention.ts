import { rmSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { copyOf } from './paths-of.ts'
import type { ExportName } from './register.ts'
import { readBronzeState, writeBronzeState } from './state.ts'
import type { StoredFile } from './state-types.ts'

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
      const { files, bytes } = await removeCopies(dir, state.files)
      if (files === 0) continue
      dropped = { exports: dropped.exports + 1, files: dropped.files + files, bytes: dropped.bytes + bytes }
    }
  }
  return dropped
}

async function removeCopies(dir: string, stored: readonly StoredFile[]): Promise<Pick<DroppedBronze, 'files' | 'bytes'>> {
  let [files, bytes] = [0, 0]
  for (const [index, file] of stored.entries()) {
    if (index % 1000 === 999) await setImmediate()
    const path = join(dir, copyOf(file))
    const size = statSync(path, { throwIfNoEntry: false })?.size
    if (size === undefined) continue
    rmSync(path, { force: true })
    files += 1
    bytes += size
  }
  return { files, bytes }
}
