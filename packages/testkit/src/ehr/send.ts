import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import type { FaultAction } from './faults.ts'
import { fileBytes, plainBytes, slice } from './lines.ts'
import type { FileBody, Reply } from './reply.ts'
import type { RequestRecord } from './types.ts'

type Action<Kind extends FaultAction['kind']> = Extract<FaultAction, { kind: Kind }>

/** The first action of a kind. */
export function actionOf<Kind extends FaultAction['kind']>(
  actions: readonly FaultAction[],
  kind: Kind,
): Action<Kind> | undefined {
  return actions.find((action): action is Action<Kind> => action.kind === kind)
}

/** How a body is sent: up to where, how fast, and what comes then. */
interface Plan {
  limit: number
  atLine: boolean
  drip: Action<'drip'> | undefined
  ending: 'end' | 'close' | 'reset' | 'stall'
}

export interface Sending {
  actions: readonly FaultAction[]
  record: RequestRecord
  /** The second origin. */
  otherUrl: string
}

/** Sends an answer, with whatever a fault plan makes of it. Resolves when nothing more will be sent. */
export async function send(response: ServerResponse, reply: Reply, { actions, record, otherUrl }: Sending): Promise<void> {
  const { status, body } = reply
  const plan = planOf(actions)
  const headers = headersOf(reply, actions, otherUrl)
  const truncate = actionOf(actions, 'truncate')
  if (truncate !== undefined && truncate.as !== 'closed') delete headers['content-length']
  let chunks = chunksOf(body)
  if (truncate?.as === 'gzip') {
    headers['content-encoding'] = 'gzip'
    chunks = gzipped(limited(identity(body), plan))
    plan.limit = Number.POSITIVE_INFINITY
  } else if (truncate?.as === 'short') {
    headers['content-length'] = String(Math.min(await lengthOf(limited(chunks, plan)), bodyLength(body)))
    chunks = chunksOf(body)
  }
  record.status = status
  response.writeHead(status, headers)
  response.flushHeaders()
  if (record.method === 'HEAD' || status === 204 || status === 304) {
    response.end()
    return
  }
  await sendBody(response, limited(chunks, plan), plan, record)
}

function planOf(actions: readonly FaultAction[]): Plan {
  const truncate = actionOf(actions, 'truncate')
  const stall = actionOf(actions, 'stall')
  const reset = actionOf(actions, 'reset')
  const drip = actionOf(actions, 'drip')
  if (stall !== undefined) return { limit: stall.afterBytes ?? 0, atLine: false, drip, ending: 'stall' }
  if (reset !== undefined) return { limit: reset.afterBytes ?? 0, atLine: false, drip, ending: 'reset' }
  if (truncate === undefined) return { limit: Number.POSITIVE_INFINITY, atLine: false, drip, ending: 'end' }
  const ending = truncate.as === 'closed' ? 'close' : 'end'
  return { limit: truncate.afterBytes, atLine: truncate.atLine ?? false, drip, ending }
}

function headersOf({ headers, body }: Reply, actions: readonly FaultAction[], otherUrl: string): Record<string, string> {
  const result: Record<string, string> = { ...headers }
  const length = bodyLength(body)
  if (Number.isFinite(length)) result['content-length'] = String(length)
  for (const action of actions) {
    if (action.kind === 'readdress') {
      const name = action.header.toLowerCase()
      result[name] = (result[name] ?? '').replace(/^https?:\/\/[^/]+/, action.to === 'relative' ? '' : otherUrl)
    }
    if (action.kind !== 'headers') continue
    for (const [name, value] of Object.entries(action.set)) {
      if (value === null) delete result[name.toLowerCase()]
      else result[name.toLowerCase()] = value
    }
  }
  return result
}

/** Length of the body as it is sent, infinite where it is compressed on the way and hence not known. */
function bodyLength(body: string | FileBody | null): number {
  if (body === null) return 0
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body.gzip ? Number.POSITIVE_INFINITY : body.to - body.from
}

function chunksOf(body: string | FileBody | null): AsyncIterable<Buffer> {
  if (body === null || typeof body === 'string') return one(Buffer.from(body ?? ''))
  const plain = stored(body)
  return body.gzip ? gzipped(plain) : plain
}

function stored({ path, decode, from, to }: FileBody): AsyncIterable<Buffer> {
  if (decode === 'as-stored') return fileBytes(path, from, to)
  return slice(plainBytes(path, decode === 'gunzip' ? 'gzip' : 'zstd'), from, to)
}

/** The body without any compression, also where the file's own would be sent. */
function identity(body: string | FileBody | null): AsyncIterable<Buffer> {
  return body === null || typeof body === 'string' ? chunksOf(body) : plainBytes(body.path)
}

async function* one(buffer: Buffer): AsyncGenerator<Buffer> {
  if (buffer.length > 0) yield buffer
}

async function* gzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { Readable } = await import('node:stream')
  yield* Readable.from(chunks, { objectMode: false }).pipe(createGzip({ level: 1, chunkSize: 1 << 18 })) as AsyncIterable<Buffer>
}

/** The bytes up to the limit; with `atLine` only the whole lines among them. */
async function* limited(chunks: AsyncIterable<Buffer>, { limit, atLine }: Plan): AsyncGenerator<Buffer> {
  if (limit === Number.POSITIVE_INFINITY) {
    yield* chunks
    return
  }
  const parts: Buffer[] = []
  for await (const chunk of slice(chunks, 0, limit)) {
    if (!atLine) yield chunk
    else parts.push(chunk)
  }
  const all = Buffer.concat(parts)
  const end = all.lastIndexOf(10) + 1
  if (end > 0) yield all.subarray(0, end)
}

async function lengthOf(chunks: AsyncIterable<Buffer>): Promise<number> {
  let length = 0
  for await (const chunk of chunks) length += chunk.length
  return length
}

async function sendBody(
  response: ServerResponse,
  chunks: AsyncIterable<Buffer>,
  plan: Plan,
  record: RequestRecord,
): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once('close', resolve))
  for await (const chunk of plan.drip === undefined ? chunks : dripped(chunks, plan.drip)) {
    if (response.destroyed || response.closed) return
    record.bytesSent += chunk.length
    if (!response.write(chunk)) await drained(response)
  }
  if (plan.ending === 'end') {
    response.end()
    await gone
    return
  }
  // What was written has to be on the wire before the connection breaks, or the client sees fewer bytes than the plan says.
  await new Promise((resolve) => setImmediate(resolve))
  while (!response.closed && (response.socket?.writableLength ?? 0) > 0) await sleep(2)
  if (plan.ending === 'close') response.socket?.end()
  else if (plan.ending === 'reset') response.socket?.resetAndDestroy()
  if (plan.ending === 'close') {
    await Promise.race([gone, sleep(50)])
    response.socket?.destroy()
  }
  await gone
}

/** Resolves when the response takes more, or is over. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.once('drain', done).once('close', done)
  })
}

async function* dripped(chunks: AsyncIterable<Buffer>, { bytes, everyMs }: Action<'drip'>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += bytes) {
      yield chunk.subarray(from, from + bytes)
      await sleep(everyMs)
    }
  }
}
