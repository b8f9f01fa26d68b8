import { watch } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** Tells when something in folders has changed. */
export interface FolderWatch extends Disposable {
  /**
   * True after the next change, also one since the last call, once nothing more has come for a moment; false when `signal`
   * aborts.
   */
  changed(signal: AbortSignal): Promise<boolean>
}

/** An editor writes a file in several steps. */
const quiet = 200

/** Watches the files of folders, not of folders below. Throws when a folder is not there. */
export function watchFolders(folders: readonly string[]): FolderWatch {
  let changes = 0
  let wake = (): void => undefined
  const watchers = folders.map((folder) =>
    watch(folder, (_, name) => {
      if (name !== null && !name.endsWith('.json')) return
      changes++
      wake()
    }),
  )
  // A folder that goes away is told by the next build.
  for (const watcher of watchers) watcher.on('error', () => wake())
  return {
    changed: async (signal) => {
      if (changes === 0) await waking(signal, (resolve) => (wake = resolve))
      while (changes > 0 && !signal.aborted) {
        changes = 0
        await wait(quiet, undefined, { signal }).catch(() => undefined)
        if (changes === 0) break
      }
      return !signal.aborted
    },
    [Symbol.dispose]: () => {
      for (const watcher of watchers) watcher.close()
    },
  }
}

async function waking(signal: AbortSignal, listen: (resolve: () => void) => void): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    listen(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
