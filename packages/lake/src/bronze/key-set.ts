/** Beyond this many keys of one object a set of hashes decides first. */
const linearKeys = 24

/**
 * Finds a key that occurs twice in one object, among keys that have no number in the vocabulary. Objects nest: `open` before the
 * first key, `close` with its result after the last. Holds positions and hashes only, so it grows with the longest line and with
 * nothing else.
 */
export class KeySet {
  private starts = new Int32Array(256)
  private ends = new Int32Array(256)
  private hashes = new Int32Array(256)
  private size = 0
  private base = 0
  private many: Set<number> | undefined

  /** Begins an object; the result goes to `close`. */
  open(): number {
    const outer = this.base
    this.base = this.size
    this.many = undefined
    return outer
  }

  /** Ends the object, back to the one around it. */
  close(outer: number): void {
    this.size = this.base
    this.base = outer
    this.many = undefined
  }

  clear(): void {
    this.size = 0
    this.base = 0
    this.many = undefined
  }

  /** Adds the key at `bytes[start, end)`; true when the object has it already. `escaped`: compare by meaning, not by bytes. */
  add(bytes: Uint8Array, start: number, end: number, hash: number): boolean {
    if (this.maybe(hash)) {
      for (let index = this.base; index < this.size; index += 1) {
        if (this.hashes[index] === hash && this.same(bytes, index, start, end)) return true
      }
    }
    if (this.size === this.starts.length) this.grow()
    this.starts[this.size] = start
    this.ends[this.size] = end
    this.hashes[this.size] = hash
    this.size += 1
    this.many?.add(hash)
    return false
  }

  /** Whether a linear search is worth it. */
  private maybe(hash: number): boolean {
    if (this.size - this.base <= linearKeys) return true
    this.many ??= new Set(this.hashes.subarray(this.base, this.size))
    return this.many.has(hash)
  }

  private same(bytes: Uint8Array, index: number, start: number, end: number): boolean {
    const from = this.starts[index] as number
    const to = this.ends[index] as number
    if (to - from === end - start) {
      let at = 0
      while (from + at < to && bytes[from + at] === bytes[start + at]) at += 1
      if (from + at === to) return true
    }
    const backslash = 0x5c
    const escaped = bytes.subarray(from, to).includes(backslash) || bytes.subarray(start, end).includes(backslash)
    return escaped && keyText(bytes, from, to) === keyText(bytes, start, end)
  }

  private grow(): void {
    const double = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(old.length * 2)
      grown.set(old)
      return grown
    }
    this.starts = double(this.starts)
    this.ends = double(this.ends)
    this.hashes = double(this.hashes)
  }
}

/** The text of a key without its quotes, escapes resolved. The key must be well-formed. */
export function keyText(bytes: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text
}
