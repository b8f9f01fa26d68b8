import { expect, test } from 'vitest'
import { bytes, count, counted, duration, percent, rate, shellWord } from './format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [48_900_000, '48.9 MB'],
  [322_400_000, '322 MB'],
  [999_600_000, '1.0 GB'],
  [11_800_000_000, '11.8 GB'],
])('%d bytes', (value, text) => {
  expect(bytes(value)).toBe(text)
})

test.each([
  [0, '0.0 s'],
  [412, '0.4 s'],
  [59_940, '59.9 s'],
  [60_000, '1 min'],
  [250_000, '4 min 10 s'],
  [7_860_000, '2 h 11 min'],
  [273_600_000, '3 d 4 h'],
  [86_400_000, '1 d'],
])('%d ms', (value, text) => {
  expect(duration(value)).toBe(text)
})

test('counts, shares and rates', () => {
  expect([count(38_214), count(1_000_000), count(7), counted(1, 'row'), counted(2, 'retry', 'retries')]).toEqual([
    '38,214',
    '1,000,000',
    '7',
    '1 row',
    '2 retries',
  ])
  expect([percent(31, 100), percent(1, 0), rate(322_000_000, 1000), rate(1, 0)]).toEqual(['31 %', '0 %', '322 MB/s', ''])
})

test.each([
  ['./a/b.json', './a/b.json'],
  ['a b', "'a b'"],
  ["it's", "'it'\\''s'"],
  ['$x', "'$x'"],
])('%s for a shell', (word, quoted) => {
  expect(shellWord(word)).toBe(quoted)
})
