import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeServer } from './bulk-server.suite.ts'
import { BulkClient } from './client.ts'
import { BulkError, throwIfAborted } from './errors.ts'
import type { ExportEvent } from './events.ts'
import type { Timing } from './http/timing.ts'
import type { BulkClientOptions, ExportOptions, ExportReceipt, ExportRequest } from './types.ts'

/** A clock that jumps: waiting takes no time, and the waits are on record. */
export interface FakeTiming extends Timing {
  waits: number[]
}

export function fakeTiming(start: number = Date.parse('2026-11-21T03:00:00Z')): FakeTiming {
  let now = start
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    random: () => 0.5,
    async sleep(ms, signal) {
      throwIfAborted(signal)
      waits.push(ms)
      now += ms
      await new Promise((resolve) => setImmediate(resolve))
      throwIfAborted(signal)
    },
  }
}

export interface Bench extends AsyncDisposable {
  root: string
  dest: string
}

export async function tempBench(): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'floe-client-'))
  return { root, dest: join(root, 'out'), [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

export interface Trial {
  receipt: ExportReceipt | undefined
  error: BulkError | undefined
  events: ExportEvent[]
  waits: number[]
}

export interface TrialOptions extends Partial<Omit<ExportOptions, 'to'>> {
  request?: ExportRequest
  client?: Partial<BulkClientOptions>
}

/** Runs one export against a fake server and gives what came of it, whichever it was. */
export async function attempt(
  server: FakeServer,
  dest: string,
  { request = { level: 'system' }, client = {}, ...options }: TrialOptions = {},
): Promise<Trial> {
  const timing = fakeTiming()
  const events: ExportEvent[] = []
  const bulk = new BulkClient({ fhirUrl: server.fhirUrl, ...client }, timing)
  try {
    const receipt = await bulk.export(request, { to: dest, onEvent: (event) => events.push(event), minFreeBytes: 0, ...options })
    return { receipt, error: undefined, events, waits: timing.waits }
  } catch (cause) {
    if (!(cause instanceof BulkError)) throw cause
    return { receipt: undefined, error: cause, events, waits: timing.waits }
  }
}

export async function logRows(dest: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(dest, 'log.ndjson'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
