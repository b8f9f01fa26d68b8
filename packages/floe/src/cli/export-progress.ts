import type { EventDetails, ExportEvent } from '@floe/client'
import { gauge } from './ui/chart.ts'
import { bytes, count, counted, duration, localTime, rate } from './ui/format.ts'
import { pad } from './ui/table.ts'
import type { LiveView, Ui } from './ui/ui.ts'

interface FileInFlight {
  bytes: number
  totalBytes: number | null
}

/** Files that get a line of their own where there is no terminal; beyond that the line a minute has to do. */
const namedFiles = 40
/** Rate over this window. */
const windowMs = 10_000

/** What the events have told so far. */
interface Seen {
  polls: number
  xProgress: string | null
  nextPollAt: number | null
  waitingSince: number | null
  elapsedMs: number
  filesTotal: number | null
  filesDone: number
  bytesDone: number
  resources: number
  retries: number
  addition: EventDetails['addition_progress'] | null
  readonly inFlight: Map<string, FileInFlight>
  readonly samples: { at: number; bytes: number }[]
}

/** Draws an export from its events and passes them on with `--json`. */
export function exportProgress(
  ui: Ui,
  { title, resumeLine, now = Date.now }: { title: string; resumeLine: string; now?: () => number },
): (event: ExportEvent) => void {
  const seen: Seen = {
    polls: 0,
    xProgress: null,
    nextPollAt: null,
    waitingSince: null,
    elapsedMs: 0,
    filesTotal: null,
    filesDone: 0,
    bytesDone: 0,
    resources: 0,
    retries: 0,
    addition: null,
    inFlight: new Map(),
    samples: [],
  }
  ui.step(` ${title}`)
  const view: LiveView = { lines: () => liveLines(seen, now()), plain: () => ` ${plainLine(seen, now())}` }
  ui.live(view)
  return (event) => {
    if (event.eventId !== 'download_progress' && event.eventId !== 'addition_progress') ui.event(event)
    take(seen, event, now())
    const line = stepLine(seen, event, ui, resumeLine)
    if (line !== undefined) ui.step(` ${line}`)
  }
}

function take(seen: Seen, event: ExportEvent, at: number): void {
  switch (event.eventId) {
    case 'kickoff':
      if (event.eventDetail.errorCode === null) seen.waitingSince ??= at
      break
    case 'status_progress':
      takePoll(seen, event.eventDetail, at)
      break
    case 'status_error':
      seen.retries += 1
      seen.nextPollAt = event.eventDetail.nextPollMs === null ? null : at + event.eventDetail.nextPollMs
      break
    case 'manifest_complete': {
      const { totalOutputFileCount, totalDeletedFileCount, totalErrorFileCount } = event.eventDetail
      seen.filesTotal = totalOutputFileCount + totalDeletedFileCount + totalErrorFileCount
      seen.nextPollAt = null
      break
    }
    case 'download_request':
      seen.inFlight.set(event.eventDetail.path, { bytes: 0, totalBytes: null })
      break
    case 'download_progress':
      seen.inFlight.set(event.eventDetail.path, event.eventDetail)
      sample(seen, at)
      break
    case 'download_retry':
      seen.retries += 1
      break
    case 'addition_progress':
      seen.addition = event.eventDetail
      break
    case 'attachments_complete':
      seen.addition = null
      break
    case 'download_error':
      seen.inFlight.delete(event.eventDetail.path)
      break
    case 'download_complete':
      seen.inFlight.delete(event.eventDetail.path)
      seen.filesDone += 1
      seen.bytesDone += event.eventDetail.fileSize
      seen.resources += event.eventDetail.resourceCount
      sample(seen, at)
      break
    default:
      break
  }
}

function takePoll(seen: Seen, detail: EventDetails['status_progress'], at: number): void {
  seen.waitingSince ??= at - detail.elapsedMs
  seen.polls = detail.polls
  seen.xProgress = detail.xProgress
  seen.nextPollAt = at + detail.nextPollMs
  seen.elapsedMs = detail.elapsedMs
}

function loaded(seen: Seen): number {
  let sum = seen.bytesDone
  for (const file of seen.inFlight.values()) sum += file.bytes
  return sum
}

function sample(seen: Seen, at: number): void {
  seen.samples.push({ at, bytes: loaded(seen) })
  while (seen.samples.length > 2 && at - (seen.samples[0]?.at ?? at) > windowMs) seen.samples.shift()
}

function speed(seen: Seen): { text: string; perMs: number } {
  const [first] = seen.samples
  const last = seen.samples.at(-1)
  if (first === undefined || last === undefined || last.at <= first.at) return { text: '', perMs: 0 }
  const moved = Math.max(0, last.bytes - first.bytes)
  return { text: rate(moved, last.at - first.at), perMs: moved / (last.at - first.at) }
}

function serverLine(seen: Seen, at: number): string {
  const parts = [
    seen.xProgress === null ? 'working' : `"${seen.xProgress}"`,
    `asked ${counted(seen.polls, 'time')}`,
    ...(seen.nextPollAt === null ? [] : [`next in ${duration(Math.max(0, seen.nextPollAt - at))}`]),
    ...(seen.waitingSince === null ? [] : [`running ${duration(at - seen.waitingSince)}`]),
  ]
  return parts.join(' · ')
}

function filesLine(seen: Seen): string {
  const total = [...seen.inFlight.values()].reduce((sum, file) => sum + (file.totalBytes ?? file.bytes), seen.bytesDone)
  const { text, perMs } = speed(seen)
  const allStarted = seen.filesTotal !== null && seen.filesDone + seen.inFlight.size >= seen.filesTotal
  const left = total - loaded(seen)
  const parts = [
    seen.filesTotal === null
      ? counted(seen.filesDone, 'file')
      : `${count(seen.filesDone)} of ${counted(seen.filesTotal, 'file')}`,
    bytes(loaded(seen)),
    text,
    perMs > 0 && left > 0 && allStarted ? `${duration(left / perMs)} left` : '',
    seen.retries > 0 ? counted(seen.retries, 'retry', 'retries') : '',
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

function liveLines(seen: Seen, at: number): string[] {
  const waiting = seen.filesTotal === null
  const lines = [
    ...(waiting && seen.waitingSince === null ? [' server     asked for the export'] : []),
    ...(waiting && seen.waitingSince !== null ? [` server     ${serverLine(seen, at)}`] : []),
    ...(waiting && seen.inFlight.size === 0 ? [] : [` files      ${filesLine(seen)}`]),
  ]
  if (seen.addition !== null) lines.push(` ${additionLine(seen.addition)}`)
  for (const [path, file] of [...seen.inFlight].slice(0, 15)) {
    const name = pad(path.replace(/\.ndjson(\.gz|\.zst)?$/, ''), 28)
    const share =
      file.totalBytes === null || file.totalBytes === 0 ? '' : ` ${Math.floor((file.bytes * 100) / file.totalBytes)} %`
    lines.push(`   ${name} ${gauge(file.bytes, file.totalBytes ?? 0, 28)}${pad(share, 6, 'right')}  ${bytes(file.bytes)}`)
  }
  return lines
}

function additionLine({ done, total, fetched, failed }: EventDetails['addition_progress']): string {
  const lost = failed === 0 ? '' : ` · ${count(failed)} not to be had`
  return `notes      ${count(done)} of ${counted(total, 'resource')} · ${count(fetched)} fetched${lost}`
}

function plainLine(seen: Seen, at: number): string {
  if (seen.addition !== null) return additionLine(seen.addition)
  return seen.filesTotal === null ? `server     ${serverLine(seen, at)}` : `files      ${filesLine(seen)}`
}

/** The line for an event that is worth one, or none. */
function stepLine(seen: Seen, event: ExportEvent, ui: Ui, resumeLine: string): string | undefined {
  switch (event.eventId) {
    case 'kickoff':
      if (event.eventDetail.errorCode !== null) return undefined
      return `kicked off ${localTime(event.timestamp)} · if interrupted: ${resumeLine}`
    case 'manifest_complete':
      return `server     ready: ${counted(seen.filesTotal ?? 0, 'file')} · data as of ${localTime(event.eventDetail.transactionTime)}`
    case 'status_error':
      return `server     ${event.eventDetail.message}${again(event.eventDetail.nextPollMs)}`
    case 'download_retry':
      return `${event.eventDetail.path}: ${event.eventDetail.message}${again(event.eventDetail.delayMs)}`
    case 'download_error':
      return event.eventDetail.message.startsWith(`${event.eventDetail.path}:`)
        ? event.eventDetail.message
        : `${event.eventDetail.path}: ${event.eventDetail.message}`
    case 'notice':
      return event.eventDetail.message
    case 'token_refresh':
      return ui.verbosity > 0
        ? `token      renewed${event.eventDetail.scope === null ? '' : ` · ${event.eventDetail.scope}`}`
        : undefined
    case 'download_complete':
      if (seen.filesDone > namedFiles && ui.verbosity === 0) return undefined
      if (ui.terminal && ui.verbosity === 0) return undefined
      return `${event.eventDetail.path} · ${counted(event.eventDetail.resourceCount, 'resource')} · ${bytes(event.eventDetail.bytes)}`
    default:
      return undefined
  }
}

function again(delayMs: number | null): string {
  return delayMs === null ? '' : ` · again in ${duration(delayMs)}`
}
