import { type ElementDef, elementsOf } from '@floe/views/fhir'
import type { BronzeShape } from './types.ts'
import { elementsOfContained, type Vocabulary, vocabulary } from './vocabulary.ts'

/** What a path holds; with `listBit` a list of it. */
export const form = { ignored: 0, object: 1, text: 2, boolean: 3, integer: 4, decimal: 5, id: 6, resourceType: 7 } as const
/** Set in the form of a path whose value is a list. */
export const listBit = 8

/** More paths than this in one thread: the table is made anew before the next file. */
const capacity = 1 << 16
/** A type with more paths than this keeps the others in its raw text only: no schema is that wide by honest means. */
const pathsPerType = 6_000
/**
 * What lies in more lists than this, one in the other, stays in the raw text. The engine's Parquet reader takes twice as long for
 * each list around a value: 18 are a second for one row, 45 are for ever. Six levels of questions and answers are twelve.
 */
const maxLists = 16

interface PathInfo {
  readonly name: string
  /** What `elementsOf` knows its children by; undefined for a primitive. */
  readonly type: string | undefined
  readonly root: number
  /** Below `contained`: a value of another kind is another type's element of that name, not an error. */
  readonly lenient: boolean
  /** How many lists it lies in, its own included. */
  readonly lists: number
  readonly children: Map<string, number>
}

/**
 * The paths met so far, as numbers: everything the scanner needs to know about a path is in flat arrays.
 * Path 0 is "ignored": whatever R4 does not know.
 */
export class PathTable {
  readonly vocabulary: Vocabulary = vocabulary()
  readonly form: Uint8Array = new Uint8Array(capacity)
  readonly lenient: Uint8Array = new Uint8Array(capacity)
  /** Number of the object in which the path was met last: the same number twice is a duplicate key. */
  readonly stamp: Int32Array = new Int32Array(capacity)
  readonly seen: Uint8Array = new Uint8Array(capacity)
  /** An integer beyond 32 bits was met. */
  readonly wide: Uint8Array = new Uint8Array(capacity)
  /** Guesses: the path that came first in the object, and the one that came next after this path, last time. */
  readonly first: Int32Array = new Int32Array(capacity)
  readonly next: Int32Array = new Int32Array(capacity)
  /** The byte pattern of the path's key, see `Vocabulary`. */
  readonly start: Int32Array = new Int32Array(capacity)
  readonly full: Int32Array = new Int32Array(capacity)
  readonly mask: Int32Array = new Int32Array(capacity)
  readonly length: Int32Array = new Int32Array(capacity)

  #infos: PathInfo[] = []
  #roots = new Map<string, number>()
  #sizes = new Map<number, number>()
  /** (path, name) → child + 1; a pair that is not in it goes to `#resolve`. */
  #pairs = new Int32Array(1 << 18)
  #children = new Int32Array(1 << 18)
  #pairCount = 0

  constructor() {
    this.reset()
  }

  /** Forgets all paths. */
  reset(): void {
    for (const it of [this.form, this.lenient, this.stamp, this.seen, this.wide, this.first, this.next]) it.fill(0)
    this.#infos = [{ name: '', type: undefined, root: 0, lenient: false, lists: 0, children: new Map() }]
    this.#roots.clear()
    this.#sizes.clear()
    this.#pairs.fill(0)
    this.#pairCount = 0
  }

  /** The table may not do for another file. */
  get crowded(): boolean {
    return this.#infos.length > capacity - 2 * pathsPerType
  }

  /** Forgets what was seen, keeps the paths. Starts anew when the table is nearly full. */
  startFile(): void {
    if (this.crowded) this.reset()
    this.seen.fill(0, 0, this.#infos.length)
    this.wide.fill(0, 0, this.#infos.length)
  }

  /** The path of a resource type; '' gives one that knows `resourceType` only. */
  root(type: string): number {
    const known = this.#roots.get(type)
    if (known !== undefined) return known
    const root = this.#infos.length
    const path = this.#add({ name: type, type, root, lenient: false, lists: 0, children: new Map() }, form.object, -1)
    this.#roots.set(type, path)
    return path
  }

  /** The child of a path by the number of its name; 0 when R4 does not know it there. */
  child(path: number, name: number): number {
    const pair = path * 4096 + name + 1
    let slot = Math.imul(pair, 0x9e3779b1) >>> 14
    for (;;) {
      const found = this.#pairs[slot] as number
      if (found === pair) return this.#children[slot] as number
      if (found === 0) break
      slot = (slot + 1) & (this.#pairs.length - 1)
    }
    const child = this.#resolve(path, this.vocabulary.names[name] ?? '')
    if (this.#pairCount < this.#pairs.length / 2) {
      this.#pairs[slot] = pair
      this.#children[slot] = child
      this.#pairCount += 1
    }
    return child
  }

  #resolve(path: number, name: string): number {
    const parent = this.#infos[path]
    if (parent?.type === undefined) return 0
    const known = parent.children.get(name)
    if (known !== undefined) return known
    const isRoot = parent.root === path
    if (isRoot && name === 'resourceType') return this.#addChild(parent, name, undefined, form.resourceType)
    if (parent.type === '') return 0
    const elements = elementsOfPath(parent.type)
    const element = elements?.get(name)
    if (element?.kind === 'primitive') {
      const kind = isRoot && name === 'id' ? form.id : formOf(element.primitive)
      return this.#addChild(parent, name, undefined, element.list ? kind | listBit : kind)
    }
    if (element) return this.#addChild(parent, name, element.type, element.list ? form.object | listBit : form.object)
    const primitive = name.startsWith('_') ? elements?.get(name.slice(1)) : undefined
    if (primitive?.kind !== 'primitive') return 0
    return this.#addChild(parent, name, 'Element', primitive.list ? form.object | listBit : form.object)
  }

  #addChild(parent: PathInfo, name: string, type: string | undefined, kind: number): number {
    const size = this.#sizes.get(parent.root) ?? 0
    const lists = kind & listBit ? parent.lists + 1 : parent.lists
    if (size >= pathsPerType || lists > maxLists) return 0
    this.#sizes.set(parent.root, size + 1)
    const lenient = parent.lenient || type === 'Resource'
    const info = { name, type, root: parent.root, lenient, lists, children: new Map() }
    const child = this.#add(info, kind, this.vocabulary.ids.get(name) ?? -1)
    parent.children.set(name, child)
    return child
  }

  #add(info: PathInfo, kind: number, name: number): number {
    const path = this.#infos.push(info) - 1
    this.form[path] = kind
    this.lenient[path] = info.lenient && info.type !== 'Resource' ? 1 : 0
    if (name >= 0) {
      this.start[path] = this.vocabulary.start[name] as number
      this.full[path] = this.vocabulary.full[name] as number
      this.mask[path] = this.vocabulary.mask[name] as number
      this.length[path] = this.vocabulary.length[name] as number
    }
    return path
  }

  /** Struct of what was seen below a resource type, in the order of the definition; without `resourceType`. */
  shape(type: string): { struct: Record<string, BronzeShape> } {
    const root = this.#roots.get(type)
    const shape = root === undefined ? undefined : this.#structOf(root)
    return { struct: shape ?? {} }
  }

  #structOf(path: number): Record<string, BronzeShape> | undefined {
    const info = this.#infos[path]
    if (!info?.type) return undefined
    const struct: Record<string, BronzeShape> = {}
    for (const element of elementsOfPath(info.type)?.values() ?? []) {
      for (const name of [element.name, `_${element.name}`]) {
        const child = info.children.get(name)
        const shape = child === undefined ? undefined : this.#shapeOf(child)
        if (shape !== undefined) struct[name] = shape
      }
    }
    return Object.keys(struct).length > 0 ? struct : undefined
  }

  #shapeOf(path: number): BronzeShape | undefined {
    if (this.seen[path] === 0) return undefined
    const kind = this.form[path] as number
    const item = this.#itemShape(path, kind & ~listBit)
    if (item === undefined) return undefined
    return kind & listBit ? { list: item } : item
  }

  #itemShape(path: number, kind: number): BronzeShape | undefined {
    if (kind === form.object) {
      const struct = this.#structOf(path)
      return struct && { struct }
    }
    if (kind === form.boolean) return 'boolean'
    if (kind === form.integer) return this.wide[path] ? 'long' : 'int'
    return kind === form.decimal ? 'double' : 'string'
  }
}

const elementsOfPath = (type: string): ReadonlyMap<string, ElementDef> | undefined =>
  type === 'Resource' ? elementsOfContained() : elementsOf(type)

const integers: ReadonlySet<string> = new Set(['integer', 'positiveInt', 'unsignedInt'])

function formOf(primitive: string | undefined): number {
  if (primitive === 'boolean') return form.boolean
  if (primitive === 'decimal') return form.decimal
  return primitive !== undefined && integers.has(primitive) ? form.integer : form.text
}
