import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { watchFolders } from './watch-folders.ts'

test('tells of changed JSON files, several at once as one, and ends when it is told to', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'floe-watch-'))
  try {
    using folders = watchFolders([dir])
    const controller = new AbortController()
    const change = folders.changed(controller.signal)
    await writeFile(join(dir, 'notes.txt'), 'x')
    await writeFile(join(dir, 'a.json'), '{}')
    await writeFile(join(dir, 'b.json'), '{}')
    expect(await change).toBe(true)
    // One that comes while nobody waits is not lost.
    await writeFile(join(dir, 'a.json'), '{ }')
    expect(await folders.changed(controller.signal)).toBe(true)
    const idle = folders.changed(controller.signal)
    controller.abort()
    expect(await idle).toBe(false)
  } finally {
    await rm(dir, { recursive: true })
  }
})
