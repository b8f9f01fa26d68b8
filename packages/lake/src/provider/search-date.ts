import { literal } from '../engine/sql.ts'

const dateForm =
  /^(eq|ne|gt|lt|ge|le|sa|eb)?(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/

interface DateRange {
  readonly prefix: string
  readonly low: string
  readonly high: string
}

/** `ge2026-01`: prefix and the time that the text stands for (R4 search §2.1.1.4.5); undefined when it is no date. */
export function dateRange(value: string): DateRange | undefined {
  const match = dateForm.exec(value)
  if (match === null) return undefined
  const [, prefix = 'eq', year = '', month, day, hour, minute, second, fraction, zone = 'Z'] = match
  const text = `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}${fraction ?? ''}${zone}`
  const low = new Date(text)
  if (Number.isNaN(low.getTime())) return undefined
  const high = new Date(low)
  if (month === undefined) high.setUTCFullYear(high.getUTCFullYear() + 1)
  else if (day === undefined) high.setUTCMonth(high.getUTCMonth() + 1)
  else if (hour === undefined) high.setUTCDate(high.getUTCDate() + 1)
  else high.setTime(high.getTime() + (second === undefined ? 60_000 : fraction === undefined ? 1000 : 1))
  return { prefix, low: low.toISOString(), high: high.toISOString() }
}

/** First instant of a FHIR date text of any precision. */
export function lowOf(text: string): string {
  return `try_cast(case length(${text}) when 4 then ${text} || '-01-01T00:00:00Z' when 7 then ${text} || '-01T00:00:00Z'
    when 10 then ${text} || 'T00:00:00Z' else ${text} end as timestamptz)`
}

/** First instant after it. */
export function highOf(text: string): string {
  return `${lowOf(text)} + case length(${text}) when 4 then interval 1 year when 7 then interval 1 month
    when 10 then interval 1 day else case when contains(${text}, '.') then interval 1 millisecond else interval 1 second end end`
}

/** How the range [low, high) of a value compares with what was asked for. */
export function compareDates(low: string, high: string, { prefix, low: from, high: to }: DateRange): string {
  const [a, b] = [`timestamptz ${literal(from)}`, `timestamptz ${literal(to)}`]
  const within = `(${low} >= ${a} and ${high} <= ${b})`
  switch (prefix) {
    case 'ne':
      return `not ${within}`
    case 'gt':
      return `${high} > ${b}`
    case 'lt':
      return `${low} < ${a}`
    case 'ge':
      return `(${high} > ${b} or ${within})`
    case 'le':
      return `(${low} < ${a} or ${within})`
    case 'sa':
      return `${low} >= ${b}`
    case 'eb':
      return `${high} <= ${a}`
    default:
      return within
  }
}
