import type { ElementDef } from '../fhir/index.ts'
import { choiceOf, elementsOf, isSubtype, resourceTypes } from '../fhir/index.ts'
import type { Ast } from '../fhirpath/ast.ts'
import type { Expr } from '../ir.ts'
import type { Shape } from '../shape.ts'
import { isList, isStruct, scalarOf } from '../shape.ts'
import { coalesce, each, keep } from './collection.ts'
import type { Scope } from './scope.ts'
import { refuse } from './scope.ts'
import { childUsage, shapeOfUsage } from './usage.ts'
import type { Value } from './value.ts'
import { boolean, both, call, either, integer, isNull, kindOf, not, nothing, nullOf, text, when } from './value.ts'

/** The element `name` of every item of `value`. */
export function member(scope: Scope, value: Value, name: string, ast: Ast): Value {
  if (value.type === 'empty') return nothing
  if (value.choice) return memberOfChoice(scope, value, name, ast)
  const def = elementOf(value.type, name)
  if (def) return step(scope, value, def)
  const forms = formsOf(value.type, name)
  if (forms.length) return { ...value, choice: { name, forms } }
  if (value.sibling && (name === 'extension' || name === 'id')) return member(scope, value.sibling(), name, ast)
  if (value.resource && name === value.type) return value
  if (scope.lenient) return nothing
  return refuse(scope, ast.span, `${describe(value.type)} has no element ${name}`, suggestion(value.type, name))
}

function describe(type: string): string {
  return type.split('|').join(' and ')
}

const first = <T>(type: string, find: (one: string) => T | undefined): T | undefined => {
  if (!type.includes('|')) return find(type)
  for (const one of type.split('|')) {
    const found = find(one)
    if (found !== undefined) return found
  }
  return undefined
}
const elementOf = (type: string, name: string): ElementDef | undefined => first(type, (one) => elementsOf(one)?.get(name))
const formsOf = (type: string, name: string): readonly ElementDef[] =>
  first(type, (one) => (choiceOf(one, name).length ? choiceOf(one, name) : undefined)) ?? []

function suggestion(type: string, name: string): string | undefined {
  const names = type.split('|').flatMap((one) => [...(elementsOf(one)?.values() ?? [])].map((it) => it.choiceOf ?? it.name))
  const near = names.filter(
    (it) => it.toLowerCase().startsWith(name.toLowerCase().slice(0, 3)) || it.toLowerCase() === name.toLowerCase(),
  )
  return near.length ? `write ${[...new Set(near)].slice(0, 3).join(' or ')}` : undefined
}

function memberOfChoice(scope: Scope, value: Value, name: string, ast: Ast): Value {
  const { choice, ...parent } = value
  const has = (type: string) => elementOf(type, name) !== undefined || formsOf(type, name).length > 0
  const forms = choice?.forms.filter(({ type }) => has(type)) ?? []
  if (forms.length)
    return each(scope, parent, (it) =>
      coalesce(
        scope,
        forms.map((def) => member(scope, access(it, def), name, ast)),
        ast,
        name,
      ),
    )
  if (scope.lenient) return nothing
  return refuse(scope, ast.span, `no type of ${choice?.name}[x] has an element ${name}`)
}

/** The element of every item, its sibling `_x` reachable from a primitive. */
function step(scope: Scope, value: Value, def: ElementDef): Value {
  const result = each(scope, value, (it) => access(it, def))
  if (!def.primitive) return result
  const sibling: ElementDef = { name: `_${def.name}`, type: 'Element', kind: 'complex', list: def.list, min: 0 }
  return { ...result, sibling: () => each(scope, value, (it) => access(it, sibling)) }
}

/** One element of one value. */
function access(value: Value, def: ElementDef): Value {
  const usages = childUsage(value.usages, def)
  const found = accessed(value, def)
  // No decimal of FHIR is in a list.
  const digits = def.primitive === 'decimal' && found.shape === 'string' && !isNull(found.expr)
  return { type: def.type, many: def.list, usages, ...found, ...(digits && { expr: call('digits', found.expr) }) }
}

function accessed(value: Value, def: ElementDef): { expr: Expr; shape: Shape | undefined } {
  if (value.resource) return field(value.shape, { op: 'column', name: def.name }, def, value.resource.when)
  const { expr, shape } = opened(value)
  if (isNull(expr)) return absent(def)
  return field(shape, { op: 'field', base: expr, name: def.name }, def)
}

/** JSON text is parsed with the fields that are read from it. */
function opened(value: Value): { expr: Expr; shape: Shape | undefined } {
  const [usage] = value.usages
  if (value.shape !== 'json' || !usage) return value
  const shape = shapeOfUsage(usage)
  return { expr: { op: 'call', fn: 'parse', args: [value.expr], shape }, shape }
}

function field(
  parent: Shape | undefined,
  expr: Expr,
  def: ElementDef,
  condition?: Expr,
): { expr: Expr; shape: Shape | undefined } {
  const shape = parent === undefined ? undefined : isStruct(parent) ? parent.struct[def.name] : 'nothing'
  if (shape === 'nothing' || (parent !== undefined && shape === undefined)) return absent(def)
  const guarded = condition ? when(condition, expr) : expr
  if (!def.list) return { expr: guarded, shape: isList(shape) ? shape.list : shape }
  // A list kept as JSON text is opened to a list of JSON texts; items of lists of primitives may be null in FHIR JSON.
  const list: Expr = shape === 'json' ? { op: 'call', fn: 'parse', args: [guarded], shape: { list: 'json' } } : guarded
  const compacted = def.primitive || def.name.startsWith('_') ? call('compact', list) : list
  return { expr: compacted, shape: isList(shape) ? shape.list : shape }
}

function absent(def: ElementDef): { expr: Expr; shape: Shape } {
  const shape = def.primitive === undefined ? { struct: {} } : scalarOf(def.primitive)
  return { expr: nullOf(shape), shape }
}

/** A value whose type is known: a choice gives the form that is there, when all forms are of one kind. */
export function decided(scope: Scope, value: Value, ast: Ast): Value {
  const { choice, ...parent } = value
  if (!choice) return value
  return each(scope, parent, (it) =>
    coalesce(
      scope,
      choice.forms.map((def) => access(it, def)),
      ast,
      `${choice.name}[x]`,
    ),
  )
}

/** The items of a type or of a specialisation of it. */
export function ofType(scope: Scope, value: Value, type: string, ast: Ast): Value {
  const { choice, ...parent } = value
  if (choice) {
    const forms = choice.forms.filter((form) => isSubtype(form.type, type))
    if (!forms.length) return { ...nothing, type, shape: kindOf(type) === 'complex' ? { struct: {} } : scalarOf(type) }
    const [only, ...others] = forms
    if (only && !others.length) return step(scope, parent, only)
    return each(scope, parent, (it) =>
      coalesce(
        scope,
        forms.map((def) => access(it, def)),
        ast,
        choice.name,
      ),
    )
  }
  if (value.type === 'Resource' && resourceTypes.has(type)) {
    const def: ElementDef = { name: 'resourceType', type: 'code', kind: 'primitive', primitive: 'code', list: false, min: 1 }
    const kept = keep(scope, value, (inner) => call('eq', access(inner.focus, def).expr, text(type)))
    return { ...kept, type }
  }
  if (value.type.split('|').some((one) => isSubtype(one, type))) return value
  return { ...nothing, type }
}

/** Whether there is any item: true or false, never null. */
export function present(scope: Scope, value: Value): Expr {
  const { choice, ...parent } = value
  if (choice && !parent.many) return choice.forms.map((def) => present(scope, access(parent, def))).reduce(either, boolean(false))
  if (choice) {
    const kept = keep(scope, parent, (inner) => present(inner, { ...inner.focus, choice }))
    return present(scope, kept)
  }
  if (value.resource)
    return value.resource.when ? both(call('not', call('isNull', value.resource.when)), value.resource.when) : boolean(true)
  if (isNull(value.expr)) return boolean(false)
  return value.many ? call('gt', call('len', value.expr), integer(0)) : not(call('isNull', value.expr))
}

/** The number of items. */
export function count(scope: Scope, value: Value): Expr {
  if (value.choice && value.many) {
    const { choice, ...parent } = value
    return count(
      scope,
      keep(scope, parent, (inner) => present(inner, { ...inner.focus, choice })),
    )
  }
  if (value.many) return isNull(value.expr) ? integer(0) : call('len', value.expr)
  const there = present(scope, value)
  return there.op === 'literal' ? integer(there.value ? 1 : 0) : when(there, integer(1), integer(0))
}

/** Marks a complex value as read whole: from NDJSON it then comes as JSON text. */
export function whole(value: Value): Value {
  if (kindOf(value.type) === 'complex') for (const usage of value.usages) usage.whole = true
  return value
}
