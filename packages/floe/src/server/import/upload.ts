import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import busboy from 'busboy'
import { Refusal, tooLong } from '../refusal.ts'
import type { ImportInput } from './spec.ts'

const maxParts = 1000

/** A body of NDJSON as the only input. */
export async function takeBody(incoming: IncomingMessage, dir: string, maxBytes: number): Promise<ImportInput[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const staged = stagedName(0)
  await writeLimited(incoming, join(dir, staged), { left: maxBytes })
  return [{ inputUrl: 'upload:body', type: undefined, staged }]
}

/** One input per file part of a multipart body, which is as long as one input may be; each part goes straight to disk. */
export async function takeMultipart(
  incoming: IncomingMessage,
  dir: string,
  maxBytes: number,
  { patience = 30_000 }: { readonly patience?: number } = {},
): Promise<ImportInput[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const inputs: ImportInput[] = []
  const budget = { left: maxBytes }
  const writes: Promise<void>[] = []
  const parts: Readable[] = []
  const parser = parserOf(incoming)
  let problem: unknown
  const stop = (error: unknown): void => {
    problem ??= error
    incoming.unpipe(parser)
    parser.destroy()
    // A parser that was destroyed leaves the part that it was in without an end.
    for (const part of parts) part.destroy()
  }
  parser.on('file', (_, stream, { filename }) => {
    // After an error the parser may still begin a part, which then never ends.
    if (problem !== undefined) return void stream.destroy()
    parts.push(stream)
    const staged = stagedName(inputs.length)
    inputs.push({ inputUrl: `upload:${plainName(filename)}`, type: undefined, staged })
    writes.push(writeLimited(stream, join(dir, staged), budget).catch(stop))
  })
  for (const limit of ['filesLimit', 'partsLimit', 'fieldsLimit'] as const) parser.on(limit, () => stop(tooLong()))
  const broken = (): Refusal => new Refusal(400, 'invalid', 'The multipart body is broken.', { headers: { Connection: 'close' } })
  let watch: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    parser.once('close', resolve)
    // It may come twice: one that was destroyed within a part says so.
    parser.on('error', () => {
      stop(broken())
      resolve()
    })
    // The parser waits for ever for a part whose headers alone had come when the body ended.
    incoming.once('end', () => {
      let left = budget.left
      watch = setInterval(() => {
        if (budget.left === left) stop(broken())
        left = budget.left
      }, patience)
    })
    incoming.once('aborted', () => stop(new Refusal(400, 'invalid', 'The body ended too early.')))
    incoming.pipe(parser)
  })
  clearInterval(watch)
  await Promise.all(writes)
  if (problem !== undefined) throw problem
  if (inputs.length === 0) throw new Refusal(400, 'required', 'The multipart body has no file.')
  return inputs
}

function parserOf(incoming: IncomingMessage): busboy.Busboy {
  try {
    const limits = { files: maxParts, parts: maxParts + 100, fields: 100, fieldSize: 64 * 1024 }
    return busboy({ headers: incoming.headers, limits, defParamCharset: 'utf8' })
  } catch {
    throw new Refusal(400, 'invalid', 'The multipart body has no boundary.')
  }
}

/** Input 12 is staged as `0012`; its type and packing are added when they are known. */
export function stagedName(index: number): string {
  return String(index).padStart(4, '0')
}

/** A client's file name as it is told back: it never becomes a path. */
function plainName(name: string | undefined): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return (name ?? 'file').replace(/[\u0000-\u001f\u007f]/g, '').slice(0, 200)
}

/** Writes a stream to disk; what it may write is taken off the budget. */
export async function writeLimited(source: Readable, path: string, budget: { left: number }): Promise<void> {
  await pipeline(
    source,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        budget.left -= chunk.length
        if (budget.left < 0) throw tooLong()
        yield chunk
      }
    },
    createWriteStream(path, { mode: 0o600, flush: true }),
  )
}
