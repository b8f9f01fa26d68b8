import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTransientStatus, parseRetryAfter, pollDelay, retryDelay } from './retry.ts'

const now = Date.parse('2026-11-21T03:00:00Z')

test.each([
  ['120', 120_000],
  [' 7 ', 7000],
  ['0', 0],
  ['1.5', 1500],
  ['Sat, 21 Nov 2026 03:00:30 GMT', 30_000],
  ['Saturday, 21-Nov-26 03:00:30 GMT', 30_000],
  ['Sat Nov 21 03:00:30 2026', 30_000],
  ['2026-11-21T03:01:00Z', 60_000],
  ['2026-11-21T04:01:00+01:00', 60_000],
  ['Sat, 21 Nov 2026 02:59:59 GMT', null],
  ['-5', null],
  ['soon 1', null],
  ['2026-11-21 03:00:30.5 +0000 UTC m=+1', null],
  ['', null],
  [null, null],
])('Retry-After %j is %j ms', (header, expected) => {
  expect(parseRetryAfter(header, now)).toBe(expected)
})

test('no text makes a wait that is negative or not a number', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const wait = parseRetryAfter(text, now)
      expect(wait === null || wait >= 0).toBe(true)
    }),
  )
})

test('every wait is between 1 s and the longest, whatever the server asks for', () => {
  const wish = fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: null })
  const random = fc.double({ min: 0, max: 0.999, noNaN: true })
  fc.assert(
    fc.property(wish, fc.nat(1e6), fc.integer({ min: 1000, max: 1e9 }), random, (retryAfterMs, count, most, chance) => {
      for (const wait of [
        pollDelay({ retryAfterMs, polls: count, pollMaxMs: most, random: chance }),
        retryDelay({ attempt: count + 1, retryAfterMs, maxMs: most, random: chance }),
      ]) {
        expect(wait).toBeGreaterThanOrEqual(1000)
        expect(wait).toBeLessThanOrEqual(most)
      }
    }),
  )
})

test('waits double to a minute', () => {
  const poll = [0, 1, 2, 3, 4, 5, 6, 50].map((polls) => pollDelay({ retryAfterMs: null, polls, pollMaxMs: 300_000, random: 0.5 }))
  expect(poll).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  const retry = [1, 2, 3, 7, 50].map((attempt) => retryDelay({ attempt, retryAfterMs: null, maxMs: 300_000, random: 0.5 }))
  expect(retry).toEqual([1000, 2000, 4000, 60_000, 60_000])
})

test('statuses that may pass', () => {
  expect([200, 400, 401, 403, 404, 408, 410, 425, 429, 500, 501, 503].filter(isTransientStatus)).toEqual([
    408, 425, 429, 500, 503,
  ])
})
