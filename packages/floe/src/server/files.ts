import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Hono } from 'hono'
import type { Job, JobFile } from '../jobs/store.ts'
import { type JobAccess, needScopes, ownJob } from './access.ts'
import { type AppContext, type AppEnv, recordFor, type ServerContext } from './context.ts'
import { organizedType } from './export/manifest.ts'
import { notFound, Refusal } from './refusal.ts'

/** `GET /fhir/$export-file/{job}/{name}`: files of exports, and outcome files of imports. */
export function fileRoutes(app: Hono<AppEnv>, context: ServerContext): void {
  app.get('/fhir/$export-file/:job/:name', async (c) => {
    const job = await ownJob<{ readonly access: JobAccess }>(context, c, ['export', 'import', 'sql-export'])
    // The name is looked up, never made into a path: what is not in the table is not there.
    const file = context.jobs.file(job.id, c.req.param('name'))
    if (file === undefined || job.state === 'queued' || job.state === 'running') throw notFound('file')
    needScopes(
      c.get('caller'),
      job.spec.access,
      file.item === 'output' && file.type !== organizedType ? [file.type] : job.spec.access.types,
      job.kind === 'import' ? 'c' : 'r',
    )
    return await send(context, c, job, file)
  })
}

function mediaTypeOf({ name }: JobFile, { kind }: Job): string {
  const ending = name.slice(name.lastIndexOf('.') + 1)
  if (ending === 'parquet') return 'application/vnd.apache.parquet'
  if (ending === 'csv') return 'text/csv'
  if (ending === 'json') return 'application/json'
  return kind === 'sql-export' ? 'application/x-ndjson' : 'application/fhir+ndjson'
}

/** A reader may pause so many times as long as an upload. */
const readerPatience = 5

interface Range {
  readonly start: number
  readonly end: number
}

async function send(context: ServerContext, c: AppContext, job: Job, file: JobFile): Promise<Response> {
  const path = join(context.jobsDir, job.id, file.name)
  const size = (await stat(path).catch(() => undefined))?.size
  if (size === undefined) throw notFound('file')
  const etag = `"${file.sha256}"`
  const { outgoing, incoming } = c.env
  const shared = {
    'Content-Type': mediaTypeOf(file, job),
    ETag: etag,
    'Cache-Control': 'no-store',
    'Accept-Ranges': 'bytes',
    Vary: 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
  }
  if (sameTag(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers: shared })
  const ranged = c.req.header('if-range') === undefined || c.req.header('if-range') === etag
  const range = ranged ? rangeOf(c.req.header('range'), size) : undefined
  if (range === 'unsatisfiable') {
    throw new Refusal(416, 'invalid', 'The range lies beyond the file.', { headers: { 'Content-Range': `bytes */${size}` } })
  }
  const zipped = range === undefined && !file.name.endsWith('.parquet') && acceptsGzip(c.req.header('accept-encoding'))
  const { start, end } = range ?? { start: 0, end: size - 1 }
  const status = range === undefined ? 200 : 206
  const headers = {
    ...shared,
    ...(zipped
      ? { 'Content-Encoding': 'gzip', ETag: etag.replace(/"$/, '-gzip"') }
      : { 'Content-Length': String(end - start + 1) }),
    ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  }
  if (incoming.method === 'HEAD' || size === 0) return new Response(null, { status, headers })
  outgoing.writeHead(status, headers)
  const counts = { resources: file.lines, bytes: end - start + 1 }
  recordFor(context, c, { what: 'download', action: 'R', outcome: '0', description: `file of ${file.type}`, counts })
  // Who stands still keeps a connection and a file open; a Range goes on where it was cut.
  outgoing.setTimeout(readerPatience * context.settings.patience.idle, () => outgoing.destroy())
  const source = createReadStream(path, { start, end, highWaterMark: 256 * 1024 })
  // A client that goes away ends its own stream; nothing of it is the server's failure.
  await (zipped ? pipeline(source, createGzip({ level: 4 }), outgoing) : pipeline(source, outgoing)).catch(() =>
    outgoing.destroy(),
  )
  return RESPONSE_ALREADY_SENT
}

function sameTag(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*') === true
}

function acceptsGzip(header: string | undefined): boolean {
  return header?.split(',').some((one) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(one)) === true
}

/** One range of bytes; several, or none that can be read, give the whole file (RFC 9110 §14.2). */
function rangeOf(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [, from = '', to = ''] = match
  if (from === '') {
    const length = Number(to)
    return length === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size - 1 }
  }
  const start = Number(from)
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (to !== '' && Number(to) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}
