import type { Ast } from '../fhirpath/ast.ts'
import type { Expr } from '../ir.ts'
import type { Shape } from '../shape.ts'
import { isList, isStruct, mergeShapes, scalarOf } from '../shape.ts'
import type { Scope } from './scope.ts'
import { fresh, inside, item, refuse } from './scope.ts'
import { shapeOfUsage } from './usage.ts'
import type { Value } from './value.ts'
import { call, isNull, kindOf, nothing, nullOf, when } from './value.ts'

/** Applies `step` to every item: directly to a single value, under a `map` to a list. */
export function each(scope: Scope, value: Value, step: (item: Value) => Value): Value {
  if (!value.many) return step(value)
  const name = fresh(scope, 'x')
  const result = step({ ...value, many: false, expr: isNull(value.expr) ? value.expr : item(name) })
  const { sibling: _, digits: __, ...plain } = result
  if (isNull(value.expr) || isNull(result.expr)) return { ...plain, many: true, expr: nullOf(result.shape ?? 'string') }
  const mapped: Expr = { op: 'map', list: value.expr, item: name, body: result.expr }
  return { ...plain, many: true, expr: call(result.many ? 'flatten' : 'compact', mapped) }
}

/** The items for which `criterion` is true. */
export function keep(scope: Scope, value: Value, criterion: (inner: Scope) => Expr): Value {
  const { sibling: _, ...plain } = value
  if (!value.many) {
    const condition = criterion(inside(scope, value))
    if (value.resource) return { ...value, resource: { when: and(value.resource.when, condition) } }
    return isNull(value.expr) ? plain : { ...plain, expr: when(condition, value.expr) }
  }
  const name = fresh(scope, 'x')
  const index = fresh(scope, 'i')
  const body = criterion(inside(scope, { ...plain, many: false, expr: isNull(value.expr) ? value.expr : item(name) }, index))
  if (isNull(value.expr)) return plain
  const counted = scope.context.used.has(index) ? { index } : {}
  return { ...plain, expr: { op: 'filter', list: value.expr, item: name, ...counted, body } }
}

const and = (left: Expr | undefined, right: Expr): Expr => (left ? call('and', left, right) : right)

/** The expression of a value as a list. */
export function listOf(value: Value): Expr {
  return value.many || isNull(value.expr) ? value.expr : call('listOf', value.expr)
}

/** The only item of a collection: more than one is an error when the view runs. */
export function single(scope: Scope, value: Value): Value {
  if (!value.many) return value
  if (isNull(value.expr)) return { ...value, many: false }
  const message = `${scope.label}: several values where one is expected: ${scope.source.text}`
  return { ...value, many: false, expr: { op: 'call', fn: 'single', args: [value.expr], text: message } }
}

/** Uses an expression more than once without repeating it, unless it is as short as a name. */
export function once(scope: Scope, expr: Expr, use: (expr: Expr) => Expr): Expr {
  let base = expr
  while (base.op === 'field') base = base.base
  if (base.op === 'column' || base.op === 'item' || base.op === 'literal' || base.op === 'null') return use(expr)
  const name = fresh(scope, 'x')
  return call(
    'at',
    { op: 'map', list: call('listOf', expr), item: name, body: use(item(name)) },
    { op: 'literal', value: 0, shape: 'int' },
  )
}

/** Gives an expression another shape: fields in the order of `to`, absent ones null, whole elements as JSON text. */
export function conform(scope: Scope, expr: Expr, from: Shape | undefined, to: Shape | undefined): Expr {
  if (from === undefined || to === undefined || sameShape(from, to)) return expr
  if (isNull(expr)) return nullOf(to)
  if (to === 'json') return call('json', expr)
  if (from === 'json') return { op: 'call', fn: 'parse', args: [expr], shape: to }
  if (isList(to) && isList(from)) {
    const name = fresh(scope, 'x')
    return { op: 'map', list: expr, item: name, body: conform(scope, item(name), from.list, to.list) }
  }
  if (isStruct(to) && isStruct(from)) return once(scope, expr, (base) => conformStruct(scope, base, from.struct, to.struct))
  if (to === 'double') return call('toDouble', expr)
  return to === 'string' ? call('toText', expr) : expr
}

function conformStruct(
  scope: Scope,
  base: Expr,
  from: Readonly<Record<string, Shape>>,
  to: Readonly<Record<string, Shape>>,
): Expr {
  const fields = Object.entries(to).map(([name, shape]): [string, Expr] => {
    const has = from[name]
    return [name, has === undefined ? nullOf(shape) : conform(scope, { op: 'field', base, name }, has, shape)]
  })
  return when(call('not', call('isNull', base)), { op: 'struct', fields })
}

const sameShape = (a: Shape, b: Shape): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

/**
 * Brings alternatives (forms of a choice, branches of iif, sides of a union) to one type and shape; refuses what does not mix.
 */
export function alike(scope: Scope, values: readonly Value[], ast: Ast, what: string): Value[] {
  const typed = values.filter(({ type }) => type !== 'empty')
  const [first] = typed
  if (!first) return [...values]
  const kinds = new Set(typed.map(({ type }) => kindOf(type)))
  const numeric = [...kinds].every((kind) => kind === 'integer' || kind === 'decimal')
  const types = [...new Set(typed.map(({ type }) => type))]
  const mixed = kinds.size > 1 ? !numeric : kinds.has('complex') && types.length > 1
  if (mixed) refuse(scope, ast.span, `${what} mixes ${types.join(', ')}`, 'choose one type with ofType()')
  const type = types.length === 1 ? first.type : numeric ? 'decimal' : kinds.has('date') ? 'dateTime' : 'string'
  const usages = typed.flatMap((value) => value.usages)
  const shape = commonShape(typed)
  const { resource: _, sibling: __, digits: ___, ...plain } = first
  return values.map((value) => {
    const expr = value.type === 'empty' ? nullOf(shape ?? 'string') : conformItems(scope, value, shape)
    return { ...plain, type, usages, shape, many: value.many, expr }
  })
}

function commonShape(values: readonly Value[]): Shape | undefined {
  const shapes = values.map(({ shape }) => shape)
  if (shapes.some((shape) => shape === undefined))
    return values.every(({ type }) => kindOf(type) !== 'complex') ? scalars(values) : undefined
  const texts = new Set(shapes.map((shape) => JSON.stringify(shape)))
  if (texts.size === 1) return shapes[0]
  if (shapes.some((shape) => shape === 'json'))
    return shapeOfUsage(values.flatMap(({ usages }) => usages)[0] ?? { fields: new Map(), whole: false, exact: false })
  if (shapes.every(isStruct)) return shapes.reduce<Shape | undefined>(mergeShapes, undefined)
  return scalars(values)
}

function scalars(values: readonly Value[]): Shape {
  const shapes = new Set(values.map(({ shape, type }) => shape ?? scalarOf(type)))
  return shapes.size === 1 ? ([...shapes][0] ?? 'string') : shapes.has('double') ? 'double' : 'long'
}

function conformItems(scope: Scope, value: Value, to: Shape | undefined): Expr {
  const { shape } = value
  if (!value.many) return conform(scope, value.expr, shape, to)
  return conform(scope, value.expr, shape && { list: shape }, to && { list: to })
}

/** The first alternative that is there; of lists all items one after the other. */
export function coalesce(scope: Scope, values: readonly Value[], ast: Ast, what: string): Value {
  const same = alike(scope, values, ast, what).filter(({ expr }) => !isNull(expr))
  const [first, ...others] = same
  if (!first) return values.find(({ type }) => type !== 'empty') ?? nothing
  if (!others.length) return first
  const many = same.some((value) => value.many)
  const expr = many ? call('concat', ...same.map(listOf)) : call('coalesce', ...same.map((value) => value.expr))
  return { ...first, many, expr }
}
