import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type FhirVersion, fhirVersion } from '@floe/views/fhir'
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
 * Scans files, the largest first, each in one thread; reports come in the order of the tasks. A file that fails gives its error
 * instead of a report, the others are read all the same. Memory: per thread two megabytes and its longest line.
 */
export async function scanAll(tasks: readonly SizedTask[], options: PoolOptions = {}): Promise<(FileReport | Error)[]> {
  const { threads = availableParallelism(), signal } = options
  signal?.throwIfAborted()
  const results: (FileReport | Error)[] = []
  const files = [...tasks.entries()].sort(([, a], [, b]) => b.size - a.size).values()
  const drain = async (scan: (task: ScanTask) => Promise<FileReport>): Promise<void> => {
    for (const [index, { task }] of files) {
      results[index] = await scan(task).catch((error: Error) => error)
      signal?.throwIfAborted()
    }
  }
  const count = Math.min(threads, tasks.length)
  if (count < 2 || tasks.reduce((sum, { size }) => sum + size, 0) < worthThreads) {
    const scanner = new LineScanner()
    await drain((task) => scanFile(task, scanner, options))
    return results
  }
  const workers = Array.from({ length: count }, () => new ScanThread(startWorker()))
  try {
    await Promise.all(workers.map((worker) => drain((task) => worker.scan(task, options))))
    return results
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
  }
}

function startWorker(): Worker {
  const fromSource = import.meta.url.endsWith('.ts')
  const url = new URL(fromSource ? './scan-worker.ts' : './scan-worker.js', import.meta.url)
  const workerData: FhirVersion = fhirVersion()
  return new Worker(url, { workerData, ...(fromSource ? { execArgv: ['--conditions=floe-source', '--no-warnings'] } : {}) })
}

/** One thread that scans. It may end at any time, also between two files: what is asked of it then fails. */
export class ScanThread {
  readonly #worker: Worker
  #failure: Error | undefined
  #fail: ((error: Error) => void) | undefined

  constructor(worker: Worker) {
    this.#worker = worker
    const ended = (error: Error): void => {
      this.#failure ??= error
      this.#fail?.(error)
    }
    worker.on('error', ended)
    worker.on('exit', (code) => ended(new Error(`a scan thread ended (${code})`)))
  }

  async scan(task: ScanTask, { signal, onBytes }: ScanOptions = {}): Promise<FileReport> {
    if (this.#failure !== undefined) throw this.#failure
    const { promise, resolve, reject } = Promise.withResolvers<FileReport>()
    const listen = (message: WorkerMessage): void => {
      if (message.kind === 'report') resolve(message.report)
      else if (message.kind === 'bytes') onBytes?.(message.bytes)
      else if (message.code === 'source-changed') reject(sourceChanged())
      else reject(Object.assign(new Error(message.message), { code: message.code }))
    }
    const abort = (): void => reject(signal?.reason)
    this.#fail = reject
    this.#worker.on('message', listen)
    signal?.addEventListener('abort', abort)
    this.#worker.postMessage(task)
    return await promise.finally(() => {
      this.#fail = undefined
      this.#worker.off('message', listen)
      signal?.removeEventListener('abort', abort)
    })
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
