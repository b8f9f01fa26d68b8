import { isUtf8 } from 'node:buffer'
import { resourceTypes } from '@floe/views/fhir'
import { type LineScanner, refusal } from './scanner.ts'
import type { BronzeShape } from './types.ts'

/** The longest line that is read when nothing else is asked for; a longer one is refused without being held. */
export const defaultMaxLine: number = 32 * 1024 * 1024

/** A refused line of one file. */
export interface RefusedLine {
  readonly line: number
  readonly reason: string
  readonly offset: number
  readonly bytes: number
  readonly type: string | null
}

/** What the lines of one type in one file add up to. */
export interface TypeLines {
  /** All that count, the refused ones included. */
  lines: number
  quarantined: number
  /** Bytes of the good lines, line ends included. */
  bytes: number
  maxLine: number
}

/** What a file holds. Plain data: it goes between threads and into `floe-bronze.json`. */
export interface LineReport {
  /** By type; `''` for lines that do not tell theirs. */
  readonly types: Readonly<Record<string, TypeLines>>
  readonly shapes: Readonly<Record<string, { readonly struct: Readonly<Record<string, BronzeShape>> }>>
  readonly refused: readonly RefusedLine[]
  /** Refused lines that are counted but not listed: nobody reads that many, and memory has an end. */
  readonly unlisted: number
  /** Uncompressed. */
  readonly bytes: number
  readonly bom: boolean
  /** The last line has no end and is broken, or the archive's end is missing. */
  readonly torn: boolean
  /** Some line has a conditional reference (`Practitioner?identifier=…`), or a text that looks like one. */
  readonly conditional: boolean
  /**
   * Some good line has spaces around its JSON: the engine's JSON reader would drop them, and they belong to the text. Or some
   * line is the header of a block: the file cannot be read as it stands.
   */
  readonly padded: boolean
}

/** A line that passed: `bytes[start, end)` without BOM and line end. Valid during the call only. */
export type GoodLine = (bytes: Uint8Array, start: number, end: number, type: string) => void

export interface LineFileOptions {
  /** The type that the file's name tells; every line must be of it. Undefined: each line's own. */
  readonly type?: string | undefined
  /** The type of lines that do not tell theirs, when the file's name hints at one. */
  readonly hint?: string | undefined
  readonly maxLine?: number
  /** Bytes that are checked at once; more when a line is longer. Default 64 kB: right for small files. */
  readonly block?: number
  readonly onGood?: GoodLine | undefined
  /** To hold the lines in while there is room, instead of one of the file's own. It is free again when the file has ended. */
  readonly buffer?: Buffer | undefined
  /**
   * The scanner goes on with the paths of the files before; the report has no shapes: `paths.shape` gives those of all together.
   */
  readonly joined?: boolean
}

/** Not more refused lines of one file are listed. */
const maxListed = 100_000
const lineFeed = 0x0a
const conditionalMark = Buffer.from('?identifier=')
/** A header names one resource. */
const maxHeader = 4096

interface HeaderLine {
  readonly resourceType?: unknown
  readonly id?: unknown
  readonly parameter?: readonly { readonly name?: unknown }[]
}

/** The scanner reads four bytes at once, so as many must stand behind the last line feed. */
const padding = 8

/**
 * Checks the lines of one file as its bytes arrive. Memory: the longest line (up to `maxLine`) and a megabyte.
 *
 * @example
 * const file = new LineFile(new LineScanner(), { type: 'Patient' })
 * for await (const chunk of chunks) file.push(chunk)
 * const report = file.end()
 */
export class LineFile {
  private readonly scanner: LineScanner
  private readonly type: string | undefined
  private readonly hint: string | undefined
  private readonly maxLine: number
  private readonly onGood: GoodLine | undefined
  private buffer: Buffer
  private filled = 0
  /** Offset of the buffer's first byte in the file. */
  private base = 0
  private line = 0
  private bom = false
  private torn = false
  private conditional = false
  private padded = false
  private unlisted = 0
  /** Begin of a line that is too long to hold; -1: none. */
  private skipFrom = -1
  private skipType: string | null = null
  /** The last byte dropped of it: a CR is part of the line's end. */
  private skipLast = 0
  private readonly refused: RefusedLine[] = []
  private readonly types = new Map<string, TypeLines>()
  /** The type of the line before: most lines are of the same. */
  private lastType = ''
  private readonly joined: boolean

  constructor(scanner: LineScanner, options: LineFileOptions = {}) {
    const { type, hint, maxLine = defaultMaxLine, block = 1 << 16, onGood, buffer, joined = false } = options
    this.buffer = buffer ?? Buffer.allocUnsafeSlow(block + padding)
    this.joined = joined
    this.scanner = scanner
    this.type = type
    this.hint = hint
    this.maxLine = maxLine
    this.onGood = onGood
    if (!joined) scanner.paths.startFile()
    if (type !== undefined) this.statsOf(type)
  }

  /** Where the next bytes may be written; `advance` tells how many were. Saves a copy. */
  room(): Uint8Array {
    if (this.filled + padding >= this.buffer.length) {
      const grown = Buffer.allocUnsafeSlow(this.buffer.length * 2)
      this.buffer.copy(grown, 0, 0, this.filled)
      this.buffer = grown
    }
    return this.buffer.subarray(this.filled, this.buffer.length - padding)
  }

  /** `count` bytes were written into `room()`. */
  advance(count: number): void {
    this.filled += count
    this.work(false)
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const room = this.room()
      const part = chunk.subarray(at, at + room.length)
      room.set(part)
      at += part.length
      this.advance(part.length)
    }
  }

  /** No more bytes come. `cut`: the archive ended before its end; what stands behind the last line feed is then refused. */
  end(cut?: 'truncated' | 'damaged'): LineReport {
    const reason = cut === 'damaged' ? 'truncated the archive is damaged' : 'truncated'
    if (cut) this.torn = true
    if (this.skipFrom >= 0) this.endSkip(this.base + this.filled)
    else if (cut && this.filled > 0) this.refuse(this.line + 1, reason, 0, this.filled, this.sniff(0))
    else this.work(true)
    const shaped = this.joined ? [] : [...this.types.keys()].filter(Boolean)
    const shapes = Object.fromEntries(shaped.map((type) => [type, this.scanner.paths.shape(type)]))
    return {
      types: Object.fromEntries(this.types),
      shapes,
      refused: this.refused,
      unlisted: this.unlisted,
      bytes: this.base + this.filled,
      bom: this.bom,
      torn: this.torn,
      conditional: this.conditional,
      padded: this.padded,
    }
  }

  private work(final: boolean): void {
    if (this.skipFrom >= 0 && !this.skip()) return
    const { buffer, filled } = this
    const last = filled === 0 ? -1 : buffer.lastIndexOf(lineFeed, filled - 1)
    if (last < 0 && !final) {
      if (filled > this.maxLine + padding) this.beginSkip()
      return
    }
    let end = last + 1
    if (final && end < filled) {
      buffer[filled] = lineFeed
      end = filled + 1
    }
    this.block(end, final && end > filled)
    if (final) return
    buffer.copyWithin(0, end, filled)
    this.filled = filled - end
    this.base += end
    if (this.filled > this.maxLine + padding) this.beginSkip()
  }

  /** All lines up to `end`, behind a line feed; `open`: the last of them had none. */
  private block(end: number, open: boolean): void {
    const { buffer, scanner } = this
    scanner.use(buffer)
    const utf8 = isUtf8(buffer.subarray(0, end))
    this.conditional ||= buffer.subarray(0, end).includes(conditionalMark)
    let start = 0
    while (start < end) {
      this.line += 1
      const from = this.blank(start)
      if (buffer[from] === lineFeed) start = from + 1
      else {
        const stop = this.one(start, from, utf8)
        if (open && stop + 1 === end && this.badEnd()) this.torn = true
        start = stop + 1
      }
    }
  }

  /** Whether the line just read was refused as broken text: without a line end behind it, its rest is missing. */
  private badEnd(): boolean {
    const last = this.refused.at(-1)
    return last?.line === this.line && (last.reason === 'json' || last.reason === 'encoding')
  }

  /** One line with content at `from`; gives the position of its line feed. */
  private one(start: number, from: number, utf8: boolean): number {
    const { buffer, scanner } = this
    const root = this.type === undefined ? this.rootOf(from) : scanner.paths.root(this.type)
    let stop = scanner.scan(from, root)
    if (stop >= 0) {
      const after = this.blank(stop, false)
      if (buffer[after] !== lineFeed) scanner.refused |= refusal.json
      else {
        const type = this.typeOf()
        if (scanner.refused === 0 && after - from <= this.maxLine && (utf8 || isUtf8(buffer.subarray(from, stop)))) {
          const [left, right] = this.outer(start, from, stop, after)
          this.accept(type, left, right)
          return after
        }
      }
    }
    stop = buffer.indexOf(lineFeed, from)
    const length = (buffer[stop - 1] === 0x0d ? stop - 1 : stop) - start
    scanner.forget()
    if (this.isHeader(from, stop)) {
      // Not to be read with the others, and nothing that was refused.
      this.padded = true
      return stop
    }
    this.refuse(this.line, this.reason(from, stop, utf8), start, length, this.sniff(from))
    return stop
  }

  /** The line's text with the spaces around its JSON; where carriage returns stand among them, they are no text. */
  private outer(start: number, from: number, stop: number, after: number): [left: number, right: number] {
    const { buffer } = this
    let right = after
    while (right > stop && buffer[right - 1] === 0x0d) right -= 1
    let left = start
    while (left < from && buffer[left] === 0xef) left += 3
    if (left === from && right === stop) return [from, stop]
    const isText = (begin: number, end: number): boolean => {
      for (let at = begin; at < end; at += 1) if (buffer[at] !== 0x20 && buffer[at] !== 0x09) return false
      return true
    }
    const bounds: [number, number] = [isText(left, from) ? left : from, isText(stop, right) ? right : stop]
    this.padded ||= bounds[0] !== from || bounds[1] !== stop
    return bounds
  }

  private accept(type: string, from: number, stop: number): void {
    const stats = this.statsOf(type)
    stats.lines += 1
    stats.bytes += stop - from + 1
    if (stop - from > stats.maxLine) stats.maxLine = stop - from
    this.onGood?.(this.buffer, from, stop, type)
  }

  /** The type of the line just scanned. Marks it refused when it is not what it must be. */
  private typeOf(): string {
    const { scanner, type } = this
    if (type !== undefined && this.isText(type)) return type
    if (type === undefined && this.lastType !== '' && this.isText(this.lastType)) return this.lastType
    const own = scanner.resourceType()
    if (type === undefined ? !resourceTypes.has(own) : own !== type) scanner.refused |= refusal.type
    else this.lastType = own
    return own
  }

  /** Whether the value of `resourceType` is these ASCII letters. */
  private isText(text: string): boolean {
    const { typeStart, typeEnd } = this.scanner
    if (typeEnd - typeStart !== text.length) return false
    for (let at = 0; at < text.length; at += 1) if (this.buffer[typeStart + at] !== text.charCodeAt(at)) return false
    return true
  }

  /** The path of the line's own type: told by its first key, else by a scan that looks for nothing else. */
  private rootOf(from: number): number {
    const { buffer, scanner } = this
    if (startsWith(buffer, from, typePrefix)) {
      const at = from + typePrefix.length
      const known = this.lastType
      if (known !== '' && buffer[at + known.length] === 0x22 && buffer.toString('latin1', at, at + known.length) === known) {
        return scanner.paths.root(known)
      }
      const type = buffer.toString('latin1', at, at + 64).split('"', 1)[0] ?? ''
      if (resourceTypes.has(type)) return scanner.paths.root(type)
    }
    const end = scanner.scan(from, scanner.paths.root(''))
    const type = end < 0 ? '' : scanner.resourceType()
    return scanner.paths.root(resourceTypes.has(type) ? type : '')
  }

  /**
   * Whether the line says whose block follows, in organised output: Parameters with a part `header` (Bulk Data IG,
   * `organizeOutputBy`). It is no resource of the export: it has no id.
   */
  private isHeader(from: number, stop: number): boolean {
    if (stop - from > maxHeader || !this.buffer.subarray(from, stop).includes('"Parameters"')) return false
    try {
      const line = JSON.parse(this.buffer.toString('utf8', from, stop)) as HeaderLine | null
      return line?.resourceType === 'Parameters' && line.id === undefined && line.parameter?.[0]?.name === 'header'
    } catch {
      return false
    }
  }

  private reason(from: number, stop: number, utf8: boolean): string {
    const { refused } = this.scanner
    if (stop - from > this.maxLine) return 'size'
    if (!utf8 && !isUtf8(this.buffer.subarray(from, stop))) return 'encoding'
    if (refused & refusal.json) return 'json'
    if (refused & refusal.depth) return 'depth'
    if (refused & refusal.encoding) return 'encoding half a surrogate pair'
    if (refused & refusal.duplicateKey) return 'duplicate-key'
    if (refused & refusal.type) return 'type'
    return refused & refusal.id ? 'id' : 'shape'
  }

  private refuse(line: number, reason: string, start: number, bytes: number, type: string | null): void {
    const stats = this.statsOf(type ?? '')
    stats.lines += 1
    stats.quarantined += 1
    if (this.refused.length < maxListed) this.refused.push({ line, reason, offset: this.base + start, bytes, type })
    else this.unlisted += 1
  }

  /** The type to count a refused line under: the file's, else what the line's first bytes tell, else the hint. */
  private sniff(from: number): string | null {
    if (this.type !== undefined) return this.type
    const head = this.buffer.toString('latin1', from, Math.min(from + 4096, this.filled))
    const own = /^[^\n]*?"resourceType"[ \t]*:[ \t]*"([A-Za-z]{1,64})"/.exec(head)?.[1]
    return own !== undefined && resourceTypes.has(own) ? own : (this.hint ?? null)
  }

  private statsOf(type: string): TypeLines {
    let stats = this.types.get(type)
    if (!stats) {
      stats = { lines: 0, quarantined: 0, bytes: 0, maxLine: 0 }
      this.types.set(type, stats)
    }
    return stats
  }

  /** The next position that is no space, tab or carriage return, nor a BOM where a line begins. */
  private blank(start: number, atBegin = true): number {
    const { buffer } = this
    let at = start
    for (;;) {
      const byte = buffer[at]
      if (byte === 0x20 || byte === 0x09 || byte === 0x0d) at += 1
      else if (atBegin && byte === 0xef && buffer[at + 1] === 0xbb && buffer[at + 2] === 0xbf) {
        this.bom = true
        at += 3
      } else return at
    }
  }

  /** The line at the begin of the buffer is too long: drop what is there of it. */
  private beginSkip(): void {
    this.skipFrom = this.base
    this.skipType = this.sniff(0)
    this.drop()
  }

  private drop(): void {
    this.skipLast = this.buffer[this.filled - 1] ?? this.skipLast
    this.base += this.filled
    this.filled = 0
  }

  /** Drops bytes up to the end of a line that is too long; false while that end has not come. */
  private skip(): boolean {
    const end = this.buffer.subarray(0, this.filled).indexOf(lineFeed)
    if (end < 0) {
      if (this.filled > 0) this.drop()
      return false
    }
    if (end > 0) this.skipLast = this.buffer[end - 1] as number
    this.endSkip(this.base + end)
    this.buffer.copyWithin(0, end + 1, this.filled)
    this.filled -= end + 1
    this.base += end + 1
    return true
  }

  private endSkip(end: number): void {
    const from = this.skipFrom
    const length = end - from - (this.skipLast === 0x0d ? 1 : 0)
    this.skipFrom = -1
    this.line += 1
    this.refuse(this.line, 'size', from - this.base, length, this.skipType)
  }
}

const typePrefix = Buffer.from('{"resourceType":"')

function startsWith(buffer: Buffer, from: number, text: Buffer): boolean {
  for (let at = 0; at < text.length; at += 1) if (buffer[from + at] !== text[at]) return false
  return true
}
