import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type FhirVersion, fhirVersion } from '@floe/views/fhir'
import { type FileReport, isSmall, type ScanOptions, type ScanTask, scanFile, scanSmallFile, sourceChanged } from './scan-file.ts'
import type { WorkerMessage } from './scan-worker.ts'
import { LineScanner } from './scanner.ts'

/** Below this many bytes a thread costs more than it saves. */
const worthThreads = 24 << 20
/** So many small files wait for the disk at once. */
const smallAtOnce = 16

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
 * Scans files, the largest first, each in one thread, small ones together in this one; reports come in the order of the tasks. A
 * file that fails gives its error instead of a report, the others are read all the same. Memory: per thread two megabytes and its
 * longest line.
 */
export async function scanAll(tasks: readonly SizedTask[], options: PoolOptions = {}): Promise<(FileReport | Error)[]> {
  const { threads = availableParallelism(), signal } = options
  signal?.throwIfAborted()
  const results: (FileReport | Error)[] = []
  const bySize = [...tasks.entries()].sort(([, a], [, b]) => b.size - a.size)
  const files = bySize.filter(([, { task, size }]) => !isSmall(task, size))
  const large = files.values()
  const small = bySize.filter(([, { task, size }]) => isSmall(task, size)).values()
  const drain = async (queue: Iterable<[number, SizedTask]>, scan: (task: ScanTask) => Promise<FileReport>): Promise<void> => {
    for (const [index, { task }] of queue) {
      results[index] = await scan(task).catch((error: Error) => error)
      signal?.throwIfAborted()
    }
  }
  const scanner = new LineScanner()
  const drainSmall = async (): Promise<unknown> =>
    await Promise.all(Array.from({ length: smallAtOnce }, () => drain(small, (task) => scanSmallFile(task, scanner, options))))
  const count = Math.min(threads, files.length)
  if (count < 2 || files.reduce((sum, [, { size }]) => sum + size, 0) < worthThreads) {
    await drain(large, (task) => scanFile(task, scanner, options))
    await drainSmall()
    return results
  }
  const workers = Array.from({ length: count }, startWorker)
  try {
    await Promise.all([...workers.map((worker) => drain(large, (task) => inWorker(worker, task, options))), drainSmall()])
    return results
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function startWorker(): Worker {
  const fromSource = import.meta.url.endsWith('.ts')
  const url = new URL(fromSource ? './scan-worker.ts' : './scan-worker.js', import.meta.url)
  const workerData: FhirVersion = fhirVersion()
  return new Worker(url, { workerData, ...(fromSource ? { execArgv: ['--conditions=floe-source', '--no-warnings'] } : {}) })
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
