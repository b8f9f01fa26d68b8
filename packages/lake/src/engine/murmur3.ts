/** 32-bit Murmur3 (x86 variant, seed 0), as Iceberg's bucket transform hashes (spec, Appendix B); DuckDB has none. */
export function murmur3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length - (bytes.length % 4)
  let hash = 0
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(view.getInt32(at, true))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let at = bytes.length - 1; at >= whole; at--) tail = (tail << 8) | (bytes[at] ?? 0)
  hash ^= scramble(tail) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

const encoder = new TextEncoder()

/** The bucket of a text: its UTF-8 bytes hashed. */
export function bucketOfText(text: string, buckets: number): number {
  return (murmur3(encoder.encode(text)) & 0x7fffffff) % buckets
}

/** The bucket of an integer, days or microseconds: eight little-endian bytes hashed, whatever the column's width. */
export function bucketOfLong(value: bigint, buckets: number): number {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value, true)
  return (murmur3(bytes) & 0x7fffffff) % buckets
}
