// The rules for dates and times as text. The printers write the same rules in SQL; keep them together.

const ZONE = /(?:Z|[+-]\d{2}:\d{2})$/
const SPAN_OF_ZONES_MS = 14 * 3_600_000

/** Low and high ends of every precision, to be cut at the length of what is known. */
export const LOW = '0000-01-01T00:00:00.000'
export const HIGH = '9999-12-31T23:59:59.999'
/** Characters of a date or dateTime, and of a time, with so many digits of precision. */
export const DATE_LENGTHS: Readonly<Record<number, number>> = { 4: 4, 6: 7, 8: 10, 10: 13, 12: 16, 14: 19, 17: 23 }
export const TIME_LENGTHS: Readonly<Record<number, number>> = { 2: 2, 4: 5, 6: 8, 9: 12 }

const DATE =
  /^(?!0000)(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T(?:([01]\d|2[0-3])(?::[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?)?)?$/
const TIME = /^(?:[01]\d|2[0-3])(?::[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?)?$/

/** Whether a text is a date, dateTime or instant that the calendar knows, as precise as it is; `T` may stand at its end. */
export function isDate(text: string): boolean {
  const [, year, month = '01', day = '01'] = DATE.exec(text) ?? []
  if (year === undefined || Number(month) < 1 || Number(month) > 12 || Number(day) < 1) return false
  return day <= lastDay(`${year}-${month}`).slice(-2)
}

/** Whether a text is a time of day, as precise as it is. */
export const isTime = (text: string): boolean => TIME.test(text)

/** Whether a dateTime with a time says its zone. */
export const isZoned = (text: string): boolean => text.length > 10 && ZONE.test(text)

/**
 * Text that sorts like the date: as written up to the day, else in UTC with six digits of fraction (a second and its fraction are
 * one precision). A time without zone counts as UTC here; null for what is no date.
 */
export function dateKey(text: string): string | null {
  if (text.length <= 10) return text
  const zone = ZONE.exec(text)?.[0] ?? 'Z'
  const local = text.replace(ZONE, '')
  const seconds = `${local.slice(0, 19)}${LOW.slice(local.length, 19)}`
  const time = Date.parse(`${seconds}${zone}`)
  if (Number.isNaN(time)) return null
  const utc = new Date(time).toISOString().slice(0, 19)
  if (local.length < 19) return utc.slice(0, local.length)
  return `${utc}.${local.slice(20, 26).padEnd(6, '0')}`
}

/** Text that sorts like the time. */
export function timeKey(text: string): string {
  return text.length < 8 ? text : `${text}${text.includes('.') ? '' : '.'}`.padEnd(15, '0').slice(0, 15)
}

function compareKeys(left: string, right: string): number | null {
  const length = Math.min(left.length, right.length)
  const [a, b] = [left.slice(0, length), right.slice(0, length)]
  if (a !== b) return a < b ? -1 : 1
  return left.length === right.length ? 0 : null
}

/** -1, 0 or 1; null when the precisions differ and the common part is equal, or when one has no zone and that leaves it open. */
export function compareDates(left: string, right: string): number | null {
  const [a, b] = [dateKey(left), dateKey(right)]
  if (a === null || b === null) return null
  if (left.length > 10 && right.length > 10 && isZoned(left) !== isZoned(right)) {
    const apart = Math.abs(Date.parse(milliseconds(a)) - Date.parse(milliseconds(b)))
    if (apart <= SPAN_OF_ZONES_MS) return null
  }
  return compareKeys(a, b)
}

const milliseconds = (key: string): string => `${`${key}${LOW.slice(key.length)}`.slice(0, 23)}Z`

export const compareTimes = (left: string, right: string): number | null => compareKeys(timeKey(left), timeKey(right))

function lastDay(month: string): string {
  const [year = 0, index = 0] = month.split('-').map(Number)
  return `${month}-${new Date(Date.UTC(year, index, 0)).getUTCDate()}`
}

/** The earliest or latest date, dateTime or time that a partial one may mean. */
export function timeBoundary(text: string, type: string, high: boolean, digits?: number): string {
  // A second and its fraction are one precision: a fraction that is there is exact.
  const fraction = text.includes('.')
  const template = high && !fraction ? HIGH : LOW
  if (type === 'time')
    return `${text}${template.slice(11 + text.length)}`.slice(0, digits === undefined ? undefined : TIME_LENGTHS[digits])
  const zone = text.length > 10 ? (ZONE.exec(text)?.[0] ?? '') : ''
  const local = zone ? text.slice(0, -zone.length) : text
  const known = high && local.length === 7 ? lastDay(local) : local
  const full = `${known}${template.slice(known.length)}`
  if (type === 'date') return full.slice(0, digits === undefined ? 10 : DATE_LENGTHS[digits])
  const cut = digits === undefined ? full : full.slice(0, DATE_LENGTHS[digits])
  return cut.length > 10 ? `${cut}${zone || (high ? '-12:00' : '+14:00')}` : cut
}

/** The day so many days after another; undefined for what is no day, or lies outside of the years with four digits. */
export function dayAfter(day: string, days: number): string | undefined {
  const time = Date.parse(`${day}T00:00:00Z`) + days * 86_400_000
  return time > -62_135_596_800_000 && time < 253_402_300_800_000 ? new Date(time).toISOString().slice(0, 10) : undefined
}
