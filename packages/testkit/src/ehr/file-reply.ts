import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { type FileBody, type Reply, refusal } from './reply.ts'
import type { JobFile } from './select.ts'

export interface FileRequest {
  range: string | undefined
  ifRange: string | undefined
  acceptEncoding: string | undefined
  /** Whether the file may be sent compressed, and may be asked for in parts. */
  gzip: boolean
  ranges: boolean
  expires: string
}

/** The answer to a request for one file: which bytes of which representation. */
export async function fileReply(file: JobFile, request: FileRequest): Promise<Reply> {
  const { size, mtimeMs, ino } = await stat(file.path)
  const gzip = request.gzip && acceptsGzip(request.acceptEncoding)
  const stored = gzip && file.compression === 'gzip'
  const decode = file.compression === 'none' || stored ? 'as-stored' : file.compression === 'gzip' ? 'gunzip' : 'unzstd'
  const etag = `"${createHash('sha256').update(`${ino} ${size} ${mtimeMs} ${gzip}`).digest('hex').slice(0, 20)}"`
  const length = stored ? size : file.bytes
  const headers: Record<string, string> = {
    'content-type': 'application/fhir+ndjson',
    etag,
    'last-modified': new Date(mtimeMs).toUTCString(),
    expires: request.expires,
    ...(request.gzip ? { vary: 'accept-encoding' } : {}),
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
  }
  const body: FileBody = { path: file.path, decode, gzip: gzip && !stored, from: 0, to: length }
  // A part of what is compressed on the way is nothing that could be told again.
  if (!request.ranges || body.gzip) return { status: 200, headers, body }
  headers['accept-ranges'] = 'bytes'
  const range = request.ifRange === undefined || request.ifRange === etag ? parseRange(request.range, length) : null
  if (range === null) return { status: 200, headers, body }
  if (range === 'unsatisfiable') return refusal(416, 'value', 'No such range', { 'content-range': `bytes */${length}` })
  headers['content-range'] = `bytes ${range.from}-${range.to - 1}/${length}`
  return { status: 206, headers, body: { ...body, ...range } }
}

function acceptsGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((part) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0+)?\s*$).*)?$/i.test(part))
}

/** One byte range as `[from, to)`; anything that is none (or several) is as if not asked for. */
function parseRange(header: string | undefined, length: number): { from: number; to: number } | 'unsatisfiable' | null {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (found === null || (found[1] === '' && found[2] === '')) return null
  const [, first = '', last = ''] = found
  if (first === '') return { from: Math.max(0, length - Number(last)), to: length }
  const from = Number(first)
  const to = last === '' ? length : Math.min(Number(last) + 1, length)
  return from >= length || to <= from ? 'unsatisfiable' : { from, to }
}
