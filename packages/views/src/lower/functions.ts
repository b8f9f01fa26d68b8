import { isSubtype, isType, resourceTypes } from '../fhir/index.ts'
import type { Ast } from '../fhirpath/ast.ts'
import { unqualified } from '../fhirpath/parser.ts'
import type { Expr, Fn } from '../ir.ts'
import { boundary } from './boundary.ts'
import { coalesce, each, keep, listOf, once, single } from './collection.ts'
import { count, decided, member, ofType, present, whole } from './navigate.ts'
import { condition, keys, union } from './operators.ts'
import type { Scope } from './scope.ts'
import { fresh, inside, item, refuse } from './scope.ts'
import type { Value } from './value.ts'
import { boolean, call, integer, isNull, kindOf, not, nothing, nullOf, one, text, truth, when } from './value.ts'

type Call = Ast & { kind: 'call' }
type Lowered = (scope: Scope, target: Value, ast: Call) => Value
interface FunctionDef {
  /** Fewest and most arguments. */
  readonly args: readonly [number, number]
  readonly lower: Lowered
}

const argument = (scope: Scope, ast: Call, index: number): Value | undefined => {
  const arg = ast.args[index]
  // Arguments that are no criteria are evaluated in the context of the expression, not of the item.
  return arg && scope.context.lower(arg, scope)
}

const criterion = (ast: Ast) => (inner: Scope) => {
  const value = inner.context.lower(ast, inner)
  return condition(inner, value.choice ? decided(inner, value, ast) : value)
}

function textArgument(scope: Scope, ast: Call, index: number): Expr {
  const value = argument(scope, ast, index)
  if (!value || value.type === 'empty') return nullOf('string')
  const known = single(scope, decided(scope, value, ast.args[index] ?? ast))
  if (kindOf(known.type) !== 'text')
    refuse(scope, ast.args[index]?.span ?? ast.span, `${ast.name}() takes text here, not ${known.type}`)
  return known.expr
}

function integerArgument(scope: Scope, ast: Call, index: number): Expr {
  const value = argument(scope, ast, index)
  if (!value || value.type === 'empty') return nullOf('int')
  const known = single(scope, value)
  if (kindOf(known.type) !== 'integer')
    refuse(scope, ast.args[index]?.span ?? ast.span, `${ast.name}() takes an integer here, not ${known.type}`)
  return known.expr
}

/** The type that an argument such as `Quantity` or `FHIR.Quantity` names. */
function typeArgument(scope: Scope, ast: Call): string {
  const [arg] = ast.args
  if (arg?.kind !== 'member') return refuse(scope, arg?.span ?? ast.span, `${ast.name}() takes the name of a type`)
  const { target } = arg
  if (target && (target.kind !== 'member' || target.target))
    return refuse(scope, arg.span, `${ast.name}() takes the name of a type`)
  return checkType(scope, target?.kind === 'member' ? unqualified(target.name, arg.name) : arg.name, arg)
}

export function checkType(scope: Scope, type: string, ast: Ast): string {
  const known = isType(type) ? type : type.charAt(0).toLowerCase() + type.slice(1)
  return isType(known) ? known : refuse(scope, ast.span, `${type} is not a type of FHIR R4`)
}

/** A function of a single text: null in, null out. */
const onText =
  (fn: Fn, type: string, shape: 'string' | 'int' | 'boolean', args: readonly ('text' | 'integer')[] = []): Lowered =>
  (scope, target, ast) => {
    const known = single(scope, decided(scope, target, ast))
    if (known.type === 'empty' || isNull(known.expr)) return one(nullOf(shape), type, shape)
    if (!['text', 'date', 'time'].includes(kindOf(known.type)))
      refuse(scope, ast.span, `${ast.name}() takes text, not ${known.type}`)
    const given = args
      .slice(0, ast.args.length)
      .map((kind, index) => (kind === 'text' ? textArgument : integerArgument)(scope, ast, index))
    return one(call(fn, known.expr, ...given), type, shape)
  }

const slice =
  (range: (amount: Expr) => readonly [Expr, Expr?]): Lowered =>
  (scope, target, ast) => {
    const value = decided(scope, target, ast)
    if (isNull(value.expr)) return value
    const [skip, take] = range(ast.args.length ? integerArgument(scope, ast, 0) : integer(1))
    const { sibling: _, ...plain } = value
    return { ...plain, many: true, expr: call('slice', listOf(value), skip, ...(take ? [take] : [])) }
  }

/** The item at an index: the elements of a single value are asked for without a list. */
export function at(scope: Scope, target: Value, index: Expr): Value {
  if (!target.many)
    return index.op === 'literal' && index.value === 0 ? target : keep(scope, target, () => call('eq', index, integer(0)))
  const { sibling, ...plain } = target
  const same = sibling && { sibling: () => at(scope, sibling(), index) }
  if (isNull(target.expr)) return { ...plain, many: false }
  return { ...plain, ...same, many: false, expr: call('at', target.expr, index) }
}

const exists: Lowered = (scope, target, ast) => {
  const [arg] = ast.args
  return truth(present(scope, arg ? keep(scope, forCriteria(scope, target, ast), criterion(arg)) : target))
}

/** A choice that a criterion looks at is decided first; its type is not. */
const forCriteria = (scope: Scope, target: Value, ast: Ast): Value => (target.choice ? decided(scope, target, ast) : target)

const where: Lowered = (scope, target, ast) => {
  const [arg] = ast.args
  return arg ? keep(scope, forCriteria(scope, target, ast), criterion(arg)) : target
}

const all: Lowered = (scope, target, ast) => {
  const [arg] = ast.args
  if (!arg) return truth(boolean(true))
  const failing = keep(scope, forCriteria(scope, target, ast), (inner) =>
    not(call('coalesce', criterion(arg)(inner), boolean(false))),
  )
  return truth(not(present(scope, failing)))
}

const select: Lowered = (scope, target, ast) => {
  const [arg] = ast.args
  if (!arg) return target
  const value = decided(scope, target, ast)
  if (value.many && !isNull(value.expr)) {
    const name = fresh(scope, 'x')
    const index = fresh(scope, 'i')
    const body = decided(scope, scope.context.lower(arg, inside(scope, { ...value, many: false, expr: item(name) }, index)), arg)
    if (isNull(body.expr)) return { ...body, many: true }
    const counted = scope.context.used.has(index) ? { index } : {}
    const mapped: Expr = { op: 'map', list: value.expr, item: name, ...counted, body: body.expr }
    return { ...body, many: true, expr: call(body.many ? 'flatten' : 'compact', mapped) }
  }
  return each(scope, value, (it) => scope.context.lower(arg, inside(scope, it)))
}

const iif: Lowered = (scope, target, ast) => {
  const inner = target === scope.focus ? scope : inside(scope, target)
  const [test, yes, no] = ast.args
  if (!test || !yes) return nothing
  const outcome = call('coalesce', criterion(test)(inner), boolean(false))
  const branches = [yes, no].map((arg) => (arg ? decided(inner, inner.context.lower(arg, inner), arg) : nothing))
  const guarded = branches.map((it, index) => {
    const guard = index === 0 ? outcome : not(outcome)
    const { sibling: _, ...plain } = it
    if (it.resource) return refuse(scope, ast.span, 'iif() cannot give the resource itself')
    return isNull(it.expr) ? plain : { ...plain, expr: when(guard, it.expr) }
  })
  return coalesce(scope, guarded, ast, 'iif()')
}

const extension: Lowered = (scope, target, ast) => {
  const url = textArgument(scope, ast, 0)
  const base = target.choice ? decided(scope, target, ast) : target
  const extensions = member(scope, base, 'extension', ast)
  return keep(scope, extensions, (inner) => call('eq', member(inner, inner.focus, 'url', ast).expr, url))
}

const typeIs: Lowered = (scope, target, ast) => isOfType(scope, target, typeArgument(scope, ast), ast)

/** `is`: null for nothing, else whether the item is of the type. */
export function isOfType(scope: Scope, target: Value, type: string, ast: Ast): Value {
  const there = present(scope, target)
  if (target.choice || target.type === 'Resource') return truth(when(there, present(scope, ofType(scope, target, type, ast))))
  const same = target.resource
    ? target.type === type || type === 'Resource' || type === 'DomainResource'
    : isSubtype(target.type, type)
  return truth(when(there, boolean(same)))
}

const joined: Lowered = (scope, target, ast) => {
  const value = decided(scope, target, ast)
  if (kindOf(value.type) === 'complex') refuse(scope, ast.span, `join() takes text, not ${value.type}`)
  const separator = ast.args.length ? textArgument(scope, ast, 0) : text('')
  if (isNull(value.expr)) return one(text(''), 'string', 'string')
  const texts = kindOf(value.type) === 'text' ? value : each(scope, value, (it) => ({ ...it, expr: call('toText', it.expr) }))
  return one(call('joinText', listOf(texts), call('coalesce', separator, text(''))), 'string', 'string')
}

const toText: Lowered = (scope, target, ast) => {
  const value = single(scope, decided(scope, target, ast))
  if (kindOf(value.type) === 'complex') return nothing
  return one(
    isNull(value.expr) ? nullOf('string') : kindOf(value.type) === 'text' ? value.expr : call('toText', value.expr),
    'string',
    'string',
  )
}

const resourceKey: Lowered = (scope, target, ast) => {
  if (!target.resource) refuse(scope, ast.span, 'getResourceKey() belongs to the resource itself')
  return { ...member(scope, target, 'id', ast), type: 'string' }
}

const referenceKey: Lowered = (scope, target, ast) => {
  const type = ast.args.length ? typeArgument(scope, ast) : undefined
  if (type !== undefined && !resourceTypes.has(type)) refuse(scope, ast.span, `${type} is not a resource type of FHIR R4`)
  const value = decided(scope, target, ast)
  if (value.type === 'empty') return nothing
  if (value.type !== 'Reference') refuse(scope, ast.span, `getReferenceKey() takes a Reference, not ${value.type}`)
  return each(scope, value, (it) => {
    const reference = member(scope, it, 'reference', ast)
    if (isNull(reference.expr)) return one(reference.expr, 'string', 'string')
    return one(
      { op: 'call', fn: 'referenceKey', args: [reference.expr], ...(type !== undefined && { text: type }) },
      'string',
      'string',
    )
  })
}

const distinct: Lowered = (scope, target, ast) => {
  const value = decided(scope, target, ast)
  if (!value.many || isNull(value.expr)) return value
  return { ...whole(value), expr: call('distinct', value.expr) }
}

const isDistinct: Lowered = (scope, target, ast) => {
  const value = decided(scope, target, ast)
  if (!value.many || isNull(value.expr)) return truth(boolean(true))
  return truth(once(scope, keys(scope, value), (list) => call('eq', call('len', call('distinct', list)), call('len', list))))
}

const last: Lowered = (scope, target, ast) => {
  const value = decided(scope, target, ast)
  const { sibling: _, ...plain } = value
  return value.many && !isNull(value.expr) ? { ...plain, many: false, expr: call('last', value.expr) } : { ...value, many: false }
}

const combined: Lowered = (scope, target, ast) => {
  const other = argument(scope, ast, 0) ?? nothing
  const asBinary = { kind: 'binary', operator: '|', left: ast, right: ast, span: ast.span } as const
  const result = union(scope, target, other, asBinary)
  const concat = result.expr.op === 'call' && result.expr.fn === 'distinct' ? result.expr.args[0] : undefined
  return ast.name === 'combine' && concat ? { ...result, expr: concat } : result
}

const matches: Lowered = (scope, target, ast) => {
  const [pattern] = ast.args
  if (pattern?.kind === 'literal') {
    try {
      new RegExp(pattern.text, 's')
    } catch {
      refuse(scope, pattern.span, 'not a regular expression')
    }
  }
  return onText('matches', 'boolean', 'boolean', ['text'])(scope, target, ast)
}

const replace: Lowered = (scope, target, ast) => {
  const [pattern] = ast.args
  if (pattern?.kind === 'literal' && pattern.text === '') refuse(scope, pattern.span, 'replace() of empty text is not supported')
  return onText('replace', 'string', 'string', ['text', 'text'])(scope, target, ast)
}

/** The functions of FHIRPath and SQL on FHIR that views can call. */
export const functions: ReadonlyMap<string, FunctionDef> = new Map<string, FunctionDef>([
  ['where', { args: [1, 1], lower: where }],
  ['select', { args: [1, 1], lower: select }],
  ['exists', { args: [0, 1], lower: exists }],
  ['empty', { args: [0, 0], lower: (scope, target) => truth(not(present(scope, target))) }],
  ['all', { args: [1, 1], lower: all }],
  [
    'not',
    {
      args: [0, 0],
      lower: (scope, target, ast) => truth(not(condition(scope, target.choice ? decided(scope, target, ast) : target))),
    },
  ],
  ['count', { args: [0, 0], lower: (scope, target) => one(count(scope, target), 'integer', 'int') }],
  ['first', { args: [0, 0], lower: (scope, target, ast) => at(scope, decided(scope, target, ast), integer(0)) }],
  ['last', { args: [0, 0], lower: last }],
  ['single', { args: [0, 0], lower: (scope, target, ast) => single(scope, decided(scope, target, ast)) }],
  ['tail', { args: [0, 0], lower: slice((amount) => [amount]) }],
  ['skip', { args: [1, 1], lower: slice((amount) => [amount]) }],
  ['take', { args: [1, 1], lower: slice((amount) => [integer(0), amount]) }],
  ['distinct', { args: [0, 0], lower: distinct }],
  ['isDistinct', { args: [0, 0], lower: isDistinct }],
  ['union', { args: [1, 1], lower: combined }],
  ['combine', { args: [1, 1], lower: combined }],
  ['iif', { args: [2, 3], lower: iif }],
  ['ofType', { args: [1, 1], lower: (scope, target, ast) => ofType(scope, target, typeArgument(scope, ast), ast) }],
  ['as', { args: [1, 1], lower: (scope, target, ast) => ofType(scope, target, typeArgument(scope, ast), ast) }],
  ['is', { args: [1, 1], lower: typeIs }],
  ['extension', { args: [1, 1], lower: extension }],
  ['hasValue', { args: [0, 0], lower: (scope, target, ast) => truth(present(scope, decided(scope, target, ast))) }],
  ['join', { args: [0, 1], lower: joined }],
  ['toString', { args: [0, 0], lower: toText }],
  ['startsWith', { args: [1, 1], lower: onText('startsWith', 'boolean', 'boolean', ['text']) }],
  ['endsWith', { args: [1, 1], lower: onText('endsWith', 'boolean', 'boolean', ['text']) }],
  ['contains', { args: [1, 1], lower: onText('contains', 'boolean', 'boolean', ['text']) }],
  ['matches', { args: [1, 1], lower: matches }],
  ['replace', { args: [2, 2], lower: replace }],
  ['substring', { args: [1, 2], lower: onText('substring', 'string', 'string', ['integer', 'integer']) }],
  ['indexOf', { args: [1, 1], lower: onText('indexOf', 'integer', 'int', ['text']) }],
  ['length', { args: [0, 0], lower: onText('length', 'integer', 'int') }],
  ['upper', { args: [0, 0], lower: onText('upper', 'string', 'string') }],
  ['lower', { args: [0, 0], lower: onText('lower', 'string', 'string') }],
  ['trim', { args: [0, 0], lower: onText('trim', 'string', 'string') }],
  ['lowBoundary', { args: [0, 1], lower: boundary('lowBoundary') }],
  ['highBoundary', { args: [0, 1], lower: boundary('highBoundary') }],
  ['getResourceKey', { args: [0, 0], lower: resourceKey }],
  ['getReferenceKey', { args: [0, 1], lower: referenceKey }],
])

/** Lowers a function call; an unknown function or a wrong number of arguments is refused. */
export function lowerCall(scope: Scope, target: Value, ast: Call): Value {
  const known = functions.get(ast.name)
  if (!known) return refuse(scope, ast.span, `unknown function ${ast.name}()`)
  const [fewest, most] = known.args
  if (ast.args.length < fewest || ast.args.length > most) {
    const expected = fewest === most ? `${fewest}` : `${fewest} to ${most}`
    refuse(scope, ast.span, `${ast.name}() takes ${expected} argument${expected === '1' ? '' : 's'}, found ${ast.args.length}`)
  }
  return known.lower(scope, target, ast)
}
