import { open } from 'node:fs/promises'
import { unpack } from './archive.ts'
import type { Compression } from './types.ts'

/** A line of a file that is read as a whole into objects: deletions and outcomes. */
export interface SmallLine {
  readonly line: number
  readonly offset: number
  readonly bytes: number
  /** Undefined for a line that is too long. */
  readonly text: string | undefined
}

const lineFeed = 0x0a

/**
 * The lines with content of a file, plain or packed, one at a time. Never throws for what is in the file: of a cut archive comes
 * what is before the cut, then a line without text.
 */
export async function* smallLines(path: string, compression: Compression, maxLine: number): AsyncGenerator<SmallLine> {
  await using file = await open(path)
  const unpacking = unpack(file, compression, () => {})
  let parts: Buffer[] = []
  let size = 0
  let offset = 0
  let line = 0
  const take = (cut: boolean): SmallLine | undefined => {
    line += 1
    const whole = size <= maxLine && !cut
    const text = whole
      ? Buffer.concat(parts)
          .toString('utf8')
          .replace(/^\ufeff/, '')
          .trim()
      : undefined
    const taken = { line, offset, bytes: size, text }
    offset += size + 1
    parts = []
    size = 0
    return text === '' ? undefined : taken
  }
  for (;;) {
    const step = await unpacking.next()
    if (step.done) {
      const last = size > 0 || step.value !== 'whole' ? take(step.value !== 'whole') : undefined
      if (last) yield last
      return
    }
    const chunk = step.value
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(lineFeed, from)
      const part = chunk.subarray(from, end < 0 ? chunk.length : end)
      if (size + part.length <= maxLine) parts.push(Buffer.from(part))
      else parts = []
      size += part.length
      from += part.length
      if (end < 0) continue
      from += 1
      const taken = take(false)
      if (taken) yield taken
    }
  }
}
