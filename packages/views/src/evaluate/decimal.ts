// Decimal arithmetic as the SQL does it: sums exact to 18 places within 38 digits, products and quotients to 15 significant digits.

const PLACES = 18
const ONE = 10n ** BigInt(PLACES)
const LIMIT = 10n ** 38n

/** The number times 10^18, by its shortest text; null beyond 38 digits. */
export function scaled(text: string): bigint | null {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (!match) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const shift = PLACES + Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  const size = shift >= 0 ? digits * 10n ** BigInt(Math.min(shift, 400)) : rounded(digits, 10n ** BigInt(Math.min(-shift, 400)))
  return size < LIMIT ? (sign === '-' ? -size : size) : null
}

const rounded = (digits: bigint, by: bigint): bigint => (digits + by / 2n) / by

/** The decimal text of a number times 10^18, without zeros at the end. */
export function unscaled(value: bigint): string {
  const size = value < 0n ? -value : value
  const fraction = (size % ONE).toString().padStart(PLACES, '0').replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${size / ONE}${fraction && `.${fraction}`}`
}

export const round15 = (value: number): number => Number(value.toExponential(14))

export function sum(left: number, right: number, sign: 1 | -1): number {
  const [a, b] = [scaled(String(left)), scaled(String(right))]
  const exact = a === null || b === null ? LIMIT : a + BigInt(sign) * b
  return exact < LIMIT && exact > -LIMIT ? Number(unscaled(exact)) : round15(left + sign * right)
}

export function modulo(left: number, right: number): number | null {
  const [a, b] = [scaled(String(left)), scaled(String(right))]
  return a === null || b === null || b === 0n ? null : Number(unscaled(a % b))
}

/** The end of the range that the digits of a decimal stand for: half a unit of the last one below or above. */
export function decimalBoundary(digits: string, high: boolean, precision?: number): number | null {
  const value = scaled(digits)
  if (value === null) return null
  const [, fraction = '', exponent = '0'] = /^[^.eE]*(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(digits) ?? []
  const scale = fraction.length - Number(exponent)
  if (precision !== undefined && precision < scale + 1) {
    const step = 10n ** BigInt(PLACES - precision)
    const cut = value / step - (value % step < 0n ? 1n : 0n)
    return Number(unscaled((high && value % step !== 0n ? cut + 1n : cut) * step))
  }
  const half = scaled(`5e${-scale - 1}`) ?? 0n
  return Number(unscaled(high ? value + half : value - half))
}
