/** Minutes since 1970-01-01T00:00 on the clock on the wall of Massachusetts, where everybody lives. */
export type Minutes = number

export const HOUR: Minutes = 60
export const DAY: Minutes = 1440
export const YEAR: Minutes = 525_949

/** Days before 1970 that the caches reach back to (1860). */
const OFFSET = 40_178

interface CalendarDay {
  readonly date: string
  readonly year: number
  /** 0 is January. */
  readonly month: number
  /** Offset of the local clock, in minutes to add to reach UTC. */
  readonly toUtc: number
  readonly zone: string
  /** 0 is Sunday. */
  readonly weekday: number
}

const days: (CalendarDay | undefined)[] = []
const two = (n: number): string => (n < 10 ? `0${n}` : String(n))
const TIMES: readonly string[] = Array.from({ length: DAY }, (_, m) => `T${two(Math.floor(m / 60))}:${two(m % 60)}:`)
const TWO: readonly string[] = Array.from({ length: 60 }, (_, n) => two(n))

function isSummerTime(date: Date): boolean {
  const month = date.getUTCMonth()
  const firstOfMonth = new Date(Date.UTC(date.getUTCFullYear(), month, 1)).getUTCDay()
  const firstSunday = 1 + ((7 - firstOfMonth) % 7)
  if (month === 2) return date.getUTCDate() >= firstSunday + 7
  if (month === 10) return date.getUTCDate() < firstSunday
  return month > 2 && month < 10
}

function makeDay(day: number): CalendarDay {
  const date = new Date(day * 86_400_000)
  const summer = isSummerTime(date)
  return {
    date: date.toISOString().slice(0, 10),
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    toUtc: summer ? 240 : 300,
    zone: summer ? '-04:00' : '-05:00',
    weekday: date.getUTCDay(),
  }
}

export function calendarDay(at: Minutes): CalendarDay {
  const day = Math.floor(at / DAY)
  const known = days[day + OFFSET]
  if (known !== undefined) return known
  const made = makeDay(day)
  days[day + OFFSET] = made
  return made
}

const timeOfDay = (at: Minutes): string => TIMES[((Math.floor(at) % DAY) + DAY) % DAY] ?? 'T00:00:'

/** `2026-03-04` */
export const date = (at: Minutes): string => calendarDay(at).date

/** `2026-03-04T09:15:27-05:00`; the seconds follow from the minute so that equal times have equal text. */
export function dateTime(at: Minutes): string {
  const day = calendarDay(at)
  return day.date + timeOfDay(at) + TWO[(((Math.floor(at) * 7) % 60) + 60) % 60] + day.zone
}

/** `2026-03-04T14:15:27.120Z`: the form of `meta.lastUpdated`. */
export function instant(at: Minutes): string {
  const utc = Math.floor(at) + calendarDay(at).toUtc
  const millis = (((Math.floor(at) * 37) % 1000) + 1000) % 1000
  return (
    calendarDay(utc).date +
    timeOfDay(utc) +
    TWO[(((Math.floor(at) * 11) % 60) + 60) % 60] +
    (millis < 100 ? (millis < 10 ? '.00' : '.0') : '.') +
    millis +
    'Z'
  )
}

/** Reads an ISO 8601 time, NaN when it is none. */
export function minutesOf(iso: string): Minutes {
  const utc = Date.parse(iso) / 60_000
  if (Number.isNaN(utc)) return Number.NaN
  return Math.floor(utc - calendarDay(utc - 300).toUtc)
}

/** The first minute of a calendar day; months run from 0 and may overflow. */
export const dayOf = (year: number, month: number, day: number): Minutes => Date.UTC(year, month, day) / 60_000

/** Moves to a weekday, at an hour of the working day that `fraction` (0 to 1) chooses. */
export function officeHours(at: Minutes, fraction: number): Minutes {
  const weekday = calendarDay(at).weekday
  const shift = weekday === 0 ? DAY : weekday === 6 ? -DAY : 0
  return Math.floor(at / DAY) * DAY + shift + 480 + Math.floor((fraction * 570) / 10) * 10
}
