import type { ResultColumn } from '../compile.ts'
import { resultColumn } from '../compile.ts'
import type { Plan } from '../ir.ts'
import { usesExact } from '../lower/usage.ts'
import { lowerView, newRecord } from '../lower/view.ts'
import { parseView } from '../view-definition.ts'
import type { Environment, Evaluate } from './expression.ts'
import { evaluation } from './expression.ts'
import { asList, isThere } from './lists.ts'

/** One row of a view: every column in view order, null for no value. */
export type Row = Record<string, unknown>

/** A view made ready for resources in memory. */
export interface Evaluator {
  readonly columns: readonly ResultColumn[]
  /** The rows of one resource, given as an object or as its JSON text; none for a resource of another type. */
  rows(resource: unknown): Row[]
}

/**
 * Makes a view ready to run on resources in memory, one after the other, with the results of the compiled SQL. Boundaries of
 * decimals follow the digits as written only when resources are given as JSON text: `JSON.parse` has dropped them from objects.
 */
export function evaluator(view: unknown): Evaluator {
  const parsed = parseView(view)
  const recorded = newRecord()
  const plan = lowerView(parsed, recorded)
  const exact = usesExact(recorded.usage)
  const run = planned(plan)
  return {
    columns: plan.columns.map((column) => resultColumn(column)),
    rows: (resource) => run(typeof resource === 'string' ? parseResource(resource, exact) : resource),
  }
}

/**
 * Runs a view over resources in memory: objects or JSON texts, of any type.
 *
 * @example
 * const { rows } = evaluate(view, [{ resourceType: 'Patient', id: 'p1' }])
 */
export function evaluate(view: unknown, resources: Iterable<unknown>): { columns: readonly ResultColumn[]; rows: Row[] } {
  const { columns, rows } = evaluator(view)
  return { columns, rows: Array.from(resources).flatMap((resource) => rows(resource)) }
}

function planned(plan: Plan): (resource: unknown) => Row[] {
  const where = plan.where.map(evaluation)
  const steps = plan.steps.map(({ list, item, index }) => ({ list: evaluation(list), item, index }))
  const columns = plan.columns.map(({ name, expr, collection }) => ({ name, value: evaluation(expr), collection }))
  const project = (environment: Environment): Row =>
    Object.fromEntries(columns.map(({ name, value, collection }) => [name, output(value, collection, environment)]))
  const expand = (environment: Environment, at: number): Row[] => {
    const step = steps[at]
    if (!step) return [project(environment)]
    const rows: Row[] = []
    for (const [index, it] of [...asList(step.list(environment))].entries()) {
      environment.items[step.item] = it
      if (step.index !== undefined) environment.items[step.index] = index
      for (const row of expand(environment, at + 1)) rows.push(row)
    }
    return rows
  }
  return (resource) => {
    if (typeof resource !== 'object' || resource === null || (resource as Row).resourceType !== plan.resource) return []
    const environment: Environment = { resource: resource as Row, items: {} }
    return where.every((condition) => condition(environment) === true) ? expand(environment, 0) : []
  }
}

function output(value: Evaluate, collection: boolean, environment: Environment): unknown {
  const result = value(environment)
  if (collection) return asList(result).map(unboxed)
  return isThere(result) ? unboxed(result) : null
}

function unboxed(value: unknown): unknown {
  if (value instanceof Number) return value.valueOf()
  if (Array.isArray(value)) return value.map(unboxed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, unboxed(field)]))
}

type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown

/**
 * JSON.parse that keeps the digits of numbers as written, as `source` of a Number object, where their text differs from the
 * number's.
 */
function parseResource(text: string, exact: boolean): unknown {
  if (!exact) return JSON.parse(text)
  const keep: Reviver = (_, value, context) =>
    typeof value === 'number' && context?.source !== undefined && context.source !== String(value)
      ? Object.assign(Object(value) as object, { source: context.source })
      : value
  return JSON.parse(text, keep as Parameters<typeof JSON.parse>[1])
}
