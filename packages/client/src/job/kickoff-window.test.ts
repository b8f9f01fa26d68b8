import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lines, send, sendJson, startFake } from '../bulk-server.suite.ts'
import { readState } from '../folder/state.ts'
import { attempt, tempBench } from '../test-run.suite.ts'

/** What a run leaves that ends between sending the kick-off and keeping its answer. */
async function killedInTheWindow(dest: string): Promise<void> {
  const path = join(dest, 'floe-export.json')
  const state = JSON.parse(await readFile(path, 'utf8'))
  const window = {
    phase: 'kickoff',
    job: null,
    files: [],
    pages: 0,
    manifestComplete: false,
    transactionTime: null,
    exitCode: null,
  }
  await writeFile(path, JSON.stringify({ ...state, ...window, kickoffSentAt: '2026-11-21T03:00:00.000Z' }))
}

test('the sending of a kick-off is on record before it is sent, and off it with the answer', async () => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
  let during: unknown
  server.options.kickoff = async (_, response) => {
    during = (await readState(bench.dest))?.kickoffSentAt
    send(response, 202, '', { 'content-location': `${server.fhirUrl}/job/0123456789abcdef` })
  }
  expect((await attempt(server, bench.dest)).receipt?.exitCode).toBe(0)
  expect(during).toBe('2026-11-21T03:00:00.000Z')
  expect((await readState(bench.dest))?.kickoffSentAt).toBeNull()
})

test('a refused kick-off and a server that is not there leave no trace of a job', async () => {
  await using bench = await tempBench()
  await using server = await startFake({ kickoff: (_, response) => send(response, 400) })
  expect((await attempt(server, bench.dest)).error?.exitCode).toBe(4)
  expect((await readState(bench.dest))?.kickoffSentAt).toBeNull()
  server.options.kickoff = (_, response) => {
    response.destroy()
  }
  expect((await attempt(server, bench.dest)).error?.code).toBe('unreachable')
  expect((await readState(bench.dest))?.kickoffSentAt).toEqual(expect.any(String))
})

test('an answer that was lost is said; the job that a busy server names is taken for ours', async () => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
  await attempt(server, bench.dest, { keepJob: true })
  await killedInTheWindow(bench.dest)
  server.options.kickoff = (_, response) =>
    sendJson(response, 429, { resourceType: 'OperationOutcome' }, { 'content-location': '/fhir/job/0123456789abcdef' })
  const { receipt } = await attempt(server, bench.dest, { request: { level: 'system' } })
  expect(receipt).toMatchObject({ exitCode: 0, totals: { resources: 1 } })
  expect(receipt?.notices[0]).toMatch(/^a kick-off was sent at 2026-11-21T03:00:00.000Z and its answer was not kept/)
  expect(server.count('GET /fhir/$export')).toBe(2)
})

test('a busy server is asked again, and its running job left alone, where no answer was lost', async () => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
  server.options.kickoff = (_, response, nth) =>
    nth === 0
      ? sendJson(response, 429, {}, { 'content-location': '/fhir/job/another', 'retry-after': '1' })
      : send(response, 202, '', { 'content-location': `${server.fhirUrl}/job/0123456789abcdef` })
  expect((await attempt(server, bench.dest)).receipt?.exitCode).toBe(0)
  expect(server.seen.some(({ path }) => path.includes('another'))).toBe(false)
})
