import { open } from 'node:fs/promises'
import { LakeError } from '../errors.ts'
import { localPath } from '../storage/local.ts'
import type { IcebergSchema, IcebergType, NestedField } from './schema.ts'
import { CompactReader, type ThriftStruct, type ThriftValue } from './thrift.ts'

/** The id of a field that a file does not tell: no field of a table has it. */
const noId = -1

/** Stands for whatever the file holds: it is no type of a table, so every read casts. */
const storedType = 'parquet'

/** `schema-id` of a schema that was read from a file. */
export const footerSchemaId = -1

/** Names that files without field ids may use, from the table's property `schema.name-mapping.default` (spec: Name Mapping). */
export interface NameMapping {
  readonly 'field-id'?: number
  readonly names: readonly string[]
  readonly fields?: readonly NameMapping[]
}

const known = new Map<string, Promise<IcebergSchema>>()
/** Files whose schema is remembered: a footer never changes. */
const mostKnown = 5000

/**
 * The columns of a Parquet file as its footer tells them, nested ones with their field ids: what a file of another program must be
 * read by once names have changed. Where the file has no ids at all they come from `mapping`.
 */
export async function footerSchema(location: string, mapping: readonly NameMapping[] = []): Promise<IcebergSchema> {
  const key = `${localPath(location)}\n${mapping.length === 0 ? '' : JSON.stringify(mapping)}`
  const found = known.get(key)
  if (found !== undefined) return await found
  const reading = readSchema(localPath(location), mapping)
  known.set(key, reading)
  if (known.size > mostKnown) known.delete(known.keys().next().value ?? '')
  reading.catch(() => known.delete(key))
  return await reading
}

async function readSchema(path: string, mapping: readonly NameMapping[]): Promise<IcebergSchema> {
  const elements = new CompactReader(await footerBytes(path), { keep: true }).struct(2).get(2)
  const [root] = treesOf(Array.isArray(elements) ? (elements as readonly ThriftValue[]).filter(isStruct) : [])
  if (root === undefined) throw damaged()
  const ids = root.children.some(hasIds) ? undefined : mapping
  return { type: 'struct', 'schema-id': footerSchemaId, fields: root.children.map((child) => fieldOf(child, ids)) }
}

/** The end of the file: footer, its length, `PAR1`. */
async function footerBytes(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(8)
    if (size < 12) throw damaged()
    await file.read(tail, 0, 8, size - 8)
    const length = tail.readUInt32LE(0)
    if (tail.toString('latin1', 4) !== 'PAR1' || length > size - 12) throw damaged()
    const footer = Buffer.alloc(length)
    await file.read(footer, 0, length, size - 8 - length)
    return footer
  } finally {
    await file.close()
  }
}

function damaged(): LakeError {
  return new LakeError('metadata', 'A data file of this table is damaged or no Parquet file: its footer cannot be read.')
}

function isStruct(value: ThriftValue): value is ThriftStruct {
  return value instanceof Map
}

/** A `SchemaElement` (parquet.thrift) with the ones inside it. */
interface Tree {
  readonly name: string
  readonly id: number
  readonly repeated: boolean
  readonly list: boolean
  readonly map: boolean
  readonly group: boolean
  readonly children: readonly Tree[]
}

/** Elements come flat, each before those inside it. */
function treesOf(elements: readonly ThriftStruct[]): Tree[] {
  let next = 0
  const take = (): Tree => {
    const element = elements[next++] ?? new Map<number, ThriftValue>()
    const [name, children, converted, id, logical] = [4, 5, 6, 9, 10].map((field) => element.get(field))
    const annotated = (field: number): boolean => isStruct(logical) && logical.has(field)
    const count = typeof children === 'number' ? Math.min(children, elements.length - next) : 0
    return {
      name: name instanceof Uint8Array ? Buffer.from(name).toString('utf8') : '',
      id: typeof id === 'number' ? id : noId,
      repeated: element.get(3) === 2,
      map: converted === 1 || converted === 2 || annotated(2),
      list: converted === 3 || annotated(3),
      group: typeof children === 'number',
      children: Array.from({ length: count }, () => (next < elements.length ? [take()] : [])).flat(),
    }
  }
  return elements.length === 0 ? [] : [take()]
}

function hasIds({ id, children }: Tree): boolean {
  return id !== noId || children.some(hasIds)
}

/** With `mapping` the ids are looked up by name, level by level; without, they are the file's. */
function fieldOf(tree: Tree, mapping: readonly NameMapping[] | undefined, name: string = tree.name): NestedField {
  const mapped = mapping?.find(({ names }) => names.includes(name))
  const inner = mapping === undefined ? undefined : (mapped?.fields ?? [])
  const type = typeOf(tree, inner)
  const listed: IcebergType = { type: 'list', 'element-id': noId, element: type, 'element-required': false }
  return {
    id: mapping === undefined ? tree.id : (mapped?.['field-id'] ?? noId),
    name: tree.name,
    required: false,
    type: tree.repeated && !tree.list ? listed : type,
  }
}

function typeOf(tree: Tree, mapping: readonly NameMapping[] | undefined): IcebergType {
  if (!tree.group) return storedType
  const [only] = tree.children
  if (tree.list && only !== undefined && tree.children.length === 1) {
    const element = fieldOf({ ...elementOf(tree, only), repeated: false }, mapping, 'element')
    return { type: 'list', 'element-id': element.id, element: element.type, 'element-required': false }
  }
  const [key, value] = only?.children ?? []
  if (tree.map && key !== undefined && value !== undefined) {
    const [keys, values] = [fieldOf(key, mapping, 'key'), fieldOf(value, mapping, 'value')]
    return { type: 'map', 'key-id': keys.id, key: keys.type, 'value-id': values.id, value: values.type, 'value-required': false }
  }
  return { type: 'struct', fields: tree.children.map((child) => fieldOf(child, mapping)) }
}

/** What a list is of: older writers leave out the level between the list and its elements (Parquet: LogicalTypes, Lists). */
function elementOf({ name }: Tree, repeated: Tree): Tree {
  const [only] = repeated.children
  const old = !repeated.group || repeated.children.length !== 1 || repeated.name === 'array' || repeated.name === `${name}_tuple`
  return old || only === undefined ? repeated : only
}
