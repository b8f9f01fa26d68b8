import { describe, expect, test } from 'vitest'
import { calendarDay, dateTime, dayOf, instant, minutesOf, officeHours } from './clock.ts'

describe('clock', () => {
  test.each([
    ['winter', '2026-01-15T12:00:00Z', '2026-01-15T07:00:00-05:00'],
    ['summer', '2026-07-15T12:00:00Z', '2026-07-15T08:00:00-04:00'],
    ['the day before summer time', '2026-03-07T12:00:00Z', '2026-03-07T07:00:00-05:00'],
    ['the first day of summer time', '2026-03-08T12:00:00Z', '2026-03-08T08:00:00-04:00'],
    ['the last day of summer time', '2026-10-31T12:00:00Z', '2026-10-31T08:00:00-04:00'],
    ['the first day of winter time', '2026-11-01T12:00:00Z', '2026-11-01T07:00:00-05:00'],
    ['long ago', '1931-05-05T12:00:00Z', '1931-05-05T08:00:00-04:00'],
  ])('knows the local time in %s', (_name, utc, local) => {
    const at = minutesOf(utc)
    expect(dateTime(at).replace(/:\d\d([+-])/, ':00$1')).toBe(local)
    expect(Date.parse(instant(at)) - Date.parse(utc)).toBeLessThan(60_000)
    expect(Date.parse(instant(at)) - Date.parse(utc)).toBeGreaterThanOrEqual(0)
  })

  test('tells no time from what is none', () => {
    expect(minutesOf('soon')).toBeNaN()
  })

  test('opens offices on weekdays, from eight to half past five', () => {
    for (let day = 0; day < 14; day++) {
      const at = officeHours(dayOf(2026, 5, 1 + day), day / 14)
      expect([1, 2, 3, 4, 5]).toContain(calendarDay(at).weekday)
      expect(dateTime(at).slice(11, 16) >= '08:00' && dateTime(at).slice(11, 16) <= '17:30').toBe(true)
    }
  })
})
