/** Files up to this size take a block of the disk, packed or not. */
export const rawMost = 4096

const magic = 0xfd2fb528
const [oneSegment, twoByteSize] = [0x20, 0x40]
/** The only block of a frame, not packed. */
const lastRaw = 1

/**
 * A zstd frame with the bytes as they are (RFC 8878, raw block, without a checksum): any tool unpacks it. Making one costs a
 * hundredth of what setting up a packer does.
 */
export function rawFrame(bytes: Buffer): Buffer {
  const short = bytes.length < 256
  const head = short ? 9 : 10
  const frame = Buffer.allocUnsafe(head + bytes.length)
  frame.writeUInt32LE(magic, 0)
  frame[4] = short ? oneSegment : oneSegment | twoByteSize
  if (short) frame[5] = bytes.length
  else frame.writeUInt16LE(bytes.length - 256, 5)
  frame.writeUIntLE((bytes.length << 3) | lastRaw, head - 3, 3)
  frame.set(bytes, head)
  return frame
}

/** The bytes of such a frame; undefined for any other. */
export function ofRawFrame(frame: Buffer): Buffer | undefined {
  if (frame.length < 9 || frame.readUInt32LE(0) !== magic) return undefined
  const short = frame[4] === oneSegment
  if (!short && frame[4] !== (oneSegment | twoByteSize)) return undefined
  const head = short ? 9 : 10
  const size = short ? (frame[5] as number) : frame.readUInt16LE(5) + 256
  if (frame.length !== head + size || frame.readUIntLE(head - 3, 3) !== ((size << 3) | lastRaw)) return undefined
  return frame.subarray(head)
}
