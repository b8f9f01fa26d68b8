import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { PassThrough, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import { compressionOf } from '@floe/client/ndjson'
import type { Output } from '../cli/ui/output.ts'
import { usageError } from '../errors.ts'

/** Takes lines of NDJSON; `close` puts a file in place, `abandon` leaves nothing behind. */
export interface LineSink {
  write(line: Uint8Array): Promise<void>
  close(): Promise<void>
  abandon(): Promise<void>
}

const newline = Buffer.from('\n')
const batch = 64 * 1024

/** A new file, compressed as its name says; it has its name only when it is whole. */
export function fileSink(path: string): LineSink {
  if (existsSync(path)) throw usageError(`${path} is there already`, 'choose another name, or remove it')
  const part = `${path}.part`
  const compression = compressionOf(path)
  const input = new PassThrough({ highWaterMark: 4 * batch })
  const file = createWriteStream(part, { flags: 'wx', mode: 0o600 })
  const coder = compression === 'gzip' ? createGzip() : compression === 'zstd' ? createZstdCompress() : undefined
  const done = coder === undefined ? pipeline(input, file) : pipeline(input, coder, file)
  // Awaited in close; until then a failure must not count as unhandled.
  done.catch(() => {})
  const sink = bufferedSink(input)
  return {
    write: sink.write,
    async close() {
      await sink.flush()
      input.end()
      await done
      await rename(part, path)
    },
    async abandon() {
      input.destroy()
      await done.catch(() => {})
      await rm(part, { force: true })
    },
  }
}

/** Standard output. */
export function outputSink(output: Pick<Output, 'write'>): LineSink {
  let pieces: Uint8Array[] = []
  let size = 0
  const flush = async (): Promise<void> => {
    if (size > 0) await output.write(Buffer.concat(pieces))
    pieces = []
    size = 0
  }
  return {
    async write(line) {
      pieces.push(Buffer.from(line), newline)
      size += line.length + 1
      if (size >= batch) await flush()
    },
    close: flush,
    abandon: async () => {},
  }
}

function bufferedSink(stream: Writable): { write(line: Uint8Array): Promise<void>; flush(): Promise<void> } {
  let pieces: Uint8Array[] = []
  let size = 0
  const flush = async (): Promise<void> => {
    const chunk = Buffer.concat(pieces)
    pieces = []
    size = 0
    if (stream.destroyed) throw stream.errored ?? new Error('the output was closed')
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), once(stream, 'close')])
  }
  return {
    async write(line) {
      pieces.push(Buffer.from(line), newline)
      size += line.length + 1
      if (size >= batch) await flush()
    },
    flush,
  }
}
