const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const hex = (byte: number): string => HEX[byte & 255] ?? ''

/** Mixes two integers into a well-spread 32-bit one (murmur3's finalizer). */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x165667b1, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A list with weights, ready for drawing: `[value, weight]` pairs. */
export interface Weighted<T> {
  readonly values: readonly T[]
  readonly sums: readonly number[]
  readonly total: number
}

export function weighted<T>(pairs: readonly (readonly [T, number])[]): Weighted<T> {
  let total = 0
  const sums = pairs.map(([, weight]) => {
    total += weight
    return total
  })
  return { values: pairs.map(([value]) => value), sums, total }
}

/**
 * A small, fast, seeded generator (sfc32).
 *
 * Each person and each visit has a stream of their own ({@link Random.fork}), so that what one of them draws never changes
 * another.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d = 1
  readonly #seed: number

  constructor(seed: number, stream = 0) {
    this.#seed = mix(seed, stream)
    this.#a = this.#seed
    this.#b = mix(this.#seed, 1)
    this.#c = mix(this.#seed, 2)
    for (let i = 0; i < 12; i++) this.bits()
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const t = (this.#a + this.#b + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    this.#c |= 0
    return t >>> 0
  }

  /** A number in [0, 1). */
  next(): number {
    return this.bits() / 4294967296
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  pick<T>(values: readonly [T, ...T[]] | readonly T[]): T {
    return values[Math.floor(this.next() * values.length)] as T
  }

  draw<T>({ values, sums, total }: Weighted<T>): T {
    const mark = this.next() * total
    let i = 0
    while (i < sums.length - 1 && mark >= (sums[i] ?? total)) i++
    return values[i] as T
  }

  /** Approximately normal: the sum of four uniform numbers, which has no tails beyond 3.5 deviations. */
  normal(mean: number, deviation: number): number {
    return mean + deviation * (this.next() + this.next() + this.next() + this.next() - 2) * 1.7320508
  }

  /** A stream of its own, fixed by this generator's seed and `stream` alone. */
  fork(stream: number): Random {
    return new Random(this.#seed, stream)
  }

  /** A resource id in the form of a version 4 UUID. */
  uuid(): string {
    const a = this.bits()
    const b = this.bits()
    const c = this.bits()
    const d = this.bits()
    return `${hex(a)}${hex(a >>> 8)}${hex(a >>> 16)}${hex(a >>> 24)}-${hex(b)}${hex(b >>> 8)}-4${hex(b >>> 16).charAt(0)}${hex(b >>> 24)}-a${hex(c).charAt(0)}${hex(c >>> 8)}-${hex(c >>> 16)}${hex(c >>> 24)}${hex(d)}${hex(d >>> 8)}${hex(d >>> 16)}${hex(d >>> 24)}`
  }

  /** Decimal digits, the first not zero. */
  digits(count: number): string {
    let text = String(this.between(1, 9))
    while (text.length < count) text += this.between(0, 9)
    return text
  }
}
