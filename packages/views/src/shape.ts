/**
 * What a table really holds, in the words of no engine. `json` is JSON text: of an element that is taken as a whole, or that the
 * table keeps so. A FHIR decimal is `double`, or `string` where the digits are kept as written.
 */
export type Scalar = 'string' | 'boolean' | 'int' | 'long' | 'double' | 'timestamptz' | 'date' | 'json'
export type Shape = string | StructShape | ListShape
export interface StructShape {
  readonly struct: Readonly<Record<string, Shape>>
}
export interface ListShape {
  readonly list: Shape
}

/** The columns of a table. */
export type TableSchema = StructShape

export const isStruct = (shape: Shape | undefined): shape is StructShape => typeof shape === 'object' && 'struct' in shape
export const isList = (shape: Shape | undefined): shape is ListShape => typeof shape === 'object' && 'list' in shape

const NUMBERS: Readonly<Record<string, Scalar>> = {
  decimal: 'double',
  integer: 'int',
  positiveInt: 'int',
  unsignedInt: 'int',
  integer64: 'long',
}

/** How a primitive of FHIR is stored. */
export const scalarOf = (primitive: string): Scalar => (primitive === 'boolean' ? 'boolean' : (NUMBERS[primitive] ?? 'string'))

/** Both shapes in one: the fields of either; where they conflict, the first. */
export function mergeShapes(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (isList(a) && isList(b)) return { list: mergeShapes(a.list, b.list) ?? a.list }
  if (!isStruct(a) || !isStruct(b)) return a
  const names = new Set([...Object.keys(a.struct), ...Object.keys(b.struct)])
  return { struct: Object.fromEntries([...names].map((name) => [name, mergeShapes(a.struct[name], b.struct[name]) as Shape])) }
}
