import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ehr, type FaultPlan, startEhr } from '@floe/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFloe, startFloe } from './cli.ts'
import { digests, makeExportFolder, paths, readLog, scratch, until } from './support.ts'

let work: Awaited<ReturnType<typeof scratch>>
let source: string
beforeAll(async () => {
  work = await scratch('resume')
  source = await makeExportFolder(join(work.dir, 'source'), {
    'Condition.000.ndjson': { lines: 300 },
    'Encounter.000.ndjson': { lines: 300 },
    'Observation.000.ndjson': { lines: 20_000, bytes: 400 },
    'Patient.000.ndjson': { lines: 300 },
    'Procedure.000.ndjson': { lines: 20_000, bytes: 400 },
  })
})
afterAll(() => work[Symbol.asyncDispose]())

/** Kills in a row: a few in every run, fifty with `FLOE_VOLUME=full`. */
const kills = process.env.FLOE_VOLUME === 'full' ? 50 : 4
const small = ['Condition', 'Encounter', 'Patient']
/** Two files that take their time. */
const slow: FaultPlan = ['Observation', 'Procedure'].map((type) => ({
  on: 'file' as const,
  type,
  nth: 1,
  do: { kind: 'drip' as const, bytes: 65_536, everyMs: 20 },
}))

/** What tells that a file was left alone: same inode, same time of change. */
async function identity(folder: string): Promise<Record<string, string>> {
  const entries = await Promise.all(
    (await paths(folder))
      .filter((path) => path.endsWith('.ndjson') && !path.endsWith('log.ndjson'))
      .map(async (path) => {
        const { ino, mtimeMs } = await stat(path)
        return [path.slice(folder.length + 1), `${ino} ${mtimeMs}`]
      }),
  )
  return Object.fromEntries(entries) as Record<string, string>
}

/** Exports until the small files are there and the large ones under way, then kills with `signal`. */
async function interrupted(ehr: Ehr, to: string, signal: 'SIGKILL' | 'SIGINT', options: string[] = []) {
  const { child, result } = startFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, ...options])
  const sending = () => ehr.requests.some(({ type, bytesSent }) => type === 'Observation' && bytesSent > 1_000_000)
  await until(async () => sending() && Object.keys(await identity(to)).length === small.length, 'the download is half way')
  child.kill(signal)
  return result
}

describe.concurrent('kill -9 in the middle of a download, then resume', () => {
  test('no second kick-off, finished files untouched, all bytes equal', async () => {
    await using ehr = await startEhr({ folder: source, polls: 0, faults: slow })
    const to = join(work.dir, 'killed')
    const killed = await interrupted(ehr, to, 'SIGKILL')
    expect(killed.code).toBeNull()
    const finished = await identity(to)
    expect(Object.keys(finished).sort()).toEqual(small.map((type) => `${type}.000.ndjson`))

    const before = ehr.requests.length
    const resumed = await runFloe(['resume', to, '--json'])
    expect(resumed.stderr).not.toContain('"error"')
    expect(resumed.code).toBe(0)
    expect(await digests(to)).toEqual(await digests(source))
    expect(await identity(to)).toMatchObject(finished)
    const after = ehr.requests.slice(before)
    expect([ehr.count('kickoff'), after.filter(({ type, route }) => route === 'file' && small.includes(type ?? ''))]).toEqual([
      1,
      [],
    ])
    expect((await paths(to)).filter((path) => path.endsWith('.part'))).toEqual([])
    expect(resumed.json).toMatchObject({ totals: { files: 5, resources: 40_900 }, exitCode: 0 })
    const log = await readLog(to)
    expect(log.filter(({ eventId }) => eventId === 'kickoff').length).toBe(1)
    expect(
      new Set(log.filter(({ eventId }) => eventId === 'download_complete').map(({ eventDetail }) => eventDetail.path)).size,
    ).toBe(5)
    expect(new Set(log.map(({ exportId }) => exportId)).size).toBe(1)
    expect([ehr.count('delete'), ehr.jobs]).toEqual([1, 0])
  })

  test.each(['gzip', 'zstd'])('also with --compress %s', async (compress) => {
    await using ehr = await startEhr({ folder: source, polls: 0, faults: slow })
    const to = join(work.dir, compress)
    const { child, result } = startFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, '--compress', compress])
    await until(() => ehr.requests.some(({ type, bytesSent }) => type === 'Observation' && bytesSent > 1_000_000), 'it sends')
    child.kill('SIGKILL')
    await result
    const resumed = await runFloe(['resume', to, '--json'])
    expect([resumed.code, ehr.count('kickoff')]).toEqual([0, 1])
    const wanted = await digests(source)
    const files = (resumed.json as { files: { path: string; contentSha256: string | null; lines: number }[] }).files
    expect(Object.fromEntries(files.map((file) => [file.path.replace(/\.(gz|zst)$/, ''), file.contentSha256]))).toEqual(wanted)
  })

  test('while the server is still at work', async () => {
    await using ehr = await startEhr({ folder: source, polls: 2 })
    const to = join(work.dir, 'waiting')
    const { child, result } = startFloe(['export', `${ehr.fhirUrl}/Group/demo`, to])
    await until(() => ehr.count('status') > 0, 'it polls')
    child.kill('SIGKILL')
    await result
    const resumed = await runFloe(['resume', to])
    expect([resumed.code, ehr.count('kickoff'), await digests(to)]).toEqual([0, 1, await digests(source)])
  })

  test(`${kills} times, at any moment: no finished file is fetched again`, { timeout: 60_000 + kills * 5_000 }, async () => {
    await using ehr = await startEhr({
      folder: source,
      polls: 0,
      faults: [{ on: 'file', do: { kind: 'drip', bytes: 65_536, everyMs: 10 } }],
    })
    const to = join(work.dir, 'often')
    const args = ['export', `${ehr.fhirUrl}/Group/demo`, to]
    const refetched: string[] = []
    const attempt = async (killAfterMs: number | null) => {
      const finished = new Set(Object.keys(await identity(to).catch(() => ({}))))
      const before = ehr.requests.length
      const { child, result } = startFloe(args)
      if (killAfterMs !== null) {
        // Counted from the first request: what comes before it is the start of the program.
        await until(() => ehr.requests.length > before || child.exitCode !== null, 'it asks')
        await new Promise((resolve) => setTimeout(resolve, killAfterMs))
        child.kill('SIGKILL')
      }
      const { code } = await result
      refetched.push(
        ...ehr.requests
          .slice(before)
          .flatMap(({ route, file }) => (route === 'file' && finished.has(file ?? '') ? [file ?? ''] : [])),
      )
      return code
    }
    const moments = Array.from({ length: kills }, (_, index) => (index * 137) % 701)
    for (const ms of moments) if ((await attempt(ms)) === 0) break
    expect([await attempt(null), await digests(to), refetched]).toEqual([0, await digests(source), []])
    // A kick-off whose answer was cut off by the kill is nobody's job; every one that was noted was kept.
    expect(ehr.count('kickoff')).toBeLessThanOrEqual(1 + moments.filter((ms) => ms < 100).length)
  })
})

describe.concurrent('Ctrl-C', () => {
  test('exit 130, the line that goes on, and it does', async () => {
    await using ehr = await startEhr({ folder: source, polls: 0, faults: slow })
    const to = join(work.dir, 'interrupted')
    const stopped = await interrupted(ehr, to, 'SIGINT', ['--json'])
    expect([stopped.code, stopped.error?.code]).toEqual([130, 'interrupted'])
    expect(`${stopped.error?.hint}`).toContain('floe resume')
    expect(ehr.jobs).toBe(1)
    const finished = await identity(to)
    const again = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to])
    expect([again.code, ehr.count('kickoff'), await digests(to)]).toEqual([0, 1, await digests(source)])
    expect(await identity(to)).toMatchObject(finished)
  })
})

test('a disk that takes no more: exit 6, what is there stays, floe resume goes on', async () => {
  await using ehr = await startEhr({ folder: source, polls: 0 })
  const to = join(work.dir, 'full')
  const stopped = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, '--json'], { first: 'ulimit -f 2000' })
  expect([stopped.code, stopped.error?.code, stopped.error?.retryable, ehr.jobs]).toEqual([6, 'download-failed', true, 1])
  expect(stopped.error?.hint).toContain('floe resume')
  const resumed = await runFloe(['resume', to])
  expect([resumed.code, ehr.count('kickoff'), await digests(to)]).toEqual([0, 1, await digests(source)])
})

test('two at a time in one folder: the second is refused and leaves the first alone', async () => {
  await using ehr = await startEhr({ folder: source, polls: 0, faults: slow })
  const to = join(work.dir, 'twice')
  const args = ['export', `${ehr.fhirUrl}/Group/demo`, to, '--json']
  const first = startFloe(args)
  await until(() => ehr.count('file') > 0, 'the first is at work')
  for (const second of [await runFloe(args), await runFloe(['resume', to, '--json'])]) {
    expect(second.code).not.toBe(0)
    expect(second.error?.message).toMatch(/at work|running|in use|another/i)
  }
  expect([(await first.result).code, ehr.count('kickoff'), await digests(to)]).toEqual([0, 1, await digests(source)])
})

test('--resume=URL takes up a job of which there is no folder', async () => {
  await using ehr = await startEhr({ folder: source, polls: 0 })
  const kickoff = await fetch(`${ehr.fhirUrl}/Group/demo/$export`, {
    headers: { accept: 'application/fhir+json', prefer: 'respond-async' },
  })
  const url = kickoff.headers.get('content-location') ?? ''
  for (const [name, given] of [
    ['raw', url],
    ['encoded', encodeURIComponent(url)],
  ] as const) {
    const to = join(work.dir, `job-${name}`)
    const run = await runFloe(['export', `${ehr.fhirUrl}/Group/demo`, to, `--resume=${given}`, '--keep-job'])
    expect([run.code, ehr.count('kickoff'), await digests(to)]).toEqual([0, 1, await digests(source)])
    expect((await readFile(join(to, 'log.ndjson'), 'utf8')).includes('bulk-status')).toBe(false)
  }
})
