/** How a compressed file ended: whole, without its end, or with bytes that cannot be unpacked. */
export type ArchiveEnd = 'whole' | 'truncated' | 'damaged'

/** Packed bytes that can be taken by the piece or by the byte. */
export interface ZstdInput {
  /** Set while a frame is read: it broke off, or is none. */
  end: ArchiveEnd
  /** Whether there is another byte. */
  more(): Promise<boolean>
  /** Up to `count` bytes, at least one; undefined at the end. */
  take(count: number): Promise<Buffer | undefined>
}

/** A source of bytes for `frameOf`. */
export function zstdInput(input: AsyncIterator<Buffer>): ZstdInput {
  let piece: Buffer = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    while (piece.length === 0) {
      const next = await input.next()
      if (next.done) return false
      piece = next.value
    }
    return true
  }
  const take = async (count: number): Promise<Buffer | undefined> => {
    if (!(await more())) return undefined
    const taken = piece.subarray(0, count)
    piece = piece.subarray(taken.length)
    return taken
  }
  return { end: 'whole', more, take }
}

const magic = 0xfd2fb528
/** 16 numbers from here mark frames that hold no data. */
const skippable = 0x184d2a50

/**
 * The bytes of one zstd frame (RFC 8878 §3.1), as far as they are there. The blocks tell their sizes, so the end of the frame is
 * known without unpacking it.
 */
export async function* frameOf(source: ZstdInput): AsyncGenerator<Buffer> {
  source.end = 'truncated'
  const start = await exactly(source, 4)
  if (!start) return
  const kind = start.readUInt32LE(0)
  if (kind >= skippable && kind < skippable + 16) {
    const size = await exactly(source, 4)
    if (size && (await drop(source, size.readUInt32LE(0)))) source.end = 'whole'
    return
  }
  if (kind !== magic) {
    source.end = 'damaged'
    return
  }
  yield start
  const descriptor = await exactly(source, 1)
  if (!descriptor) return
  yield descriptor
  const flags = descriptor[0] as number
  if (yield* passed(source, headerSize(flags))) return
  for (;;) {
    const header = await exactly(source, 3)
    if (!header) return
    yield header
    const word = header.readUIntLE(0, 3)
    const size = ((word >> 1) & 3) === 1 ? 1 : word >> 3
    if (yield* passed(source, size)) return
    if (word & 1) break
  }
  if (flags & 4 && (yield* passed(source, 4))) return
  source.end = 'whole'
}

/** Window descriptor, dictionary id and content size (RFC 8878 §3.1.1.1). */
function headerSize(flags: number): number {
  const single = (flags >> 5) & 1
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0
  const content = [single, 2, 4, 8][flags >> 6] ?? 0
  return (single ? 0 : 1) + dictionary + content
}

async function exactly(source: ZstdInput, count: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  for (let missing = count; missing > 0; ) {
    const part = await source.take(missing)
    if (!part) return undefined
    parts.push(part)
    missing -= part.length
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts)
}

async function drop(source: ZstdInput, count: number): Promise<boolean> {
  for (let missing = count; missing > 0; ) {
    const part = await source.take(missing)
    if (!part) return false
    missing -= part.length
  }
  return true
}

/** Gives `count` bytes; true when the input ends before. */
async function* passed(source: ZstdInput, count: number): AsyncGenerator<Buffer, boolean> {
  for (let missing = count; missing > 0; ) {
    const part = await source.take(missing)
    if (!part) return true
    yield part
    missing -= part.length
  }
  return false
}
