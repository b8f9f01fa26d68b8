const lineFeed = 0x0a
const head = Buffer.from('{"resourceType":"')
/** Head, the longest name of a type, and its quote. */
const lookedAt = head.length + 65
const quote = 0x22

/**
 * Counts lines and tells their types by how almost every server writes them: `{"resourceType":"Patient"` at the start. A line
 * that begins otherwise is unclear: who needs its type has to parse it. Chunks are not kept.
 */
export class LineTypes {
  /** Bytes seen. */
  bytes = 0
  /** Lines that are not blank and ended. */
  #lines = 0
  /** First bytes of the line that is open, and how many. */
  readonly #start = Buffer.alloc(lookedAt)
  #known = 0
  #blank = true
  #last: Buffer = Buffer.alloc(0)
  readonly #types = new Set<string>()
  #unclear = false

  push(chunk: Uint8Array): void {
    this.bytes += chunk.length
    for (let at = 0; at < chunk.length; ) {
      const newline = chunk.indexOf(lineFeed, at)
      const end = newline < 0 ? chunk.length : newline
      if (this.#known < lookedAt) {
        const part = chunk.subarray(at, Math.min(end, at + lookedAt - this.#known))
        this.#start.set(part, this.#known)
        this.#known += part.length
      }
      this.#blank &&= isBlank(chunk, at, end)
      at = end + 1
      if (newline >= 0) this.#endLine()
    }
  }

  /** A last line without an end counts. */
  end(): { readonly lines: number; readonly types: readonly string[]; readonly unclear: boolean } {
    this.#endLine()
    return { lines: this.#lines, types: [...this.#types], unclear: this.#unclear }
  }

  #endLine(): void {
    if (!this.#blank) {
      this.#lines++
      this.#look()
    }
    this.#known = 0
    this.#blank = true
  }

  #look(): void {
    const start = this.#start.subarray(0, this.#known)
    // Lines of one type follow each other.
    if (this.#last.length > 0 && this.#last.equals(start.subarray(0, this.#last.length))) return
    const end = start.subarray(0, head.length).equals(head) ? start.indexOf(quote, head.length) : -1
    const type = end < 0 ? '' : start.toString('latin1', head.length, end)
    if (!/^[A-Z][A-Za-z]*$/.test(type)) {
      this.#unclear = true
      return
    }
    this.#last = Buffer.from(start.subarray(0, end + 1))
    // Two are enough to know; a file may hold a name of its own in each of its lines.
    if (this.#types.size < 2) this.#types.add(type)
  }
}

/** Nothing but spaces, tabs, CR and BOM, as the loader has it. */
function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d) continue
    if (byte === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 2
    else return false
  }
  return true
}
