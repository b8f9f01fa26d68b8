import { open } from 'node:fs/promises'
import { pieces } from './archive.ts'

const lineFeed = 0x0a

/** The lines of a plain file that is floe's own or a log, each with its line feed: without one it is the last, and may be torn. */
export async function* textLines(path: string): AsyncGenerator<string, undefined> {
  await using file = await open(path)
  let parts: Buffer[] = []
  for await (const piece of pieces(file, 0, 1 << 20)) {
    let from = 0
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, from)) {
      const last = piece.subarray(from, end + 1)
      yield parts.length === 0 ? last.toString() : Buffer.concat([...parts, last]).toString()
      parts = []
      from = end + 1
    }
    if (from < piece.length) parts.push(piece.subarray(from))
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString()
}
