import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type FileReport, type ScanOptions, type ScanTask, scanFile, sourceChanged } from './scan-file.ts'
import type { WorkerMessage } from './scan-worker.ts'
import { LineScanner } from './scanner.ts'

/** Below this many bytes a thread costs more than it saves. */
const worthThreads = 24 << 20

export interface PoolOptions extends ScanOptions {
  /** Threads at most; default: the cores. */
  readonly threads?: number | undefined
}

/** A task with the size of its file, by which the work is spread. */
export interface SizedTask {
  readonly task: ScanTask
  readonly size: number
}

/**
 * Scans files, the largest first, each in one thread; reports come in the order of the tasks. A file that fails gives its error instead of
 * a report, the others are read all the same. Memory: per thread two megabytes and its longest line.
 */
export async function scanAll(tasks: readonly SizedTask[], options: PoolOptions = {}): Promise<(FileReport | Error)[]> {
  const { threads = availableParallelism(), signal } = options
  signal?.throwIfAborted()
  if (tasks.length === 0) return []
  const total = tasks.reduce((sum, it) => sum + it.size, 0)
  const count = Math.min(threads, tasks.length)
  const results: (FileReport | Error)[] = []
  const queue = tasks.map((_, index) => index).sort((a, b) => (tasks[b]?.size ?? 0) - (tasks[a]?.size ?? 0))
  const drain = async (scan: (task: ScanTask) => Promise<FileReport>): Promise<void> => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      const entry = tasks[index]
      if (!entry) continue
      results[index] = await scan(entry.task).catch((error: Error) => error)
      signal?.throwIfAborted()
    }
  }
  if (count < 2 || total < worthThreads) {
    const scanner = new LineScanner()
    await drain((task) => scanFile(task, scanner, options))
    return results
  }
  const workers = Array.from({ length: count }, startWorker)
  try {
    await Promise.all(workers.map((worker) => drain((task) => inWorker(worker, task, options))))
    return results
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function startWorker(): Worker {
  const fromSource = import.meta.url.endsWith('.ts')
  const url = new URL(fromSource ? './scan-worker.ts' : './scan-worker.js', import.meta.url)
  return new Worker(url, fromSource ? { execArgv: ['--conditions=floe-source', '--no-warnings'] } : {})
}

function inWorker(worker: Worker, task: ScanTask, { signal, onBytes }: ScanOptions): Promise<FileReport> {
  const { promise, resolve, reject } = Promise.withResolvers<FileReport>()
  const listen = (message: WorkerMessage): void => {
    if (message.kind === 'report') resolve(message.report)
    else if (message.kind === 'bytes') onBytes?.(message.bytes)
    else if (message.code === 'source-changed') reject(sourceChanged())
    else reject(Object.assign(new Error(message.message), { code: message.code }))
  }
  const abort = (): void => reject(signal?.reason)
  const exited = (code: number): void => reject(new Error(`a scan thread ended (${code})`))
  worker.on('message', listen)
  worker.on('error', reject)
  worker.on('exit', exited)
  signal?.addEventListener('abort', abort)
  worker.postMessage(task)
  return promise.finally(() => {
    worker.off('message', listen)
    worker.off('error', reject)
    worker.off('exit', exited)
    signal?.removeEventListener('abort', abort)
  })
}
