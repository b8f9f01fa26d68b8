import type { Ast } from '../fhirpath/ast.ts'
import type { Expr } from '../ir.ts'
import { each, single } from './collection.ts'
import { decided } from './navigate.ts'
import type { Scope } from './scope.ts'
import { refuse } from './scope.ts'
import type { Value } from './value.ts'
import { call, integer, isNull, kindOf, nothing, nullOf, one, text } from './value.ts'

type Call = Ast & { kind: 'call' }
const PRECISIONS: Readonly<Record<string, readonly number[]>> = {
  date: [4, 6, 8],
  dateTime: [4, 6, 8, 10, 12, 14, 17],
  time: [2, 4, 6, 9],
}

/** `lowBoundary()` and `highBoundary()` of decimals, dates, dateTimes and times; of a decimal by its digits as written. */
export const boundary =
  (fn: 'lowBoundary' | 'highBoundary') =>
  (scope: Scope, target: Value, ast: Call): Value => {
    const value = single(scope, decided(scope, target, ast))
    const kind = kindOf(value.type)
    if (kind === 'empty') return nothing
    const type =
      kind === 'integer' || kind === 'decimal'
        ? 'decimal'
        : kind === 'date'
          ? value.type === 'date'
            ? 'date'
            : 'dateTime'
          : 'time'
    if (kind !== 'decimal' && kind !== 'integer' && kind !== 'date' && kind !== 'time')
      refuse(scope, ast.span, `${fn}() does not take ${value.type}`)
    const precision = precisionOf(scope, ast, type)
    const shape = type === 'decimal' ? 'double' : 'string'
    if (precision === 'none') return one(nullOf(shape), type, shape)
    return each(scope, value, (it) => {
      const written = type === 'decimal' ? digits(it) : it.expr
      if (isNull(written)) return one(nullOf(shape), type, shape)
      const args = precision === undefined ? [written] : [written, integer(precision)]
      return one({ op: 'call', fn, args, text: type }, type, shape)
    })
  }

function precisionOf(scope: Scope, { args }: Call, type: string): number | 'none' | undefined {
  const [arg] = args
  if (!arg) return undefined
  if (arg.kind !== 'literal' || arg.type !== 'integer')
    return refuse(scope, arg.span, 'the precision of a boundary is an integer literal')
  const precision = Number(arg.text)
  const known = PRECISIONS[type]
  return (known ? known.includes(precision) : precision <= 31) ? precision : 'none'
}

/** A decimal as it is written; asks the source to keep the digits. */
function digits(value: Value): Expr {
  if (value.digits !== undefined) return text(value.digits)
  if (kindOf(value.type) === 'decimal') for (const usage of value.usages) usage.exact = true
  return isNull(value.expr) || value.shape === 'string' ? value.expr : call('toText', value.expr)
}
