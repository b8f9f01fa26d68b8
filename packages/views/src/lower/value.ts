import type { ElementDef } from '../fhir/index.ts'
import type { Expr, Fn } from '../ir.ts'
import type { Scalar, Shape } from '../shape.ts'
import type { Usage } from './usage.ts'

/**
 * A FHIRPath collection while it is lowered: `expr` is a list when `many`, else a value or null.
 * `type` is a FHIR type (System types under their FHIR names), several joined by `|` for the nodes of a repeat, or `empty`.
 */
export interface Value {
  readonly expr: Expr
  readonly type: string
  readonly many: boolean
  /** The shape of a value or item; undefined for resources in memory, where everything may be present. */
  readonly shape: Shape | undefined
  readonly usages: readonly Usage[]
  /** A choice element that no type was chosen for yet: `expr` is then that of its parent. */
  readonly choice?: { readonly name: string; readonly forms: readonly ElementDef[] }
  /** `_birthDate` beside `birthDate`. */
  readonly sibling?: () => Value
  /** Set for the resource itself, which is no value of its own: the condition under which it is there. */
  readonly resource?: { readonly when?: Expr }
  /** The digits of a decimal literal as written. */
  readonly digits?: string
}

export const nothing: Value = { expr: { op: 'null', shape: 'string' }, type: 'empty', many: false, shape: 'string', usages: [] }

export const call = (fn: Fn, ...args: Expr[]): Expr => ({ op: 'call', fn, args })
export const text = (value: string): Expr => ({ op: 'literal', value, shape: 'string' })
export const integer = (value: number): Expr => ({ op: 'literal', value, shape: 'int' })
export const boolean = (value: boolean): Expr => ({ op: 'literal', value, shape: 'boolean' })
export const nullOf = (shape: Shape): Expr => ({ op: 'null', shape })
export const isNull = (expr: Expr): expr is Expr & { op: 'null' } => expr.op === 'null'
const isLiteral = (expr: Expr, value: unknown): boolean => expr.op === 'literal' && expr.value === value

/** A single value of a type that the expression makes itself. */
export const one = (expr: Expr, type: string, shape: Scalar): Value => ({ expr, type, many: false, shape, usages: [] })
export const truth = (expr: Expr): Value => one(expr, 'boolean', 'boolean')

export function both(left: Expr, right: Expr): Expr {
  if (isLiteral(left, true)) return right
  if (isLiteral(right, true)) return left
  return isLiteral(left, false) || isLiteral(right, false) ? boolean(false) : call('and', left, right)
}

export function either(left: Expr, right: Expr): Expr {
  if (isLiteral(left, false)) return right
  if (isLiteral(right, false)) return left
  return isLiteral(left, true) || isLiteral(right, true) ? boolean(true) : call('or', left, right)
}

export function not(expr: Expr): Expr {
  return expr.op === 'literal' ? boolean(!expr.value) : call('not', expr)
}

export function when(condition: Expr, result: Expr, otherwise?: Expr): Expr {
  if (isLiteral(condition, true)) return result
  return { op: 'case', when: condition, result, ...(otherwise && { otherwise }) }
}

const KINDS: Readonly<Record<string, Kind>> = {
  boolean: 'boolean',
  integer: 'integer',
  positiveInt: 'integer',
  unsignedInt: 'integer',
  integer64: 'integer',
  decimal: 'decimal',
  date: 'date',
  dateTime: 'date',
  instant: 'date',
  time: 'time',
  empty: 'empty',
}

/** How values of a type compare and print. */
export type Kind = 'text' | 'boolean' | 'integer' | 'decimal' | 'date' | 'time' | 'complex' | 'empty'

export const kindOf = (type: string): Kind => KINDS[type] ?? (/^[a-z]/.test(type) ? 'text' : 'complex')
