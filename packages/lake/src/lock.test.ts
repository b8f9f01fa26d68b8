import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeLock } from './lock.ts'

let dir: string
let file: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-lock-'))
  file = join(dir, 'lock.db')
})
afterAll(() => rm(dir, { recursive: true }))

test('one writer at a time, also within a process', async () => {
  {
    using _ = await takeLock(file)
    await expect(takeLock(file, { waitMs: 0 })).rejects.toMatchObject({ code: 'lake-busy', retryable: true, exitCode: 1 })
  }
  using _ = await takeLock(file, { waitMs: 0 })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('who waits gets it when it is free', async () => {
  const first = await takeLock(file)
  const second = takeLock(file)
  first[Symbol.dispose]()
  ;(await second)[Symbol.dispose]()
})

test('waiting ends with the signal', async () => {
  using _ = await takeLock(file)
  const controller = new AbortController()
  const waiting = takeLock(file, { signal: controller.signal })
  controller.abort()
  await expect(waiting).rejects.toThrow()
})

test('a process that was killed holds nobody up', async () => {
  const script = `
    const { DatabaseSync } = require('node:sqlite')
    const database = new DatabaseSync(${JSON.stringify(file)})
    database.exec('begin exclusive')
    console.log('held')
    setInterval(() => database, 1000)`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  await expect(takeLock(file, { waitMs: 0 })).rejects.toMatchObject({ code: 'lake-busy' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  using _ = await takeLock(file, { waitMs: 0 })
})
