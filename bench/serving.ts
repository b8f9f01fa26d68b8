import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../scripts/sources.ts'
import { discard } from './http.ts'
import type { Cost } from './measure.ts'

/** A `floe serve` of its own process. */
export interface Served extends AsyncDisposable {
  readonly origin: string
  /** CPU seconds so far, and the peak of its memory in bytes (Linux). */
  usage(): { readonly cpu: number; readonly rss: number }
}

/** Starts the built command without authentication on a free port. */
export async function serve(lake: string): Promise<Served> {
  const args = ['packages/floe/bin/floe.js', 'serve', '--lake', lake, '--open', '--port', '0', '--json', '--log-level', 'error']
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`
  const child = spawn('node', args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PATH: path } })
  const ended = once(child, 'exit')
  const origin = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [, found] = /"serving":"([^"]+)"/.exec(text) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`floe serve ended with ${code}`)))
  })
  return {
    origin,
    usage: () => {
      const [user = '0', system = '0'] =
        readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? []
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? '0'
      return { cpu: (Number(user) + Number(system)) / 100, rss: Number(peak) * 1024 }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

interface Manifest {
  readonly output: readonly { readonly url: string; readonly count: number }[]
}

/** Polls a status address until it has the manifest; not more often than a server allows. */
export async function manifestOf(status: string): Promise<Manifest> {
  for (let asked = 0; ; asked++) {
    const answer = await fetch(status)
    if (answer.status === 200) return (await answer.json()) as Manifest
    await answer.body?.cancel()
    if (answer.status !== 202) throw new Error(`the status was answered with ${answer.status}`)
    await sleep(asked < 40 ? 50 : 800)
  }
}

export interface Exported {
  readonly cost: Cost
  readonly bytes: number
  readonly lines: number
  /** Seconds of the kick-off alone, and of the files alone. */
  readonly kickoff: number
  readonly files: number
}

/** A system export from kick-off to last byte, over one connection at a time. */
export async function exported({ origin, usage }: Served): Promise<Exported> {
  const before = usage()
  const started = performance.now()
  const answer = await fetch(`${origin}/fhir/$export`)
  const kicked = performance.now()
  await answer.body?.cancel()
  const status = answer.headers.get('content-location') ?? ''
  const { output } = await manifestOf(status)
  const ready = performance.now()
  let bytes = 0
  for (const { url } of output) bytes += await discard(url)
  const ended = performance.now()
  const { cpu, rss } = usage()
  const removed = await fetch(status, { method: 'DELETE' })
  await removed.body?.cancel()
  return {
    cost: { wall: (ended - started) / 1000, cpu: cpu - before.cpu, rss },
    bytes,
    lines: output.reduce((sum, { count }) => sum + count, 0),
    kickoff: (kicked - started) / 1000,
    files: (ended - ready) / 1000,
  }
}

/**
 * Asks for the status of finished jobs, fifty times a second, as long as something else goes on; gives the 99th percentile in
 * seconds.
 */
export async function statusLatency<T>(
  { origin }: Served,
  work: () => Promise<T>,
): Promise<{ result: T; p99: number; asked: number }> {
  const jobs: string[] = []
  for (let job = 0; job < 6; job++) {
    const answer = await fetch(`${origin}/fhir/$export?_type=Organization`)
    await answer.body?.cancel()
    jobs.push(answer.headers.get('content-location') ?? '')
    await manifestOf(jobs[job] ?? '')
  }
  let going = true
  const times: number[] = []
  const poll = async (): Promise<void> => {
    // A job's status may be asked for a hundred times a minute.
    for (let asked = 0; going && asked < jobs.length * 80; asked++) {
      const started = performance.now()
      const answer = await fetch(jobs[asked % jobs.length] ?? '')
      await answer.arrayBuffer()
      times.push(performance.now() - started)
      await sleep(20)
    }
  }
  const [result] = await Promise.all([
    work().finally(() => {
      going = false
    }),
    poll(),
  ])
  times.sort((a, b) => a - b)
  return { result, p99: (times[Math.ceil(times.length * 0.99) - 1] ?? 0) / 1000, asked: times.length }
}
