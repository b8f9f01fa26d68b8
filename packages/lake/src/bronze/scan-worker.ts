import { parentPort, workerData } from 'node:worker_threads'
import { type FhirVersion, useFhirVersion } from '@floe/views/fhir'
import { type FileReport, type ScanTask, scanFile } from './scan-file.ts'
import { LineScanner } from './scanner.ts'

/** What a scan thread says: bytes read, a report, or why there is none. */
export type WorkerMessage =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'report'; readonly report: FileReport }
  | { readonly kind: 'failed'; readonly code: string | undefined; readonly message: string }

useFhirVersion(workerData as FhirVersion)
const scanner = new LineScanner()
const say = (message: WorkerMessage): void => parentPort?.postMessage(message)

async function work(task: ScanTask): Promise<void> {
  try {
    const report = await scanFile(task, scanner, { onBytes: (bytes) => say({ kind: 'bytes', bytes }) })
    say({ kind: 'report', report })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    say({ kind: 'failed', code, message })
  }
}

// One file at a time: the pool sends the next one after the report.
parentPort?.on('message', (task: ScanTask) => void work(task))
