import type { Ast } from '../fhirpath/ast.ts'
import type { Expr, Fn } from '../ir.ts'
import { alike, each, listOf, single } from './collection.ts'
import { decided, present, whole } from './navigate.ts'
import type { Scope } from './scope.ts'
import { refuse } from './scope.ts'
import type { Value } from './value.ts'
import { boolean, both, call, either, integer, isNull, kindOf, not, nothing, nullOf, one, text, truth, when } from './value.ts'

type Binary = Ast & { kind: 'binary' }
type Lowered = (scope: Scope, left: Value, right: Value, ast: Binary) => Value

const no = truth(nullOf('boolean'))

/** A value in a place for a boolean: FHIRPath takes a single value of another type for true. */
export function condition(scope: Scope, value: Value): Expr {
  const known = value.choice || value.resource ? undefined : single(scope, value)
  if (known?.type === 'empty') return nullOf('boolean')
  if (known && kindOf(known.type) === 'boolean') return known.expr
  const there = present(scope, known ?? value)
  return there.op === 'literal' && there.value === false ? nullOf('boolean') : when(there, boolean(true))
}

const logic =
  (combine: (left: Expr, right: Expr) => Expr): Lowered =>
  (scope, left, right) =>
    truth(combine(condition(scope, left), condition(scope, right)))

function kindsOf(left: Value, right: Value): string {
  const kinds = [kindOf(left.type), kindOf(right.type)].map((kind) =>
    kind === 'integer' || kind === 'decimal' ? 'number' : kind,
  )
  return kinds[0] === kinds[1] ? (kinds[0] ?? '') : kinds.includes('empty') ? 'empty' : 'mixed'
}

/** A number as the engines compare it; a decimal kept as text becomes one. */
export const number = (value: Value): Expr =>
  value.shape === 'string' && kindOf(value.type) === 'decimal' ? call('toDouble', value.expr) : value.expr

/** An undecided choice beside a value: its forms that compare with the value, when there are any. */
function matched(scope: Scope, value: Value, other: Value, ast: Binary): Value {
  if (!value.choice || other.choice) return decided(scope, value, ast)
  const { name } = value.choice
  const forms = value.choice.forms.filter(({ type }) => kindsOf({ ...other, type }, other) !== 'mixed')
  return decided(scope, forms.length ? { ...value, choice: { name, forms } } : value, ast)
}

const equals: Lowered = (scope, rawLeft, rawRight, ast) => {
  const left = matched(scope, rawLeft, rawRight, ast)
  const right = matched(scope, rawRight, rawLeft, ast)
  const kind = kindsOf(left, right)
  if (kind === 'empty') return no
  if (kind === 'mixed') return truth(when(both(present(scope, left), present(scope, right)), boolean(false)))
  if (left.many || right.many) return truth(call('listEq', keys(scope, left), keys(scope, right)))
  if (isNull(left.expr) || isNull(right.expr)) return no
  if (kind === 'date' || kind === 'time') return truth(call('eq', compared(kind, left, right), integer(0)))
  if (kind === 'complex') for (const it of [left, right]) whole(it)
  return truth(call('eq', number(left), number(right)))
}

const compared = (kind: string, left: Value, right: Value): Expr => ({
  op: 'call',
  fn: kind === 'date' ? 'compareDate' : 'compareTime',
  args: [left.expr, right.expr],
  text: `${left.type} ${right.type}`,
})

/** The items in a form that is equal exactly when the values are. */
export function keys(scope: Scope, value: Value): Expr {
  const kind = kindOf(value.type)
  const keyed = each(scope, kind === 'complex' ? whole(value) : value, (it) => ({ ...it, expr: key(kind, it) }))
  return listOf(keyed)
}

function key(kind: string, value: Value): Expr {
  if (kind === 'date') return call('dateKey', value.expr)
  if (kind === 'time') return call('timeKey', value.expr)
  return kind === 'decimal' || kind === 'integer' ? call('toDouble', value.expr) : value.expr
}

const negated =
  (positive: Lowered): Lowered =>
  (scope, left, right, ast) => {
    const { expr } = positive(scope, left, right, ast)
    return truth(isNull(expr) ? expr : not(expr))
  }

const equivalent: Lowered = (scope, rawLeft, rawRight, ast) => {
  const left = decided(scope, rawLeft, ast)
  const right = decided(scope, rawRight, ast)
  const fold = (value: Value): Value =>
    kindOf(value.type) === 'text' ? each(scope, value, (it) => ({ ...it, expr: call('lower', call('trim', it.expr)) })) : value
  const same = equals(scope, fold(left), fold(right), ast).expr
  const neither = both(not(present(scope, left)), not(present(scope, right)))
  return truth(either(neither, isNull(same) ? boolean(false) : call('coalesce', same, boolean(false))))
}

const ordered =
  (fn: 'lt' | 'le' | 'gt' | 'ge'): Lowered =>
  (scope, rawLeft, rawRight, ast) => {
    const left = single(scope, matched(scope, rawLeft, rawRight, ast))
    const right = single(scope, matched(scope, rawRight, rawLeft, ast))
    const kind = kindsOf(left, right)
    if (kind === 'empty') return no
    if (kind === 'mixed' || kind === 'complex' || kind === 'boolean') {
      refuse(scope, ast.span, `${ast.operator} does not compare ${left.type} with ${right.type}`)
    }
    if (isNull(left.expr) || isNull(right.expr)) return no
    if (kind === 'date' || kind === 'time') return truth(call(fn, compared(kind, left, right), integer(0)))
    return truth(call(fn, number(left), number(right)))
  }

const INTEGER: Readonly<Record<string, Fn>> = { '+': 'addInt', '-': 'subInt', '*': 'mulInt', div: 'intDiv', mod: 'modInt' }
const DECIMAL: Readonly<Record<string, Fn>> = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div', div: 'truncDiv', mod: 'modulo' }

const arithmetic: Lowered = (scope, rawLeft, rawRight, ast) => {
  const left = single(scope, decided(scope, rawLeft, ast))
  const right = single(scope, decided(scope, rawRight, ast))
  const kinds = [kindOf(left.type), kindOf(right.type)]
  if (kinds.includes('empty')) return nothing
  const { operator } = ast
  if (operator === '+' && kinds.every((kind) => kind === 'text')) {
    return one(
      isNull(left.expr) || isNull(right.expr) ? nullOf('string') : call('concatText', left.expr, right.expr),
      'string',
      'string',
    )
  }
  if (!kinds.every((kind) => kind === 'integer' || kind === 'decimal')) {
    refuse(scope, ast.span, `${operator} does not take ${left.type} and ${right.type}`)
  }
  const integers = kinds.every((kind) => kind === 'integer')
  const fn =
    (integers ? INTEGER[operator] : undefined) ?? DECIMAL[operator] ?? refuse(scope, ast.span, `unknown operator ${operator}`)
  const whole = fn.endsWith('Int') || fn === 'intDiv' || fn === 'truncDiv'
  const expr = isNull(left.expr) || isNull(right.expr) ? nullOf(whole ? 'int' : 'double') : call(fn, number(left), number(right))
  return whole ? one(expr, 'integer', 'int') : one(expr, 'decimal', 'double')
}

const joined: Lowered = (scope, rawLeft, rawRight, ast) => {
  const sides = [rawLeft, rawRight].map((it) => single(scope, decided(scope, it, ast)))
  const wrong = sides.find(({ type }) => !['text', 'empty', 'date', 'time'].includes(kindOf(type)))
  if (wrong) refuse(scope, ast.span, `& joins text, not ${wrong.type}`, 'use toString()')
  const [left = text(''), right = text('')] = sides.map(({ expr }) =>
    isNull(expr) ? text('') : expr.op === 'literal' ? expr : call('coalesce', expr, text('')),
  )
  return one(call('concatText', left, right), 'string', 'string')
}

const within: Lowered = (scope, rawItem, rawList, ast) => {
  const wanted = single(scope, decided(scope, rawItem, ast))
  const list = decided(scope, rawList, ast)
  const kind = kindsOf(wanted, list)
  if (isNull(wanted.expr)) return no
  if (kind === 'mixed' || kind === 'empty' || isNull(list.expr)) return truth(when(present(scope, wanted), boolean(false)))
  const itemKey = key(kindOf(wanted.type), wanted)
  return truth(when(present(scope, wanted), call('has', keys(scope, list), itemKey)))
}

/** `left | right`: the distinct items of both, those of the left first. */
export const union: Lowered = (scope, rawLeft, rawRight, ast) => {
  // Items are equal when all of their elements are, not only those that the view reads.
  const complete = [rawLeft, rawRight].map((it) => whole(decided(scope, it, ast)))
  const sides = alike(scope, complete, ast, 'the union')
  const [first] = sides.filter(({ type }) => type !== 'empty')
  if (!first) return nothing
  const lists = sides.filter(({ expr }) => !isNull(expr)).map(listOf)
  if (!lists.length) return { ...first, many: true, expr: nullOf(first.shape ?? 'string') }
  return { ...first, many: true, expr: call('distinct', call('concat', ...lists)) }
}

/** What each infix operator means. */
export const operators: Readonly<Record<string, Lowered>> = {
  and: logic(both),
  or: logic(either),
  xor: logic((left, right) => not(call('eq', left, right))),
  implies: logic((left, right) => either(not(left), right)),
  '=': equals,
  '!=': negated(equals),
  '~': equivalent,
  '!~': negated(equivalent),
  '<': ordered('lt'),
  '<=': ordered('le'),
  '>': ordered('gt'),
  '>=': ordered('ge'),
  '+': arithmetic,
  '-': arithmetic,
  '*': arithmetic,
  '/': arithmetic,
  div: arithmetic,
  mod: arithmetic,
  '&': joined,
  '|': union,
  in: within,
  contains: (scope, list, wanted, ast) => within(scope, wanted, list, ast),
}
