import { expect, test } from 'vitest'
import { compareDates, compareTimes, timeBoundary } from './temporal.ts'

test.each([
  ['2020', '2021', -1],
  ['2020-05', '2020', null],
  ['2020-05', '2020-05', 0],
  ['2020-05-01', '2020-04', 1],
  ['2020-05-01T10:00:00Z', '2020-05-01', null],
  ['2020-05-01T10:00:00Z', '2020-05-02', -1],
  ['2020-05-01T10:00:00Z', '2020-05-01T12:00:00+02:00', 0],
  ['2020-05-01T10:00:00Z', '2020-05-01T10:00:00.000Z', 0],
  ['2020-05-01T10:00:00.123456Z', '2020-05-01T10:00:00.1234567Z', 0],
  ['2020-05-01T23:00:00-05:00', '2020-05-02', null],
  ['2020-05-01T10:00Z', '2020-05-01T10:00:30Z', null],
  ['2020-05-01T10:00:00', '2020-05-01T11:00:00Z', null],
  ['2020-05-01T10:00:00', '2020-05-02T10:00:00Z', -1],
  ['2020-05-01T10:00:00', '2020-05-01T11:00:00', -1],
  ['no date at all', '2020', null],
])('compares %s with %s as FHIRPath does: %s', (left, right, expected) => {
  expect(compareDates(left, right)).toBe(expected)
  const back = compareDates(right, left)
  expect(back === null ? null : -back + 0).toBe(expected === null ? null : expected + 0)
})

test.each([
  ['10:00:00', '10:00:00.000', 0],
  ['10:00', '10:00:30', null],
  ['09:59:59.9', '10:00', -1],
])('compares the times %s and %s: %s', (left, right, expected) => {
  expect(compareTimes(left, right)).toBe(expected)
})

test.each([
  ['2020', 'date', false, undefined, '2020-01-01'],
  ['2020-02', 'date', true, undefined, '2020-02-29'],
  ['2019-02', 'date', true, undefined, '2019-02-28'],
  ['2020-02', 'date', true, 6, '2020-02'],
  ['2020-02', 'dateTime', true, undefined, '2020-02-29T23:59:59.999-12:00'],
  ['2020-02-03', 'dateTime', false, undefined, '2020-02-03T00:00:00.000+14:00'],
  ['2020-02-03T10:20:30Z', 'dateTime', true, undefined, '2020-02-03T10:20:30.999Z'],
  ['2020-02-03T10:20:30.1+01:00', 'dateTime', false, undefined, '2020-02-03T10:20:30.100+01:00'],
  ['2020-02-03T10:20:30.123456Z', 'dateTime', true, undefined, '2020-02-03T10:20:30.123456Z'],
  ['2020-02-03T10:20:30Z', 'dateTime', true, 8, '2020-02-03'],
  ['2020-02-03T10:20:30.5Z', 'dateTime', true, undefined, '2020-02-03T10:20:30.500Z'],
  ['10:20', 'time', true, undefined, '10:20:59.999'],
  ['10:20:30', 'time', false, 4, '10:20'],
])('the boundary of %s as %s (high %s, digits %s) is %s', (text, type, high, digits, expected) => {
  expect(timeBoundary(text, type, high, digits)).toBe(expected)
})
