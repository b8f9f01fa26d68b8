/**
 * The leaves of JSON on bytes: escapes and numbers (RFC 8259). All functions take a position and give the one after what they
 * read, or a negative number. They never look beyond a line feed, so a buffer needs one at its end.
 */

/** What a broken leaf gives back. */
export const brokenJson = -1

const hexDigit = new Int8Array(256).fill(-1)
for (let digit = 0; digit < 16; digit += 1) {
  hexDigit[digit.toString(16).charCodeAt(0)] = digit
  hexDigit[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

/** The code unit of four hex digits, or -1. */
function codeUnit(bytes: Uint8Array, at: number): number {
  let unit = 0
  for (let digit = at; digit < at + 4; digit += 1) {
    const value = hexDigit[bytes[digit] as number] as number
    if (value < 0) return -1
    unit = unit * 16 + value
  }
  return unit
}

const simpleEscape = new Uint8Array(256)
for (const char of '"\\/bfnrt') simpleEscape[char.charCodeAt(0)] = 1

/** What `skipEscape` gives for half a surrogate pair, which no UTF-8 text can hold: minus the position after it. */
const loneSurrogate = (after: number): number => -after

/**
 * Passes over the escape at `at` (its backslash).
 * `-1` for a broken one; another negative number for half a surrogate pair: minus the position after it.
 */
export function skipEscape(bytes: Uint8Array, at: number): number {
  const kind = bytes[at + 1] as number
  if (simpleEscape[kind] === 1) return at + 2
  if (kind !== 0x75) return brokenJson
  const unit = codeUnit(bytes, at + 2)
  if (unit < 0) return brokenJson
  if (unit < 0xd800 || unit > 0xdfff) return at + 6
  if (unit > 0xdbff || bytes[at + 6] !== 0x5c || bytes[at + 7] !== 0x75) return loneSurrogate(at + 6)
  const low = codeUnit(bytes, at + 8)
  if (low < 0) return brokenJson
  return low >= 0xdc00 && low <= 0xdfff ? at + 12 : loneSurrogate(at + 6)
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** Passes over the number at `at`; -1 when it is none. */
export function skipNumber(bytes: Uint8Array, at: number): number {
  let pos = bytes[at] === 0x2d ? at + 1 : at
  const lead = bytes[pos] as number
  if (!isDigit(lead)) return brokenJson
  pos += 1
  if (lead !== 0x30) while (isDigit(bytes[pos] as number)) pos += 1
  if (bytes[pos] === 0x2e) {
    pos += 1
    if (!isDigit(bytes[pos] as number)) return brokenJson
    while (isDigit(bytes[pos] as number)) pos += 1
  }
  if (((bytes[pos] as number) | 0x20) !== 0x65) return pos
  pos += 1
  if (bytes[pos] === 0x2b || bytes[pos] === 0x2d) pos += 1
  if (!isDigit(bytes[pos] as number)) return brokenJson
  while (isDigit(bytes[pos] as number)) pos += 1
  return pos
}

/** The position after a word (`true`), or -1. */
export function skipWord(bytes: Uint8Array, at: number, word: Uint8Array): number {
  for (let index = 0; index < word.length; index += 1) if (bytes[at + index] !== word[index]) return brokenJson
  return at + word.length
}

/** How a well-formed number fits an R4 integer. */
export type IntegerFit = 'int' | 'long' | 'none'

const intPattern = /^-?\d+(\.0+)?$/

/** Whether a number is an integer of 32 or of 64 bits: 5 and 5.0 are, 5.5 and 1e3 are not (R4 knows no exponent here). */
export function integerFit(text: string): IntegerFit {
  if (!intPattern.test(text)) return 'none'
  const value = BigInt(text.replace(/\.0+$/, ''))
  if (BigInt.asIntN(32, value) === value) return 'int'
  return BigInt.asIntN(64, value) === value ? 'long' : 'none'
}
