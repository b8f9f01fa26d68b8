import type { Expr, Plan } from '../ir.ts'
import { both, call, not } from './value.ts'

/** Writes expressions anew so that engines make fewer lists; what they give stays the same. */
export function simplifyPlan(plan: Plan): Plan {
  return {
    ...plan,
    where: plan.where.map(simplify),
    steps: plan.steps.map((step) => ({ ...step, list: simplify(step.list) })),
    columns: plan.columns.map((column) => ({ ...column, expr: simplify(column.expr) })),
  }
}

/** Simplifies an expression from the inside out. */
export function simplify(expr: Expr): Expr {
  const inner = children(expr, simplify)
  return firstField(inner) ?? filterOnce(inner) ?? rowEach(inner) ?? inner
}

function children(expr: Expr, change: (expr: Expr) => Expr): Expr {
  switch (expr.op) {
    case 'field':
      return { ...expr, base: change(expr.base) }
    case 'map':
    case 'filter':
      return { ...expr, list: change(expr.list), body: change(expr.body) }
    case 'case':
      return {
        ...expr,
        when: change(expr.when),
        result: change(expr.result),
        ...(expr.otherwise && { otherwise: change(expr.otherwise) }),
      }
    case 'struct':
      return { ...expr, fields: expr.fields.map(([name, value]) => [name, change(value)] as const) }
    case 'repeat':
      return { ...expr, list: change(expr.list), children: change(expr.children) }
    case 'call':
      return { ...expr, args: expr.args.map(change) }
    default:
      return expr
  }
}

/** The first of a field of all items is the field of the first item that has it: no list of fields is made. */
function firstField(expr: Expr): Expr | undefined {
  if (expr.op !== 'call' || (expr.fn !== 'at' && expr.fn !== 'last')) return undefined
  const [list, ...rest] = expr.args
  const mapped = list?.op === 'call' && list.fn === 'compact' ? list.args[0] : undefined
  if (mapped?.op !== 'map' || mapped.index !== undefined || !isField(mapped.body, mapped.item)) return undefined
  const { item, body } = mapped
  const having = simplify({ op: 'filter', list: mapped.list, item, body: not(call('isNull', body)) })
  return replace(body, item, { ...expr, args: [having, ...rest] })
}

function isField(body: Expr, item: string): boolean {
  if (body.op !== 'field') return false
  let base: Expr = body
  while (base.op === 'field') base = base.base
  return base.op === 'item' && base.name === item
}

/** Two filters, one after the other, are one; unless the second could fail for an item that the first leaves out. */
function filterOnce(expr: Expr): Expr | undefined {
  if (expr.op !== 'filter' || expr.index !== undefined) return undefined
  const { list, item, body } = expr
  if (list.op !== 'filter' || list.index !== undefined || mayFail(body)) return undefined
  return { ...list, body: both(list.body, replace(body, item, { op: 'item', name: list.item })) }
}

/** One row for each item is a list of rows, not a flattened list of lists of one. */
function rowEach(expr: Expr): Expr | undefined {
  const mapped = expr.op === 'call' && expr.fn === 'flatten' ? expr.args[0] : undefined
  if (mapped?.op !== 'map' || mapped.body.op !== 'call' || mapped.body.fn !== 'listOf') return undefined
  const [row] = mapped.body.args
  return row?.op === 'struct' ? { ...mapped, body: row } : undefined
}

function replace(expr: Expr, name: string, by: Expr): Expr {
  if (expr.op === 'item') return expr.name === name ? by : expr
  return children(expr, (it) => replace(it, name, by))
}

function mayFail(expr: Expr): boolean {
  if (expr.op === 'call' && (expr.fn === 'single' || expr.fn === 'raise')) return true
  let fails = false
  children(expr, (it) => {
    fails ||= mayFail(it)
    return it
  })
  return fails
}
