import type { Ast } from '../fhirpath/ast.ts'
import type { Expr } from '../ir.ts'
import type { Path, Select } from '../view-definition.ts'
import { conform, each, listOf } from './collection.ts'
import { lower } from './expression.ts'
import { decided, whole } from './navigate.ts'
import type { Scope } from './scope.ts'
import { fresh, item, refuse } from './scope.ts'
import { newUsage, shapeOfUsage } from './usage.ts'
import type { Value } from './value.ts'
import { call, isNull, kindOf, nothing, nullOf } from './value.ts'

// A table's shape ends; a path that stays where it is ($this) does not.
const MAX_DEPTH = 64

/** The nodes that the paths of a `repeat` reach from the focus and from each other, in pre-order. */
export function lowerRepeat(scope: Scope, paths: readonly Path[], select: Select): Value {
  const { context } = scope
  const follow = (focus: Value): Value[] =>
    paths.map((path) => {
      const value = lower(path.ast, { ...scope, source: path, focus, lenient: true })
      return decided(scope, value, path.ast)
    })
  const roots = follow(scope.focus)
  const type = nodeType(roots, follow)
  if (type === undefined) return nothing
  if (type.split('|').some((one) => kindOf(one) !== 'complex')) {
    refuse(
      { ...scope, source: paths[0] ?? scope.source },
      paths[0]?.ast.span ?? { start: 0, end: 1 },
      'repeat needs elements that have elements',
    )
  }
  const known = context.repeats.get(select.path) ?? { node: newUsage(), steps: newUsage() }
  context.repeats.set(select.path, known)
  const start: Value = { ...nothing, type, usages: [known.steps] }
  const result = { type, many: true, usages: [known.node] }
  for (const root of roots) whole(root)
  if (context.schema === undefined) {
    const name = fresh(scope, 'n')
    const children = follow({ ...start, expr: item(name), shape: undefined })
    for (const child of children) whole(child)
    return { ...result, shape: undefined, expr: { op: 'repeat', list: concat(roots), item: name, children: concat(children) } }
  }
  const shape = shapeOfUsage(known.node)
  const there = roots.filter(({ expr }) => !isNull(expr))
  if (!there.length) return { ...result, shape, expr: nullOf(shape) }
  if (!there.every((root) => root.shape === 'json')) {
    return { ...result, shape, expr: concat(roots.map((root) => expand(scope, root, follow, shape, 0))) }
  }
  const name = fresh(scope, 'n')
  const children = follow({ ...start, expr: item(name), shape: 'json' })
  const steps = paths.map(({ ast }) => namesOf(ast))
  const plain = steps.filter((it) => it !== undefined)
  const json = plain.length === steps.length && prefixFree(plain) ? { steps: plain } : {}
  const nodes: Expr = { op: 'repeat', list: concat(there), item: name, children: concat(children), json }
  return { ...result, shape, expr: conform(scope, nodes, { list: 'json' }, { list: shape }) }
}

const concat = (values: readonly Value[]): Expr => {
  const lists = values.filter(({ expr }) => !isNull(expr)).map(listOf)
  const [first] = lists
  return lists.length > 1 ? call('concat', ...lists) : (first ?? nullOf('json'))
}

/** The types of all nodes, found by following the paths until no new type comes up. */
function nodeType(roots: readonly Value[], follow: (focus: Value) => Value[]): string | undefined {
  const types = new Set<string>()
  let open = roots.map(({ type }) => type)
  while (open.length) {
    const fresh = [...new Set(open)].filter((type) => type !== 'empty' && !types.has(type))
    for (const type of fresh) types.add(type)
    open = fresh.flatMap((type) => follow({ ...nothing, type, shape: undefined, expr: item('node') }).map((value) => value.type))
  }
  return types.size ? [...types].join('|') : undefined
}

/** The nodes below `value` in a table: its shape tells how deep they go, and each level conforms to one shape. */
function expand(
  scope: Scope,
  value: Value,
  follow: (focus: Value) => Value[],
  shape: ReturnType<typeof shapeOfUsage>,
  depth: number,
): Value {
  if (isNull(value.expr)) return { ...value, many: true }
  if (depth > MAX_DEPTH) throw new RangeError(`repeat leads deeper than ${MAX_DEPTH} levels`)
  return each(scope, { ...value, many: true, expr: listOf(value) }, (node) => {
    const self = call('listOf', conform(scope, node.expr, node.shape, shape))
    const below = follow(node).map((child) => expand(scope, child, follow, shape, depth + 1))
    const lists = [self, ...below.filter(({ expr }) => !isNull(expr)).map(listOf)]
    return { ...node, many: true, shape, expr: lists.length > 1 ? call('concat', ...lists) : self }
  })
}

/** The names of a plain path (`answer.item`), or undefined for any other expression. */
function namesOf(ast: Ast): readonly string[] | undefined {
  if (ast.kind !== 'member') return undefined
  const before = ast.target ? namesOf(ast.target) : []
  return before && [...before, ast.name]
}

/** Whether one way only leads to each node: by `item` and `item.item` several do, and the node counts for each of them. */
function prefixFree(steps: readonly (readonly string[])[]): boolean {
  return !steps.some((one, at) => steps.some((other, to) => to !== at && one.every((name, index) => other[index] === name)))
}
