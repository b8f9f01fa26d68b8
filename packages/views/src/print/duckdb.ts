import type { Fn } from '../ir.ts'
import type { Shape } from '../shape.ts'
import { isList, isStruct } from '../shape.ts'
import { DATE_LENGTHS, dateKey, HIGH, isZoned, LOW, TIME_LENGTHS, timeKey } from '../temporal.ts'
import type { Arg, Call, Printing, Repeat, Template } from './dialect.ts'
import type { RowDialect } from './statement.ts'

const SCALARS: Readonly<Record<string, string>> = {
  string: 'varchar',
  boolean: 'boolean',
  int: 'integer',
  long: 'bigint',
  double: 'double',
  timestamptz: 'timestamptz',
  date: 'date',
  json: 'json',
}

const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

function type(shape: Shape): string {
  if (isList(shape)) return `${type(shape.list)}[]`
  if (!isStruct(shape)) return SCALARS[shape] ?? 'varchar'
  const fields = Object.entries(shape.struct).map(([name, it]) => `${ident(name)} ${type(it)}`)
  return fields.length ? `struct(${fields.join(', ')})` : 'json'
}

/** The structure that `from_json` takes, as JSON. */
export function jsonStructure(shape: Shape): unknown {
  if (isList(shape)) return [jsonStructure(shape.list)]
  if (!isStruct(shape)) return (SCALARS[shape] ?? 'varchar').toUpperCase()
  return Object.fromEntries(Object.entries(shape.struct).map(([name, it]) => [name, jsonStructure(it)]))
}

const lambda = (parameters: readonly string[], body: string): string => `lambda ${parameters.join(', ')}: ${body}`
const map = (list: string, fn: string): string => `list_transform(${list}, ${fn})`
const filter = (list: string, fn: string): string => `list_filter(${list}, ${fn})`
const compact = (print: Printing, list: string): string => {
  const name = print.name()
  return filter(list, lambda([name], `${name} is not null`))
}

const infix =
  (operator: string): Template =>
  (_, [left, right]) =>
    `(${left?.sql} ${operator} ${right?.sql})`
const named =
  (name: string): Template =>
  (_, args) =>
    `${name}(${args.map(({ sql }) => sql).join(', ')})`
const none: Arg = { sql: 'null', plain: true, expr: { op: 'null', shape: 'string' } }

/** A number as an exact decimal: by its text, since a cast from double adds digits of its own. */
const exact = (arg: Arg | undefined): string =>
  arg?.expr.op === 'literal'
    ? `cast(${arg.sql.replace(/^cast\('?|'? as double\)$/g, '')} as decimal(38, 18))`
    : `try_cast(cast(${arg?.sql} as varchar) as decimal(38, 18))`
const rounded = (sql: string): string => `cast(printf('%.14e', ${sql}) as double)`
const asDouble = (arg: Arg | undefined): string => `cast(${arg?.sql} as double)`

const sum =
  (operator: '+' | '-'): Template =>
  (_, [a, b]) =>
    `coalesce(cast(try(${exact(a)} ${operator} ${exact(b)}) as double), ${rounded(`${asDouble(a)} ${operator} ${asDouble(b)}`)})`

const integers =
  (operator: string): Template =>
  (_, [a, b]) =>
    `try_cast(cast(${a?.sql} as hugeint) ${operator} ${b?.sql} as integer)`

const toText: Template = (print, [arg = none]) =>
  print.once(arg, (sql) => {
    const plain = `cast(${sql} as varchar)`
    const decimal = `regexp_replace(cast(try_cast(${plain} as decimal(38, 18)) as varchar), '\\.?0+$', '')`
    // Only a double prints with an exponent; integers, booleans and text are as they are.
    return `case when typeof(${sql}) = 'DOUBLE' then coalesce(${decimal}, ${plain}) else ${plain} end`
  })

const zoned = (sql: string): string => `(${sql} like '%Z' or substr(${sql}, -6, 1) in ('+', '-'))`
const instant = (sql: string): string =>
  `epoch_us(try_cast(case when ${zoned(sql)} then ${sql} else ${sql} || 'Z' end as timestamptz))`
const utc = (sql: string): string => `strftime(make_timestamp(${instant(sql)}), '%Y-%m-%dT%H:%M:%S.%f')`

function keyOfDate(sql: string, arg: Arg, known: string): string {
  if (arg.expr.op === 'literal') return text(dateKey(String(arg.expr.value)) ?? '')
  return known === 'date' ? sql : `case when length(${sql}) <= 10 then ${sql} else ${utc(sql)} end`
}

const keyOfTime = (sql: string, arg: Arg): string =>
  arg.expr.op === 'literal'
    ? text(timeKey(String(arg.expr.value)))
    : `case when length(${sql}) < 8 then ${sql} else rpad(${sql} || case when contains(${sql}, '.') then '' else '.' end, 15, '0') end`

function compareKeys(print: Printing, left: string, right: string): string {
  const pair = print.name()
  const [a, b] = [`${pair}.a`, `${pair}.b`]
  const [x, y] = [`left(${a}, length(${b}))`, `left(${b}, length(${a}))`]
  const body = `case when ${x} < ${y} then -1 when ${x} > ${y} then 1 when length(${a}) = length(${b}) then 0 end`
  return `${map(`[{'a': ${left}, 'b': ${right}}]`, lambda([pair], body))}[1]`
}

const compareDate: Template = (print, [a = none, b = none], { text: types = '' }) =>
  print.once(a, (left) =>
    print.once(b, (right) => {
      const [leftType = '', rightType = ''] = types.split(' ')
      const order = compareKeys(print, keyOfDate(left, a, leftType), keyOfDate(right, b, rightType))
      const open = unknownZone(left, a, leftType, right, b, rightType)
      return open ? `case when ${open} then null else ${order} end` : order
    }),
  )

/** True where one side has a zone, the other has none, and they lie within 14 hours. */
function unknownZone(left: string, a: Arg, leftType: string, right: string, b: Arg, rightType: string): string | undefined {
  const isDay = (arg: Arg, it: string) => it === 'date' || (arg.expr.op === 'literal' && String(arg.expr.value).length <= 10)
  if (isDay(a, leftType) || isDay(b, rightType) || (leftType === 'instant' && rightType === 'instant')) return undefined
  const says = (arg: Arg, sql: string) => (arg.expr.op === 'literal' ? String(isZoned(String(arg.expr.value))) : zoned(sql))
  const apart = `abs(${instant(left)} - ${instant(right)}) <= 50400000000`
  return `length(${left}) > 10 and length(${right}) > 10 and ${says(a, left)} <> ${says(b, right)} and ${apart}`
}

const boundary: Template = (print, [value = none, precision], { fn, text: kind = '' }) =>
  print.once(value, (sql) =>
    kind === 'decimal' ? decimalBoundary(sql, fn, precision) : timeBoundary(sql, kind, fn === 'highBoundary', precision),
  )

function decimalBoundary(digits: string, fn: Fn, precision: Arg | undefined): string {
  const decimal = `try_cast(${digits} as decimal(38, 18))`
  const exponent = `coalesce(try_cast(nullif(regexp_extract(${digits}, '[eE]([+-]?[0-9]+)', 1), '') as integer), 0)`
  const scale = `(length(regexp_extract(${digits}, '\\.([0-9]+)', 1)) - ${exponent})`
  const operator = fn === 'lowBoundary' ? '-' : '+'
  const edge = `(${decimal} ${operator} cast(0.5 * pow(10, -${scale}) as decimal(38, 18)))`
  if (!precision) return `cast(${edge} as double)`
  const rounding = fn === 'lowBoundary' ? 'floor' : 'ceil'
  return `case when ${precision.sql} >= ${scale} + 1 then cast(${edge} as double) else ${rounding}(${decimal} * pow(10, ${precision.sql})) / pow(10, ${precision.sql}) end`
}

function timeBoundary(sql: string, kind: string, high: boolean, precision: Arg | undefined): string {
  const digits = precision?.expr.op === 'literal' ? Number(precision.expr.value) : undefined
  const template = text(high ? HIGH : LOW)
  if (kind === 'time') {
    const full = `(${sql} || substr(${template}, 12 + length(${sql})))`
    return digits === undefined ? full : `left(${full}, ${TIME_LENGTHS[digits]})`
  }
  const zone = `case when length(${sql}) > 10 then regexp_extract(${sql}, '(Z|[+-][0-9][0-9]:[0-9][0-9])$', 1) else '' end`
  const local = kind === 'date' ? sql : `left(${sql}, length(${sql}) - length(${zone}))`
  const lastDay = `cast(last_day(try_cast(${sql} || '-01' as date)) as varchar)`
  const known = high ? `case when length(${sql}) = 7 then ${lastDay} else ${local} end` : local
  const full = `(${known} || substr(${template}, length(${known}) + 1))`
  const cut = `left(${full}, ${digits === undefined ? (kind === 'date' ? 10 : 23) : DATE_LENGTHS[digits]})`
  if (kind === 'date' || (digits !== undefined && digits <= 8)) return cut
  // More than three digits of fraction are kept when no precision is asked for.
  return `(${digits === undefined ? full : cut} || coalesce(nullif(${zone}, ''), '${high ? '-12:00' : '+14:00'}'))`
}

const ID = '[A-Za-z0-9.-]{1,64}'
const referenceKey: Template = (_, [reference], { text: resource = '[A-Z][A-Za-z]+' }) =>
  `nullif(regexp_extract(${reference?.sql}, '^(?:https?://[^?#]+/)?(${resource})/(${ID})(?:/_history/${ID})?$', 2), '')`

const isStructured = ({ expr }: Arg): boolean => expr.op === 'struct' || expr.op === 'literal'

const calls: Readonly<Record<Fn, Template>> = {
  listOf: (print, [arg = none]) => (isStructured(arg) ? `[${arg.sql}]` : compact(print, `[${arg.sql}]`)),
  compact: (print, [list]) => compact(print, list?.sql ?? ''),
  flatten: (print, [list]) => `flatten(${compact(print, list?.sql ?? '')})`,
  concat: (_, args) => args.map(({ sql }) => sql).reduce((all, list) => `list_concat(${all}, ${list})`),
  at: (_, [list, index]) =>
    index?.expr.op === 'literal'
      ? `${list?.sql}[${Number(index.expr.value) + 1}]`
      : `case when ${index?.sql} >= 0 then ${list?.sql}[${index?.sql} + 1] end`,
  last: (_, [list]) => `${list?.sql}[-1]`,
  len: (_, [list]) => `coalesce(cast(len(${list?.sql}) as integer), 0)`,
  slice: (_, [list, skip, take]) => {
    const from = `greatest(${skip?.sql}, 0)`
    return `${list?.sql}[${from} + 1:${take ? `${from} + greatest(${take.sql}, 0)` : ''}]`
  },
  distinct: (print, [list = none]) =>
    print.once(list, (sql) => {
      const [it, index] = [print.name(), print.name()]
      return filter(sql, lambda([it, index], `list_position(${sql}, ${it}) = ${index}`))
    }),
  has: (_, [list, it]) => `coalesce(list_contains(${list?.sql}, ${it?.sql}), false)`,
  joinText: (_, [list, separator]) => `coalesce(array_to_string(${list?.sql}, ${separator?.sql}), '')`,
  single: (print, [list = none], { text: message = '' }) =>
    print.once(list, (sql) => `case when len(${sql}) > 1 then error(${text(message)}) else ${sql}[1] end`),
  listEq: (print, [a = none, b = none]) =>
    print.once(a, (left) =>
      print.once(b, (right) => `case when len(${left}) > 0 and len(${right}) > 0 then ${left} = ${right} end`),
    ),
  orNull: (print, [list = none]) => print.once(list, (sql) => `case when len(${sql}) > 0 then ${sql} else [null] end`),
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
  div: (_, [a, b]) => rounded(`${asDouble(a)} / nullif(${asDouble(b)}, 0)`),
  intDiv: (_, [a, b]) => `(${a?.sql} // nullif(${b?.sql}, 0))`,
  modInt: (_, [a, b]) => `(${a?.sql} % nullif(${b?.sql}, 0))`,
  truncDiv: (_, [a, b]) => `try_cast(trunc(${rounded(`${asDouble(a)} / nullif(${asDouble(b)}, 0)`)}) as integer)`,
  modulo: (_, [a, b]) => `cast(try(${exact(a)} % nullif(${exact(b)}, 0)) as double)`,
  neg: (_, [a]) => `(-${a?.sql})`,
  toDouble: (_, [a]) => `try_cast(${a?.sql} as double)`,
  startsWith: named('starts_with'),
  endsWith: named('suffix'),
  contains: named('contains'),
  matches: (_, [value, pattern]) => `regexp_matches(${value?.sql}, ${pattern?.sql}, 's')`,
  replace: named('replace'),
  replaceMatches: (_, [value, pattern, by]) => `regexp_replace(${value?.sql}, ${pattern?.sql}, ${by?.sql}, 'g')`,
  substring: (print, [value = none, start = none, length]) =>
    print.once(value, (sql) => {
      const rest = length ? `, greatest(${length.sql}, 0)` : ''
      return `case when ${start.sql} >= 0 and ${start.sql} < length(${sql}) then substr(${sql}, ${start.sql} + 1${rest}) end`
    }),
  indexOf: (_, [value, part]) => `cast(strpos(${value?.sql}, ${part?.sql}) - 1 as integer)`,
  length: (_, [value]) => `cast(length(${value?.sql}) as integer)`,
  upper: named('upper'),
  lower: named('lower'),
  trim: (_, [value]) => `trim(${value?.sql}, e' \\t\\r\\n')`,
  concatText: infix('||'),
  toText,
  compareDate,
  compareTime: (print, [a = none, b = none]) =>
    print.once(a, (left) => print.once(b, (right) => compareKeys(print, keyOfTime(left, a), keyOfTime(right, b)))),
  dateKey: (print, [a = none]) => print.once(a, (sql) => keyOfDate(sql, a, '')),
  timeKey: (print, [a = none]) => print.once(a, (sql) => keyOfTime(sql, a)),
  lowBoundary: boundary,
  highBoundary: boundary,
  referenceKey,
  parse: (_, [json], { shape = 'json' }) => `from_json(${json?.sql}, ${text(JSON.stringify(jsonStructure(shape)))})`,
  json: named('to_json'),
  raise: (_, __, { text: message = '', shape = 'string' }: Call) => `cast(error(${text(message)}) as ${type(shape)})`,
}

// Nodes of JSON text that no plain path leads to are unrolled to this depth; deeper ones raise.
const UNROLLED = 12

function repeat(print: Printing, { list, item, children, json }: Repeat): string {
  const steps = json?.steps
  if (steps && !print.nested) return tree(print.expr(list), steps)
  const level = (depth: number, nodes: string): string => {
    const below =
      depth < UNROLLED
        ? level(depth + 1, print.expr(children))
        : `case when len(${print.expr(children)}) > 0 then error('repeat: nested too deep') end`
    return `flatten(${map(nodes, lambda([ident(item)], `list_concat([${ident(item)}], ${below})`))})`
  }
  return level(0, print.expr(list))
}

/** All nodes of plain paths in one call, ordered as the paths are: `$[0].item[1]` sorts by the numbers of path and place. */
function tree(list: string, steps: readonly (readonly string[])[]): string {
  const quoted = (name: string) => name.replace(/[^A-Za-z0-9_]/g, '.')
  const paths = steps.map((names) => names.map((name) => `\\.${quoted(name)}(?:\\[[0-9]+\\])?`).join(''))
  const order = steps
    .map((names, index) => ({ index, names }))
    .sort((a, b) => b.names.length - a.names.length)
    .reduce((key, { index, names }) => {
      const pattern = names.map((name) => `\\.${quoted(name)}(?:\\[([0-9]+)\\])?`).join('')
      return `regexp_replace(${key}, ${text(pattern)}, ${text(`.${index}${names.map((_, at) => `.0\\${at + 1}`).join('')}`)}, 'g')`
    }, `regexp_replace(fullkey, '^\\$\\[([0-9]+)\\]', '\\1')`)
  const numbers = `list_transform(string_split(${order}, '.'), lambda part: cast(part as integer))`
  const wanted = `regexp_full_match(fullkey, ${text(`\\$\\[[0-9]+\\](?:${paths.join('|')})*`)})`
  return `(select list(value order by ${numbers}) from json_tree(to_json(${list})) where type = 'OBJECT' and ${wanted})`
}

/** DuckDB 1.5: SELECT-list unnest, lambdas, JSON functions; everything that it needs is built in. */
export const duckdb: RowDialect = {
  ident,
  text,
  type,
  lambda,
  map,
  filter,
  struct: (fields) => `{${fields.map(([name, sql]) => `${text(name)}: ${sql}`).join(', ')}}`,
  head: (list) => `${list}[1]`,
  list: (items) => `[${items.join(', ')}]`,
  firstIndex: 1,
  double: (value) => `cast(${value} as double)`,
  calls,
  repeat,
  unnest: (list, item, index) =>
    `unnest(${list}) as ${item}${index === undefined ? '' : `, cast(unnest(range(len(${list}))) as integer) as ${index}`}`,
}
