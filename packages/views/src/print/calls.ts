import type { Fn } from '../ir.ts'
import type { Arg, Dialect, Printing, Template } from './dialect.ts'
import { none } from './dialect.ts'
import { referenceKey } from './references.ts'
import type { TimeWords } from './times.ts'
import { timeCalls } from './times.ts'

/** What engines call differently; everything else is written once in {@link commonCalls}. */
export interface Words extends TimeWords {
  readonly list: Dialect['list']
  readonly lambda: Dialect['lambda']
  readonly filter: Dialect['filter']
  readonly type: Dialect['type']
  /** Enough for 18 places, such that a sum still fits. */
  readonly decimal: string
  readonly wide: string
  /** U+0001 */
  readonly mark: string
  size(list: string): string
  raise(message: string): string
  /** The operation, or null when it overflows. */
  attempt(left: string, operator: '+' | '-' | '%', right: string): string
  /** A double cut to an integer. */
  truncated(sql: string): string
  /** A double rounded to 15 significant digits. */
  rounded(sql: string): string
}

export const infix =
  (operator: string): Template =>
  (_, [left, right]) =>
    `(${left?.sql} ${operator} ${right?.sql})`

export const named =
  (name: string): Template =>
  (_, args) =>
    `${name}(${args.map(({ sql }) => sql).join(', ')})`

const asDouble = (arg: Arg | undefined): string => (arg?.expr.op === 'literal' ? `${arg.sql}` : `cast(${arg?.sql} as double)`)
const isStructured = ({ expr }: Arg): boolean => expr.op === 'struct' || expr.op === 'literal'

type Common = Exclude<
  Fn,
  | 'at'
  | 'last'
  | 'slice'
  | 'distinct'
  | 'concat'
  | 'has'
  | 'joinText'
  | 'startsWith'
  | 'endsWith'
  | 'matches'
  | 'indexOf'
  | 'trim'
  | 'intDiv'
  | 'parse'
  | 'unmarked'
>

/** The templates that the engines share, in their words. */
export function commonCalls(words: Words): Readonly<Record<Common, Template>> {
  const { text, varchar, decimal, rounded } = words
  const compact = (print: Printing, list: string): string => {
    const name = print.name()
    return words.filter(list, words.lambda([name], `${name} is not null`))
  }
  /** A number as an exact decimal: by its text, since a cast from double adds digits of its own. */
  const exact = (arg: Arg | undefined): string =>
    arg?.expr.op === 'literal'
      ? `cast('${arg.expr.value}' as ${decimal})`
      : `try_cast(cast(${arg?.sql} as ${varchar}) as ${decimal})`
  /** By its text again: a cast from a wide decimal divides as doubles do. */
  const toDouble = (sql: string): string => `cast(cast(${sql} as ${varchar}) as double)`
  const integers =
    (operator: string): Template =>
    (_, [a, b]) =>
      `try_cast(cast(${a?.sql} as ${words.wide}) ${operator} ${b?.sql} as integer)`
  const sum =
    (operator: '+' | '-'): Template =>
    (_, [a, b]) =>
      `coalesce(${toDouble(words.attempt(exact(a), operator, exact(b)))}, ${rounded(`${asDouble(a)} ${operator} ${asDouble(b)}`)})`
  const quotient = (a: Arg | undefined, b: Arg | undefined): string => rounded(`${asDouble(a)} / nullif(${asDouble(b)}, 0)`)

  return {
    ...timeCalls(words),
    listOf: (print, [arg = none]) => (isStructured(arg) ? words.list([arg.sql]) : compact(print, words.list([arg.sql]))),
    compact: (print, [list]) => compact(print, list?.sql ?? ''),
    flatten: (print, [list]) => `flatten(${compact(print, list?.sql ?? '')})`,
    len: (_, [list]) => words.size(list?.sql ?? ''),
    single: (print, [list = none], { text: message = '' }) =>
      print.once(
        list,
        (sql) => `case when ${words.size(sql)} > 1 then ${words.raise(text(message))} else ${print.dialect.head(sql)} end`,
      ),
    listEq: (print, [a = none, b = none]) =>
      print.once(a, (left) =>
        print.once(b, (right) => `case when ${words.size(left)} > 0 and ${words.size(right)} > 0 then ${left} = ${right} end`),
      ),
    orNull: (print, [list = none]) =>
      print.once(list, (sql) => `case when ${words.size(sql)} > 0 then ${sql} else ${words.list(['null'])} end`),
    isNull: (_, [arg]) => `(${arg?.sql} is null)`,
    and: infix('and'),
    or: infix('or'),
    not: (_, [arg = none]) =>
      arg.expr.op === 'call' && arg.expr.fn === 'isNull' ? arg.sql.replace(/ is null\)$/, ' is not null)') : `(not ${arg.sql})`,
    coalesce: named('coalesce'),
    eq: infix('='),
    lt: infix('<'),
    le: infix('<='),
    gt: infix('>'),
    ge: infix('>='),
    addInt: integers('+'),
    subInt: integers('-'),
    mulInt: integers('*'),
    add: sum('+'),
    sub: sum('-'),
    mul: (_, [a, b]) => rounded(`${asDouble(a)} * ${asDouble(b)}`),
    div: (_, [a, b]) => quotient(a, b),
    modInt: (_, [a, b]) => `(${a?.sql} % nullif(${b?.sql}, 0))`,
    truncDiv: (_, [a, b]) => words.truncated(quotient(a, b)),
    modulo: (_, [a, b]) => toDouble(words.attempt(exact(a), '%', `nullif(${exact(b)}, 0)`)),
    neg: (_, [a]) => `(-${a?.sql})`,
    // Not ltrim: its two arguments stand the other way round in Spark.
    digits: (_, [a]) => `replace(${a?.sql}, ${words.mark}, '')`,
    toDouble: (_, [a]) => `try_cast(${a?.sql} as double)`,
    contains: named('contains'),
    replace: named('replace'),
    substring: (print, [value = none, start = none, length]) =>
      print.once(value, (sql) => {
        const rest = length ? `, greatest(${length.sql}, 0)` : ''
        return `case when ${start.sql} >= 0 and ${start.sql} < length(${sql}) then substr(${sql}, ${start.sql} + 1${rest}) end`
      }),
    length: (_, [value]) => `cast(length(${value?.sql}) as integer)`,
    upper: named('upper'),
    lower: named('lower'),
    concatText: infix('||'),
    toText: (print, [arg = none]) =>
      print.once(arg, (sql) => {
        const plain = `cast(${sql} as ${varchar})`
        const digits = `regexp_replace(cast(try_cast(${plain} as decimal(38, 18)) as ${varchar}), '[.]?0+$', '')`
        // Only a double prints with an exponent; integers, booleans and text are as they are.
        return `case when lower(typeof(${sql})) = 'double' then coalesce(${digits}, ${plain}) else ${plain} end`
      }),
    referenceKey: (print, [reference = none], { text: resource }) => referenceKey(print, reference, resource),
    json: named('to_json'),
    raise: (_, __, { text: message = '', shape = 'string' }) => `cast(${words.raise(text(message))} as ${words.type(shape)})`,
  }
}
