import type { EventDetails, EventId, ExportEvent } from '@floe/client'
import { expect, test } from 'vitest'
import { exportProgress } from './export-progress.ts'
import type { LiveView, Ui } from './ui/ui.ts'

function event<Id extends EventId>(eventId: Id, eventDetail: Partial<EventDetails[Id]>): ExportEvent {
  return { exportId: 'x', timestamp: '2026-11-21T13:02:00.000Z', eventId, eventDetail } as unknown as ExportEvent
}

function drawn(
  events: readonly [number, ExportEvent][],
  at: number,
): { live: readonly string[]; plain: string; steps: string[]; events: string[] } {
  let clock = 0
  let view: LiveView | undefined
  const steps: string[] = []
  const passed: string[] = []
  const ui = {
    json: true,
    quiet: false,
    verbosity: 0,
    terminal: false,
    step: (line: string) => steps.push(line),
    live: (shown: LiveView) => {
      view = shown
    },
    event: (one: ExportEvent) => passed.push(one.eventId),
  } as unknown as Ui
  const listen = exportProgress(ui, { title: 'Group/42', resumeLine: 'floe resume ./x', now: () => clock })
  for (const [time, one] of events) {
    clock = time
    listen(one)
  }
  clock = at
  return { live: view?.lines(80) ?? [], plain: view?.plain() ?? '', steps, events: passed }
}

const kickoff = event('kickoff', { errorCode: null })
const poll = event('status_progress', { xProgress: 'Observation 41 %', polls: 31, nextPollMs: 250_000, elapsedMs: 7_860_000 })
const manifest = event('manifest_complete', {
  transactionTime: '2026-11-21T13:00:00Z',
  totalOutputFileCount: 3,
  totalDeletedFileCount: 0,
  totalErrorFileCount: 0,
})

test('while the server works: what it says, how often it was asked, when it is asked next', () => {
  const { live, plain } = drawn(
    [
      [0, kickoff],
      [7_860_000, poll],
    ],
    7_860_000,
  )
  const line = 'server     "Observation 41 %" · asked 31 times · next in 4 min 10 s · running 2 h 11 min'
  expect(live).toEqual([` ${line}`])
  expect(plain).toBe(` ${line}`)
})

test('while files come: how many, how fast, how long, a bar for each', () => {
  const { live, plain } = drawn(
    [
      [0, manifest],
      [0, event('download_request', { path: 'Patient.000.ndjson' })],
      [0, event('download_request', { path: 'Observation.000.ndjson' })],
      [0, event('download_request', { path: 'Observation.001.ndjson' })],
      [1000, event('download_progress', { path: 'Observation.000.ndjson', bytes: 0, totalBytes: 100_000_000 })],
      [
        1000,
        event('download_complete', { path: 'Patient.000.ndjson', fileSize: 1_000_000, bytes: 1_000_000, resourceCount: 10 }),
      ],
      [
        2000,
        event('download_retry', { path: 'Observation.001.ndjson', message: 'reset', delayMs: 1000, attempt: 1, code: null }),
      ],
      [2000, event('download_progress', { path: 'Observation.000.ndjson', bytes: 50_000_000, totalBytes: 100_000_000 })],
    ],
    2000,
  )
  expect(live).toEqual([
    ' files      1 of 3 files · 51.0 MB · 51.0 MB/s · 1.0 s left · 1 retry',
    '   Observation.000              ▏██████████████              ▏  50 %  50.0 MB',
    '   Observation.001              ▏                            ▏        0 B',
  ])
  expect(plain).toBe(' files      1 of 3 files · 51.0 MB · 51.0 MB/s · 1.0 s left · 1 retry')
})

test('lines that stay, and the events for --json', () => {
  const { steps, events } = drawn(
    [
      [0, event('kickoff', { errorCode: 404 })],
      [0, manifest],
      [0, event('download_retry', { path: 'Patient.000.ndjson', message: 'HTTP 503', delayMs: 2000, attempt: 1, code: 503 })],
      [0, event('download_progress', { path: 'Patient.000.ndjson', bytes: 1, totalBytes: null })],
      [0, event('download_complete', { path: 'Patient.000.ndjson', fileSize: 1000, bytes: 1000, resourceCount: 1 })],
    ],
    0,
  )
  expect(steps[0]).toBe(' Group/42')
  expect(steps.slice(2)).toEqual([' Patient.000.ndjson: HTTP 503 · again in 2.0 s', ' Patient.000.ndjson · 1 resource · 1.0 kB'])
  expect(events).toEqual(['kickoff', 'manifest_complete', 'download_retry', 'download_complete'])
})

test('never more lines than a terminal has', () => {
  const many = Array.from({ length: 40 }, (_, index): [number, ExportEvent] => [
    0,
    event('download_request', { path: `A.${index}.ndjson` }),
  ])
  expect(drawn([[0, manifest], ...many], 0).live.length).toBeLessThanOrEqual(20)
})
