import type { Expr } from '../ir.ts'
import type { Arg, Dialect, Printing } from './dialect.ts'

/** Prints expressions of one statement in a dialect. */
export function printer(dialect: Dialect, references?: { nested: boolean }): (expr: Expr) => string {
  const names = { next: 0 }
  return (expr) => printing({ dialect, names, references }, false).expr(expr)
}

interface Statement {
  readonly dialect: Dialect
  readonly names: { next: number }
  readonly references: Printing['references']
}

function printing(statement: Statement, nested: boolean): Printing {
  const { dialect, names, references } = statement
  const print: Printing = {
    dialect,
    references,
    nested,
    name: () => `v${++names.next}`,
    expr: (expr) => printExpr(print, expr, () => (nested ? print : printing(statement, true))),
    once: (arg, use) => {
      if (arg.plain) return use(arg.sql)
      const name = print.name()
      return dialect.head(dialect.map(dialect.list([arg.sql]), dialect.lambda([name], use(name))))
    },
  }
  return print
}

function printExpr(print: Printing, expr: Expr, inner: () => Printing): string {
  const { dialect } = print
  switch (expr.op) {
    case 'null':
      return `cast(null as ${dialect.type(expr.shape)})`
    case 'literal':
      return literal(dialect, expr.value, expr.shape)
    case 'column':
    case 'item':
      return dialect.ident(expr.name)
    case 'field':
      return `${print.expr(expr.base)}.${dialect.ident(expr.name)}`
    case 'map':
    case 'filter':
      return iteration(print, expr, inner())
    case 'case': {
      const otherwise = expr.otherwise ? ` else ${print.expr(expr.otherwise)}` : ''
      return `case when ${print.expr(expr.when)} then ${print.expr(expr.result)}${otherwise} end`
    }
    case 'struct':
      return dialect.struct(expr.fields.map(([name, value]) => [name, print.expr(value)]))
    case 'repeat':
      return dialect.repeat(print, expr)
    case 'call':
      return dialect.calls[expr.fn](
        print,
        expr.args.map((it) => argument(print, it)),
        expr,
      )
  }
}

function literal(dialect: Dialect, value: string | number | boolean, shape: string): string {
  if (typeof value === 'string')
    return shape === 'long' ? `cast(${dialect.text(value)} as ${dialect.type(shape)})` : dialect.text(value)
  return shape === 'double' ? dialect.double(Number(value)) : String(value)
}

function iteration(
  { dialect, expr }: Printing,
  { op, list, item, index, body }: Expr & { op: 'map' | 'filter' },
  inner: Printing,
): string {
  const shifted = index !== undefined && dialect.firstIndex !== 0
  const parameters = [item, ...(index === undefined ? [] : [shifted ? `${index}_` : index])].map((it) => dialect.ident(it))
  const printed = inner.expr(body)
  // An index that counts from one is given its value from 0 where it is read.
  const counted = shifted
    ? printed.replaceAll(dialect.ident(index), `cast(${dialect.ident(`${index}_`)} - ${dialect.firstIndex} as integer)`)
    : printed
  const lambda = dialect.lambda(parameters, counted)
  return op === 'map' ? dialect.map(expr(list), lambda) : dialect.filter(expr(list), lambda)
}

function argument(print: Printing, expr: Expr): Arg {
  return { expr, sql: print.expr(expr), plain: isPlain(expr) }
}

/** Names, fields, and items at a fixed place: engines work them out once however often they are written. */
function isPlain(expr: Expr): boolean {
  if (expr.op === 'field') return isPlain(expr.base)
  if (expr.op === 'call' && expr.fn === 'at') return expr.args.every(isPlain)
  return expr.op === 'column' || expr.op === 'item' || expr.op === 'literal' || expr.op === 'null'
}
