import type { Expr, Plan, PlanColumn, Unnest } from '../ir.ts'
import type { Shape } from '../shape.ts'
import type { Path, View } from '../view-definition.ts'
import { single } from './collection.ts'
import { lower } from './expression.ts'
import { decided, present } from './navigate.ts'
import type { Frame } from './rows.ts'
import { pipeline } from './rows.ts'
import type { Context, Scope } from './scope.ts'
import { simplifyPlan } from './simplify.ts'
import type { Usage } from './usage.ts'
import { newUsage } from './usage.ts'
import type { Value } from './value.ts'
import { boolean, kindOf, when } from './value.ts'

/** What a first pass over a view finds out, and a second pass over a table's shape needs. */
export interface Recorded {
  readonly usage: Usage
  readonly repeats: Context['repeats']
}

export const newRecord = (): Recorded => ({ usage: newUsage(), repeats: new Map() })

/**
 * Turns a checked view into a plan. Without `schema` every element may be present: for resources in memory, and to record which
 * elements are read; with `schema`, what the table does not hold is null.
 */
export function lowerView(view: View, { usage, repeats }: Recorded, schema?: Shape, marked = false): Plan {
  const context: Context = {
    resource: view.resource,
    constants: view.constants,
    schema,
    marked,
    usage,
    repeats,
    used: new Set(),
    names: { next: 0 },
    lower,
  }
  const root: Value = {
    expr: { op: 'null', shape: 'string' },
    type: view.resource,
    many: false,
    shape: schema,
    usages: [usage],
    resource: {},
  }
  const where = view.where.map((path, index) =>
    criterion(path, { context, source: path, label: `where[${index}]`, focus: root, root, rowIndex: undefined }),
  )
  const steps: Unnest[] = []
  const columns: PlanColumn[] = []
  const [source] = [
    ...view.where,
    { text: '', path: 'select', ast: { kind: 'empty', span: { start: 0, end: 0 } } } satisfies Path,
  ]
  const frame: Frame = { context, source: source as Path, label: 'select', focus: root, root, rowIndex: undefined }
  pipeline(view.select, frame, steps, columns)
  const counted = steps.map(({ index, ...step }) => (index !== undefined && context.used.has(index) ? { ...step, index } : step))
  return simplifyPlan({
    resource: view.resource,
    where: where.filter((it) => !(it.op === 'literal' && it.value === true)),
    steps: counted,
    columns,
  })
}

/** A `where` keeps a resource when it is true; a value that is no boolean is an error once there is one. */
function criterion(path: Path, scope: Scope): Expr {
  const raw = lower(path.ast, scope)
  const value = raw.resource ? raw : single(scope, decided(scope, raw, path.ast))
  if (kindOf(value.type) === 'boolean') return value.expr
  if (value.type === 'empty') return boolean(false)
  const message = `${scope.label} is not boolean: ${path.text}`
  return when(present(scope, value), { op: 'call', fn: 'raise', args: [], text: message, shape: 'boolean' })
}
