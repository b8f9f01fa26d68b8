import { ViewRunError } from '../errors.ts'
import { ID_PATTERN as ID } from '../fhir/ids.ts'
import type { Expr, Fn } from '../ir.ts'
import { compareDates, compareTimes, dateKey, timeBoundary, timeKey } from '../temporal.ts'
import { decimalBoundary, modulo, round15, sum } from './decimal.ts'
import { asList, distinct, isThere, listEquals, plain, same } from './lists.ts'
import { substring, textFunctions, toText } from './text.ts'

/** The resource and the items that the expression stands inside of; names are unique in a plan, so one record serves all. */
export interface Environment {
  readonly resource: Readonly<Record<string, unknown>>
  readonly items: Record<string, unknown>
}

/** An expression as a function; what is absent is null or undefined. */
export type Evaluate = (environment: Environment) => unknown

type Iteration = Expr & { op: 'map' | 'filter' }
type Call = Expr & { op: 'call' }

/** Turns an expression into nested functions. */
export function evaluation(expr: Expr): Evaluate {
  switch (expr.op) {
    case 'null':
      return () => null
    case 'literal': {
      const { value } = expr
      return () => value
    }
    case 'column': {
      const { name } = expr
      return ({ resource }) => resource[name]
    }
    case 'item': {
      const { name } = expr
      return ({ items }) => items[name]
    }
    case 'field': {
      const { name } = expr
      const base = evaluation(expr.base)
      return (environment) => (base(environment) as Record<string, unknown> | null | undefined)?.[name]
    }
    case 'map':
    case 'filter':
      return iteration(expr)
    case 'case': {
      const [when, then, otherwise] = [
        evaluation(expr.when),
        evaluation(expr.result),
        expr.otherwise && evaluation(expr.otherwise),
      ]
      return (environment) => (when(environment) === true ? then(environment) : otherwise?.(environment))
    }
    case 'struct': {
      const fields = expr.fields.map(([name, value]) => [name, evaluation(value)] as const)
      return (environment) => Object.fromEntries(fields.map(([name, value]) => [name, value(environment)]))
    }
    case 'repeat':
      return nodes(expr)
    case 'call':
      return called(expr)
  }
}

function iteration({ op, list, item, index, body }: Iteration): Evaluate {
  const [items, evaluate] = [evaluation(list), evaluation(body)]
  return (environment) => {
    const results: unknown[] = []
    for (const [at, it] of asList(items(environment)).entries()) {
      environment.items[item] = it
      if (index !== undefined) environment.items[index] = at
      const result = evaluate(environment)
      if (op === 'map') results.push(result)
      else if (result === true) results.push(it)
    }
    return results
  }
}

function nodes({ list, item, children }: Expr & { op: 'repeat' }): Evaluate {
  const [roots, below] = [evaluation(list), evaluation(children)]
  return (environment) => {
    const found: unknown[] = []
    const visit = (node: unknown): void => {
      found.push(node)
      environment.items[item] = node
      for (const child of [...asList(below(environment))]) visit(child)
    }
    for (const root of [...asList(roots(environment))]) visit(root)
    return found
  }
}

function called({ fn, args, text = '' }: Call): Evaluate {
  const values = args.map(evaluation)
  const [a = nothing, b = nothing, c] = values
  if (fn === 'and' || fn === 'or') return logic(fn === 'and', a, b)
  if (fn === 'coalesce') {
    return (environment) => {
      for (const value of values) {
        const known = value(environment)
        if (isThere(known)) return known
      }
      return null
    }
  }
  if (fn === 'raise') {
    return () => {
      throw new ViewRunError(text)
    }
  }
  const ofLists = lists[fn]
  if (ofLists) return (environment) => ofLists(a(environment), b(environment), c?.(environment), { text, values, environment })
  const ofValues = scalars[fn]
  if (!ofValues) throw new Error(`no evaluation of ${fn}`)
  return (environment) => {
    const known = values.map((value) => value(environment))
    return known.every(isThere) ? ofValues(known, text, fn) : null
  }
}

const nothing: Evaluate = () => null

function logic(and: boolean, left: Evaluate, right: Evaluate): Evaluate {
  // The value that decides alone; otherwise an absent side leaves the result open.
  const decisive = !and
  return (environment) => {
    const a = left(environment)
    if (a === decisive) return decisive
    const b = right(environment)
    if (b === decisive) return decisive
    return isThere(a) && isThere(b) ? and : null
  }
}

interface ListCall {
  readonly text: string
  readonly values: readonly Evaluate[]
  readonly environment: Environment
}

const lists: Partial<Record<Fn, (a: unknown, b: unknown, c: unknown, call: ListCall) => unknown>> = {
  listOf: (value) => (isThere(value) ? [value] : []),
  compact: (list) => asList(list).filter(isThere),
  flatten: (list) => asList(list).flatMap(asList),
  concat: (_, __, ___, { values, environment }) => values.flatMap((value) => [...asList(value(environment))]),
  at: (list, index) => (isThere(index) && Number(index) >= 0 ? asList(list)[Number(index)] : null),
  last: (list) => asList(list).at(-1),
  len: (list) => asList(list).length,
  slice: (list, skip, take, { values }) => {
    const from = Math.max(Number(skip), 0)
    return asList(list).slice(from, values.length > 2 ? from + Math.max(Number(take), 0) : undefined)
  },
  distinct: (list) => distinct(asList(list)),
  has: (list, it) => isThere(it) && asList(list).some((one) => same(one, it)),
  joinText: (list, separator) => asList(list).join(String(separator)),
  single: (list, _, __, { text }) => {
    const items = asList(list)
    if (items.length > 1) throw new ViewRunError(text)
    return items[0]
  },
  listEq: (left, right) => listEquals(asList(left), asList(right)),
  orNull: (list) => (asList(list).length ? list : [null]),
  isNull: (value) => !isThere(value),
  parse: (value) => value,
  json: (value) => value,
}

type Scalar = (args: readonly unknown[], text: string, fn: Fn) => unknown

const numeric =
  (compute: (left: number, right: number) => number | null): Scalar =>
  ([a, b]) => {
    const result = compute(Number(a), Number(b))
    return result === 0 ? 0 : result
  }
const integers =
  (compute: (left: number, right: number) => number): Scalar =>
  ([a, b]) => {
    const result = compute(Number(a), Number(b)) + 0
    return Math.abs(result) <= 2 ** 31 - 1 || result === -(2 ** 31) ? result : null
  }
const compared =
  (compare: (left: unknown, right: unknown) => boolean): Scalar =>
  ([a, b]) =>
    compare(plain(a), plain(b))
const texts = Object.fromEntries(
  Object.entries(textFunctions).map(([name, compute]) => [
    name,
    (args: readonly unknown[]) => (compute as (...given: string[]) => unknown)(...args.map(String)),
  ]),
) as Partial<Record<Fn, Scalar>>

const boundary: Scalar = ([value, precision], type, fn) => {
  const digits = isThere(precision) ? Number(precision) : undefined
  const high = fn === 'highBoundary'
  return type === 'decimal' ? decimalBoundary(String(value), high, digits) : timeBoundary(String(value), type, high, digits)
}

const less = (left: unknown, right: unknown): boolean =>
  typeof left === 'number' ? left < Number(right) : compareText(String(left), String(right)) < 0

/** By code points, as the engines do; UTF-16 sorts characters beyond the first plane before some of the first. */
function compareText(left: string, right: string): number {
  const [a, b] = [[...left], [...right]]
  for (const [index, character] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (character !== other) return (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)
  }
  return a.length - b.length
}

function referenceKey(reference: string, type: string): string | null {
  const pattern = new RegExp(`^(?:https?://[^?#]+/)?(${type || '[A-Z][A-Za-z]+'})/(${ID})(?:/_history/${ID})?$`)
  return pattern.exec(reference)?.[2] ?? null
}

const scalars: Partial<Record<Fn, Scalar>> = {
  ...texts,
  not: ([value]) => !value,
  eq: ([a, b]) => same(a, b),
  lt: compared(less),
  le: compared((a, b) => !less(b, a)),
  gt: compared((a, b) => less(b, a)),
  ge: compared((a, b) => !less(a, b)),
  addInt: integers((a, b) => a + b),
  subInt: integers((a, b) => a - b),
  mulInt: integers((a, b) => a * b),
  add: numeric((a, b) => sum(a, b, 1)),
  sub: numeric((a, b) => sum(a, b, -1)),
  mul: numeric((a, b) => round15(a * b)),
  div: numeric((a, b) => (b === 0 ? null : round15(a / b))),
  intDiv: numeric((a, b) => (b === 0 ? null : Math.trunc(a / b))),
  modInt: numeric((a, b) => (b === 0 ? null : a % b)),
  truncDiv: integers((a, b) => (b === 0 ? Number.NaN : Math.trunc(round15(a / b)))),
  modulo: numeric(modulo),
  neg: ([a]) => -Number(a),
  toDouble: ([a]) => Number(a),
  substring: ([value, start, count]) => substring(String(value), Number(start), isThere(count) ? Number(count) : undefined),
  toText: ([value]) => toText(value),
  compareDate: ([a, b]) => compareDates(String(a), String(b)),
  compareTime: ([a, b]) => compareTimes(String(a), String(b)),
  dateKey: ([value]) => dateKey(String(value)),
  timeKey: ([value]) => timeKey(String(value)),
  lowBoundary: boundary,
  highBoundary: boundary,
  referenceKey: ([reference], type) => referenceKey(String(reference), type),
}
