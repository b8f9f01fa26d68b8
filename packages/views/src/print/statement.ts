import type { Plan, Unnest } from '../ir.ts'
import type { Dialect } from './dialect.ts'
import { printer } from './expression.ts'
import { mapColumn, REFERENCES, referencesTable } from './references.ts'

/** How a dialect makes a row for each item of the list `list`, in a SELECT list beside `*`. */
export interface RowDialect extends Dialect {
  /** The SELECT-list items that unnest the column `list` to `item`, and its place to `index`. */
  unnest(list: string, item: string, index: string | undefined): string
}

const indent = (sql: string): string => sql.replaceAll('\n', '\n  ')
const nest = (sql: string): string => `(\n  ${indent(sql)}\n)`

/** The statement of a plan over `scan`, a SELECT of the resources' columns; `resolve` names the relation of identifiers. */
export function printPlan(dialect: RowDialect, plan: Plan, scan: string, resolve?: string): string {
  const references = resolve === undefined ? undefined : { nested: false }
  const print = printer(dialect, references)
  const where = plan.where.map((it) => print(it))
  const lists = plan.steps.map(({ list }) => print(list))
  const columns = plan.columns.map(({ name, expr }) => `${print(expr)} as ${dialect.ident(name)}`)
  const source = references?.nested ? `select *, ${mapColumn(dialect)}\nfrom ${nest(scan)} as resources` : scan
  const filtered = where.length ? `select *\nfrom ${nest(source)} as resource\nwhere ${where.join('\n  and ')}` : source
  const rows = plan.steps.reduce((from, step, at) => unnested(dialect, step, lists[at] ?? '', from), filtered)
  const statement = `select\n  ${columns.join(',\n  ')}\nfrom ${nest(rows)} as ${dialect.ident('rows')}`
  return resolve !== undefined && statement.includes(REFERENCES) ? referencesTable(resolve) + statement : statement
}

/** Filters stand below, so that only rows that count are unnested; one generator in each SELECT list. */
function unnested(dialect: RowDialect, { item, index }: Unnest, list: string, from: string): string {
  const name = dialect.ident(`${item}_list`)
  const source = `select *, ${list} as ${name}\nfrom ${nest(from)} as ${dialect.ident(`${item}_rows`)}`
  return `select *, ${dialect.unnest(name, dialect.ident(item), index && dialect.ident(index))}\nfrom ${nest(source)} as ${dialect.ident(`${item}_lists`)}`
}
