import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lines, send, sendJson, sendManifest, startFake, transactionTime } from '../bulk-server.suite.ts'
import { attempt, logRows, tempBench } from '../test-run.suite.ts'

describe('errors of the server', () => {
  test('an error outcome is exit 7 and keeps the job; a warning is exit 0', async () => {
    const outcome = (severity: string): string =>
      `{"resourceType":"OperationOutcome","issue":[{"severity":"${severity}","code":"processing","diagnostics":"Observation \\u001b[31mnot exported"}]}\n`
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ itemType: 'error', type: 'OperationOutcome', body: outcome('error') }] })
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.exitCode).toBe(7)
    expect(receipt?.outcomes).toEqual([
      { severity: 'error', code: 'processing', text: 'Observation [31mnot exported', types: ['Observation'] },
    ])
    expect(server.count('DELETE')).toBe(0)
    server.options.files = [{ itemType: 'error', type: 'OperationOutcome', body: outcome('warning') }]
    const warned = await attempt(server, join(bench.root, 'second'))
    expect(warned.receipt?.exitCode).toBe(0)
    expect(server.count('DELETE')).toBe(1)
  })

  test.each([
    [404, 4],
    [400, 4],
    [401, 3],
    [403, 4],
    [501, 4],
  ])('a kick-off answered with %i is exit %i, with the diagnostics', async (status, exitCode) => {
    await using bench = await tempBench()
    const issue = {
      severity: 'error',
      code: 'forbidden',
      diagnostics: `no such Group at https://secret.example/x?sig=1 ${'x'.repeat(400)}`,
    }
    await using server = await startFake({
      kickoff: (_, response) => sendJson(response, status, { resourceType: 'OperationOutcome', issue: [issue] }),
    })
    const { error } = await attempt(server, bench.dest)
    expect(error?.exitCode).toBe(exitCode)
    expect(error?.message).toContain('no such Group at https://secret.example/…')
    expect(error?.message).not.toContain('sig=1')
    expect(error?.message.length).toBeLessThan(400)
    expect((await logRows(bench.dest))[0]).toMatchObject({ eventId: 'kickoff', eventDetail: { errorCode: status } })
  })

  test('HTML is never shown', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ kickoff: (_, response) => send(response, 404, '<html><body>Not here</body></html>') })
    expect((await attempt(server, bench.dest)).error?.message).toBe('the server refused the kick-off (404)')
  })

  test('a server that is not there is exit 4 within 30 s', async () => {
    await using bench = await tempBench()
    const server = await startFake()
    await server[Symbol.asyncDispose]()
    const { error, waits } = await attempt(server, bench.dest)
    expect(error).toMatchObject({ code: 'unreachable', exitCode: 4 })
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(30_000)
  })

  test('a busy kick-off is asked again', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    server.options.kickoff = (_, response, nth) =>
      nth < 2
        ? send(response, 429, '', { 'retry-after': '30' })
        : send(response, 202, '', { 'content-location': `${server.fhirUrl}/job/0123456789abcdef` })
    const { receipt, waits } = await attempt(server, bench.dest)
    expect(receipt?.exitCode).toBe(0)
    expect(waits.slice(0, 2)).toEqual([30_000, 30_000])
  })
})

describe('polling', () => {
  test.each([
    ['seconds', '10', 10_000],
    ['a date', 'Sat, 21 Nov 2026 03:00:10 GMT', 10_000],
    ['five hours', '18000', 300_000],
    ['zero', '0', 1000],
    ['a past date', 'Sat, 21 Nov 2020 03:00:10 GMT', 2000],
    ['garbage', 'soon 1', 2000],
    ['a negative number', '-5', 2000],
  ])('waits by Retry-After as %s', async (_, header, expected) => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    server.options.status = (_request, response, nth) =>
      nth === 0 ? send(response, 202, '', { 'retry-after': header, 'x-progress': '41 %' }) : sendManifest(server, response)
    const { waits, events } = await attempt(server, bench.dest)
    expect(waits[0]).toBe(expected)
    expect(events.find(({ eventId }) => eventId === 'status_progress')?.eventDetail).toMatchObject({
      xProgress: '41 %',
      nextPollMs: expected,
    })
  })

  test('20 failures of every kind do not end a job', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
    server.options.status = (_, response, nth) => {
      if (nth >= 20) return sendManifest(server, response)
      if (nth % 4 === 3) return void response.destroy()
      send(
        response,
        [500, 503, 429][nth % 4] ?? 500,
        nth % 2 ? '' : '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"transient"}]}',
      )
    }
    const { receipt } = await attempt(server, bench.dest)
    expect(receipt?.exitCode).toBe(0)
  })

  test('trouble that lasts longer than the retry time is exit 5', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_, response) => send(response, 503) })
    const { error } = await attempt(server, bench.dest, { retryMaxTimeMs: 60_000 })
    expect(error).toMatchObject({ exitCode: 5, retryable: true })
  })

  test.each([
    [404, '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found"}]}', 4],
    [410, '', 4],
    [404, 'default backend', 6],
  ])('a job that stays %i %s is exit 5', async (status, body, asked) => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_, response) => send(response, status, body) })
    const { error } = await attempt(server, bench.dest)
    expect(error).toMatchObject({ exitCode: 5, retryable: false })
    expect(server.count('GET /fhir/job')).toBe(asked)
  })

  test('the longest wait is exit 6 and keeps the job', async () => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_, response) => send(response, 202) })
    const { error } = await attempt(server, bench.dest, { waitMaxMs: 100_000 })
    expect(error).toMatchObject({ code: 'wait-exceeded', exitCode: 6 })
    expect(server.count('DELETE')).toBe(0)
  })

  test.each([
    ['no JSON', 'hello'],
    ['no transactionTime', '{"output":[]}'],
    ['an output that is no list', `{"transactionTime":"${transactionTime}","output":{}}`],
    ['an item without url', `{"transactionTime":"${transactionTime}","output":[{"type":"Patient"}]}`],
  ])('a manifest with %s is exit 5', async (_, text) => {
    await using bench = await tempBench()
    await using server = await startFake({ status: (_request, response) => send(response, 200, text) })
    expect((await attempt(server, bench.dest)).error?.exitCode).toBe(5)
  })
})
