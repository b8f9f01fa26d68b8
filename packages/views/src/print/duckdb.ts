import type { Shape } from '../shape.ts'
import { isList, isStruct } from '../shape.ts'
import type { Words } from './calls.ts'
import { commonCalls, named } from './calls.ts'
import type { Printing, Repeat } from './dialect.ts'
import { none } from './dialect.ts'
import { tree } from './json-tree.ts'
import type { RowDialect } from './statement.ts'
import { unrolled } from './unrolled.ts'

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

const instant = (sql: string): string => `epoch_us(try_cast(${sql} as timestamptz))`

const words: Words = {
  ident,
  text,
  type,
  varchar: 'varchar',
  decimal: 'decimal(38, 18)',
  wide: 'hugeint',
  lambda: (parameters, body) => `lambda ${parameters.join(', ')}: ${body}`,
  filter: (list, lambda) => `list_filter(${list}, ${lambda})`,
  list: (items) => `[${items.join(', ')}]`,
  struct: (fields) => `{${fields.map(([name, sql]) => `${text(name)}: ${sql}`).join(', ')}}`,
  size: (list) => `coalesce(cast(len(${list}) as integer), 0)`,
  raise: (message) => `error(${message})`,
  attempt: (left, operator, right) => `try(${left} ${operator} ${right})`,
  rounded: (sql) => `cast(printf('%.14e', ${sql}) as double)`,
  mark: 'chr(1)',
  truncated: (sql) => `try_cast(trunc(${sql}) as integer)`,
  micros: instant,
  utc: (sql) => `strftime(make_timestamp(${instant(sql)}), '%Y-%m-%dT%H:%M:%S.%f')`,
  lastDay: (sql) => `cast(last_day(try_cast(${sql} || '-01' as date)) as varchar)`,
}

/** DuckDB 1.5: SELECT-list unnest, lambdas, JSON functions; everything that it needs is built in. */
export const duckdb: RowDialect = {
  ident,
  text,
  type,
  lambda: words.lambda,
  map: (list, lambda) => `list_transform(${list}, ${lambda})`,
  filter: words.filter,
  struct: words.struct,
  head: (list) => `${list}[1]`,
  list: words.list,
  concat: (lists) => lists.reduce((all, list) => `list_concat(${all}, ${list})`),
  size: words.size,
  raise: words.raise,
  fullMatch: (sql, pattern) => `regexp_full_match(${sql}, ${pattern})`,
  lookUp: (map, key) => `${map}[${key}]`,
  mapOf: () => 'map_from_entries(list((key, id)))',
  firstIndex: 1,
  double: (value) => `cast(${value} as double)`,
  calls: {
    ...commonCalls(words),
    // Null lists in a list do not count here; in Spark they make the whole null.
    flatten: named('flatten'),
    concat: (print, args) => print.dialect.concat(args.map(({ sql }) => sql)),
    at: (_, [list, index]) =>
      index?.expr.op === 'literal'
        ? `${list?.sql}[${Number(index.expr.value) + 1}]`
        : `case when ${index?.sql} >= 0 then ${list?.sql}[${index?.sql} + 1] end`,
    last: (_, [list]) => `${list?.sql}[-1]`,
    slice: (_, [list, skip, take]) => {
      const from = `greatest(${skip?.sql}, 0)`
      return `${list?.sql}[${from} + 1:${take ? `${from} + greatest(${take.sql}, 0)` : ''}]`
    },
    distinct: (print, [list = none]) =>
      print.once(list, (sql) => {
        const [it, index] = [print.name(), print.name()]
        return words.filter(sql, words.lambda([it, index], `list_position(${sql}, ${it}) = ${index}`))
      }),
    has: (_, [list, it]) => `coalesce(list_contains(${list?.sql}, ${it?.sql}), false)`,
    joinText: (_, [list, separator]) => `coalesce(array_to_string(${list?.sql}, ${separator?.sql}), '')`,
    startsWith: named('starts_with'),
    endsWith: named('suffix'),
    matches: (_, [value, pattern]) => `regexp_matches(${value?.sql}, ${pattern?.sql}, 's')`,
    indexOf: (_, [value, part]) => `cast(strpos(${value?.sql}, ${part?.sql}) - 1 as integer)`,
    trim: (_, [value]) => `trim(${value?.sql}, e' \\t\\r\\n')`,
    intDiv: (_, [a, b]) => `(${a?.sql} // nullif(${b?.sql}, 0))`,
    unmarked: (_, [json]) => `cast(regexp_replace(cast(${json?.sql} as varchar), '"\\\\u0001([^"]*)"', '\\1', 'g') as json)`,
    parse: (_, [json], { shape = 'json' }) => `from_json(${json?.sql}, ${text(JSON.stringify(jsonStructure(shape)))})`,
  },
  repeat: (print: Printing, repeat: Repeat) => {
    const steps = repeat.json?.steps
    return steps && !print.nested ? tree(text, print.expr(repeat.list), steps) : unrolled(print, repeat)
  },
  unnest: (list, item, index) =>
    `unnest(${list}) as ${item}${index === undefined ? '' : `, cast(unnest(range(len(${list}))) as integer) as ${index}`}`,
}
