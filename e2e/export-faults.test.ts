import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { found, logText } from './canary.ts'
import { accessCases } from './faults/access.ts'
import { type FaultCase, type FaultRun, runCase } from './faults/case.ts'
import { jobCases } from './faults/job.ts'
import { manifestCases } from './faults/manifest.ts'
import { faultMatrix } from './faults/matrix.ts'
import { transferCases } from './faults/transfer.ts'
import { scratch } from './support.ts'

const cases: readonly FaultCase[] = [...transferCases, ...manifestCases, ...jobCases, ...accessCases].sort(
  (a, b) => a.point - b.point,
)

/** Most of a case is waiting, so many run at a time; each has a server and a folder of its own. */
const atOnce = 40

let work: Awaited<ReturnType<typeof scratch>>
const runs = new Map<FaultCase, Promise<FaultRun>>()

beforeAll(async () => {
  work = await scratch('faults')
  const waiting = cases.map((one, index) => ({ one, dir: join(work.dir, String(index)), ...Promise.withResolvers<FaultRun>() }))
  for (const { one, promise } of waiting) {
    promise.catch(() => undefined)
    runs.set(one, promise)
  }
  // What waits longest begins first: polling and its waits.
  waiting.sort((a, b) => Number(b.one.point === 10 || b.one.point === 11) - Number(a.one.point === 10 || a.one.point === 11))
  const next = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      await mkdir(task.dir)
      await runCase(task.one, task.dir).then(task.resolve, task.reject)
    }
  }
  for (let slot = 0; slot < atOnce; slot++) void next()
})
afterAll(() => work[Symbol.asyncDispose]())

describe('fault matrix', () => {
  test.each(cases.map((one) => [`${one.point}: ${one.fault} → ${one.outcome}`, one] as const))('%s', async (_name, one) => {
    const run = await (runs.get(one) as Promise<FaultRun>)
    expect({ exit: run.exit, error: run.error?.message }).toMatchObject({ exit: one.exit })
    if (one.data === 'equal') expect(run.stored).toEqual(run.served)
    if (one.data === 'none') expect(run.stored).toEqual({})
    const refused = run.requests.every(({ route, status }) => route !== 'kickoff' || status !== 202)
    expect(run.jobs).toBe((one.jobKept ?? one.exit !== 0) && !refused ? 1 : 0)
    if (one.exit !== 0 && run.error !== undefined)
      expect(run.error).toMatchObject({ exitCode: one.exit, message: expect.stringMatching(/\w/) })
    expect(run.everything.filter((path) => path.endsWith('.part') && one.exit === 0)).toEqual([])
    await one.check?.(run)
    // The same runs serve as canaries: nothing that was shown or logged may give away what opens the data, or who is in it.
    const { receipt, error, events } = run
    const shown = JSON.stringify([events, receipt, error?.message, error?.hint, error?.stack])
    expect({ shown: found(shown), log: found(await logText(run.folder)) }).toEqual({ shown: [], log: [] })
  })
})

test('docs/fault-matrix.md is this table', async () => {
  const path = join(import.meta.dirname, '../docs/fault-matrix.md')
  const wanted = faultMatrix(cases)
  if (process.env.FLOE_WRITE_DOCS === '1') await writeFile(path, wanted)
  expect(await readFile(path, 'utf8')).toBe(wanted)
})
