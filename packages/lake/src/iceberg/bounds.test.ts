import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBound, encodeBound, encodeValue } from './bounds.ts'

const hex = (type: string, text: string, side: 'lower' | 'upper' = 'lower') => {
  const bytes = encodeBound(type, text, side)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('hex')
}

describe('single values as the spec writes them (Appendix D)', () => {
  const cases: readonly [type: string, text: string, hex: string | undefined][] = [
    ['boolean', '1', '01'],
    ['boolean', '0', '00'],
    ['int', '34', '22000000'],
    ['int', '-1', 'ffffffff'],
    ['long', '9223372036854775807', 'ffffffffffffff7f'],
    ['float', '1.5', '0000c03f'],
    ['double', '-2.5', '00000000000004c0'],
    ['double', 'nan', undefined],
    ['date', '1970-01-02', '01000000'],
    ['date', '1969-12-31', 'ffffffff'],
    ['date', '12020-01-01', undefined],
    ['timestamptz', '1970-01-01 00:00:01.000002+00', '42420f0000000000'],
    ['timestamptz', '1969-12-31 23:59:59.999999+00', 'ffffffffffffffff'],
    ['timestamp', 'infinity', undefined],
    ['time', '00:00:01', '40420f0000000000'],
    ['uuid', 'f79c3e09-677c-4bbd-a479-3f349cb785e7', 'f79c3e09677c4bbda4793f349cb785e7'],
    ['decimal(9,2)', '14.20', '058c'],
    ['decimal(9,2)', '-0.01', 'ff'],
    ['decimal(38,12)', '1.10', '01001d1bf800'],
    ['decimal(9,2)', '1.27', '7f'],
    ['decimal(9,2)', '1.28', '0080'],
    ['binary', '\\x00', undefined],
  ]
  test.each(cases)('%s %s', (type, text, expected) => {
    expect(hex(type, text)).toBe(expected)
  })
})

test('zero is widened to hold both zeros, which the engine does not tell apart', () => {
  expect(hex('double', '0.0', 'lower')).toBe('0000000000000080')
  expect(hex('double', '-0.0', 'upper')).toBe('0000000000000000')
})

describe('strings are cut to 16 code points; a cut upper bound is raised', () => {
  const text = (value: string, side: 'lower' | 'upper') => {
    const bytes = encodeBound('string', value, side)
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
  }
  const cases: readonly [name: string, value: string, lower: string, upper: string | undefined][] = [
    ['short', 'Ångström', 'Ångström', 'Ångström'],
    ['exactly 16', '0123456789abcdef', '0123456789abcdef', '0123456789abcdef'],
    ['longer', '0123456789abcdefg', '0123456789abcdef', '0123456789abcdeg'],
    ['code points, not UTF-16 units', '😀'.repeat(17), '😀'.repeat(16), `${'😀'.repeat(15)}😁`],
    ['before the surrogates', `${'a'.repeat(15)}\uD7FFz`, `${'a'.repeat(15)}\uD7FF`, `${'a'.repeat(15)}\uE000`],
    ['the last code point carries over', `${'a'.repeat(15)}\u{10FFFF}z`, `${'a'.repeat(15)}\u{10FFFF}`, `${'a'.repeat(14)}b`],
    ['nothing above it', '\u{10FFFF}'.repeat(17), '\u{10FFFF}'.repeat(16), undefined],
  ]
  test.each(cases)('%s', (_name, value, lower, upper) => {
    expect(text(value, 'lower')).toBe(lower)
    expect(text(value, 'upper')).toBe(upper)
  })

  test('bounds hold every string, in byte order', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom('\0', 'a', 'é', '\uD7FF', '\uE000', '\uFFFF', '😀', '\u{10FFFF}'), { maxLength: 40 })
          .map((points) => points.join('')),
        (value) => {
          const bytes = Buffer.from(value)
          const [lower, upper] = [encodeBound('string', value, 'lower'), encodeBound('string', value, 'upper')]
          expect(Buffer.compare(lower ?? Buffer.alloc(0), bytes)).toBeLessThanOrEqual(0)
          if (upper !== undefined) expect(Buffer.compare(upper, bytes)).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})

test('bounds are read back, ints in columns that became long included', () => {
  const again = (type: string, text: string) => decodeBound(type, encodeBound(type, text, 'lower') ?? Buffer.alloc(0))
  expect([again('int', '-7'), again('long', '7'), again('double', '2.5'), again('boolean', '1')]).toEqual([-7, 7n, 2.5, 1])
  expect(decodeBound('long', encodeBound('int', '-7', 'lower') ?? Buffer.alloc(0))).toBe(-7n)
  expect(decodeBound('double', encodeBound('float', '0.5', 'lower') ?? Buffer.alloc(0))).toBe(0.5)
})

test('partition values have the same form', () => {
  expect(Buffer.from(encodeValue('date', 1) ?? []).toString('hex')).toBe('01000000')
  expect(Buffer.from(encodeValue('string', 'a longer text than any bound') ?? []).toString()).toBe('a longer text than any bound')
  expect(encodeValue('int', null)).toBeUndefined()
})
