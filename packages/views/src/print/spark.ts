import type { Shape } from '../shape.ts'
import { isList, isStruct } from '../shape.ts'
import type { Words } from './calls.ts'
import { commonCalls, named } from './calls.ts'
import type { RowDialect } from './statement.ts'
import { unrolled } from './unrolled.ts'

const SCALARS: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  int: 'int',
  long: 'bigint',
  double: 'double',
  timestamptz: 'timestamp',
  date: 'date',
  json: 'string',
}

const ident = (name: string): string => `\`${name.replaceAll('`', '``')}\``
// Spark reads a backslash in a string literal as an escape.
const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** A type, also as the schema that `from_json` takes. */
function type(shape: Shape): string {
  if (isList(shape)) return `array<${type(shape.list)}>`
  if (!isStruct(shape)) return SCALARS[shape] ?? 'string'
  const fields = Object.entries(shape.struct).map(([name, it]) => `${ident(name)}: ${type(it)}`)
  return fields.length ? `struct<${fields.join(', ')}>` : 'string'
}

const size = (list: string): string => `greatest(size(${list}), 0)`
const timestamp = (sql: string): string => `try_cast(${sql} as timestamp)`
const filter = (list: string, lambda: string): string => `filter(${list}, ${lambda})`

const words: Words = {
  ident,
  text,
  type,
  varchar: 'string',
  // Two places less than 38 digits: the sum of two then keeps its 18 places.
  decimal: 'decimal(37, 18)',
  wide: 'bigint',
  lambda: (parameters, body) => `${parameters.length > 1 ? `(${parameters.join(', ')})` : parameters[0]} -> ${body}`,
  filter,
  list: (items) => `array(${items.join(', ')})`,
  struct: (fields) => `named_struct(${fields.map(([name, sql]) => `${text(name)}, ${sql}`).join(', ')})`,
  size,
  raise: (message) => `raise_error(${message})`,
  attempt: (left, operator, right) =>
    operator === '%' ? `(${left} % ${right})` : `try_${operator === '+' ? 'add' : 'subtract'}(${left}, ${right})`,
  rounded: (sql) => `try_cast(format_string('%.14e', ${sql}) as double)`,
  mark: 'char(1)',
  truncated: (sql) => `try_cast(${sql} as int)`,
  micros: (sql) => `unix_micros(${timestamp(sql)})`,
  // The text must not follow the zone of the session.
  utc: (sql) => `date_format(to_utc_timestamp(${timestamp(sql)}, current_timezone()), 'yyyy-MM-dd''T''HH:mm:ss.SSSSSS')`,
  lastDay: (sql) => `cast(last_day(try_cast(${sql} || '-01' as date)) as string)`,
}

/** How `from_json` is called: texts in single quotes are no JSON. */
export const fromJson = (json: string, shape: Shape): string =>
  `from_json(${json}, ${text(type(shape))}, map('allowSingleQuotes', 'false'))`

/** Spark 4.1 with ANSI mode on, names in backticks. */
export const spark: RowDialect = {
  ident,
  text,
  type,
  lambda: words.lambda,
  map: (list, lambda) => `transform(${list}, ${lambda})`,
  filter,
  struct: words.struct,
  head: (list) => `get(${list}, 0)`,
  list: words.list,
  concat: (lists) => `concat(${lists.map((list) => `coalesce(${list}, array())`).join(', ')})`,
  size,
  raise: words.raise,
  fullMatch: (sql, pattern) => `regexp_like(${sql}, '^(?:' || ${pattern} || ')$')`,
  lookUp: (map, key) => `try_element_at(${map}, ${key})`,
  mapOf: () => 'map_from_entries(collect_list(struct(key, id)))',
  firstIndex: 0,
  double: (value) => `cast(${value} as double)`,
  calls: {
    ...commonCalls(words),
    concat: (print, args) => print.dialect.concat(args.map(({ sql }) => sql)),
    at: (_, [list, index]) => `get(${list?.sql}, ${index?.sql})`,
    last: (_, [list]) => `try_element_at(${list?.sql}, -1)`,
    slice: (_, [list, skip, take]) =>
      `slice(${list?.sql}, greatest(${skip?.sql}, 0) + 1, ${take ? `greatest(${take.sql}, 0)` : size(list?.sql ?? '')})`,
    distinct: named('array_distinct'),
    has: (_, [list, it]) => `coalesce(array_contains(${list?.sql}, ${it?.sql}), false)`,
    joinText: (_, [list, separator]) => `coalesce(array_join(${list?.sql}, ${separator?.sql}), '')`,
    startsWith: named('startswith'),
    endsWith: named('endswith'),
    matches: (_, [value, pattern]) => `regexp_like(${value?.sql}, '(?s)' || ${pattern?.sql})`,
    indexOf: (_, [value, part]) => `(instr(${value?.sql}, ${part?.sql}) - 1)`,
    trim: (_, [value]) => `trim(both ' \\t\\r\\n' from ${value?.sql})`,
    intDiv: (_, [a, b]) => `cast(${a?.sql} div nullif(${b?.sql}, 0) as int)`,
    unmarked: (_, [json]) => `regexp_replace(${json?.sql}, ${text('"\\\\u0001([^"]*)"')}, '$1')`,
    parse: (_, [json], { shape = 'json' }) => fromJson(json?.sql ?? 'null', shape),
  },
  repeat: unrolled,
  unnest: (list, item, index) =>
    index === undefined ? `explode(${list}) as ${item}` : `posexplode(${list}) as (${index}, ${item})`,
}
