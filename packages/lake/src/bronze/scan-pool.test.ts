import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { ScanThread } from './scan-pool.ts'

const task = { path: '/nowhere', compression: 'none' as const, maxLine: 1 }

test.each([
  ['ends', 'process.exit(3)', 'a scan thread ended (3)'],
  ['fails', "setImmediate(() => { throw new Error('out of memory') })", 'out of memory'],
])('a thread that %s between two files fails the next one, instead of keeping it waiting', async (_, last, message) => {
  const code = `const { parentPort } = require('node:worker_threads')
    parentPort.once('message', () => { parentPort.postMessage({ kind: 'report', report: {} }); setTimeout(() => { ${last} }, 20) })`
  const worker = new Worker(code, { eval: true })
  const thread = new ScanThread(worker)
  await thread.scan(task)
  await once(worker, 'exit').catch(() => undefined)
  await expect(thread.scan(task)).rejects.toThrow(message)
  await thread.stop()
})
