import { LakeError } from '../errors.ts'

/** Types of the Iceberg table format, version 2, as its JSON spells them (spec: Schemas and Data Types). */
export type IcebergType = string | StructType | ListType | MapType

export interface NestedField {
  readonly id: number
  readonly name: string
  readonly required: boolean
  readonly type: IcebergType
  readonly doc?: string
}

export interface StructType {
  readonly type: 'struct'
  readonly fields: readonly NestedField[]
}

export interface ListType {
  readonly type: 'list'
  readonly 'element-id': number
  readonly element: IcebergType
  readonly 'element-required': boolean
}

export interface MapType {
  readonly type: 'map'
  readonly 'key-id': number
  readonly key: IcebergType
  readonly 'value-id': number
  readonly value: IcebergType
  readonly 'value-required': boolean
}

export interface IcebergSchema extends StructType {
  readonly 'schema-id': number
  readonly 'identifier-field-ids'?: readonly number[]
}

/** A column or a field inside one, with the names that lead to it (`element`, `key` and `value` inside lists and maps). */
export interface FieldNode {
  readonly id: number
  readonly path: readonly string[]
  readonly type: IcebergType
  readonly required: boolean
  /** Inside a list or a map: such fields have counts, but neither bounds nor partitions. */
  readonly repeated: boolean
}

/** A column that both sides know, with kinds that no widening reconciles. Nothing was changed. */
export class SchemaConflictError extends LakeError {
  readonly path: string

  constructor(path: string, have: string, want: string) {
    super('schema-conflict', `Column ${path} is ${have} in the table; ${want} does not fit it.`, {
      hint: 'Leave these lines out, or load them into a lake of their own: a column is widened, never retyped.',
    })
    this.name = 'SchemaConflictError'
    this.path = path
  }
}

export function isStruct(type: IcebergType): type is StructType {
  return typeof type !== 'string' && type.type === 'struct'
}

export function isList(type: IcebergType): type is ListType {
  return typeof type !== 'string' && type.type === 'list'
}

export function isMap(type: IcebergType): type is MapType {
  return typeof type !== 'string' && type.type === 'map'
}

/** Every field, level by level: the order in which the first hundred get column metrics. */
export function fieldNodes(struct: StructType): FieldNode[] {
  const nodes: FieldNode[] = struct.fields.map(({ id, name, type, required }) => ({
    id,
    path: [name],
    type,
    required,
    repeated: false,
  }))
  for (let next = 0; next < nodes.length; next++) nodes.push(...childrenOf(nodes[next] as FieldNode))
  return nodes
}

function childrenOf({ path, type, repeated }: FieldNode): FieldNode[] {
  if (isStruct(type)) {
    return type.fields.map((field) => ({
      id: field.id,
      path: [...path, field.name],
      type: field.type,
      required: field.required,
      repeated,
    }))
  }
  if (isList(type)) {
    const required = type['element-required']
    return [{ id: type['element-id'], path: [...path, 'element'], type: type.element, required, repeated: true }]
  }
  if (!isMap(type)) return []
  return [
    { id: type['key-id'], path: [...path, 'key'], type: type.key, required: true, repeated: true },
    { id: type['value-id'], path: [...path, 'value'], type: type.value, required: type['value-required'], repeated: true },
  ]
}

/** The greatest id in use, those of elements, keys and values included; 0 for no fields. */
export function highestId(struct: StructType): number {
  return fieldNodes(struct).reduce((highest, { id }) => Math.max(highest, id), 0)
}

/** Structural equality of two types, ids included. */
export function sameType(a: IcebergType, b: IcebergType): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b
  if (isStruct(a) && isStruct(b)) return sameFields(a.fields, b.fields)
  if (isList(a) && isList(b)) {
    return (
      a['element-id'] === b['element-id'] && a['element-required'] === b['element-required'] && sameType(a.element, b.element)
    )
  }
  return (
    isMap(a) &&
    isMap(b) &&
    a['key-id'] === b['key-id'] &&
    a['value-id'] === b['value-id'] &&
    a['value-required'] === b['value-required'] &&
    sameType(a.key, b.key) &&
    sameType(a.value, b.value)
  )
}

export function sameFields(a: readonly NestedField[], b: readonly NestedField[]): boolean {
  return a.length === b.length && a.every((field, index) => sameField(field, b[index]))
}

function sameField(a: NestedField, b: NestedField | undefined): boolean {
  return b !== undefined && a.id === b.id && a.name === b.name && a.required === b.required && sameType(a.type, b.type)
}

/** True when both say the same but for their `schema-id`. */
export function sameSchema(a: IcebergSchema, b: IcebergSchema): boolean {
  const [keysA, keysB] = [a['identifier-field-ids'] ?? [], b['identifier-field-ids'] ?? []]
  return keysA.length === keysB.length && keysA.every((id) => keysB.includes(id)) && sameFields(a.fields, b.fields)
}
