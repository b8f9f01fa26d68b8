import { brokenJson, integerFit, skipEscape, skipNumber, skipWord } from './json-text.ts'
import { KeySet, keyText } from './key-set.ts'
import { form, listBit, PathTable } from './paths.ts'
import { hashEnd, hashOf, hashSeed, hashStep } from './vocabulary.ts'

/** Why a line is refused. `json` and `depth` end the scan of a line (as negative positions); the others are found on the way. */
export const refusal = { json: 1, depth: 2, encoding: 4, duplicateKey: 8, type: 16, id: 32, shape: 64 } as const

const brokenDepth = -2

export interface ScannerOptions {
  /** Objects and lists in each other; FHIR's own recursion stays far below. */
  readonly maxDepth?: number
}

const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c]
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]
const words = { true: Buffer.from('true'), false: Buffer.from('false'), null: Buffer.from('null') }

/**
 * Checks one resource at a time on its bytes, without making strings or objects of them: JSON as in RFC 8259, no key twice, R4's
 * kinds of value, `resourceType` and `id`; and notes which paths occur (`paths.shape`). Text must be checked for UTF-8 by the
 * caller, and every line must end in a line feed with four bytes behind it: nothing but that stops the loops.
 */
export class LineScanner {
  readonly paths: PathTable = new PathTable()
  /** Set by `scan`: reasons found, as a sum of `refusal`. */
  refused = 0
  /** Set by `scan`: where the value of `resourceType` stands; 0 when there is none, or it is no text. */
  typeStart = 0
  typeEnd = 0
  private bytes: Uint8Array = new Uint8Array(8)
  private view: DataView = new DataView(this.bytes.buffer)
  private readonly maxDepth: number
  private readonly keys = new KeySet()
  private depth = 0
  private serial = 0
  private hasId = false
  /** Path of the key that `key` read last. */
  private child = 0
  /** Paths first seen in this line: a refused line adds nothing to the shape. */
  private readonly fresh: number[] = []

  constructor({ maxDepth = 100 }: ScannerOptions = {}) {
    this.maxDepth = maxDepth
  }

  /** The buffer that positions refer to from now on. */
  use(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /**
   * Reads the object at `at` (its brace) as what `root` is the path of. Gives the position after it; or a negative number when it
   * is no JSON or too deep. `refused` is complete only for a position.
   */
  scan(at: number, root: number): number {
    this.refused = 0
    this.typeStart = 0
    this.typeEnd = 0
    this.hasId = false
    this.depth = 0
    this.fresh.length = 0
    this.keys.clear()
    if (this.serial > 0x7000_0000) {
      this.paths.stamp.fill(0)
      this.serial = 0
    }
    const end = this.bytes[at] === openBrace ? this.object(at + 1, root) : brokenJson
    if (end < 0) this.refused |= end === brokenDepth ? refusal.depth : refusal.json
    if (!this.hasId) this.refused |= refusal.id
    return end
  }

  /** Takes back what the last line added to the shape. */
  forget(): void {
    for (const path of this.fresh) this.paths.seen[path] = 0
    this.fresh.length = 0
  }

  /** The value of `resourceType` of the last line, '' when there is none. */
  resourceType(): string {
    return this.typeStart === 0 ? '' : keyText(this.bytes, this.typeStart, this.typeEnd)
  }

  private object(at: number, path: number): number {
    const { bytes, paths } = this
    const { form: forms, stamp, seen, next } = paths
    const serial = ++this.serial
    let pos = at
    let byte = bytes[pos] as number
    if (byte <= 0x20) {
      pos = this.space(pos)
      byte = bytes[pos] as number
    }
    if (byte === closeBrace) return pos + 1
    if (++this.depth > this.maxDepth) return brokenDepth
    const outer = this.keys.open()
    let guess = paths.first[path] as number
    let before = 0
    for (;;) {
      let child = guess
      const after = guess === 0 ? 0 : this.match(pos, guess)
      if (after > 0) pos = after
      else {
        pos = this.key(pos, path)
        if (pos < 0) return pos
        child = this.child
        if (child !== 0) {
          if (before === 0) paths.first[path] = child
          else next[before] = child
        }
      }
      if (child !== 0) {
        if (stamp[child] === serial) this.refused |= refusal.duplicateKey
        stamp[child] = serial
        before = child
        if (seen[child] === 0) this.see(child)
      }
      byte = bytes[pos] as number
      if (byte <= 0x20) {
        pos = this.space(pos)
        byte = bytes[pos] as number
      }
      const kind = forms[child] as number
      if (byte === quote && kind === form.text) pos = this.text(pos + 1)
      else if (byte === openBrace && kind === form.object) pos = this.object(pos + 1, child)
      else if (byte === openBracket && kind > listBit) pos = this.list(pos + 1, child, kind & ~listBit)
      else pos = this.other(pos, child, kind)
      if (pos < 0) return pos
      byte = bytes[pos] as number
      if (byte <= 0x20) {
        pos = this.space(pos)
        byte = bytes[pos] as number
      }
      if (byte !== comma) break
      byte = bytes[++pos] as number
      if (byte <= 0x20) pos = this.space(pos)
      guess = next[child] as number
    }
    if (byte !== closeBrace) return brokenJson
    this.keys.close(outer)
    this.depth -= 1
    return pos + 1
  }

  private list(at: number, path: number, kind: number): number {
    const { bytes } = this
    let pos = at
    let byte = bytes[pos] as number
    if (byte <= 0x20) {
      pos = this.space(pos)
      byte = bytes[pos] as number
    }
    if (byte === closeBracket) return pos + 1
    if (++this.depth > this.maxDepth) return brokenDepth
    for (;;) {
      if (byte === openBrace && kind === form.object) pos = this.object(pos + 1, path)
      else if (byte === quote && kind === form.text) pos = this.text(pos + 1)
      else if (byte === 0x6e) pos = skipWord(bytes, pos, words.null)
      else pos = this.other(pos, path, kind)
      if (pos < 0) return pos
      byte = bytes[pos] as number
      if (byte <= 0x20) {
        pos = this.space(pos)
        byte = bytes[pos] as number
      }
      if (byte !== comma) break
      byte = bytes[++pos] as number
      if (byte <= 0x20) {
        pos = this.space(pos)
        byte = bytes[pos] as number
      }
    }
    if (byte !== closeBracket) return brokenJson
    this.depth -= 1
    return pos + 1
  }

  /**
   * Position after the text that begins at `at`, behind its quote. Four bytes at a time: a quote, a backslash or a control stops.
   */
  private text(at: number): number {
    const { view } = this
    let pos = at
    for (;;) {
      const word = view.getInt32(pos, true)
      const quotes = word ^ 0x22222222
      const slashes = word ^ 0x5c5c5c5c
      const stop =
        ((((quotes - 0x01010101) & ~quotes) | ((slashes - 0x01010101) & ~slashes) | ((word - 0x20202020) & ~word)) & 0x80808080) |
        0
      if (stop === 0) {
        pos += 4
        continue
      }
      pos += (31 - Math.clz32(stop & -stop)) >> 3
      const byte = this.bytes[pos]
      if (byte === quote) return pos + 1
      if (byte !== backslash) return brokenJson
      pos = skipEscape(this.bytes, pos)
      if (pos >= 0) continue
      if (pos === brokenJson) return pos
      this.refused |= refusal.encoding
      pos = -pos
    }
  }

  /** Position after the key at `pos` and its colon when it is that of `path` and no space is between; else 0. */
  private match(pos: number, path: number): number {
    const { paths, view } = this
    const { words } = paths.vocabulary
    const start = paths.start[path] as number
    const last = start + (paths.full[path] as number)
    let at = pos
    for (let word = start; word < last; word += 1) {
      if (view.getInt32(at, true) !== words[word]) return 0
      at += 4
    }
    if (((view.getInt32(at, true) ^ (words[last] as number)) & (paths.mask[path] as number)) !== 0) return 0
    return pos + (paths.length[path] as number)
  }

  /** Reads any key and its colon; `child` is its path then. */
  private key(at: number, path: number): number {
    const { bytes } = this
    if (bytes[at] !== quote) return brokenJson
    let hash = hashSeed
    let pos = at + 1
    let byte = bytes[pos] as number
    while (byte !== quote && byte !== backslash && byte >= 0x20) {
      hash = hashStep(hash, byte)
      byte = bytes[++pos] as number
    }
    const plain = byte === quote
    const end = plain ? pos : this.text(pos) - 1
    if (end < 0) return brokenJson
    const text = plain ? undefined : keyText(bytes, at + 1, end)
    if (text !== undefined) hash = hashOf(Buffer.from(text))
    const name = text === undefined ? this.nameOf(at, end, hash) : (this.paths.vocabulary.ids.get(text) ?? -1)
    this.child = name < 0 || path === 0 ? 0 : this.paths.child(path, name)
    if (this.child === 0 && this.keys.add(bytes, at + 1, end, hash)) this.refused |= refusal.duplicateKey
    pos = end + 1
    if ((bytes[pos] as number) <= 0x20) pos = this.space(pos)
    if (bytes[pos] !== colon) return brokenJson
    return pos + 1
  }

  /** Number of the name whose opening quote is at `at` and whose closing one is at `end`, or -1. */
  private nameOf(at: number, end: number, hash: number): number {
    const { table, length, words, start } = this.paths.vocabulary
    let slot = hashEnd(hash) & (table.length - 1)
    for (;;) {
      const name = (table[slot] as number) - 1
      if (name < 0) return -1
      if (length[name] === end - at + 2) {
        const from = start[name] as number
        let pos = at
        while (pos < end && (((words[from + ((pos - at) >> 2)] as number) >>> (((pos - at) & 3) * 8)) & 0xff) === this.bytes[pos])
          pos += 1
        if (pos === end) return name
      }
      slot = (slot + 1) & (table.length - 1)
    }
  }

  /**
   * Every value but the common ones: numbers, words, `id` and `resourceType`, what R4 does not know, and what it does not allow.
   */
  private other(at: number, path: number, kind: number): number {
    const byte = this.bytes[at] as number
    if (kind === form.ignored || kind > listBit || byte === openBracket) return this.unexpected(at, path, kind)
    if (byte === quote) {
      const end = this.text(at + 1)
      if (end < 0) return end
      if (kind === form.id) this.hasId = isId(this.bytes, at + 1, end - 1)
      else if (kind === form.resourceType) [this.typeStart, this.typeEnd] = [at + 1, end - 1]
      else if (kind !== form.text) this.conflict(path)
      return end
    }
    if (byte === 0x74) return this.word(at, path, kind, words.true)
    if (byte === 0x66) return this.word(at, path, kind, words.false)
    if (byte === 0x6e) return this.nothing(at, path)
    if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.number(at, path, kind)
    return this.unexpected(at, path, kind)
  }

  private number(at: number, path: number, kind: number): number {
    const end = skipNumber(this.bytes, at)
    if (end < 0) return end
    if (kind === form.decimal) {
      if ((end - at > 20 || hasExponent(this.bytes, at, end)) && !Number.isFinite(Number(this.slice(at, end))))
        this.conflict(path)
    } else if (kind === form.integer) {
      if (end - at < 10 && this.isPlain(at + 1, end)) return end
      const fit = integerFit(this.slice(at, end))
      if (fit === 'none') this.conflict(path)
      else if (fit === 'long') this.paths.wide[path] = 1
    } else this.conflict(path)
    return end
  }

  /** Whether a number has neither fraction nor exponent. */
  private isPlain(start: number, end: number): boolean {
    for (let at = start; at < end; at += 1)
      if ((this.bytes[at] as number) < 0x30 || (this.bytes[at] as number) > 0x39) return false
    return true
  }

  private word(at: number, path: number, kind: number, word: Uint8Array): number {
    if (kind !== form.boolean) this.conflict(path)
    return skipWord(this.bytes, at, word)
  }

  /** `null` is no value of any kind: it conflicts with nothing and is not seen. */
  private nothing(at: number, path: number): number {
    if (this.fresh.at(-1) === path) {
      this.fresh.pop()
      this.paths.seen[path] = 0
    }
    return skipWord(this.bytes, at, words.null)
  }

  /** A value that is not of the path's kind, or of a path that R4 does not know: it only has to be JSON. */
  private unexpected(at: number, path: number, kind: number): number {
    if (kind !== form.ignored) {
      if (this.bytes[at] === 0x6e) return this.nothing(at, path)
      this.conflict(path)
    }
    return this.value(at)
  }

  /** Passes over any value. */
  private value(at: number): number {
    const byte = this.bytes[at] as number
    if (byte === quote) return this.text(at + 1)
    if (byte === openBrace) return this.unknownObject(at + 1)
    if (byte === openBracket) return this.unknownList(at + 1)
    if (byte === 0x74) return skipWord(this.bytes, at, words.true)
    if (byte === 0x66) return skipWord(this.bytes, at, words.false)
    return byte === 0x6e ? skipWord(this.bytes, at, words.null) : skipNumber(this.bytes, at)
  }

  private unknownObject(at: number): number {
    let pos = this.space(at)
    if (this.bytes[pos] === closeBrace) return pos + 1
    if (++this.depth > this.maxDepth) return brokenDepth
    const outer = this.keys.open()
    for (;;) {
      pos = this.key(pos, 0)
      if (pos < 0) return pos
      pos = this.value(this.space(pos))
      if (pos < 0) return pos
      pos = this.space(pos)
      if (this.bytes[pos] !== comma) break
      pos = this.space(pos + 1)
    }
    this.keys.close(outer)
    this.depth -= 1
    return this.bytes[pos] === closeBrace ? pos + 1 : brokenJson
  }

  private unknownList(at: number): number {
    let pos = this.space(at)
    if (this.bytes[pos] === closeBracket) return pos + 1
    if (++this.depth > this.maxDepth) return brokenDepth
    for (;;) {
      pos = this.value(pos)
      if (pos < 0) return pos
      pos = this.space(pos)
      if (this.bytes[pos] !== comma) break
      pos = this.space(pos + 1)
    }
    this.depth -= 1
    return this.bytes[pos] === closeBracket ? pos + 1 : brokenJson
  }

  /** The next position that is no space, tab or carriage return. A line feed ends the line, hence the JSON. */
  private space(at: number): number {
    let pos = at
    for (;;) {
      const byte = this.bytes[pos]
      if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return pos
      pos += 1
    }
  }

  private conflict(path: number): void {
    if (this.paths.lenient[path] === 0) this.refused |= refusal.shape
  }

  private see(path: number): void {
    this.paths.seen[path] = 1
    this.fresh.push(path)
  }

  private slice(start: number, end: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString('latin1')
  }
}

const idByte = new Uint8Array(256)
for (let byte = 0x21; byte < 0x7f; byte += 1) idByte[byte] = '"<>\\/?#'.includes(String.fromCharCode(byte)) ? 0 : 1

/**
 * Whether the bytes are an id that can be kept and referred to: 1 to 64 visible ASCII characters that no reference would break
 * at. R4 allows letters, digits, `-` and `.` only; real servers also send `_`, `:` and the like, which do no harm.
 */
function isId(bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start) return false
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === backslash) return isEscapedId(bytes, start, end)
    if (idByte[bytes[at] as number] === 0) return false
  }
  return end - start <= 64
}

/** Six bytes are the longest escape of one character. */
function isEscapedId(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 6 * 64) return false
  const text = Buffer.from(keyText(bytes, start, end))
  return !text.includes(backslash) && isId(text, 0, text.length)
}

function hasExponent(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (((bytes[at] as number) | 0x20) === 0x65) return true
  return false
}
