import type { Ast } from '../fhirpath/ast.ts'
import { single } from './collection.ts'
import { at, checkType, isOfType, lowerCall } from './functions.ts'
import { decided, member, ofType } from './navigate.ts'
import { operators } from './operators.ts'
import type { Scope } from './scope.ts'
import { item, ONLY, refuse } from './scope.ts'
import type { Value } from './value.ts'
import { boolean, call, integer, isNull, kindOf, nothing, one, text } from './value.ts'

const SYSTEMS: Readonly<Record<string, string>> = {
  ucum: 'http://unitsofmeasure.org',
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
}

/** Gives an expression its types and turns it into the intermediate representation. */
export function lower(ast: Ast, scope: Scope): Value {
  switch (ast.kind) {
    case 'literal':
      return literal(ast.type, ast.text, ast, scope)
    case 'empty':
      return nothing
    case 'this':
      return scope.focus
    case 'index':
      return counter(scope, scope.index, ast, '$index stands outside of where(), select() and the like')
    case 'external':
      return external(ast, scope)
    case 'member':
      return member(scope, ast.target ? lower(ast.target, scope) : scope.focus, ast.name, ast)
    case 'call':
      return lowerCall(scope, ast.target ? lower(ast.target, scope) : scope.focus, ast)
    case 'indexer':
      return indexer(ast, scope)
    case 'unary':
      return unary(ast, scope)
    case 'type': {
      const operand = lower(ast.operand, scope)
      const type = checkType(scope, ast.type, { ...ast, span: ast.typeSpan })
      return ast.operator === 'is' ? isOfType(scope, operand, type, ast) : ofType(scope, operand, type, ast)
    }
    case 'binary': {
      const operator = operators[ast.operator] ?? refuse(scope, ast.span, `unknown operator ${ast.operator}`)
      return operator(scope, lower(ast.left, scope), lower(ast.right, scope), ast)
    }
  }
}

function literal(type: string, value: string, ast: Ast, scope: Scope): Value {
  const kind = kindOf(type)
  if (kind === 'boolean') return one(boolean(value === 'true'), 'boolean', 'boolean')
  if (kind === 'integer') {
    const number = Number(value)
    const shape = Math.abs(number) < 2 ** 31 ? 'int' : 'long'
    if (BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) refuse(scope, ast.span, `${value} does not fit into 64 bits`)
    return one({ op: 'literal', value: Number.isSafeInteger(number) ? number : value, shape }, type, shape)
  }
  if (kind === 'decimal')
    return { ...one({ op: 'literal', value: Number(value), shape: 'double' }, type, 'double'), digits: value }
  if (type === 'quantity')
    return refuse(scope, ast.span, 'quantities with a unit are not supported', 'compare value and unit apart')
  return one(text(type === 'dateTime' ? value.replace(/T$/, '') : value), type, 'string')
}

function counter(scope: Scope, name: { readonly name: string } | undefined, ast: Ast, otherwise: string): Value {
  if (!name) return refuse(scope, ast.span, otherwise)
  if (name.name === ONLY) return one(integer(0), 'integer', 'int')
  scope.context.used.add(name.name)
  return one(item(name.name), 'integer', 'int')
}

function external(ast: Ast & { kind: 'external' }, scope: Scope): Value {
  const { name } = ast
  const constant = scope.context.constants.get(name)
  if (constant) return literal(constant.type, constant.text, ast, scope)
  if (name === 'rowIndex') return scope.rowIndex ? counter(scope, scope.rowIndex, ast, '') : one(integer(0), 'integer', 'int')
  if (name === 'resource' || name === 'rootResource' || name === 'context') return name === 'context' ? scope.focus : scope.root
  const system = Object.hasOwn(SYSTEMS, name) ? SYSTEMS[name] : undefined
  return system ? one(text(system), 'string', 'string') : refuse(scope, ast.span, `undefined constant %${name}`)
}

function indexer(ast: Ast & { kind: 'indexer' }, scope: Scope): Value {
  const target = decided(scope, lower(ast.target, scope), ast)
  const index = single(scope, lower(ast.index, scope))
  if (index.type === 'empty' || target.type === 'empty') return nothing
  if (kindOf(index.type) !== 'integer') refuse(scope, ast.index.span, `an index is an integer, not ${index.type}`)
  return at(scope, target, index.expr)
}

function unary(ast: Ast & { kind: 'unary' }, scope: Scope): Value {
  const operand = single(scope, decided(scope, lower(ast.operand, scope), ast))
  const kind = kindOf(operand.type)
  if (kind === 'empty') return nothing
  if (kind !== 'integer' && kind !== 'decimal') refuse(scope, ast.span, `${ast.operator} does not take ${operand.type}`)
  if (ast.operator === '+' || isNull(operand.expr)) return operand
  if (operand.expr.op === 'literal') {
    const { digits } = operand
    return {
      ...operand,
      expr: { ...operand.expr, value: negated(operand.expr.value) },
      ...(digits !== undefined && { digits: `-${digits}` }),
    }
  }
  return one(
    call('neg', operand.shape === 'string' ? call('toDouble', operand.expr) : operand.expr),
    operand.type,
    kind === 'integer' ? 'int' : 'double',
  )
}

/** Integers that no double holds are text. */
function negated(value: string | number | boolean): string | number {
  return typeof value === 'string' ? `-${value}`.replace('--', '') : -Number(value)
}
