import type { ElementDef } from '../fhir/index.ts'
import type { Shape } from '../shape.ts'
import { scalarOf } from '../shape.ts'

/** Which elements a view reads: recorded while it is lowered, so that NDJSON is read with these columns only. */
export interface Usage {
  readonly fields: Map<string, { readonly def: ElementDef; readonly usage: Usage }>
  /** Taken as a whole: kept as JSON text. */
  whole: boolean
  /** A decimal whose digits count as they are written. */
  exact: boolean
}

export const newUsage = (): Usage => ({ fields: new Map(), whole: false, exact: false })

/** The usage of an element below those of its parents (a union has several). */
export function childUsage(parents: readonly Usage[], def: ElementDef): Usage[] {
  return parents.map(({ fields }) => {
    const known = fields.get(def.name)
    if (known) return known.usage
    const usage = newUsage()
    fields.set(def.name, { def, usage })
    return usage
  })
}

/** The narrow shape that holds what a usage asks for; `digits` when decimals can be read as they are written. */
export function shapeOfUsage({ fields }: Usage, digits = true): Shape {
  const struct: Record<string, Shape> = {}
  for (const [name, { def, usage }] of fields) {
    const shape = itemShape(def, usage, digits)
    struct[name] = def.list ? { list: shape } : shape
  }
  // Where only the presence of a complex element counts, some field must stand in the struct.
  return { struct: fields.size ? struct : { id: 'string' } }
}

function itemShape(def: ElementDef, usage: Usage, digits: boolean): Shape {
  if (def.primitive !== undefined) return usage.exact && digits ? 'string' : scalarOf(def.primitive)
  return usage.whole ? 'json' : shapeOfUsage(usage, digits)
}

/** Whether a decimal's digits as written are asked for anywhere. */
export function usesExact(usage: Usage): boolean {
  return usage.exact || [...usage.fields.values()].some((it) => usesExact(it.usage))
}

/** Whether any element is taken as a whole. */
export function usesWhole(usage: Usage): boolean {
  return usage.whole || [...usage.fields.values()].some((it) => usesWhole(it.usage))
}

/** Asks for the digits of every decimal. */
export function markExact(usage: Usage): void {
  for (const { def, usage: child } of usage.fields.values()) {
    if (def.primitive === 'decimal') child.exact = true
    markExact(child)
  }
}
