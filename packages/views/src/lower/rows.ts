import type { Ast } from '../fhirpath/ast.ts'
import type { Expr, PlanColumn, Unnest } from '../ir.ts'
import type { Shape } from '../shape.ts'
import { scalarOf } from '../shape.ts'
import type { Column, Select } from '../view-definition.ts'
import { columnsOf } from '../view-definition.ts'
import { conform, each, listOf } from './collection.ts'
import { lower } from './expression.ts'
import { decided, whole } from './navigate.ts'
import { lowerRepeat } from './repeat.ts'
import type { Scope } from './scope.ts'
import { fresh, item, refuse } from './scope.ts'
import type { Value } from './value.ts'
import { boolean, call, integer, isNull, kindOf, not, nothing, nullOf, when } from './value.ts'

/** Where the columns of a select are evaluated. */
export interface Frame extends Scope {
  /** True in the row of nulls that an empty forEachOrNull gives. */
  readonly guard?: Expr
}

/** Adds a select to a pipeline: a step for its iteration, its columns, and what is nested in it. */
export function pipeline(select: Select, outer: Frame, steps: Unnest[], columns: PlanColumn[]): void {
  const frame = select.iterate ? iterateRows(select, outer, steps) : outer
  for (const column of select.columns) columns.push(guarded(column, frame))
  for (const nested of select.selects) pipeline(nested, frame, steps, columns)
  if (!select.unionAll.length) return
  const { expr, fields } = unionOf(select, frame)
  const name = fresh(frame, 'row')
  const nulls = frame.guard && call('listOf', nullRow(select.unionAll[0] ?? select, fields))
  steps.push({ item: name, list: frame.guard && nulls ? when(frame.guard, nulls, expr) : expr })
  for (const field of fields) columns.push({ ...field, expr: { op: 'field', base: item(name), name: field.name } })
}

function iterateRows(select: Select, outer: Frame, steps: Unnest[]): Frame {
  const { list, outerJoin } = itemsOf(select, outer)
  const name = fresh(outer, 'item')
  const index = `${name}_index`
  const there = outerJoin ? call('orNull', list.expr) : list.expr
  const guard = outer.guard
  steps.push({
    item: name,
    index,
    list: guard ? when(guard, call('orNull', nullOf({ list: itemShape(list) })), there) : there,
  })
  const nullable = outerJoin || guard !== undefined
  return enter(outer, list, name, index, nullable)
}

function enter(outer: Frame, list: Value, name: string, index: string, nullable: boolean): Frame {
  const { guard: _, index: __, ...rest } = outer
  const focus: Value = {
    ...list,
    many: false,
    expr: item(name),
    ...(list.resource && { resource: nullable ? { when: not(call('isNull', item(name))) } : {} }),
  }
  return { ...rest, focus, rowIndex: { name: index }, ...(nullable && { guard: call('isNull', item(name)) }) }
}

/** The list that a forEach, forEachOrNull or repeat goes over. */
function itemsOf({ iterate, path, ...rest }: Select, frame: Frame): { list: Value; outerJoin: boolean } {
  if (iterate?.kind === 'repeat') {
    const [first] = iterate.over
    const nodes = lowerRepeat(first ? { ...frame, source: first } : frame, iterate.over, { path, ...rest })
    return { list: listed(nodes), outerJoin: false }
  }
  if (!iterate) return { list: nothing, outerJoin: false }
  const { over, kind } = iterate
  const scope = { ...frame, source: over, label: `${path}.${kind}` }
  const value = decided(scope, lower(over.ast, scope), over.ast)
  if (value.resource) return { list: resourceOnce(value), outerJoin: kind === 'forEachOrNull' }
  const { sibling: _, ...list } = value
  return { list: listed(list), outerJoin: kind === 'forEachOrNull' }
}

/** The resource itself is one item, or none: `where(gender = 'male')`. It is no value, so an item of true stands for it. */
function resourceOnce(value: Value): Value {
  const there = value.resource?.when ?? boolean(true)
  return { ...value, many: true, expr: call('listOf', when(there, boolean(true))) }
}

/** The shape of the items of a list. */
const itemShape = ({ resource, shape }: Value): Shape => (resource ? 'boolean' : (shape ?? 'string'))

const listed = (value: Value): Value => ({
  ...value,
  many: true,
  expr: isNull(value.expr) ? nullOf({ list: value.shape ?? 'string' }) : listOf(value),
})

/** A column; in a row of nulls null, except for %rowIndex, which counts from 0 there, too. */
function guarded(column: Column, frame: Frame): PlanColumn {
  const lowered = columnOf(column, frame)
  const { guard } = frame
  if (!guard || onlyRowIndex(column.value.ast) || isNull(lowered.expr) || followsFrom(lowered.expr, frame.focus.expr))
    return lowered
  return { ...lowered, expr: when(not(guard), lowered.expr) }
}

const onlyRowIndex = (ast: Ast): boolean => ast.kind === 'external' && ast.name === 'rowIndex'

/** Whether an expression is null by itself when the item is. */
function followsFrom(expr: Expr, focus: Expr): boolean {
  let base = expr
  while (base.op === 'field') base = base.base
  return base.op === 'item' && focus.op === 'item' && base.name === focus.name
}

function columnOf(column: Column, frame: Frame): PlanColumn {
  const scope = { ...frame, source: column.value, label: `column ${column.name}` }
  const raw = decided(scope, lower(column.value.ast, scope), column.value.ast)
  if (raw.resource) refuse(scope, column.value.ast.span, 'a column cannot hold the whole resource')
  const { name, collection } = column
  const value = asOutput(scope, whole(raw))
  const type = value.type === 'empty' ? (column.type ?? 'string') : value.type.includes('|') ? 'BackboneElement' : value.type
  const shape = outputShape(value, type)
  const common = { name, type, collection }
  if (collection) return { ...common, shape: { list: shape }, expr: isNull(value.expr) ? nullOf({ list: shape }) : listOf(value) }
  return { ...common, shape, expr: isNull(value.expr) ? nullOf(shape) : onlyItem(column, value) }
}

function onlyItem({ name }: Column, value: Value): Expr {
  if (!value.many) return value.expr
  const message = `column ${name}: several values where one is expected, and it is not a collection`
  return { op: 'call', fn: 'single', args: [value.expr], text: message }
}

/** A decimal whose digits are kept as text comes out as a number, alone or inside of a value taken whole. */
function asOutput(scope: Scope, value: Value): Value {
  if (scope.context.marked && value.shape === 'json')
    return each(scope, value, (it) => ({ ...it, expr: isNull(it.expr) ? it.expr : call('unmarked', it.expr) }))
  if (kindOf(value.type) !== 'decimal' || value.shape !== 'string') return value
  return { ...each(scope, value, (it) => ({ ...it, expr: call('toDouble', it.expr) })), shape: 'double' }
}

function outputShape({ shape, type: known }: Value, type: string): Shape {
  if (shape !== undefined && known !== 'empty') return shape
  return kindOf(type) === 'complex' ? 'json' : scalarOf(type)
}

/** The row of nulls of a forEachOrNull: its %rowIndex columns are 0. */
function nullRow(select: Select, fields: readonly PlanColumn[]): Expr {
  const columns = columnsOf(select)
  const values = fields.map(({ name, shape }, index): [string, Expr] => {
    const column = columns[index]
    if (!column || !onlyRowIndex(column.value.ast)) return [name, nullOf(shape)]
    return [name, column.collection ? call('listOf', integer(0)) : integer(0)]
  })
  return { op: 'struct', fields: values }
}

interface Rows {
  readonly expr: Expr
  readonly fields: readonly PlanColumn[]
}

/** The rows of all branches of a unionAll as one list of structs. */
function unionOf(select: Select, frame: Frame): Rows {
  const branches = select.unionAll.map((branch) => rowsOf(branch, frame))
  const [first] = branches
  if (!first) return { expr: nullOf({ list: { struct: {} } }), fields: [] }
  const fields = first.fields.map((field, index) =>
    common(
      field,
      branches.map((it) => it.fields[index] ?? field),
    ),
  )
  const lists = branches.map((branch) => conformRows(frame, branch, fields))
  return { fields, expr: lists.length > 1 ? call('concat', ...lists) : (lists[0] ?? first.expr) }
}

/** Columns of the branches under one another: a shape that holds them all. */
function common(field: PlanColumn, all: readonly PlanColumn[]): PlanColumn {
  const shapes = new Map(all.filter(({ expr }) => !isNull(expr)).map(({ shape }) => [JSON.stringify(shape), shape]))
  const known = all.find(({ expr }) => !isNull(expr)) ?? field
  if (shapes.size <= 1) return { ...field, shape: known.shape, type: known.type }
  const texts = [...shapes.keys()]
  const numbers = texts.every((it) => /^"(int|long|double)"$/.test(it))
  const json = texts.some((it) => it.includes('struct') || it.includes('json'))
  const shape: Shape = numbers ? 'double' : json ? (field.collection ? { list: 'json' } : 'json') : 'string'
  return { ...field, shape, type: numbers ? 'decimal' : field.type }
}

function conformRows(frame: Frame, { expr, fields }: Rows, to: readonly PlanColumn[]): Expr {
  const same = fields.every((field, index) => JSON.stringify(field.shape) === JSON.stringify(to[index]?.shape))
  if (same || frame.context.schema === undefined) return expr
  const shapeOf = (columns: readonly PlanColumn[]): Shape => ({
    list: { struct: Object.fromEntries(columns.map(({ name, shape }) => [name, shape])) },
  })
  return conform(frame, expr, shapeOf(fields), shapeOf(to))
}

/** The rows of a select as a list of structs: for unionAll, whose branches become one list. */
function rowsOf(select: Select, outer: Frame): Rows {
  if (!select.iterate) return productOf(select, outer)
  const { list, outerJoin } = itemsOf(select, outer)
  const name = fresh(outer, 'item')
  const index = `${name}_index`
  const { guard: _, ...frame } = enter(outer, list, name, index, false)
  const body = productOf(select, frame)
  if (isNull(list.expr) && !outerJoin) return { ...body, expr: nullOf({ list: rowShape(body.fields) }) }
  const nulls = outerJoin ? call('listOf', nullRow(select, body.fields)) : undefined
  const rows = nulls ? when(call('isNull', item(name)), nulls, body.expr) : body.expr
  const counted = outer.context.used.has(index) ? { index } : {}
  const mapped: Expr = { op: 'map', list: outerJoin ? call('orNull', list.expr) : list.expr, item: name, ...counted, body: rows }
  return { ...body, expr: call('flatten', mapped) }
}

const rowShape = (fields: readonly PlanColumn[]): Shape => ({
  struct: Object.fromEntries(fields.map(({ name, shape }) => [name, shape])),
})

/** The columns of a select joined with the rows of everything nested in it. */
function productOf(select: Select, frame: Frame): Rows {
  const own = select.columns.map((column) => columnOf(column, frame))
  const parts = select.selects.map((nested) => rowsOf(nested, frame))
  if (select.unionAll.length) parts.push(unionOf(select, frame))
  const [only] = parts
  if (only && !own.length && parts.length === 1) return only
  const names = parts.map(() => fresh(frame, 'row'))
  const fields = [...own, ...parts.flatMap((part) => part.fields)]
  const values = [
    ...own.map(({ name, expr }): [string, Expr] => [name, expr]),
    ...parts.flatMap((part, at) =>
      part.fields.map(({ name }): [string, Expr] => [name, { op: 'field', base: item(names[at] ?? ''), name }]),
    ),
  ]
  let expr: Expr = { op: 'struct', fields: values }
  if (!parts.length) return { fields, expr: call('listOf', expr) }
  for (const [at, part] of [...parts.entries()].reverse()) {
    const mapped: Expr = { op: 'map', list: part.expr, item: names[at] ?? '', body: expr }
    expr = at === parts.length - 1 ? mapped : call('flatten', mapped)
  }
  return { fields, expr }
}
