import type { Fn } from '../ir.ts'
import {
  timeBoundary as boundaryOf,
  DATE_LENGTHS,
  dateKey,
  dayAfter,
  HIGH,
  isZoned,
  LOW,
  TIME_LENGTHS,
  timeKey,
} from '../temporal.ts'
import type { Arg, Dialect, Printing, Template } from './dialect.ts'
import { none } from './dialect.ts'

/** The words of an engine for instants. */
export interface TimeWords {
  readonly ident: Dialect['ident']
  readonly varchar: string
  readonly text: Dialect['text']
  readonly struct: Dialect['struct']
  /** Microseconds since 1970 of text with a zone; null for what is no instant. */
  micros(sql: string): string
  /** Text with a zone as UTC, with six digits of fraction. */
  utc(sql: string): string
  /** The last day of a month given as `2020-02`, as text. */
  lastDay(sql: string): string
}

const HOURS_14 = 50_400_000_000

/** Dates and times are compared as text: the rules are those of `temporal.ts`. */
export function timeCalls(
  words: TimeWords,
): Pick<Record<Fn, Template>, 'compareDate' | 'compareTime' | 'dateKey' | 'timeKey' | 'lowBoundary' | 'highBoundary'> {
  const { text } = words
  const zoned = (sql: string): string => `(${sql} like '%Z' or substr(${sql}, -6, 1) in ('+', '-'))`
  const withZone = (sql: string): string => `case when ${zoned(sql)} then ${sql} else ${sql} || 'Z' end`

  function keyOfDate(sql: string, arg: Arg, known: string): string {
    if (arg.expr.op === 'literal') return text(dateKey(String(arg.expr.value)) ?? '')
    return known === 'date' ? sql : `case when length(${sql}) <= 10 then ${sql} else ${words.utc(withZone(sql))} end`
  }

  function keyOfTime(sql: string, arg: Arg): string {
    if (arg.expr.op === 'literal') return text(timeKey(String(arg.expr.value)))
    const fraction = `case when ${sql} like '%.%' then '' else '.' end`
    return `case when length(${sql}) < 8 then ${sql} else rpad(${sql} || ${fraction}, 15, '0') end`
  }

  function compareKeys(print: Printing, left: string, right: string): string {
    const pair = print.name()
    const [a, b] = [`${pair}.a`, `${pair}.b`]
    const [x, y] = [`left(${a}, length(${b}))`, `left(${b}, length(${a}))`]
    const body = `case when ${x} < ${y} then -1 when ${x} > ${y} then 1 when length(${a}) = length(${b}) then 0 end`
    const keys = words.struct([
      ['a', left],
      ['b', right],
    ])
    return print.dialect.head(print.dialect.map(print.dialect.list([keys]), print.dialect.lambda([pair], body)))
  }

  /** True where one side has a zone, the other has none, and they lie within 14 hours. */
  function unknownZone(left: string, a: Arg, leftType: string, right: string, b: Arg, rightType: string): string | undefined {
    const isDay = (arg: Arg, it: string) => it === 'date' || (arg.expr.op === 'literal' && String(arg.expr.value).length <= 10)
    if (isDay(a, leftType) || isDay(b, rightType) || (leftType === 'instant' && rightType === 'instant')) return undefined
    const says = (arg: Arg, sql: string) => (arg.expr.op === 'literal' ? String(isZoned(String(arg.expr.value))) : zoned(sql))
    const apart = `abs(${words.micros(withZone(left))} - ${words.micros(withZone(right))}) <= ${HOURS_14}`
    return `length(${left}) > 10 and length(${right}) > 10 and ${says(a, left)} <> ${says(b, right)} and ${apart}`
  }

  const compareDate: Template = (print, [a = none, b = none], { text: types = '' }) =>
    print.once(a, (left) =>
      print.once(b, (right) => {
        const [leftType = '', rightType = ''] = types.split(' ')
        const order = compareKeys(print, keyOfDate(left, a, leftType), keyOfDate(right, b, rightType))
        const open = unknownZone(left, a, leftType, right, b, rightType)
        const cases = [...farFromLiteral(left, a, right, b), ...(open ? [`when ${open} then null`] : [])]
        return cases.length ? `case ${cases.join(' ')} else ${order} end` : order
      }),
    )

  /**
   * Days away from a literal, the order does not depend on zones or precision: most rows need no more than two comparisons of
   * text.
   */
  function farFromLiteral(left: string, a: Arg, right: string, b: Arg): string[] {
    const other = b.expr.op === 'literal' ? left : right
    const literal = b.expr.op === 'literal' ? b : a
    if (literal.expr.op !== 'literal' || (a.expr.op === 'literal' && b.expr.op === 'literal')) return []
    const known = String(literal.expr.value).slice(0, 10)
    const from = dayAfter(boundaryOf(known, 'date', false), -1)
    const to = dayAfter(boundaryOf(known, 'date', true), 2)
    if (from === undefined || to === undefined) return []
    const sign = literal === b ? 1 : -1
    const day = `length(${other}) >= 10`
    return [`when ${day} and ${other} < '${from}' then ${-sign}`, `when ${day} and ${other} >= '${to}' then ${sign}`]
  }

  const boundary: Template = (print, [value = none, precision], { fn, text: kind = '' }) =>
    print.once(value, (sql) =>
      kind === 'decimal'
        ? decimalBoundary(words, sql, fn, precision)
        : timeBoundary(words, sql, kind, fn === 'highBoundary', precision),
    )

  return {
    compareDate,
    compareTime: (print, [a = none, b = none]) =>
      print.once(a, (left) => print.once(b, (right) => compareKeys(print, keyOfTime(left, a), keyOfTime(right, b)))),
    dateKey: (print, [a = none]) => print.once(a, (sql) => keyOfDate(sql, a, '')),
    timeKey: (print, [a = none]) => print.once(a, (sql) => keyOfTime(sql, a)),
    lowBoundary: boundary,
    highBoundary: boundary,
  }
}

function decimalBoundary({ text, varchar }: TimeWords, digits: string, fn: Fn, precision: Arg | undefined): string {
  const decimal = `try_cast(${digits} as decimal(38, 18))`
  const exponent = `coalesce(try_cast(nullif(regexp_extract(${digits}, '[eE]([+-]?[0-9]+)', 1), '') as integer), 0)`
  const scale = `(length(regexp_extract(${digits}, ${text('[.]([0-9]+)')}, 1)) - ${exponent})`
  const operator = fn === 'lowBoundary' ? '-' : '+'
  const edge = `cast(cast(${decimal} ${operator} cast(0.5 * power(10, -${scale}) as decimal(38, 18)) as ${varchar}) as double)`
  if (!precision) return edge
  const rounding = fn === 'lowBoundary' ? 'floor' : 'ceil'
  const cut = `cast(${rounding}(${decimal} * power(10, ${precision.sql})) / power(10, ${precision.sql}) as double)`
  return `case when ${precision.sql} >= ${scale} + 1 then ${edge} else ${cut} end`
}

function timeBoundary(words: TimeWords, sql: string, kind: string, high: boolean, precision: Arg | undefined): string {
  const digits = precision?.expr.op === 'literal' ? Number(precision.expr.value) : undefined
  const low = words.text(LOW)
  // A second and its fraction are one precision: a fraction that is there is exact.
  const template = high ? `case when ${sql} like '%.%' then ${low} else ${words.text(HIGH)} end` : low
  if (kind === 'time') {
    const full = `(${sql} || substr(${template}, 12 + length(${sql})))`
    return digits === undefined ? full : `left(${full}, ${TIME_LENGTHS[digits]})`
  }
  const zone = `case when length(${sql}) > 10 then regexp_extract(${sql}, '(Z|[+-][0-9][0-9]:[0-9][0-9])$', 1) else '' end`
  const local = kind === 'date' ? sql : `left(${sql}, length(${sql}) - length(${zone}))`
  const known = high ? `case when length(${sql}) = 7 then ${words.lastDay(sql)} else ${local} end` : local
  const full = `(${known} || substr(${template}, length(${known}) + 1))`
  const cut = `left(${full}, ${digits === undefined ? (kind === 'date' ? 10 : 23) : DATE_LENGTHS[digits]})`
  if (kind === 'date' || (digits !== undefined && digits <= 8)) return cut
  // More than three digits of fraction are kept when no precision is asked for.
  return `(${digits === undefined ? full : cut} || coalesce(nullif(${zone}, ''), '${high ? '-12:00' : '+14:00'}'))`
}
